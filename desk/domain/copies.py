"""Hop 3: decisions about copies as things: added, withdrawn, lost; and what their events mean."""

from dataclasses import replace
from typing import assert_never

from desk.domain.commands import AddCopy, CopyCommand, ReportCopyLost, WithdrawCopy
from desk.domain.errors import CorruptHistory, RefusalCode, RuleBroken
from desk.domain.events import (
    BookEvent,
    CopyAdded,
    CopyEvent,
    CopyFound,
    CopyLost,
    CopyWithdrawn,
    HoldRequeued,
)
from desk.domain.policy import Moment
from desk.domain.state import (
    Book,
    Copy,
    CopyState,
    recorded_copy,
    require_copy,
    with_copy,
)


def decide_copies(book: Book, command: CopyCommand, moment: Moment) -> tuple[BookEvent, ...]:
    """The events of a command about a copy of a listed book; raises RuleBroken."""
    match command:
        case AddCopy():
            return (
                CopyAdded(
                    book_id=command.book_id,
                    copy_no=len(book.copies) + 1,
                    shelf_mark=command.shelf_mark,
                ),
            )
        case WithdrawCopy():
            return _withdraw(book, command)
        case ReportCopyLost():
            return _lose(book, command, moment)
        case _:
            assert_never(command)


def evolve_copies(book: Book, event: CopyEvent) -> Book:
    """The book after the event; raises CorruptHistory for a copy that cannot be."""
    match event:
        case CopyAdded():
            return _added(book, event)
        case CopyWithdrawn():
            return _put(book, event.copy_no, CopyState.WITHDRAWN)
        case CopyLost():
            return _put(book, event.copy_no, CopyState.LOST)
        case CopyFound():
            return _put(book, event.copy_no, CopyState.AVAILABLE)
        case _:
            assert_never(event)


def _withdraw(book: Book, command: WithdrawCopy) -> tuple[BookEvent, ...]:
    copy = require_copy(book, command.copy_no)
    if copy.state is CopyState.ON_LOAN:
        raise RuleBroken(RefusalCode.COPY_IS_ON_LOAN, copy_no=copy.copy_no)
    if copy.state is CopyState.ON_HOLD_SHELF:
        raise RuleBroken(RefusalCode.COPY_IS_ON_HOLD_SHELF, copy_no=copy.copy_no)
    return (CopyWithdrawn(book_id=command.book_id, copy_no=copy.copy_no, reason=command.reason),)


def _lose(book: Book, command: ReportCopyLost, moment: Moment) -> tuple[BookEvent, ...]:
    copy = require_copy(book, command.copy_no)
    if copy.state is CopyState.LOST:
        return ()
    lost = CopyLost(
        book_id=command.book_id,
        copy_no=copy.copy_no,
        loan_id=copy.loan.loan_id if copy.loan else None,
        reported_on=moment.today,
    )
    if copy.hold_id is None:
        return (lost,)
    return (lost, HoldRequeued(book_id=command.book_id, hold_id=copy.hold_id))


def _added(book: Book, event: CopyAdded) -> Book:
    if event.copy_no != len(book.copies) + 1:
        raise CorruptHistory(f"copy {event.copy_no} was added after copy {len(book.copies)}")
    added = Copy(copy_no=event.copy_no, shelf_mark=event.shelf_mark)
    return replace(book, copies=(*book.copies, added))


def _put(book: Book, copy_no: int, state: CopyState) -> Book:
    copy = recorded_copy(book, copy_no)
    return with_copy(book, replace(copy, state=state, loan=None, hold_id=None))
