"""Hop 7: one book as plain texts, from its rows and from the domain's state, so that the doctor can compare them."""

import sqlite3
from collections import Counter
from typing import Final
from uuid import UUID

from desk.domain.details import BookDetails, details_of, spell
from desk.domain.state import Book, Copy, CopyState, Hold, HoldState, Life
from desk.projection.books import DETAIL_COLUMNS, read_details
from desk.projection.folding import fold

Facts = dict[str, str]
"""What is compared by its name; both sides as text. Nothing is the same as an empty text."""

_BOOK: Final = f"""
    SELECT state, isbn, {", ".join(DETAIL_COLUMNS)}, conflicting_book_id, revision,
        sort_title, sort_authors, copies_total, copies_available, copies_on_loan, copies_on_shelf, copies_lost,
        holds_waiting
    FROM books WHERE book_id = ?"""
_COPIES: Final = "SELECT copy_no, state, shelf_mark, loan_id, hold_id FROM copies WHERE book_id = ? ORDER BY copy_no"
_LOANS: Final = """
    SELECT copy_no, loan_id, patron_ref, lent_on, due_on, renewals FROM loans
    WHERE book_id = ? AND state = 'open' ORDER BY copy_no"""
_HOLDS: Final = """
    SELECT hold_id, state, patron_ref, copy_no, pickup_until FROM holds WHERE book_id = ? ORDER BY queue_key"""
_NAMES_OF_ROWS: Final = ("copy ", "loan of copy ", "hold ")
_OPEN: Final = (HoldState.WAITING, HoldState.READY)


def facts_of_rows(connection: sqlite3.Connection, book_id: UUID) -> Facts:
    """What the read model says of a book; nothing where it does not know it."""
    found = connection.execute(_BOOK, [book_id.bytes]).fetchone()
    if found is None:
        return {}
    state, isbn, *details = found[: 2 + len(DETAIL_COLUMNS)]
    conflicting, revision, sort_title, sort_authors, total, available, on_loan, on_shelf, lost, waiting = found[
        2 + len(DETAIL_COLUMNS) :
    ]
    facts = _details(state, isbn, read_details(details))
    facts |= {
        "owner of the ISBN": _id(conflicting),
        "revision": str(revision),
        "title for sorting": sort_title,
        "authors for sorting": sort_authors,
        "copies": _counted(total, available, on_loan, on_shelf, lost),
        "holds that wait": str(waiting),
    }
    for copy_no, copy_state, mark, loan_id, hold_id in connection.execute(_COPIES, [book_id.bytes]):
        facts[f"copy {copy_no}"] = _joined(copy_state, mark, _id(loan_id), _id(hold_id))
    for copy_no, loan_id, *loan in connection.execute(_LOANS, [book_id.bytes]):
        facts[f"loan of copy {copy_no}"] = _joined(_id(loan_id), *loan)
    for hold_id, hold_state, patron, copy_no, until in connection.execute(_HOLDS, [book_id.bytes]):
        facts[f"hold {_id(hold_id)}"] = _hold(hold_state, patron, copy_no, until)
    return facts


def rows_behind(facts: Facts) -> int:
    """How many rows these facts are from: the book's own, and one for each copy, open loan and hold."""
    return 1 + sum(name.startswith(_NAMES_OF_ROWS) for name in facts) if facts else 0


def facts_of_book(state: Book, revision: int) -> Facts:
    """The same of what the domain folded."""
    if state.life is Life.ABSENT:
        return {}
    counted = Counter(copy.state for copy in state.copies)
    facts = _details(state.life.value, state.isbn, state)
    facts |= {
        "owner of the ISBN": str(state.conflicting_book_id or ""),
        "revision": str(revision),
        "title for sorting": fold(state.title),
        "authors for sorting": fold("; ".join(state.authors)),
        "copies": _counted(
            len(state.copies) - counted[CopyState.WITHDRAWN],
            counted[CopyState.AVAILABLE],
            counted[CopyState.ON_LOAN],
            counted[CopyState.ON_HOLD_SHELF],
            counted[CopyState.LOST],
        ),
        "holds that wait": str(sum(hold.state is HoldState.WAITING for hold in state.open_holds)),
    }
    for copy in state.copies:
        facts |= _facts_of_copy(copy)
    for hold in (*state.open_holds, *state.closed_holds):
        facts |= _facts_of_hold(hold)
    return facts


def _facts_of_copy(copy: Copy) -> Facts:
    loan = copy.loan
    facts = {
        f"copy {copy.copy_no}": _joined(
            copy.state.value, copy.shelf_mark, loan and str(loan.loan_id), copy.hold_id and str(copy.hold_id)
        )
    }
    if loan is not None:
        facts[f"loan of copy {copy.copy_no}"] = _joined(
            str(loan.loan_id), loan.patron, loan.lent_on.isoformat(), loan.due_on.isoformat(), loan.renewals
        )
    return facts


def _facts_of_hold(hold: Hold) -> Facts:
    until = None if hold.pickup_until is None else hold.pickup_until.isoformat()
    return {f"hold {hold.hold_id}": _hold(hold.state.value, hold.patron, hold.copy_no, until)}


def _details(state: str, isbn: str, details: BookDetails) -> Facts:
    spelled = {name.replace("_", " "): spell(value) for name, value in details_of(details).items()}
    return {"state": state, "isbn": isbn, **spelled}


def _hold(state: str, patron: str, copy_no: int | None, until: str | None) -> str:
    """Of a hold that is over, copy and day are of no consequence."""
    return _joined(state, patron, copy_no, until) if state in _OPEN else _joined(state, patron)


def _counted(total: int, available: int, on_loan: int, on_shelf: int, lost: int) -> str:
    return f"{total} in all, {available} available, {on_loan} on loan, {on_shelf} on the hold shelf, {lost} lost"


def _joined(*parts: object) -> str:
    return ", ".join(str(part) for part in parts if part not in (None, ""))


def _id(key: bytes | None) -> str:
    return "" if key is None else str(UUID(bytes=key))
