"""What counts as the same text, and what counts as a word."""

import pytest

from desk.projection.folding import fold, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Émile Zola", "emile zola"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Łódź, Øst & Æsir", "lodz, ost & aesir"),
        ("  two\t words ", "two words"),
        ("İstanbul ırmak", "istanbul irmak"),
        ("Ångström", "angstrom"),
        ("The Old Man", "the old man"),
        ("ﬁnal ²", "final 2"),
        ("Ελλάς", "ελλασ"),
    ],
)
def test_accents_case_and_ligatures_are_folded_and_articles_stay(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(folded) == folded


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"quoted" -minus', ["quoted", "minus"]),
        ("O'Brien AND NOT (x*)", ["o", "brien", "and", "not", "x"]),
        ("snake_case", ["snake", "case"]),
        ("- * \" '", []),
        ("Война и мир", ["воина", "и", "мир"]),
        ("1984", ["1984"]),
        ("1914-1918", ["1914", "1918"]),
    ],
)
def test_words_are_letters_and_digits_only(text: str, found: list[str]) -> None:
    assert words(text) == found


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("978-0-306-40615-7", "9780306406157"),
        ("978 0 306", "9780306"),
        ("0-306-40615-2", "978030640615"),
        ("080442957X", "978080442957"),
    ],
)
def test_an_isbn_is_one_word_however_it_is_written(text: str, word: str) -> None:
    assert words(text) == [word]
