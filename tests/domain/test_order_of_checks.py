"""Where several rules refuse a command, the first one answers: life, copy or hold, its state, patron, dates."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desk.domain.commands import BookCommand, LendCopy, PlaceHold, RenewLoan, ReturnCopy
from desk.domain.errors import RefusalCode
from desk.domain.events import BookEvent
from desk.domain.values import LAST_DAY
from tests.domain.story import (
    BOOK,
    DUE_ON,
    POLICY,
    TODAY,
    added,
    cancelled,
    created,
    deleted,
    given,
    lent,
    listed,
    on,
    placed,
    renewed,
    uid,
    withdrawn,
)

History = tuple[BookEvent, ...]
LISTED: History = (created(), listed(), added(1))
LEND = LendCopy(book_id=BOOK, copy_no=1, loan_id=uid("loan"), patron="Q", due_on=TODAY)
RENEW = RenewLoan(book_id=BOOK, copy_no=1, due_on=TODAY)
RENEWED = (*LISTED, lent(1, "P"), renewed(1, "P", 1), renewed(1, "P", 2))
PLACE = PlaceHold(book_id=BOOK, hold_id=uid("hold Q"), patron="Q")
FIRST: dict[str, tuple[History, BookCommand, RefusalCode]] = {
    "life before copy": ((created(), listed(), deleted()), LEND, RefusalCode.BOOK_NOT_LISTED),
    "copy before patron": ((*LISTED, lent(1, "Q")), replace(LEND, copy_no=2), RefusalCode.COPY_NOT_FOUND),
    "withdrawn before patron": (
        (*LISTED, added(2), lent(2, "Q"), withdrawn(1)),
        LEND,
        RefusalCode.COPY_IS_WITHDRAWN,
    ),
    "state before patron": (
        (*LISTED, lent(1, "P"), added(2), lent(2, "Q")),
        LEND,
        RefusalCode.COPY_IS_ON_LOAN,
    ),
    "patron before date": ((*LISTED, added(2), lent(2, "Q")), LEND, RefusalCode.PATRON_ALREADY_HAS_LOAN),
    "hold before copies": (
        (*LISTED, lent(1, "P"), placed("Q"), cancelled("Q"), added(2), withdrawn(2)),
        PLACE,
        RefusalCode.HOLD_ALREADY_EXISTS,
    ),
    "copies before patron": (LISTED[:2], PLACE, RefusalCode.NO_COPY_IN_CIRCULATION),
    "loan before hold": ((*LISTED, lent(1, "Q")), PLACE, RefusalCode.PATRON_ALREADY_HAS_LOAN),
    "queue before limit": ((*RENEWED, placed("Q")), RENEW, RefusalCode.RENEWAL_BLOCKED_BY_HOLD),
    "limit before date": (RENEWED, RENEW, RefusalCode.RENEWAL_LIMIT_REACHED),
    "a return of a loan that ended": (
        (*LISTED, lent(1, "P")),
        ReturnCopy(book_id=BOOK, copy_no=1, loan_id=uid("loan Q"), returned_on=TODAY + timedelta(days=9)),
        RefusalCode.LOAN_HAS_ENDED,
    ),
    "a renewal of a loan that ended": (
        RENEWED,
        replace(RENEW, loan_id=uid("loan Q")),
        RefusalCode.LOAN_HAS_ENDED,
    ),
    "loan before date": (
        LISTED,
        ReturnCopy(book_id=BOOK, copy_no=1, returned_on=TODAY + timedelta(days=9)),
        RefusalCode.COPY_NOT_ON_LOAN,
    ),
}


@pytest.mark.parametrize(("history", "command", "code"), FIRST.values(), ids=FIRST.keys())
def test_of_several_refusals_the_first_in_order_is_the_answer(
    history: History, command: BookCommand, code: RefusalCode
) -> None:
    given(*history).when(command).rejects(code)


def test_the_last_day_that_a_loan_may_be_due_leaves_room_for_all_its_renewals() -> None:
    lend = replace(LEND, due_on=LAST_DAY)
    book = given(*LISTED).when(lend)
    history = (*LISTED, *book.decision())
    for _ in range(POLICY.renewals):
        history = (*history, *given(*history).when(RenewLoan(book_id=BOOK, copy_no=1), on(DUE_ON)).decision())
    given(*history).when(RenewLoan(book_id=BOOK, copy_no=1)).rejects(RefusalCode.RENEWAL_LIMIT_REACHED)
