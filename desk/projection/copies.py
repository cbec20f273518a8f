"""Hop 7: the rows of copies: what events do to them."""

from typing import Any, Final

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


_STATES: Final[dict[type, CopyState]] = {
    CopyWithdrawn: CopyState.WITHDRAWN,
    CopyLent: CopyState.ON_LOAN,
    CopyReturned: CopyState.AVAILABLE,
    CopyLost: CopyState.LOST,
    CopyFound: CopyState.AVAILABLE,
    CopySetAside: CopyState.ON_HOLD_SHELF,
    HoldCancelled: CopyState.AVAILABLE,
    HoldExpired: CopyState.AVAILABLE,
}
"""How each event leaves its copy. One that was set aside is available until a later event says otherwise."""


def _set(changes: RowChanges, event: Any, recorded: Recorded) -> None:
    """An event that is about a copy; a hold may end without one."""
    if event.copy_no is None:
        return
    book_id = event.book_id.bytes
    _recount(changes, book_id)
    loan_id = event.loan_id.bytes if isinstance(event, CopyLent) else None
    hold_id = event.hold_id.bytes if isinstance(event, CopySetAside) else None
    changes.note(_SET, (book_id, event.copy_no), _STATES[type(event)].value, loan_id, hold_id, recorded.revision)


def _recount(changes: RowChanges, book_id: bytes) -> None:
    changes.copies[book_id] = None
    changes.moved = True


_HANDLERS: Final[dict[type, Handler]] = {CopyAdded: _added, **dict.fromkeys(_STATES, _set)}

COPIES: Final = Projection("copies", 5, _TABLES, _HANDLERS, (_ADD, _SET))
