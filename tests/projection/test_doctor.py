"""Hop 7: the doctor finds each row that is not what its stream says, and repairs it; a right one has no drift."""

import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from desk.application.care import Drift, ExaminationProgress, Findings
from desk.application.catalogue import BookQuestion
from desk.cqrs.errors import StoreUnavailable
from desk.domain.events import (
    BookDetailsCorrected,
    BookRejected,
    CopyAdded,
    CopyLost,
    CopySetAside,
    CopyWithdrawn,
    HoldCancelled,
    HoldPlaced,
    LoanRenewed,
)
from desk.projection.care import ModelCare
from tests.projection.library import BEGIN, DAY, Library, an_id, contents, isbn_of, project, reading
from tests.projection.test_parking import cared
from tests.projection.test_rebuilding import waited


def rich_library(library: Library) -> list[UUID]:
    """Books with everything that can happen to one."""
    books = library.some_history(4)
    library.write(BookDetailsCorrected(book_id=books[0], title="Émile", publisher="P", subjects=("a", "b")))
    loan = an_id(f"{books[0]} second")
    due_on = DAY + timedelta(days=30)
    library.write(LoanRenewed(book_id=books[0], copy_no=2, loan_id=loan, due_on=due_on, renewal_no=1))
    library.write(CopyLost(book_id=books[1], copy_no=2, loan_id=an_id(f"{books[1]} second"), reported_on=DAY))
    library.write(CopyWithdrawn(book_id=books[1], copy_no=1, reason="worn"))
    for name in ("first", "second", "third"):
        library.write(HoldPlaced(book_id=books[2], hold_id=an_id(name), patron_ref=f"P-{name}", placed_at=BEGIN))
    library.write(CopySetAside(book_id=books[2], copy_no=1, hold_id=an_id("first"), pickup_until=DAY))
    library.write(HoldCancelled(book_id=books[2], hold_id=an_id("second")))
    late = library.book("late", listed=False)
    library.write(BookRejected(book_id=late, isbn=isbn_of("late"), reason="taken", conflicting_book_id=books[0]))
    library.write_raw(f"book-{books[3]}", "BookPraised", b"{}")
    return [*books, late]


def look(care: ModelCare) -> Findings:
    """The doctor's findings."""
    return care.examine(lambda progress: None).future.result(60)


def examine(care: ModelCare) -> tuple[Drift, ...]:
    """What of them is drift."""
    return look(care).drifts


