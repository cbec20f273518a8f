"""The decision tables, cell by cell: what the tables say is what `decide` does.

`✗ Code` is a refusal, `∅` is accepted with nothing to record, `+` joins the events of one append. A note in brackets
behind an event is checked too.
"""

# ruff: noqa: E501 - a table has one line a row

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from desk.domain import isbn_claim
from desk.domain.book import replay
from desk.domain.commands import (
    AddCopy,
    BookCommand,
    CancelHold,
    ClaimIsbn,
    CorrectBookDetails,
    CreateBook,
    DeleteBook,
    ExpireHold,
    IsbnCommand,
    LendCopy,
    ListBook,
    PlaceHold,
    RejectBook,
    ReleaseIsbn,
    RenewLoan,
    ReportCopyLost,
    ReturnCopy,
    WithdrawCopy,
)
from desk.domain.errors import RefusalCode, RuleBroken
from desk.domain.events import BookEvent, CopySetAside, IsbnClaimed, IsbnEvent, IsbnReleased
from desk.domain.policy import Moment
from desk.domain.state import Book, HoldState
from tests.domain.story import (
    BOOK,
    DUE_ON,
    ISBN,
    MOMENT,
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
    rejected,
    renewed,
    returned,
    set_aside,
    uid,
    withdrawn,
)

LIFE = """
| Command | absent | pending | listed | rejected | deleted |
|---|---|---|---|---|---|
| CreateBook | BookCreated | ✗ BookAlreadyExists | ✗ BookAlreadyExists | ✗ BookAlreadyExists | ✗ BookAlreadyExists |
| ListBook | ✗ BookNotFound | BookListed | ∅ | ✗ BookNotPending | ✗ BookNotPending |
| RejectBook | ✗ BookNotFound | BookRejected | ✗ BookNotPending | ∅ | ∅ |
| CorrectBookDetails, different | ✗ BookNotFound | BookDetailsCorrected | BookDetailsCorrected | ✗ BookNotListed | ✗ BookNotListed |
| CorrectBookDetails, the same | ✗ BookNotFound | ∅ | ∅ | ✗ BookNotListed | ✗ BookNotListed |
| DeleteBook | ✗ BookNotFound | BookDeleted | BookDeleted | ✗ BookNotListed | ✗ BookNotListed |
| AddCopy | ✗ BookNotFound | ✗ BookNotListed | CopyAdded | ✗ BookNotListed | ✗ BookNotListed |
| WithdrawCopy | ✗ BookNotFound | ✗ BookNotListed | ✗ CopyNotFound | ✗ BookNotListed | ✗ BookNotListed |
| LendCopy to Q | ✗ BookNotFound | ✗ BookNotListed | ✗ CopyNotFound | ✗ BookNotListed | ✗ BookNotListed |
| RenewLoan | ✗ BookNotFound | ✗ BookNotListed | ✗ CopyNotFound | ✗ BookNotListed | ✗ BookNotListed |
| ReturnCopy | ✗ BookNotFound | ✗ BookNotListed | ✗ CopyNotFound | ✗ BookNotListed | ✗ BookNotListed |
| ReportCopyLost | ✗ BookNotFound | ✗ BookNotListed | ✗ CopyNotFound | ✗ BookNotListed | ✗ BookNotListed |
| PlaceHold by Q | ✗ BookNotFound | ✗ BookNotListed | ✗ NoCopyInCirculation | ✗ BookNotListed | ✗ BookNotListed |
| CancelHold | ✗ BookNotFound | ✗ BookNotListed | ✗ HoldNotFound | ✗ BookNotListed | ✗ BookNotListed |
| ExpireHold, day ≤ pickupUntil | ✗ BookNotFound | ✗ BookNotListed | ✗ HoldNotFound | ✗ BookNotListed | ✗ BookNotListed |
"""

