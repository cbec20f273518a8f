"""What the tables leave open about books: defaults, dates, corrections, and streams that cannot be true."""

from datetime import date, timedelta

import pytest

from desk.domain.book import INITIAL, evolve, replay
from desk.domain.commands import (
    AddCopy,
    CancelHold,
    CorrectBookDetails,
    CreateBook,
    DeleteBook,
    ExpireHold,
    LendCopy,
    PlaceHold,
    RenewLoan,
    ReportCopyLost,
    ReturnCopy,
)
from desk.domain.errors import CorruptHistory, RefusalCode
from desk.domain.events import (
    BookCreated,
    BookDeleted,
    BookDetailsCorrected,
    BookEvent,
    CopyAdded,
    CopyFound,
    CopyLent,
    CopyLost,
    CopyReturned,
    CopySetAside,
    CopyWithdrawn,
    HoldPlaced,
    HoldRequeued,
    LoanRenewed,
)
from desk.domain.policy import Policy
from desk.domain.state import CopyState, HoldState, Life
from tests.domain.story import (
    BOOK,
    DUE_ON,
    ISBN,
    MOMENT,
    NOW,
    OTHER_BOOK,
    PICKUP_UNTIL,
    POLICY,
    TODAY,
    added,
    cancelled,
    created,
    deleted,
    expired,
    fulfilled,
    given,
    lent,
    listed,
    lost,
    on,
    placed,
    refusal,
    rejected,
    renewed,
    returned,
    set_aside,
    uid,
    withdrawn,
)

ONE_COPY = (created(), listed(), added(1))
ON_LOAN = (*ONE_COPY, lent(1, "P"))
DAY = timedelta(days=1)


def test_a_new_book_is_pending_and_knows_what_was_said_of_it() -> None:
    book = (
        given()
        .when(CreateBook(book_id=BOOK, isbn="0-306-40615-2", title="Trees", authors=("Ann Lee",), published_year=1980))
        .then(BookCreated(book_id=BOOK, isbn=ISBN, title="Trees", authors=("Ann Lee",), published_year=1980))
    )
    assert (book.life, book.isbn, book.title, book.published_year) == (Life.PENDING, ISBN, "Trees", 1980)


def test_a_rejected_book_knows_the_owner_of_its_isbn() -> None:
    assert replay((created(), rejected())).conflicting_book_id == OTHER_BOOK


def test_a_correction_holds_only_what_changed() -> None:
    book = (
        given(created(), listed())
        .when(CorrectBookDetails(book_id=BOOK, seen_revision=1, title="Data Structures", publisher="Plenum"))
        .then(BookDetailsCorrected(book_id=BOOK, publisher="Plenum"))
    )
    assert (book.title, book.publisher, book.language) == ("Data Structures", "Plenum", "en")


def test_what_may_be_unknown_can_be_cleared() -> None:
    book = (
        given(created(), listed())
        .when(CorrectBookDetails(book_id=BOOK, seen_revision=1, language=None, publisher=None))
        .then(BookDetailsCorrected(book_id=BOOK, language=None))
    )
    assert book.language is None


def test_every_detail_can_be_corrected_at_once() -> None:
    correction = BookDetailsCorrected(
        book_id=BOOK,
        title="Trees",
        authors=("Ann Lee",),
        publisher="Plenum",
        published_year=1981,
        language="de",
        subjects=("trees",),
    )
    book = (
        given(created(), listed())
        .when(
            CorrectBookDetails(
                book_id=BOOK,
                seen_revision=1,
                title="Trees",
                authors=("Ann Lee",),
                publisher="Plenum",
                published_year=1981,
                language="de",
                subjects=("trees",),
            )
        )
        .then(correction)
    )
    assert (book.title, book.authors, book.publisher) == ("Trees", ("Ann Lee",), "Plenum")
    assert (book.published_year, book.language, book.subjects) == (1981, "de", ("trees",))


def test_deleting_a_book_withdraws_every_copy_that_is_left() -> None:
    book = (
        given(*ONE_COPY, added(2), added(3), withdrawn(2), lost(3))
        .when(DeleteBook(book_id=BOOK, reason="given away"))
        .then(
            CopyWithdrawn(book_id=BOOK, copy_no=1, reason="given away"),
            CopyWithdrawn(book_id=BOOK, copy_no=3, reason="given away"),
            BookDeleted(book_id=BOOK, isbn=ISBN, reason="given away"),
        )
    )
    assert book.life is Life.DELETED
    assert {copy.state for copy in book.copies} == {CopyState.WITHDRAWN}


def test_the_number_of_a_withdrawn_copy_is_never_used_again() -> None:
    book = (
        given(*ONE_COPY, withdrawn(1))
        .when(AddCopy(book_id=BOOK, shelf_mark=" A 3 "))
        .then(CopyAdded(book_id=BOOK, copy_no=2, shelf_mark="A 3"))
    )
    assert book.copies[1].shelf_mark == "A 3"


