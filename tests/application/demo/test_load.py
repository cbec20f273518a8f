"""Loading the demo: a year that every rule allows, once and for all."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from desk.application.demo.load import DemoProgress, DemoReport, load_demo
from desk.application.importing.checking import Draft
from desk.domain.commands import CreateBook, DeleteBook
from desk.domain.events import BookDetailsCorrected, CopyFound, CopyLost, CopyReturned, CopyWithdrawn
from desk.domain.state import Life
from tests.application.importing.catalogue_in_memory import CatalogueInMemory

NOW = datetime(2026, 11, 23, 19, 30).astimezone()


@pytest.fixture(scope="module")
def loaded(books: tuple[Draft, ...]) -> Iterator[tuple[CatalogueInMemory, DemoReport]]:
    """The whole year, to be looked at."""
    with closing(CatalogueInMemory()) as catalogue:
        yield catalogue, load_demo(catalogue, books, NOW)


def test_every_command_is_accepted_at_its_time(loaded: tuple[CatalogueInMemory, DemoReport]) -> None:
    catalogue, report = loaded
    assert catalogue.refusals == []
    assert (report.left_out, report.repeated, report.problem, report.cancelled) == (0, 0, "", False)
    assert Counter(catalogue.lives()) == {Life.LISTED: 149, Life.REJECTED: 1, Life.DELETED: 1}
    for shelved in catalogue.books.values():
        moments = [moment for moment, _ in shelved.events]
        assert moments == sorted(moments)


def test_histories_are_worth_looking_at(loaded: tuple[CatalogueInMemory, DemoReport]) -> None:
    catalogue, _ = loaded
    sizes = [len(shelved.events) for shelved in catalogue.books.values()]
    assert sum(20 <= size <= 40 for size in sizes) >= 10
    assert sum(3 <= size <= 8 for size in sizes) >= 75
    kinds = Counter(type(event) for shelved in catalogue.books.values() for _, event in shelved.events)
    assert min(kinds[kind] for kind in (BookDetailsCorrected, CopyLost, CopyFound, CopyWithdrawn)) >= 2
    late = [
        event.days_late
        for shelved in catalogue.books.values()
        for _, event in shelved.events
        if isinstance(event, CopyReturned) and event.days_late
    ]
    assert len(late) >= 30
    loans = [copy.loan for shelved in catalogue.books.values() for copy in shelved.state.copies if copy.loan]
    assert sum(loan.due_on < NOW.date() for loan in loans) >= 5
    assert sum(loan.lent_on == NOW.date() for loan in loans) >= 4


def test_corrections_leave_each_book_as_the_list_has_it(
    loaded: tuple[CatalogueInMemory, DemoReport], books: tuple[Draft, ...]
) -> None:
    catalogue, _ = loaded
    told = {shelved.state.isbn: shelved.state for shelved in catalogue.books.values()}
    for draft in books:
        state = told[draft.isbn]
        assert (state.title, state.authors, state.published_year) == (draft.title, draft.authors, draft.published_year)
        assert (state.language, state.subjects) == (draft.language, draft.subjects)


def test_loading_twice_creates_nothing_twice(catalogue: CatalogueInMemory, books: tuple[Draft, ...]) -> None:
    first = load_demo(catalogue, books, NOW)
    before = {book_id: len(shelved.events) for book_id, shelved in catalogue.books.items()}
    second = load_demo(catalogue, books, NOW + timedelta(days=40))
    assert {book_id: len(shelved.events) for book_id, shelved in catalogue.books.items()} == before
    assert second.repeated == second.done
    assert second.done + second.left_out == first.done


def test_a_cancelled_loading_is_completed_by_the_next(catalogue: CatalogueInMemory, books: tuple[Draft, ...]) -> None:
    cancel = threading.Event()
    cancel.set()
    assert load_demo(catalogue, books, NOW, cancel=cancel).cancelled
    cancel.clear()
    told: list[DemoProgress] = []

    def cancel_at_once(progress: DemoProgress) -> None:
        told.append(progress)
        cancel.set()

    begun = load_demo(catalogue, books, NOW, cancel_at_once, cancel)
    assert begun.cancelled
    assert begun.done < told[-1].total
    rest = load_demo(catalogue, books, NOW)
    assert rest.left_out == 0
    assert len(catalogue.books) == 151


def test_a_book_that_is_there_by_hand_or_gone_keeps_its_own_history(
    catalogue: CatalogueInMemory, books: tuple[Draft, ...]
) -> None:
    by_hand, gone = uuid4(), uuid4()
    for book_id, draft in ((by_hand, books[3]), (gone, books[13])):
        made = CreateBook(book_id=book_id, isbn=draft.isbn, title="By hand", authors=("Me",))
        catalogue.send(made, uuid4()).result()
    catalogue.send(DeleteBook(book_id=gone, reason="no more"), uuid4()).result()
    report = load_demo(catalogue, books, NOW)
    assert report.left_out > 0
    assert len(catalogue.books[by_hand].events) == 2
    assert Counter(catalogue.lives()) == {Life.LISTED: 149, Life.REJECTED: 2, Life.DELETED: 2}


def test_an_outage_in_the_middle_changes_nothing_of_the_year(
    catalogue: CatalogueInMemory, books: tuple[Draft, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue.lost_answers = 15
    catalogue.away = True
    told: list[str] = []

    def come_back(progress: DemoProgress) -> None:
        told.append(progress.waiting_for)
        if progress.waiting_for:
            catalogue.come_back()

    report = load_demo(catalogue, books, NOW, come_back)
    assert "The store is away." in told
    assert report.left_out == 0
    assert catalogue.refusals == []
