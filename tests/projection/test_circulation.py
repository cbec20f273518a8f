"""Hop 9: loans and holds across all books, and the tree of one correlation."""

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from desk.application.circulation import HoldQuestion, LoanQuestion
from desk.domain.events import (
    CopyAdded,
    CopyLent,
    CopyReturned,
    CopySetAside,
    HoldCancelled,
    HoldPlaced,
    IsbnClaimed,
)
from tests.projection.library import BEGIN, DAY, Library, an_id, isbn_of, project, reading


@pytest.fixture
def lent(path: Path, library: Library) -> Path:
    """Three loans of two readers, one of them over."""
    one, two = library.book("one"), library.book("two")
    for book_id, copy_no, patron, days in ((one, 1, "P-1", 21), (two, 1, "P-2", 7), (two, 2, "P-1", 14)):
        library.write(CopyAdded(book_id=book_id, copy_no=copy_no))
        loan = an_id(f"{patron} {days}")
        due_on = DAY + timedelta(days=days)
        library.write(
            CopyLent(book_id=book_id, copy_no=copy_no, loan_id=loan, patron_ref=patron, lent_on=DAY, due_on=due_on)
        )
    over = an_id("P-1 14")
    library.write(CopyReturned(book_id=two, copy_no=2, loan_id=over, returned_on=DAY, days_late=0))
    project(path, library)
    return path


@pytest.mark.parametrize(
    ("question", "found"),
    [
        (LoanQuestion(), [("Book two", "P-2"), ("Book two", "P-1"), ("Book one", "P-1")]),
        (LoanQuestion(patron="P-1"), [("Book two", "P-1"), ("Book one", "P-1")]),
        (LoanQuestion(open=True), [("Book two", "P-2"), ("Book one", "P-1")]),
        (LoanQuestion(patron="P-1", open=False), [("Book two", "P-1")]),
        (LoanQuestion(overdue_as_of=DAY + timedelta(days=7)), []),
        (LoanQuestion(overdue_as_of=DAY + timedelta(days=8)), [("Book two", "P-2")]),
        (LoanQuestion(overdue_as_of=date(2030, 1, 1)), [("Book two", "P-2"), ("Book one", "P-1")]),
        (LoanQuestion(limit=1), [("Book two", "P-2")]),
    ],
)
def test_loans_are_found_by_reader_by_day_and_by_state(
    lent: Path, question: LoanQuestion, found: list[tuple[str, str]]
) -> None:
    with reading(lent) as catalogue:
        assert [(row.title, row.loan.patron) for row in catalogue.loans(question)] == found


def test_holds_are_found_by_book_by_reader_and_by_state(path: Path, library: Library) -> None:
    one, two = library.book("one"), library.book("two")
    library.write(CopyAdded(book_id=one, copy_no=1))
    for book_id, patron in ((one, "P-1"), (two, "P-2"), (one, "P-2"), (one, "P-3"), (one, "P-4")):
        hold = an_id(f"{book_id} {patron}")
        library.write(HoldPlaced(book_id=book_id, hold_id=hold, patron_ref=patron, placed_at=BEGIN))
    library.write(CopySetAside(book_id=one, copy_no=1, hold_id=an_id(f"{one} P-1"), pickup_until=DAY))
    library.write(HoldCancelled(book_id=one, hold_id=an_id(f"{one} P-3")))
    project(path, library)

    def found(question: HoldQuestion) -> list[tuple[str, str, int | None]]:
        return [(row.title, row.hold.patron, row.hold.place) for row in catalogue.holds(question)]

    with reading(path) as catalogue:
        assert found(HoldQuestion(book_id=one, state="waiting")) == [("Book one", "P-2", 1), ("Book one", "P-4", 2)]
        assert found(HoldQuestion(patron="P-2")) == [("Book two", "P-2", 1), ("Book one", "P-2", 1)]
        assert found(HoldQuestion(patron="P-4")) == [("Book one", "P-4", 2)]
        assert found(HoldQuestion(state="ready")) == [("Book one", "P-1", None)]
        assert catalogue.holds(HoldQuestion(state="ready"))[0].hold.pickup_until == DAY
        assert len(found(HoldQuestion())) == 5


def test_a_trace_is_the_tree_of_what_led_to_what(path: Path, library: Library) -> None:
    book_id = an_id("new")
    chain, create, claim, other = (uuid4() for _ in range(4))
    library.book_created("another")
    begin = {"correlation_id": chain, "user": "mia"}
    library.write(CopyAdded(book_id=book_id, copy_no=1), causation_id=create, **begin)
    library.write(CopyAdded(book_id=book_id, copy_no=2), causation_id=create, **begin)
    first = library.store.read_stream(f"book-{book_id}")
    cause = next(iter(first)).id
    library.write(IsbnClaimed(isbn=isbn_of("new"), book_id=book_id), causation_id=claim, trigger=cause, **begin)
    library.write(CopyAdded(book_id=book_id, copy_no=3), causation_id=other, trigger=uuid4(), **begin)
    project(path, library)
    with reading(path) as catalogue:
        created, foreign = catalogue.trace(chain)
        assert catalogue.trace(uuid4()) == ()
    assert (created.command_id, created.trigger) == (create, None)
    assert [(event.type, event.revision, event.user) for event in created.events] == [
        ("CopyAdded", 0, "mia"),
        ("CopyAdded", 1, "mia"),
    ]
    (follower,) = created.followers
    assert (follower.command_id, follower.trigger, follower.events[0].type) == (claim, cause, "IsbnClaimed")
    assert foreign.command_id == other  # what triggered it is of another correlation


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        ("SELECT * FROM loans AS l WHERE l.patron_ref = 'P' ORDER BY l.due_on", "loans_by_patron"),
        ("SELECT * FROM loans AS l WHERE l.state = 'open' AND l.due_on < '2024' ORDER BY l.due_on", "loans_open"),
        ("SELECT * FROM holds AS h WHERE h.patron_ref = 'P' ORDER BY h.queue_key", "holds_by_patron"),
        ("SELECT * FROM holds AS h WHERE h.state = 'ready' ORDER BY h.queue_key", "holds_by_state"),
        ("SELECT * FROM activity AS a WHERE a.correlation_id = x'00' ORDER BY a.position", "activity_by_correlation"),
    ],
)
def test_each_question_has_its_index(lent: Path, statement: str, index: str) -> None:
    with closing(sqlite3.connect(lent)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
    assert index in str(plan)
