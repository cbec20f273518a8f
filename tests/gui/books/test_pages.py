"""Pages of rows give what a plain list would give, however they are looked at."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk.application.catalogue import BookRow, RowIds
from desk.gui.books.pages import PAGE, PAGES, Pages, place_of
from desk.gui.books.rows import RowRecord, record

NOW = datetime(2026, 3, 1, tzinfo=UTC)

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""On a machine that has other things to do as well."""


def row(row_id: int) -> BookRow:
    """A row that is told apart by its id."""
    return BookRow(row_id, UUID(int=row_id), "9780261102217", f"Book {row_id}", (), None, "listed", 0, 0, NOW, 0, 0)


class Rows:
    """Reads records, and counts how often it was asked."""

    def __init__(self) -> None:
        self.reads: list[int] = []

    def __call__(self, ids: Sequence[int]) -> dict[int, RowRecord]:
        self.reads.append(len(ids))
        return {row_id: record(row(row_id), NOW) for row_id in ids if row_id >= 0}


@UNHURRIED
@given(st.lists(st.integers(0, 10**6), unique=True, max_size=600), st.data())
def test_a_row_is_the_one_of_its_id_wherever_one_looks(ids: list[int], data: st.DataObject) -> None:
    pages = Pages(Rows())
    pages.replace(RowIds("q", ids))
    for place in data.draw(st.lists(st.integers(0, max(0, len(ids) - 1)), max_size=30)) if ids else []:
        found = pages.at(place)
        assert found is not None
        assert found.row.id == ids[place]


def test_a_row_that_is_gone_is_blank() -> None:
    pages = Pages(Rows())
    pages.replace(RowIds("q", [5, -1, 7]))
    assert pages.at(1) is None
    assert pages.at(2) is not None


def test_a_page_is_read_once_while_it_is_looked_at() -> None:
    rows = Rows()
    pages = Pages(rows)
    pages.replace(RowIds("q", range(PAGE * 3)))
    for place in (0, 1, PAGE - 1, PAGE, 0):
        pages.at(place)
    assert rows.reads == [PAGE, PAGE]


def test_the_page_that_was_not_looked_at_for_longest_is_forgotten_first() -> None:
    rows = Rows()
    pages = Pages(rows)
    pages.replace(RowIds("q", range(PAGE * (PAGES + 1))))
    for number in range(PAGES):
        pages.at(number * PAGE)
    pages.at(0)
    pages.at(PAGES * PAGE)
    before = len(rows.reads)
    pages.at(0)
    assert len(rows.reads) == before
    pages.at(PAGE)
    assert len(rows.reads) == before + 1


def test_refreshing_reads_only_the_pages_concerned_again() -> None:
    rows = Rows()
    pages = Pages(rows)
    pages.replace(RowIds("q", range(PAGE * 4)))
    pages.at(0)
    pages.at(PAGE)
    assert pages.refresh([3, PAGE * 3]) == [3]
    pages.at(PAGE)
    assert len(rows.reads) == 2
    pages.at(3)
    assert len(rows.reads) == 3


def test_a_book_is_found_only_while_its_page_is_in_memory() -> None:
    pages = Pages(Rows())
    pages.replace(RowIds("q", range(PAGE * 2)))
    assert pages.find(UUID(int=PAGE + 1)) is None
    pages.at(PAGE)
    assert pages.find(UUID(int=PAGE + 1)) == PAGE + 1


def test_finding_a_book_looks_through_no_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = Pages(Rows())
    pages.replace(RowIds("q", range(PAGE * PAGES)))
    for number in range(PAGES):
        pages.at(number * PAGE)
    looks: list[UUID] = []

    def compared(one: UUID, other: object) -> bool:
        looks.append(one)
        return isinstance(other, UUID) and one.int == other.int

    monkeypatch.setattr(UUID, "__eq__", compared)
    assert pages.find(UUID(int=PAGE * PAGES - 1)) == PAGE * PAGES - 1
    assert pages.find(UUID(int=10**9)) is None
    assert len(looks) < 20


@UNHURRIED
@given(st.data())
def test_a_book_is_found_where_it_is_after_every_kind_of_change(data: st.DataObject) -> None:
    pages = Pages(Rows())
    pages.replace(RowIds("q", range(PAGE * 3)))
    for step in range(data.draw(st.integers(1, 12))):
        length = len(pages)
        match data.draw(st.sampled_from(("look", "insert", "refresh", "forget", "replace"))):
            case "look":
                pages.at(data.draw(st.integers(0, length - 1)))
            case "insert":
                pages.insert(data.draw(st.integers(0, length)), 10_000 + step)
            case "refresh":
                pages.refresh([data.draw(st.integers(0, PAGE * 3))])
            case "forget":
                pages.forget()
            case _:
                pages.replace(RowIds("q", reversed(pages.ids)))
    for row_id in range(0, PAGE * 3, 41):
        found = pages.find(UUID(int=row_id))
        assert found is None or pages.ids[found] == row_id
    place = data.draw(st.integers(0, len(pages) - 1))
    pages.at(place)
    assert pages.find(UUID(int=pages.ids[place])) == place


keys = st.lists(st.integers(0, 20), max_size=60)


@UNHURRIED
@given(keys, st.integers(0, 20), st.booleans())
def test_a_new_row_is_placed_where_sorting_would_put_it(sort_keys: list[int], new: int, descending: bool) -> None:
    key_of = {number: (key, number) for number, key in enumerate(sort_keys)}
    ids = RowIds("q", sorted(key_of, key=lambda number: key_of[number], reverse=descending))
    row_id = len(sort_keys)
    key_of[row_id] = (new, row_id)
    ids.insert(place_of(ids, row_id, key_of.get, descending=descending), row_id)
    assert list(ids) == sorted(key_of, key=lambda number: key_of[number], reverse=descending)


def test_placing_looks_at_few_keys() -> None:
    looks = []

    def key_of(row_id: int) -> tuple[object, ...]:
        looks.append(row_id)
        return (row_id,)

    assert place_of(RowIds("q", range(100_000)), 70_001, key_of, descending=False) == 70_001
    assert len(looks) <= 20
