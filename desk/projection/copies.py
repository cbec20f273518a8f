"""Hop 7: the rows of copies: what events do to them."""

from typing import Final

from desk.cqrs.store import Recorded
from desk.domain.events import (
    CopyAdded,
    CopyFound,
    CopyLent,
    CopyLost,
    CopyReturned,
    CopySetAside,
    CopyWithdrawn,
    HoldCancelled,
    HoldExpired,
)
from desk.domain.state import CopyState
from desk.projection.changes import RowChanges, update, upsert
from desk.projection.projections import Handler, Projection

_TABLES: Final = {
    "copies": """
        CREATE TABLE copies (
            book_id BLOB NOT NULL,
            copy_no INTEGER NOT NULL,
            state TEXT NOT NULL,
            shelf_mark TEXT,
            loan_id BLOB,
            hold_id BLOB,
            revision INTEGER NOT NULL,
            PRIMARY KEY (book_id, copy_no)
        ) WITHOUT ROWID""",
}

_ADD: Final = upsert(
    "copies", ("book_id", "copy_no"), ("state", "shelf_mark", "revision"), also="loan_id = NULL, hold_id = NULL"
)
_SET: Final = update("copies", ("book_id", "copy_no"), ("state", "loan_id", "hold_id", "revision"))


def _added(changes: RowChanges, event: CopyAdded, recorded: Recorded) -> None:
    book_id = event.book_id.bytes
    _recount(changes, book_id)
    state = CopyState.AVAILABLE.value
    changes.note(_ADD, (book_id, event.copy_no), state, event.shelf_mark, recorded.revision)


def _withdrawn(changes: RowChanges, event: CopyWithdrawn, recorded: Recorded) -> None:
    _set(changes, event.book_id.bytes, event.copy_no, recorded, CopyState.WITHDRAWN)


def _lent(changes: RowChanges, event: CopyLent, recorded: Recorded) -> None:
    _set(changes, event.book_id.bytes, event.copy_no, recorded, CopyState.ON_LOAN, loan_id=event.loan_id.bytes)


def _back(changes: RowChanges, event: CopyReturned | CopyFound, recorded: Recorded) -> None:
    _set(changes, event.book_id.bytes, event.copy_no, recorded, CopyState.AVAILABLE)


def _lost(changes: RowChanges, event: CopyLost, recorded: Recorded) -> None:
    _set(changes, event.book_id.bytes, event.copy_no, recorded, CopyState.LOST)


def _set_aside(changes: RowChanges, event: CopySetAside, recorded: Recorded) -> None:
    _set(changes, event.book_id.bytes, event.copy_no, recorded, CopyState.ON_HOLD_SHELF, hold_id=event.hold_id.bytes)


def _released(changes: RowChanges, event: HoldCancelled | HoldExpired, recorded: Recorded) -> None:
    """A copy that was set aside is available until a later event says otherwise."""
    if event.copy_no is not None:
        _set(changes, event.book_id.bytes, event.copy_no, recorded, CopyState.AVAILABLE)


def _set(
    changes: RowChanges,
    book_id: bytes,
    copy_no: int,
    recorded: Recorded,
    state: CopyState,
    *,
    loan_id: bytes | None = None,
    hold_id: bytes | None = None,
) -> None:
    _recount(changes, book_id)
    changes.note(_SET, (book_id, copy_no), state.value, loan_id, hold_id, recorded.revision)


def _recount(changes: RowChanges, book_id: bytes) -> None:
    changes.copies[book_id] = None
    changes.moved = True


_HANDLERS: Final[dict[type, Handler]] = {
    CopyAdded: _added,
    CopyWithdrawn: _withdrawn,
    CopyLent: _lent,
    CopyReturned: _back,
    CopyLost: _lost,
    CopyFound: _back,
    CopySetAside: _set_aside,
    HoldCancelled: _released,
    HoldExpired: _released,
}

COPIES: Final = Projection("copies", 5, _TABLES, _HANDLERS, (_ADD, _SET))
