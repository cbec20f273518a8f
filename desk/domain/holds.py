"""Hop 3: decisions about the queue of readers and the hold shelf; and what their events mean."""

from dataclasses import replace
from datetime import timedelta
from typing import assert_never
from uuid import UUID

from desk.domain.commands import CancelHold, ExpireHold, HoldCommand, PlaceHold
from desk.domain.errors import RefusalCode, RuleBroken
from desk.domain.events import (
    BookEvent,
    CopySetAside,
    HoldCancelled,
    HoldEvent,
    HoldExpired,
    HoldFulfilled,
    HoldPlaced,
    HoldRequeued,
)
from desk.domain.policy import Moment, Policy
from desk.domain.state import (
    Book,
    CopyState,
    Hold,
    HoldState,
    recorded_copy,
    recorded_hold,
    with_copy,
    with_hold,
)


def decide_holds(book: Book, command: HoldCommand, moment: Moment) -> tuple[BookEvent, ...]:
    """The events of a command about a hold on a listed book; raises RuleBroken."""
    match command:
        case PlaceHold():
            return _place(book, command, moment)
        case CancelHold():
            return _cancel(book, command)
        case ExpireHold():
            return _expire(book, command, moment)
        case _:
            assert_never(command)


def set_aside(book: Book, book_id: UUID, moment: Moment, policy: Policy) -> tuple[BookEvent, ...]:
    """What free copies call for: each goes to the first reader who waits."""
    free = (copy for copy in book.copies if copy.state is CopyState.AVAILABLE)
    waiting = (hold for hold in book.open_holds if hold.state is HoldState.WAITING)
    until = moment.today + timedelta(days=policy.pickup_days)
    return tuple(
        CopySetAside(book_id=book_id, copy_no=copy.copy_no, hold_id=hold.hold_id, pickup_until=until)
        for copy, hold in zip(free, waiting, strict=False)
    )


def evolve_holds(book: Book, event: HoldEvent) -> Book:
    """The book after the event; raises CorruptHistory for a hold or copy that cannot be."""
    if isinstance(event, HoldPlaced):
        placed = Hold(event.hold_id, event.patron_ref, event.placed_at)
        return replace(book, open_holds=(*book.open_holds, placed))
    hold = recorded_hold(book, event.hold_id)
    match event:
        case CopySetAside():
            return _set_aside(book, hold, event)
        case HoldRequeued():
            requeued = replace(hold, state=HoldState.WAITING, copy_no=None, pickup_until=None)
            return with_hold(book, requeued)
        case HoldFulfilled():
            return _closed(book, hold, HoldState.FULFILLED)
        case HoldCancelled():
            return _closed(_freed(book, event.copy_no), hold, HoldState.CANCELLED)
        case HoldExpired():
            return _closed(_freed(book, event.copy_no), hold, HoldState.EXPIRED)
        case _:
            assert_never(event)


def _place(book: Book, command: PlaceHold, moment: Moment) -> tuple[BookEvent, ...]:
    if book.open_hold(command.hold_id) or book.closed_hold(command.hold_id):
        raise RuleBroken(RefusalCode.HOLD_ALREADY_EXISTS)
    if all(copy.state in (CopyState.LOST, CopyState.WITHDRAWN) for copy in book.copies):
        raise RuleBroken(RefusalCode.NO_COPY_IN_CIRCULATION)
    lent = book.copy_lent_to(command.patron)
    if lent is not None:
        raise RuleBroken(RefusalCode.PATRON_ALREADY_HAS_LOAN, patron=command.patron, copy_no=lent.copy_no)
    if book.hold_of(command.patron) is not None:
        raise RuleBroken(RefusalCode.PATRON_ALREADY_HAS_HOLD, patron=command.patron)
    return (
        HoldPlaced(
            book_id=command.book_id,
            hold_id=command.hold_id,
            patron_ref=command.patron,
            placed_at=moment.now,
        ),
    )


def _cancel(book: Book, command: CancelHold) -> tuple[BookEvent, ...]:
    hold = book.open_hold(command.hold_id)
    if hold is None:
        closed = _require_closed(book, command.hold_id)
        raise RuleBroken(RefusalCode.HOLD_NOT_OPEN, state=closed.state.value)
    return (HoldCancelled(book_id=command.book_id, hold_id=hold.hold_id, copy_no=hold.copy_no),)


def _expire(book: Book, command: ExpireHold, moment: Moment) -> tuple[BookEvent, ...]:
    hold = book.open_hold(command.hold_id)
    if hold is None:
        _require_closed(book, command.hold_id)
        return ()
    if hold.copy_no is None or hold.pickup_until is None:
        return ()
    if moment.today <= hold.pickup_until:
        raise RuleBroken(RefusalCode.PICKUP_PERIOD_NOT_OVER, pickup_until=hold.pickup_until)
    return (HoldExpired(book_id=command.book_id, hold_id=hold.hold_id, copy_no=hold.copy_no),)


def _require_closed(book: Book, hold_id: UUID) -> Hold:
    closed = book.closed_hold(hold_id)
    if closed is None:
        raise RuleBroken(RefusalCode.HOLD_NOT_FOUND)
    return closed


def _set_aside(book: Book, hold: Hold, event: CopySetAside) -> Book:
    copy = recorded_copy(book, event.copy_no)
    shelved = replace(copy, state=CopyState.ON_HOLD_SHELF, hold_id=hold.hold_id)
    ready = replace(hold, state=HoldState.READY, copy_no=event.copy_no, pickup_until=event.pickup_until)
    return with_hold(with_copy(book, shelved), ready)


def _freed(book: Book, copy_no: int | None) -> Book:
    if copy_no is None:
        return book
    copy = recorded_copy(book, copy_no)
    return with_copy(book, replace(copy, state=CopyState.AVAILABLE, hold_id=None))


def _closed(book: Book, hold: Hold, state: HoldState) -> Book:
    still_open = tuple(each for each in book.open_holds if each.hold_id != hold.hold_id)
    closed = replace(hold, state=state)
    return replace(book, open_holds=still_open, closed_holds=(*book.closed_holds, closed))
