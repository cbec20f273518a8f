"""Hop 7: the rows of holds: what events do to them."""

from typing import Any, Final

from desk.cqrs.store import Recorded
from desk.domain.events import CopySetAside, HoldCancelled, HoldExpired, HoldFulfilled, HoldPlaced, HoldRequeued
from desk.domain.state import HoldState
from desk.projection.changes import RowChanges, update, upsert
from desk.projection.projections import Handler, Projection

_TABLES: Final = {
    "holds": """
        CREATE TABLE holds (
            book_id BLOB NOT NULL,
            hold_id BLOB NOT NULL,
            patron_ref TEXT NOT NULL,
            placed_at REAL NOT NULL,
            queue_key INTEGER NOT NULL,
            state TEXT NOT NULL,
            copy_no INTEGER,
            pickup_until TEXT,
            revision INTEGER NOT NULL,
            PRIMARY KEY (book_id, hold_id)
        ) WITHOUT ROWID""",
}

_KEY: Final = ("book_id", "hold_id")
_PLACE: Final = upsert(
    "holds",
    _KEY,
    ("revision", "patron_ref", "placed_at", "queue_key", "state"),
    also="copy_no = NULL, pickup_until = NULL",
)
_SET: Final = update("holds", _KEY, ("state", "copy_no", "pickup_until", "revision"))


def _placed(changes: RowChanges, event: HoldPlaced, recorded: Recorded) -> None:
    book_id = event.book_id.bytes
    changes.holds[book_id] = None
    changes.note(
        _PLACE,
        (book_id, event.hold_id.bytes),
        recorded.revision,
        event.patron_ref,
        event.placed_at.timestamp(),
        recorded.position,
        HoldState.WAITING.value,
    )


_STATES: Final[dict[type, HoldState]] = {
    CopySetAside: HoldState.READY,
    HoldFulfilled: HoldState.FULFILLED,
    HoldRequeued: HoldState.WAITING,
    HoldCancelled: HoldState.CANCELLED,
    HoldExpired: HoldState.EXPIRED,
}
"""How each event leaves its hold."""


def _set(changes: RowChanges, event: Any, recorded: Recorded) -> None:
    book_id = event.book_id.bytes
    changes.holds[book_id] = None
    copy_no = event.copy_no if isinstance(event, CopySetAside | HoldFulfilled) else None
    until = event.pickup_until.isoformat() if isinstance(event, CopySetAside) else None
    state = _STATES[type(event)].value
    changes.note(_SET, (book_id, event.hold_id.bytes), state, copy_no, until, recorded.revision)


_HANDLERS: Final[dict[type, Handler]] = {HoldPlaced: _placed, **dict.fromkeys(_STATES, _set)}

HOLDS: Final = Projection("holds", 5, _TABLES, _HANDLERS, (_PLACE, _SET))
