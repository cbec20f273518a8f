"""Hop 3: decisions about loans: lending, renewing, returning; and what their events mean."""

from dataclasses import replace
from datetime import date, timedelta
from typing import assert_never
from uuid import UUID

from desk.domain.commands import LendCopy, LoanCommand, RenewLoan, ReturnCopy
from desk.domain.errors import CorruptHistory, RefusalCode, RuleBroken
from desk.domain.events import (
    BookEvent,
    CopyFound,
    CopyLent,
    CopyReturned,
    HoldFulfilled,
    LoanEvent,
    LoanRenewed,
)
from desk.domain.policy import Moment, Policy
from desk.domain.state import (
    Book,
    Copy,
    CopyState,
    Hold,
    Loan,
    recorded_copy,
    require_copy,
    with_copy,
)


def decide_loans(book: Book, command: LoanCommand, moment: Moment, policy: Policy) -> tuple[BookEvent, ...]:
    """The events of a command about a loan of a listed book; raises RuleBroken."""
    copy = require_copy(book, command.copy_no)
    match command:
        case LendCopy():
            return _lend(book, copy, command, moment, policy)
        case RenewLoan():
            return _renew(book, copy, command, moment, policy)
        case ReturnCopy():
            return _take_back(copy, command, moment)
        case _:
            assert_never(command)


def evolve_loans(book: Book, event: LoanEvent) -> Book:
    """The book after the event; raises CorruptHistory for a copy or loan that cannot be."""
    copy = recorded_copy(book, event.copy_no)
    match event:
        case CopyLent():
            loan = Loan(event.loan_id, event.patron_ref, event.lent_on, event.due_on)
            lent = replace(copy, state=CopyState.ON_LOAN, loan=loan, hold_id=None)
            return with_copy(book, lent)
        case LoanRenewed():
            if copy.loan is None:
                raise CorruptHistory(f"copy {copy.copy_no} was renewed without a loan")
            renewed = replace(copy.loan, due_on=event.due_on, renewals=event.renewal_no)
            return with_copy(book, replace(copy, loan=renewed))
        case CopyReturned():
            return with_copy(book, replace(copy, state=CopyState.AVAILABLE, loan=None))
        case _:
            assert_never(event)


def _lend(book: Book, copy: Copy, command: LendCopy, moment: Moment, policy: Policy) -> tuple[BookEvent, ...]:
    _require_lendable(book, copy, command.patron)
    hold = book.hold_of(command.patron)
    _require_patron_may_borrow(book, copy, command.patron, hold)
    due_on = command.due_on or moment.today + timedelta(days=policy.loan_days)
    if due_on <= moment.today:
        raise RuleBroken(RefusalCode.INVALID_DUE_DATE, due_on=due_on, earliest=_next(moment.today))
    lent = CopyLent(
        book_id=command.book_id,
        copy_no=copy.copy_no,
        loan_id=command.loan_id,
        patron_ref=command.patron,
        lent_on=moment.today,
        due_on=due_on,
    )
    if copy.hold_id is None:
        return (lent,)
    fulfilled = HoldFulfilled(
        book_id=command.book_id,
        hold_id=copy.hold_id,
        copy_no=copy.copy_no,
        loan_id=command.loan_id,
    )
    return (lent, fulfilled)


def _require_lendable(book: Book, copy: Copy, patron: str) -> None:
    if copy.state is CopyState.ON_LOAN:
        raise RuleBroken(RefusalCode.COPY_IS_ON_LOAN, copy_no=copy.copy_no)
    if copy.state is CopyState.LOST:
        raise RuleBroken(RefusalCode.COPY_IS_LOST, copy_no=copy.copy_no)
    holder = book.open_hold(copy.hold_id) if copy.hold_id else None
    if holder is not None and holder.patron != patron:
        raise RuleBroken(RefusalCode.COPY_RESERVED_FOR_OTHER, copy_no=copy.copy_no, patron=holder.patron)


def _require_patron_may_borrow(book: Book, copy: Copy, patron: str, hold: Hold | None) -> None:
    """A waiting hold needs no rule here: while somebody waits, no copy is available."""
    lent = book.copy_lent_to(patron)
    if lent is not None:
        raise RuleBroken(RefusalCode.PATRON_ALREADY_HAS_LOAN, patron=patron, copy_no=lent.copy_no)
    if hold is not None and hold.copy_no is not None and hold.copy_no != copy.copy_no:
        raise RuleBroken(RefusalCode.PATRON_HAS_READY_HOLD, patron=patron, copy_no=hold.copy_no)


def _renew(book: Book, copy: Copy, command: RenewLoan, moment: Moment, policy: Policy) -> tuple[BookEvent, ...]:
    loan = _loan_of(copy, command.loan_id)
    if book.someone_waits:
        raise RuleBroken(RefusalCode.RENEWAL_BLOCKED_BY_HOLD, copy_no=copy.copy_no)
    if loan.renewals >= policy.renewals:
        raise RuleBroken(RefusalCode.RENEWAL_LIMIT_REACHED, limit=policy.renewals)
    due_on = command.due_on
    if due_on is None:
        due_on = max(moment.today, loan.due_on) + timedelta(days=policy.loan_days)
    if due_on <= loan.due_on:
        raise RuleBroken(RefusalCode.INVALID_DUE_DATE, due_on=due_on, earliest=_next(loan.due_on))
    return (
        LoanRenewed(
            book_id=command.book_id,
            copy_no=copy.copy_no,
            loan_id=loan.loan_id,
            due_on=due_on,
            renewal_no=loan.renewals + 1,
        ),
    )


def _take_back(copy: Copy, command: ReturnCopy, moment: Moment) -> tuple[BookEvent, ...]:
    if copy.state is CopyState.LOST:
        found_on = _day_between(None, command.returned_on, moment.today)
        return (CopyFound(book_id=command.book_id, copy_no=copy.copy_no, found_on=found_on),)
    loan = _loan_of(copy, command.loan_id)
    # Where the desk that lent it was a time zone ahead, today may still be the day before.
    latest = max(moment.today, loan.lent_on)
    returned_on = _day_between(loan.lent_on, command.returned_on, latest)
    return (
        CopyReturned(
            book_id=command.book_id,
            copy_no=copy.copy_no,
            loan_id=loan.loan_id,
            returned_on=returned_on,
            days_late=max(0, (returned_on - loan.due_on).days),
        ),
    )


def _loan_of(copy: Copy, meant: UUID | None) -> Loan:
    """The loan that a command is about; raises RuleBroken where there is none, or another one than is meant."""
    if copy.loan is None:
        raise RuleBroken(RefusalCode.COPY_NOT_ON_LOAN, copy_no=copy.copy_no)
    if meant not in (None, copy.loan.loan_id):
        raise RuleBroken(RefusalCode.LOAN_HAS_ENDED, copy_no=copy.copy_no)
    return copy.loan


def _day_between(earliest: date | None, given: date | None, latest: date) -> date:
    if given is None:
        return latest
    if given > latest or (earliest is not None and given < earliest):
        raise RuleBroken(RefusalCode.INVALID_RETURN_DATE, returned_on=given, latest=latest)
    return given


def _next(day: date) -> date:
    return day + timedelta(days=1)
