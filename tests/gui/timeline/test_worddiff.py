"""What differs between two texts."""

from hypothesis import given
from hypothesis import strategies as st

from desk.gui.timeline.worddiff import compare_texts

texts = st.text(alphabet="ab cé,-\n", max_size=40)


@given(texts, texts)
def test_pieces_joined_are_the_texts_and_what_is_common_is_the_same_in_both(before: str, after: str) -> None:
    left, right = compare_texts(before, after)
    assert "".join(piece.text for piece in left) == before
    assert "".join(piece.text for piece in right) == after
    common = [[piece.text for piece in side if not piece.differs] for side in (left, right)]
    assert "".join(common[0]) == "".join(common[1])


def test_alike_words_differ_by_letters_and_others_as_wholes() -> None:
    left, right = compare_texts("The Hobit is old", "The Hobbit is green")
    assert [piece.text for piece in left if piece.differs] == ["old"]
    assert [piece.text for piece in right if piece.differs] == ["b", "green"]


def test_very_long_texts_are_compared_as_wholes() -> None:
    left, right = compare_texts("a " * 5000, "a " * 4999 + "b")
    assert len(left) == len(right) == 1
    assert left[0].differs