# A listed book with this one copy, nobody waiting: P has the loan, H the ready hold, Q is a third.
COPY = """
| Command | no such copy | available | onLoan (P) | onHoldShelf (H) | lost | withdrawn |
|---|---|---|---|---|---|---|
| LendCopy to Q | ✗ CopyNotFound | CopyLent | ✗ CopyIsOnLoan | ✗ CopyReservedForOther | ✗ CopyIsLost | ✗ CopyIsWithdrawn |
| LendCopy to H | ✗ CopyNotFound | CopyLent | ✗ CopyIsOnLoan | CopyLent + HoldFulfilled | ✗ CopyIsLost | ✗ CopyIsWithdrawn |
| RenewLoan | ✗ CopyNotFound | ✗ CopyNotOnLoan | LoanRenewed | ✗ CopyNotOnLoan | ✗ CopyNotOnLoan | ✗ CopyIsWithdrawn |
| ReturnCopy | ✗ CopyNotFound | ✗ CopyNotOnLoan | CopyReturned | ✗ CopyNotOnLoan | CopyFound | ✗ CopyIsWithdrawn |
| ReportCopyLost | ✗ CopyNotFound | CopyLost | CopyLost | CopyLost + HoldRequeued | ∅ | ✗ CopyIsWithdrawn |
| WithdrawCopy | ✗ CopyNotFound | CopyWithdrawn | ✗ CopyIsOnLoan | ✗ CopyIsOnHoldShelf | CopyWithdrawn | ✗ CopyIsWithdrawn |
| PlaceHold by Q | ✗ NoCopyInCirculation | HoldPlaced + CopySetAside | HoldPlaced | HoldPlaced | ✗ NoCopyInCirculation | ✗ NoCopyInCirculation |
| AddCopy | CopyAdded | CopyAdded | CopyAdded | CopyAdded | CopyAdded | CopyAdded |
| DeleteBook | BookDeleted | CopyWithdrawn + BookDeleted | ✗ CopiesOnLoan | ✗ HoldsOutstanding | CopyWithdrawn + BookDeleted | BookDeleted |
"""

# The same with a second copy that is available.
SECOND_COPY = """
| Command | onHoldShelf (H) |
|---|---|
| ReportCopyLost | CopyLost + HoldRequeued + CopySetAside (H) |
"""

# The same while W waits; then no copy is available.
QUEUE = """
| Command | onLoan (P) | onHoldShelf (H) | lost |
|---|---|---|---|
| LendCopy to Q | ✗ CopyIsOnLoan | ✗ CopyReservedForOther | ✗ CopyIsLost |
| LendCopy to W | ✗ CopyIsOnLoan | ✗ CopyReservedForOther | ✗ CopyIsLost |
| LendCopy to H | ✗ CopyIsOnLoan | CopyLent + HoldFulfilled | ✗ CopyIsLost |
| RenewLoan | ✗ RenewalBlockedByHold | ✗ CopyNotOnLoan | ✗ CopyNotOnLoan |
| ReturnCopy | CopyReturned + CopySetAside (W) | ✗ CopyNotOnLoan | CopyFound + CopySetAside (W) |
| ReportCopyLost | CopyLost | CopyLost + HoldRequeued (H before W) | ∅ |
| WithdrawCopy | ✗ CopyIsOnLoan | ✗ CopyIsOnHoldShelf | CopyWithdrawn |
| AddCopy | CopyAdded + CopySetAside (W) | CopyAdded + CopySetAside (W) | CopyAdded + CopySetAside (W) |
| PlaceHold by Q | HoldPlaced | HoldPlaced | ✗ NoCopyInCirculation |
| DeleteBook | ✗ CopiesOnLoan | ✗ HoldsOutstanding | ✗ HoldsOutstanding |
"""

