"""Hop 9: what the read model's columns become: rows for the window, with ids, dates and moments in their types."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import count
from typing import Any, Final, TypeVar
from uuid import UUID

from desk.application.catalogue import BookCard, BookRow, CopyLine, HoldLine, LoanLine
from desk.projection.books import DETAIL_COLUMNS, read_details

T = TypeVar("T")

ROW: Final = (
    "SELECT id, book_id, isbn, title, authors, published_year, state, copies_total, copies_available, changed_at, "
    "revision, position, CASE WHEN copies_on_loan THEN (SELECT min(due_on) FROM loans "
    "WHERE loans.book_id = books.book_id AND loans.state = 'open') END FROM books"
)

_MORE: Final = (
    f"SELECT {', '.join(DETAIL_COLUMNS)}, conflicting_book_id, created_at, "
    "(SELECT owner.title FROM books AS owner WHERE owner.book_id = books.conflicting_book_id) FROM books WHERE id = ?"
)
_COPIES: Final = "SELECT copy_no, state, shelf_mark, loan_id, hold_id FROM copies WHERE book_id = ? ORDER BY copy_no"
_LOANS: Final = (
    "SELECT loan_id, copy_no, patron_ref, lent_on, due_on, renewals, returned_on, days_late, state FROM loans "
    "WHERE book_id = ? ORDER BY lent_on DESC, revision DESC"
)
_HOLDS: Final = (
    "SELECT hold_id, patron_ref, placed_at, state, copy_no, pickup_until FROM holds "
    "WHERE book_id = ? AND state IN ('waiting', 'ready') ORDER BY queue_key"
)


def to_row(found: tuple[Any, ...]) -> BookRow:
    """A row that :data:`ROW` found, or one without its last column, which is not known of earlier moments."""
    id_, book_id, isbn, title, authors, year, state, total, available, changed_at, revision, position, *due = found
    return BookRow(
        id_,
        UUID(bytes=book_id),
        isbn,
        title,
        tuple(json.loads(authors)),
        year,
        state,
        total,
        available,
        datetime.fromtimestamp(changed_at, UTC),
        revision,
        position,
        date.fromisoformat(due[0]) if due and due[0] else None,
    )


def read_card(connection: sqlite3.Connection, row: BookRow) -> BookCard:
    """Everything about a book; within a transaction of the caller, so that it is of one moment."""
    *details, conflicting, created_at, owner = connection.execute(_MORE, (row.id,)).fetchone()
    key = (row.book_id.bytes,)
    loans = [_loan(found) for found in connection.execute(_LOANS, key).fetchall()]
    present = {loan.loan_id: loan for loan in loans if loan.state == "open"}
    holds = _open_holds(connection.execute(_HOLDS, key).fetchall())
    shelf = {hold.hold_id: hold for hold in holds if hold.state == "ready"}
    copies = tuple(
        CopyLine(copy_no, state, shelf_mark, _of(present, loan_id), _of(shelf, hold_id))
        for copy_no, state, shelf_mark, loan_id, hold_id in connection.execute(_COPIES, key).fetchall()
    )
    return BookCard(
        row,
        read_details(details),
        None if conflicting is None else UUID(bytes=conflicting),
        datetime.fromtimestamp(created_at, UTC),
        copies,
        tuple(loan for loan in loans if loan.state != "open"),
        owner,
        (*shelf.values(), *(hold for hold in holds if hold.state == "waiting")),
    )


def _open_holds(found: Iterable[Sequence[Any]]) -> list[HoldLine]:
    """Holds of one book, read in the order of the queue."""
    places = count(1)
    return [
        HoldLine(
            UUID(bytes=hold_id),
            patron,
            datetime.fromtimestamp(placed_at, UTC),
            state,
            next(places) if state == "waiting" else None,
            copy_no,
            None if pickup_until is None else date.fromisoformat(pickup_until),
        )
        for hold_id, patron, placed_at, state, copy_no, pickup_until in found
    ]


def _of(known: Mapping[UUID, T], key: bytes | None) -> T | None:
    return None if key is None else known.get(UUID(bytes=key))


def _loan(found: Sequence[Any]) -> LoanLine:
    loan_id, copy_no, patron, lent_on, due_on, renewals, returned_on, days_late, state = found
    return LoanLine(
        UUID(bytes=loan_id),
        copy_no,
        patron,
        date.fromisoformat(lent_on),
        date.fromisoformat(due_on),
        renewals,
        None if returned_on is None else date.fromisoformat(returned_on),
        days_late,
        state,
    )
