"""Hop 7: what events of copies, loans and holds change in the read model's rows."""

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
    HoldFulfilled,
    HoldPlaced,
    HoldRequeued,
    LoanRenewed,
)
from desk.domain.state import CopyState, HoldState
from desk.projection.books import Handler
from desk.projection.changes import (
    ADD_COPY,
    END_LOAN,
    OPEN_LOAN,
    PLACE_HOLD,
    RENEW_LOAN,
    SET_COPY,
    SET_HOLD,
    RowChanges,
    Value,
)


def _added(changes: RowChanges, event: CopyAdded, recorded: Recorded) -> None:
    book_id = event.book_id.bytes
    _recount(changes, book_id)
    changes.note(ADD_COPY, book_id, event.copy_no, event.shelf_mark, recorded.revision)


def _withdrawn(changes: RowChanges, event: CopyWithdrawn, recorded: Recorded) -> None:
    _set_copy(changes, event.book_id.bytes, event.copy_no, recorded, CopyState.WITHDRAWN)


def _lent(changes: RowChanges, event: CopyLent, recorded: Recorded) -> None:
    book_id, loan_id = event.book_id.bytes, event.loan_id.bytes
    _set_copy(changes, book_id, event.copy_no, recorded, CopyState.ON_LOAN, loan_id=loan_id)
    changes.note(
        OPEN_LOAN,
        book_id,
        loan_id,
        recorded.revision,
        event.copy_no,
        event.patron_ref,
        event.lent_on.isoformat(),
        event.due_on.isoformat(),
    )


def _renewed(changes: RowChanges, event: LoanRenewed, recorded: Recorded) -> None:
    revision, key = recorded.revision, (event.book_id.bytes, event.loan_id.bytes)
    changes.note(RENEW_LOAN, event.due_on.isoformat(), event.renewal_no, revision, *key, revision)


def _returned(changes: RowChanges, event: CopyReturned, recorded: Recorded) -> None:
    revision, key = recorded.revision, (event.book_id.bytes, event.loan_id.bytes)
    _set_copy(changes, event.book_id.bytes, event.copy_no, recorded, CopyState.AVAILABLE)
    changes.note(END_LOAN, "returned", event.returned_on.isoformat(), event.days_late, revision, *key, revision)


def _lost(changes: RowChanges, event: CopyLost, recorded: Recorded) -> None:
    revision, book_id = recorded.revision, event.book_id.bytes
    _set_copy(changes, book_id, event.copy_no, recorded, CopyState.LOST)
    if event.loan_id is not None:
        changes.note(END_LOAN, "lost", None, None, revision, book_id, event.loan_id.bytes, revision)


def _found(changes: RowChanges, event: CopyFound, recorded: Recorded) -> None:
    _set_copy(changes, event.book_id.bytes, event.copy_no, recorded, CopyState.AVAILABLE)


def _placed(changes: RowChanges, event: HoldPlaced, recorded: Recorded) -> None:
    book_id = event.book_id.bytes
    changes.holds[book_id] = None
    changes.note(
        PLACE_HOLD,
        book_id,
        event.hold_id.bytes,
        recorded.revision,
        event.patron_ref,
        event.placed_at.timestamp(),
        recorded.position,
    )


def _set_aside(changes: RowChanges, event: CopySetAside, recorded: Recorded) -> None:
    book_id, hold_id = event.book_id.bytes, event.hold_id.bytes
    _set_copy(changes, book_id, event.copy_no, recorded, CopyState.ON_HOLD_SHELF, hold_id=hold_id)
    until = event.pickup_until.isoformat()
    _set_hold(changes, book_id, hold_id, recorded, HoldState.READY, event.copy_no, until)


def _fulfilled(changes: RowChanges, event: HoldFulfilled, recorded: Recorded) -> None:
    _set_hold(changes, event.book_id.bytes, event.hold_id.bytes, recorded, HoldState.FULFILLED, event.copy_no)


def _requeued(changes: RowChanges, event: HoldRequeued, recorded: Recorded) -> None:
    _set_hold(changes, event.book_id.bytes, event.hold_id.bytes, recorded, HoldState.WAITING)


def _cancelled(changes: RowChanges, event: HoldCancelled, recorded: Recorded) -> None:
    _release(changes, event, recorded, HoldState.CANCELLED)


def _expired(changes: RowChanges, event: HoldExpired, recorded: Recorded) -> None:
    _release(changes, event, recorded, HoldState.EXPIRED)


def _release(changes: RowChanges, event: HoldCancelled | HoldExpired, recorded: Recorded, state: HoldState) -> None:
    """End a hold; a copy that was set aside for it is available until a later event says otherwise."""
    book_id = event.book_id.bytes
    _set_hold(changes, book_id, event.hold_id.bytes, recorded, state)
    if event.copy_no is not None:
        _set_copy(changes, book_id, event.copy_no, recorded, CopyState.AVAILABLE)


def _set_copy(
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
    revision = recorded.revision
    changes.note(SET_COPY, state.value, loan_id, hold_id, revision, book_id, copy_no, revision)


def _recount(changes: RowChanges, book_id: bytes) -> None:
    changes.copies[book_id] = None
    changes.moved = True


def _set_hold(
    changes: RowChanges,
    book_id: bytes,
    hold_id: bytes,
    recorded: Recorded,
    state: HoldState,
    copy_no: Value = None,
    pickup_until: Value = None,
) -> None:
    changes.holds[book_id] = None
    revision = recorded.revision
    changes.note(SET_HOLD, state.value, copy_no, pickup_until, revision, book_id, hold_id, revision)


COPY_HANDLERS: Final[dict[type, Handler]] = {
    CopyAdded: _added,
    CopyWithdrawn: _withdrawn,
    CopyLent: _lent,
    LoanRenewed: _renewed,
    CopyReturned: _returned,
    CopyLost: _lost,
    CopyFound: _found,
    HoldPlaced: _placed,
    CopySetAside: _set_aside,
    HoldFulfilled: _fulfilled,
    HoldRequeued: _requeued,
    HoldCancelled: _cancelled,
    HoldExpired: _expired,
}