# Commands on the hold of H.
HOLD = """
| Command | unknown | waiting | ready, nobody behind | ready, next waits | fulfilled | cancelled | expired |
|---|---|---|---|---|---|---|---|
| PlaceHold, same hold id | HoldPlaced | ✗ HoldAlreadyExists | ✗ HoldAlreadyExists | ✗ HoldAlreadyExists | ✗ HoldAlreadyExists | ✗ HoldAlreadyExists | ✗ HoldAlreadyExists |
| CancelHold | ✗ HoldNotFound | HoldCancelled | HoldCancelled | HoldCancelled + CopySetAside (W) | ✗ HoldNotOpen | ✗ HoldNotOpen | ✗ HoldNotOpen |
| ExpireHold, day ≤ pickupUntil | ✗ HoldNotFound | ∅ | ✗ PickupPeriodNotOver | ✗ PickupPeriodNotOver | ∅ | ∅ | ∅ |
| ExpireHold, day > pickupUntil | ✗ HoldNotFound | ∅ | HoldExpired | HoldExpired + CopySetAside (W) | ∅ | ∅ | ∅ |
"""

# Patron and date conditions, all else being acceptable; Q asks, – means that there is nothing to ask.
CONDITIONS = """
| Condition | LendCopy 2 to Q | PlaceHold by Q | RenewLoan |
|---|---|---|---|
| Q has a copy of this title | ✗ PatronAlreadyHasLoan | ✗ PatronAlreadyHasLoan | – |
| Q has a ready hold on another copy | ✗ PatronHasReadyHold | ✗ PatronAlreadyHasHold | – |
| Q waits | – | ✗ PatronAlreadyHasHold | – |
| due date not after today | ✗ InvalidDueDate | – | – |
| due date not after the present one | – | – | ✗ InvalidDueDate |
| third renewal | – | – | ✗ RenewalLimitReached |
"""

CLAIM = """
| Command | never claimed | released | claimed by this book | claimed by another |
|---|---|---|---|---|
| ClaimIsbn | IsbnClaimed | IsbnClaimed | ∅ | ✗ IsbnAlreadyClaimed |
| ReleaseIsbn | ∅ | ∅ | IsbnReleased | ∅ |
"""

History = tuple[BookEvent, ...]

LISTED: History = (created(), listed())
AVAILABLE: History = (*LISTED, added(1))
ON_LOAN: History = (*AVAILABLE, lent(1, "P"))
READY: History = (*ON_LOAN, placed("H"), returned(1, "P"), set_aside(1, "H"))

HISTORIES: dict[str, dict[str, History]] = {
    LIFE: {
        "absent": (),
        "pending": (created(),),
        "listed": LISTED,
        "rejected": (created(), rejected()),
        "deleted": (*LISTED, deleted()),
    },
    COPY: {
        "no such copy": LISTED,
        "available": AVAILABLE,
        "onLoan (P)": ON_LOAN,
        "onHoldShelf (H)": READY,
        "lost": (*AVAILABLE, lost(1)),
        "withdrawn": (*AVAILABLE, withdrawn(1)),
    },
    SECOND_COPY: {"onHoldShelf (H)": (*READY, added(2))},
    QUEUE: {
        "onLoan (P)": (*ON_LOAN, placed("W")),
        "onHoldShelf (H)": (*READY, placed("W")),
        "lost": (*ON_LOAN, placed("W"), lost(1, "P")),
    },
    HOLD: {
        "unknown": ON_LOAN,
        "waiting": (*ON_LOAN, placed("H")),
        "ready, nobody behind": READY,
        "ready, next waits": (*READY, placed("W")),
        "fulfilled": (*READY, lent(1, "H"), fulfilled(1, "H")),
        "cancelled": (*ON_LOAN, placed("H"), cancelled("H")),
        "expired": (*READY, expired("H", 1)),
    },
}

