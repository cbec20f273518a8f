"""Hop 7: the rows of holds: what events do to them."""

from typing import Final

from desk.cqrs.store import Recorded
from desk.domain.events import CopySetAside, HoldCancelled, HoldExpired, HoldFulfilled, HoldPlaced, HoldRequeued
from desk.domain.state import HoldState
from desk.projection.changes import RowChanges, Value, update, upsert
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


def _set_aside(changes: RowChanges, event: CopySetAside, recorded: Recorded) -> None:
    until = event.pickup_until.isoformat()
    _set(changes, event, recorded, HoldState.READY, event.copy_no, until)


def _fulfilled(changes: RowChanges, event: HoldFulfilled, recorded: Recorded) -> None:
    _set(changes, event, recorded, HoldState.FULFILLED, event.copy_no)


def _requeued(changes: RowChanges, event: HoldRequeued, recorded: Recorded) -> None:
    _set(changes, event, recorded, HoldState.WAITING)


def _cancelled(changes: RowChanges, event: HoldCancelled, recorded: Recorded) -> None:
    _set(changes, event, recorded, HoldState.CANCELLED)


def _expired(changes: RowChanges, event: HoldExpired, recorded: Recorded) -> None:
    _set(changes, event, recorded, HoldState.EXPIRED)


def _set(
    changes: RowChanges,
    event: CopySetAside | HoldFulfilled | HoldRequeued | HoldCancelled | HoldExpired,
    recorded: Recorded,
    state: HoldState,
    copy_no: Value = None,
    pickup_until: Value = None,
) -> None:
    book_id = event.book_id.bytes
    changes.holds[book_id] = None
    changes.note(_SET, (book_id, event.hold_id.bytes), state.value, copy_no, pickup_until, recorded.revision)


_HANDLERS: Final[dict[type, Handler]] = {
    HoldPlaced: _placed,
    CopySetAside: _set_aside,
    HoldFulfilled: _fulfilled,
    HoldRequeued: _requeued,
    HoldCancelled: _cancelled,
    HoldExpired: _expired,
}

HOLDS: Final = Projection("holds", 5, _TABLES, _HANDLERS, (_PLACE, _SET))