def spoil(path: Path, *statements: str) -> None:
    """Somebody changes the read model behind our back."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_a_right_read_model_has_no_drift_and_progress_is_told(path: Path, library: Library) -> None:
    rich_library(library)
    told: list[ExaminationProgress] = []
    with cared(path, library) as (_, care):
        assert care.examine(told.append).future.result(60).drifts == ()
    assert (told[0], told[-1]) == (ExaminationProgress(0, 5, 0), ExaminationProgress(5, 5, 0))


def test_the_findings_count_what_was_compared(path: Path, library: Library) -> None:
    books = rich_library(library)
    library.write_raw(f"book-{books[3]}", "CopyAdded", b"[]")
    with cared(path, library) as (_, care):
        with closing(sqlite3.connect(path)) as connection:
            tables = ("books WHERE", "copies WHERE", "holds WHERE", "loans WHERE state = 'open' AND")
            count = "SELECT count(*) FROM {} book_id != ?"
            rows = sum(connection.execute(count.format(one), [books[3].bytes]).fetchone()[0] for one in tables)
        assert look(care) == Findings((), rows, streams=4, parked=1)


def test_of_an_empty_store_nothing_was_compared(path: Path, library: Library) -> None:
    library.write_raw("invoice-1", "InvoiceSent", b"{}")
    with cared(path, library) as (_, care):
        assert look(care) == Findings((), rows=0, streams=0)


@pytest.mark.parametrize(
    ("statement", "field", "here", "there"),
    [
        ("UPDATE books SET title = 'Emil' WHERE id = 1", "title", "Emil", "Émile"),
        ("UPDATE books SET sort_title = 'x' WHERE id = 1", "title for sorting", "x", "emile"),
        ("UPDATE books SET state = 'deleted' WHERE id = 1", "state", "deleted", "listed"),
        ("UPDATE books SET revision = 3 WHERE id = 1", "revision", "3", "8"),
        ("UPDATE books SET holds_waiting = 7 WHERE id = 3", "holds that wait", "7", "1"),
        ("DELETE FROM copies WHERE copy_no = 1 AND state = 'withdrawn'", "copy 1", "", "withdrawn, A 1"),
        ("UPDATE loans SET patron_ref = 'P-9' WHERE renewals = 1", "loan of copy 2", "P-9", "P-1"),
        ("UPDATE holds SET state = 'waiting' WHERE state = 'ready'", f"hold {an_id('first')}", "waiting", "ready"),
        ("UPDATE books SET conflicting_book_id = NULL WHERE id = 5", "owner of the ISBN", "", ""),
        ("DELETE FROM books WHERE id = 2", "title", "", "Book 1"),
    ],
)
def test_each_drift_is_found_and_repaired(
    path: Path, library: Library, statement: str, field: str, here: str, there: str
) -> None:
    rich_library(library)
    with cared(path, library) as (projector, care):
        before = contents(path)
        spoil(path, statement)
        found = examine(care)
        drift = next(one for one in found if one.field == field)
        assert here in drift.in_read_model
        assert there in drift.by_stream
        assert len({one.book_id for one in found}) == 1
        outcome = care.repair([drift.book_id]).result(60)
        assert outcome.repaired == (drift.book_id,)
        assert examine(care) == ()
        told = len(projector.announcements)
        projector.until(lambda: any(one.reordered for one in projector.announcements[1:]) or told > 1)
        with reading(path) as catalogue:
            assert len(catalogue.order(BookQuestion())) == 5
            assert len(catalogue.order(BookQuestion(text="book"))) == 4
    if "books" not in statement or "DELETE" not in statement:  # a row that was gone has another id now
        after = contents(path)
        assert {table for table in after if after[table] != before[table]} <= {"books_fts"}


def test_a_row_without_a_stream_is_drift_and_is_taken_away(path: Path, library: Library) -> None:
    library.some_history(2)
    with cared(path, library) as (_, care):
        before = contents(path)
        columns = "state, isbn, created_at, changed_at, revision, position, sort_title, sort_authors, title, authors"
        spoil(
            path,
            f"INSERT INTO books (book_id, {columns}, subjects) "
            "VALUES (x'00000000000040008000000000000009', 'listed', '1', 0, 0, 0, 0, 'g', 'g', 'Ghost', '[]', '[]')",
        )
        (book_id,) = {one.book_id for one in examine(care)}
        assert care.repair([book_id]).result(60).repaired == (book_id,)
        assert examine(care) == ()
        assert contents(path) == before


def test_a_parked_stream_is_no_drift_and_is_not_repaired(
    path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    book_id = library.book("poisoned")
    library.write_raw(f"book-{book_id}", "CopyAdded", b"[]")
    with cared(path, library) as (_, care):
        assert len(care.lists().parked) == 1
        assert examine(care) == ()
        assert care.repair([book_id]).result(60).failed == (book_id,)


def test_what_is_written_during_the_round_is_no_drift(path: Path, library: Library) -> None:
    books = library.some_history(3)
    with cared(path, library) as (projector, care):

        def write(progress: ExaminationProgress) -> None:
            library.write(CopyAdded(book_id=books[1], copy_no=3 + progress.done))

        examination = care.examine(write)
        assert examination.future.result(60).drifts == ()
        projector.until_live()


def test_a_round_that_is_aborted_or_closed_tells_what_it_found(path: Path, library: Library) -> None:
    library.some_history(3)
    project(path, library)
    spoil(path, "UPDATE books SET title = 'x' WHERE id = 1")
    with cared(path, library) as (_, care):
        asked = threading.Event()
        examination = care.examine(lambda progress: waited(asked))
        examination.abort()
        asked.set()
        assert {one.title for one in examination.future.result(60).drifts} <= {"x"}
        assert {one.field for one in examine(care)} == {"title"}


def test_a_round_ends_when_the_store_is_away(path: Path, library: Library) -> None:
    library.some_history(3)
    with cared(path, library) as (_, care):
        library.store.go_away()
        with pytest.raises(StoreUnavailable):
            examine(care)
        library.store.come_back()