COMMANDS: dict[str, BookCommand] = {
    "CreateBook": CreateBook(book_id=BOOK, isbn=ISBN, title="Data Structures", authors=("A. Author",)),
    "ListBook": ListBook(book_id=BOOK),
    "RejectBook": RejectBook(book_id=BOOK, conflicting_book_id=OTHER_BOOK),
    "CorrectBookDetails, different": CorrectBookDetails(book_id=BOOK, seen_revision=0, title="Trees"),
    "CorrectBookDetails, the same": CorrectBookDetails(
        book_id=BOOK, seen_revision=0, title="Data Structures", language="en", publisher=None
    ),
    "DeleteBook": DeleteBook(book_id=BOOK, reason="given away"),
    "AddCopy": AddCopy(book_id=BOOK),
    "WithdrawCopy": WithdrawCopy(book_id=BOOK, copy_no=1, reason="worn out"),
    "LendCopy to Q": LendCopy(book_id=BOOK, copy_no=1, loan_id=uid("loan Q"), patron="Q"),
    "LendCopy to H": LendCopy(book_id=BOOK, copy_no=1, loan_id=uid("loan H"), patron="H"),
    "LendCopy to W": LendCopy(book_id=BOOK, copy_no=1, loan_id=uid("loan W"), patron="W"),
    "RenewLoan": RenewLoan(book_id=BOOK, copy_no=1),
    "ReturnCopy": ReturnCopy(book_id=BOOK, copy_no=1),
    "ReportCopyLost": ReportCopyLost(book_id=BOOK, copy_no=1),
    "PlaceHold by Q": PlaceHold(book_id=BOOK, hold_id=uid("hold Q"), patron="Q"),
    "PlaceHold, same hold id": PlaceHold(book_id=BOOK, hold_id=uid("hold H"), patron="H"),
    "CancelHold": CancelHold(book_id=BOOK, hold_id=uid("hold H")),
    "ExpireHold, day ≤ pickupUntil": ExpireHold(book_id=BOOK, hold_id=uid("hold H")),
    "ExpireHold, day > pickupUntil": ExpireHold(book_id=BOOK, hold_id=uid("hold H")),
}

MOMENTS: dict[str, Moment] = {
    "ExpireHold, day ≤ pickupUntil": on(PICKUP_UNTIL),
    "ExpireHold, day > pickupUntil": on(PICKUP_UNTIL + timedelta(days=1)),
}

ASKED: dict[str, BookCommand] = {
    "LendCopy 2 to Q": LendCopy(book_id=BOOK, copy_no=2, loan_id=uid("loan"), patron="Q"),
    "PlaceHold by Q": PlaceHold(book_id=BOOK, hold_id=uid("hold"), patron="Q"),
    "RenewLoan": RenewLoan(book_id=BOOK, copy_no=1),
}

CONDITION_HISTORIES: dict[str, History] = {
    "Q has a copy of this title": (*AVAILABLE, lent(1, "Q"), added(2)),
    "Q has a ready hold on another copy": (
        *ON_LOAN,
        placed("Q"),
        returned(1, "P"),
        set_aside(1, "Q"),
        added(2),
    ),
    "Q waits": (*ON_LOAN, placed("Q")),
    "due date not after today": (*AVAILABLE, added(2)),
    "due date not after the present one": ON_LOAN,
    "third renewal": (*ON_LOAN, renewed(1, "P", 1), renewed(1, "P", 2)),
}

DATED: dict[str, BookCommand] = {
    "due date not after today": LendCopy(book_id=BOOK, copy_no=2, loan_id=uid("loan"), patron="Q", due_on=TODAY),
    "due date not after the present one": RenewLoan(book_id=BOOK, copy_no=1, due_on=DUE_ON),
}

CLAIM_HISTORIES: dict[str, tuple[IsbnEvent, ...]] = {
    "never claimed": (),
    "released": (
        IsbnClaimed(isbn=ISBN, book_id=BOOK),
        IsbnReleased(isbn=ISBN, book_id=BOOK, reason="bookDeleted"),
    ),
    "claimed by this book": (IsbnClaimed(isbn=ISBN, book_id=BOOK),),
    "claimed by another": (IsbnClaimed(isbn=ISBN, book_id=OTHER_BOOK),),
}

CLAIM_COMMANDS: dict[str, IsbnCommand] = {
    "ClaimIsbn": ClaimIsbn(isbn=ISBN, book_id=BOOK),
    "ReleaseIsbn": ReleaseIsbn(isbn=ISBN, book_id=BOOK, reason="bookDeleted"),
}