def test_a_loan_is_due_after_the_days_of_the_policy() -> None:
    given(*ONE_COPY).when(
        LendCopy(book_id=BOOK, copy_no=1, loan_id=uid("loan"), patron="p"), policy=Policy(loan_days=7)
    ).then(
        CopyLent(
            book_id=BOOK,
            copy_no=1,
            loan_id=uid("loan"),
            patron_ref="P",
            lent_on=TODAY,
            due_on=TODAY + 7 * DAY,
        )
    )


def test_a_loan_may_be_due_tomorrow_at_the_earliest() -> None:
    lend = LendCopy(book_id=BOOK, copy_no=1, loan_id=uid("loan P"), patron="P", due_on=TODAY + DAY)
    given(*ONE_COPY).when(lend).then(
        CopyLent(
            book_id=BOOK,
            copy_no=1,
            loan_id=uid("loan P"),
            patron_ref="P",
            lent_on=TODAY,
            due_on=TODAY + DAY,
        )
    )
    given(*ONE_COPY).when(lend, on(TODAY + DAY)).rejects(RefusalCode.INVALID_DUE_DATE, earliest=TODAY + 2 * DAY)


@pytest.mark.parametrize(
    ("today", "due_on"),
    [(TODAY, DUE_ON + 21 * DAY), (DUE_ON + 9 * DAY, DUE_ON + 30 * DAY)],
    ids=["before it is due", "after it was due"],
)
def test_a_renewal_counts_from_the_later_of_today_and_the_due_date(today: date, due_on: date) -> None:
    book = (
        given(*ON_LOAN)
        .when(RenewLoan(book_id=BOOK, copy_no=1), on(today))
        .then(LoanRenewed(book_id=BOOK, copy_no=1, loan_id=uid("loan P"), due_on=due_on, renewal_no=1))
    )
    assert book.copies[0].loan
    assert (book.copies[0].loan.due_on, book.copies[0].loan.renewals) == (due_on, 1)


def test_renewals_end_where_the_policy_says() -> None:
    given(*ON_LOAN, renewed(1, "P", 1)).when(RenewLoan(book_id=BOOK, copy_no=1), policy=Policy(renewals=1)).rejects(
        RefusalCode.RENEWAL_LIMIT_REACHED, limit=1
    )


def test_a_copy_set_aside_for_another_blocks_no_renewal() -> None:
    history = (*ON_LOAN, placed("H"), added(2), set_aside(2, "H"))
    assert refusal(replay(history), RenewLoan(book_id=BOOK, copy_no=1), MOMENT, POLICY) is None


@pytest.mark.parametrize(
    ("back_on", "days_late"), [(DUE_ON - DAY, 0), (DUE_ON, 0), (DUE_ON + DAY, 1), (DUE_ON + 40 * DAY, 40)]
)
def test_a_return_counts_the_days_that_it_is_late(back_on: date, days_late: int) -> None:
    given(*ON_LOAN).when(ReturnCopy(book_id=BOOK, copy_no=1), on(back_on)).then(
        CopyReturned(book_id=BOOK, copy_no=1, loan_id=uid("loan P"), returned_on=back_on, days_late=days_late)
    )


def test_a_return_may_be_dated_back_to_the_day_of_lending_and_no_further() -> None:
    back = ReturnCopy(book_id=BOOK, copy_no=1, returned_on=TODAY)
    given(*ON_LOAN).when(back, on(DUE_ON + 9 * DAY)).then(returned(1, "P"))
    early = ReturnCopy(book_id=BOOK, copy_no=1, returned_on=TODAY - DAY)
    given(*ON_LOAN).when(early, on(DUE_ON)).rejects(RefusalCode.INVALID_RETURN_DATE, returned_on=TODAY - DAY)


def test_nothing_comes_back_in_the_future() -> None:
    back = ReturnCopy(book_id=BOOK, copy_no=1, returned_on=TODAY + DAY)
    given(*ON_LOAN).when(back).rejects(RefusalCode.INVALID_RETURN_DATE, latest=TODAY)
    given(*ONE_COPY, lost(1)).when(back).rejects(RefusalCode.INVALID_RETURN_DATE, latest=TODAY)


def test_a_desk_whose_date_is_behind_can_take_back_what_was_lent_a_moment_ago() -> None:
    given(*ON_LOAN).when(ReturnCopy(book_id=BOOK, copy_no=1), on(TODAY - DAY)).then(returned(1, "P"))


def test_a_lost_copy_that_comes_back_was_found() -> None:
    book = (
        given(*ON_LOAN, lost(1, "P"))
        .when(ReturnCopy(book_id=BOOK, copy_no=1), on(TODAY + DAY))
        .then(CopyFound(book_id=BOOK, copy_no=1, found_on=TODAY + DAY))
    )
    assert book.copies[0].state is CopyState.AVAILABLE


def test_losing_a_lent_copy_ends_its_loan() -> None:
    book = (
        given(*ON_LOAN)
        .when(ReportCopyLost(book_id=BOOK, copy_no=1))
        .then(CopyLost(book_id=BOOK, copy_no=1, loan_id=uid("loan P"), reported_on=TODAY))
    )
    assert book.copies[0].loan is None


