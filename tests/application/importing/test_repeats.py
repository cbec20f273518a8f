"""The compact set of ISBNs against a dictionary."""

from hypothesis import given
from hypothesis import strategies as st

from desk.application.importing.repeats import SeenIsbns
from tests.application.importing.files import isbns

_FEW = list(isbns(40))


@given(st.lists(st.sampled_from(_FEW)))
def test_the_first_line_of_each_isbn_is_remembered(coming: list[str]) -> None:
    seen, model = SeenIsbns(), dict[str, int]()
    for line, isbn in enumerate(coming, 2):
        assert seen.first_line(isbn, line) == model.get(isbn)
        model.setdefault(isbn, line)
    assert len(seen) == len(model)


def test_many_isbns_of_both_prefixes_fit_and_stay_apart() -> None:
    seen = SeenIsbns()
    known = [isbn for one in isbns(10_000) for isbn in (one, "979" + one[3:])]
    assert all(seen.first_line(isbn, line) is None for line, isbn in enumerate(known))
    assert all(seen.first_line(isbn, 0) == line for line, isbn in enumerate(known))
    assert len(seen) == 20_000