def cells(table: str) -> Iterator[tuple[str, str, str]]:
    """Row, column and content of every cell of a table that asks something."""
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in table.strip().splitlines()]
    head = rows[0][1:]
    for row in rows[2:]:
        assert len(row) == len(head) + 1, row
        yield from ((row[0], column, cell) for column, cell in zip(head, row[1:], strict=True) if cell != "–")


def parametrized(*tables: str) -> pytest.MarkDecorator:
    found = [pytest.param(table, *cell, id=" × ".join(cell)) for table in tables for cell in cells(table)]
    return pytest.mark.parametrize(("table", "row", "column", "cell"), found)


def for_hold_of(patron: str) -> Callable[[tuple[BookEvent, ...], Book], bool]:
    def check(events: tuple[BookEvent, ...], after: Book) -> bool:
        last = events[-1]
        return isinstance(last, CopySetAside) and last.hold_id == uid(f"hold {patron}")

    return check


def h_before_w(events: tuple[BookEvent, ...], after: Book) -> bool:
    return [(hold.patron, hold.state) for hold in after.open_holds] == [
        ("H", HoldState.WAITING),
        ("W", HoldState.WAITING),
    ]


NOTES = {"H": for_hold_of("H"), "W": for_hold_of("W"), "H before W": h_before_w}


def check_cell(history: History, command: BookCommand, moment: Moment, cell: str) -> None:
    story = given(*history).when(command, moment)
    if cell.startswith("✗ "):
        story.rejects(RefusalCode(cell.removeprefix("✗ ")))
        return
    names, _, note = cell.removesuffix(")").partition(" (")
    decided = story.decision()
    expected = [] if names == "∅" else names.split(" + ")
    assert [type(event).__name__ for event in decided] == expected, f"{story}\nthen {decided}\nnot {cell}"
    after = replay((*history, *decided))
    assert not note or NOTES[note](decided, after), f"{story}\nthen {decided}\nnot {note}"


@parametrized(LIFE, COPY, SECOND_COPY, QUEUE, HOLD)
def test_every_command_does_in_every_state_what_its_table_says(table: str, row: str, column: str, cell: str) -> None:
    check_cell(HISTORIES[table][column], COMMANDS[row], MOMENTS.get(row, MOMENT), cell)


@parametrized(CONDITIONS)
def test_conditions_of_readers_and_dates_refuse_what_would_else_be_accepted(
    table: str, row: str, column: str, cell: str
) -> None:
    check_condition(row, column, cell)


@parametrized(CLAIM)
def test_an_isbn_is_claimed_and_released_as_its_table_says(table: str, row: str, column: str, cell: str) -> None:
    check_claim(row, column, cell)


def check_condition(row: str, column: str, cell: str) -> None:
    check_cell(CONDITION_HISTORIES[row], DATED.get(row, ASKED[column]), MOMENT, cell)


def check_claim(row: str, column: str, cell: str) -> None:
    state = isbn_claim.INITIAL
    for event in CLAIM_HISTORIES[column]:
        state = isbn_claim.evolve(state, event)
    if cell.startswith("✗ "):
        with pytest.raises(RuleBroken) as refused:
            isbn_claim.decide(state, CLAIM_COMMANDS[row], MOMENT, POLICY)
        assert refused.value.code == cell.removeprefix("✗ ")
        assert refused.value.params["owner"] == OTHER_BOOK
    else:
        decided = isbn_claim.decide(state, CLAIM_COMMANDS[row], MOMENT, POLICY)
        assert [type(event).__name__ for event in decided] == ([] if cell == "∅" else [cell])


def check_all() -> None:
    """Every cell of every table; for whoever wants to know what the tables notice."""
    for table in (LIFE, COPY, SECOND_COPY, QUEUE, HOLD):
        for row, column, cell in cells(table):
            check_cell(HISTORIES[table][column], COMMANDS[row], MOMENTS.get(row, MOMENT), cell)
    for row, column, cell in cells(CONDITIONS):
        check_condition(row, column, cell)
    for row, column, cell in cells(CLAIM):
        check_claim(row, column, cell)