def test_lending_the_last_copy_is_refused_to_a_second_reader() -> None:
    given(*ON_LOAN).when(LendCopy(book_id=BOOK, copy_no=1, loan_id=uid("loan Q"), patron="Q")).rejects(
        RefusalCode.COPY_IS_ON_LOAN, copy_no=1
    )


def test_a_reader_with_a_copy_set_aside_is_told_which_one() -> None:
    given(*ON_LOAN, placed("Q"), returned(1, "P"), set_aside(1, "Q"), added(2)).when(
        LendCopy(book_id=BOOK, copy_no=2, loan_id=uid("loan Q"), patron="Q")
    ).rejects(RefusalCode.PATRON_HAS_READY_HOLD, patron="Q", copy_no=1)


def test_a_hold_on_an_available_book_gets_the_lowest_copy_for_the_days_of_the_policy() -> None:
    book = (
        given(*ONE_COPY, added(2))
        .when(PlaceHold(book_id=BOOK, hold_id=uid("hold Q"), patron="Q"), policy=Policy(pickup_days=3))
        .then(
            HoldPlaced(book_id=BOOK, hold_id=uid("hold Q"), patron_ref="Q", placed_at=NOW),
            CopySetAside(book_id=BOOK, copy_no=1, hold_id=uid("hold Q"), pickup_until=TODAY + 3 * DAY),
        )
    )
    assert book.open_holds[0].state is HoldState.READY


def test_a_reader_whose_set_aside_copy_vanished_keeps_the_first_place() -> None:
    history = (*ON_LOAN, placed("H"), placed("W"), returned(1, "P"), set_aside(1, "H"), added(2), set_aside(2, "W"))
    book = (
        given(*history)
        .when(ReportCopyLost(book_id=BOOK, copy_no=1))
        .then(lost(1), HoldRequeued(book_id=BOOK, hold_id=uid("hold H")))
    )
    assert [hold.patron for hold in book.open_holds] == ["H", "W"]
    next_day = TODAY + DAY
    given(*history, lost(1), HoldRequeued(book_id=BOOK, hold_id=uid("hold H"))).when(
        AddCopy(book_id=BOOK), on(next_day)
    ).then(
        added(3),
        CopySetAside(book_id=BOOK, copy_no=3, hold_id=uid("hold H"), pickup_until=next_day + 5 * DAY),
    )


def test_a_cancelled_ready_hold_names_the_copy_that_it_frees() -> None:
    book = (
        given(*ON_LOAN, placed("H"), returned(1, "P"), set_aside(1, "H"))
        .when(CancelHold(book_id=BOOK, hold_id=uid("hold H")))
        .then(cancelled("H", 1))
    )
    assert book.copies[0].state is CopyState.AVAILABLE
    assert book.closed_holds[0].state is HoldState.CANCELLED


def test_an_expired_hold_frees_its_copy_for_the_next_reader() -> None:
    after = PICKUP_UNTIL + DAY
    book = (
        given(*ON_LOAN, placed("H"), placed("W"), returned(1, "P"), set_aside(1, "H"))
        .when(ExpireHold(book_id=BOOK, hold_id=uid("hold H")), on(after))
        .then(
            expired("H", 1),
            CopySetAside(book_id=BOOK, copy_no=1, hold_id=uid("hold W"), pickup_until=after + 5 * DAY),
        )
    )
    assert [(hold.patron, hold.state) for hold in book.open_holds] == [("W", HoldState.READY)]


def test_a_refusal_is_said_without_deciding_anything() -> None:
    book = replay(ON_LOAN)
    refused = refusal(book, DeleteBook(book_id=BOOK, reason="given away"), MOMENT, POLICY)
    assert refused is not None
    assert str(refused) == "CopiesOnLoan(count=1)"
    assert refusal(book, ReturnCopy(book_id=BOOK, copy_no=1), MOMENT, POLICY) is None


@pytest.mark.parametrize(
    "history",
    [
        (created(), created()),
        (created(), deleted(), created()),
        (listed(),),
        (created(), listed(), added(2)),
        (*ONE_COPY, added(1)),
        (created(), listed(), lent(1, "P")),
        (*ONE_COPY, renewed(1, "P", 1)),
        (*ONE_COPY, withdrawn(2)),
        (*ONE_COPY, set_aside(1, "H")),
        (*ONE_COPY, fulfilled(1, "H")),
        (*ON_LOAN, placed("H"), cancelled("H"), expired("H", 1)),
        (*ON_LOAN, placed("H"), set_aside(2, "H")),
    ],
    ids=lambda history: " ".join(type(event).__name__ for event in history),
)
def test_a_stream_that_cannot_be_true_is_not_decided_upon(history: tuple[BookEvent, ...]) -> None:
    before = replay(history[:-1])
    with pytest.raises(CorruptHistory):
        evolve(before, history[-1])


def test_the_initial_state_is_no_book() -> None:
    assert INITIAL.life is Life.ABSENT
    assert INITIAL.copy(1) is None
    assert replay(()) == INITIAL
