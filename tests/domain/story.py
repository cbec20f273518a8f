"""The words in which the domain's tests are written: ids, events of one book, and given-when-then."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import final
from uuid import NAMESPACE_DNS, UUID, uuid5

from desk.domain.book import decide, replay
from desk.domain.commands import BookCommand
from desk.domain.errors import RefusalCode, RuleBroken
from desk.domain.events import (
    BookCreated,
    BookDeleted,
    BookEvent,
    BookListed,
    BookRejected,
    CopyAdded,
    CopyLent,
    CopyLost,
    CopyReturned,
    CopySetAside,
    CopyWithdrawn,
    HoldCancelled,
    HoldExpired,
    HoldFulfilled,
    HoldPlaced,
    LoanRenewed,
)
from desk.domain.policy import Moment, Policy
from desk.domain.sentences import describe
from desk.domain.state import Book

TODAY = date(2024, 3, 1)
NOW = datetime(2024, 3, 1, 10, 30, tzinfo=UTC)
MOMENT = Moment(NOW, TODAY)
POLICY = Policy()
ISBN = "9780306406157"
PICKUP_UNTIL = TODAY + timedelta(days=POLICY.pickup_days)
DUE_ON = TODAY + timedelta(days=POLICY.loan_days)


def refusal(state: Book, command: BookCommand, moment: Moment, policy: Policy) -> RuleBroken | None:
    """Why the command would be refused now, or None."""
    try:
        decide(state, command, moment, policy)
    except RuleBroken as refused:
        return refused
    return None


def uid(name: str) -> UUID:
    """The same id for the same name in every run."""
    return uuid5(NAMESPACE_DNS, name)


BOOK = uid("book")
OTHER_BOOK = uid("other book")


def on(day: date) -> Moment:
    """The same hour on another day."""
    return Moment(NOW + (day - TODAY), day)


def created() -> BookCreated:
    return BookCreated(book_id=BOOK, isbn=ISBN, title="Data Structures", authors=("A. Author",), language="en")


def listed() -> BookListed:
    return BookListed(book_id=BOOK, isbn=ISBN)


def rejected() -> BookRejected:
    return BookRejected(book_id=BOOK, isbn=ISBN, reason="duplicateIsbn", conflicting_book_id=OTHER_BOOK)


def deleted() -> BookDeleted:
    return BookDeleted(book_id=BOOK, isbn=ISBN, reason="given away")


def added(copy_no: int) -> CopyAdded:
    return CopyAdded(book_id=BOOK, copy_no=copy_no)


def lent(copy_no: int, patron: str) -> CopyLent:
    return CopyLent(
        book_id=BOOK, copy_no=copy_no, loan_id=uid(f"loan {patron}"), patron_ref=patron, lent_on=TODAY, due_on=DUE_ON
    )


def renewed(copy_no: int, patron: str, renewal_no: int) -> LoanRenewed:
    due_on = DUE_ON + timedelta(days=renewal_no)
    return LoanRenewed(
        book_id=BOOK, copy_no=copy_no, loan_id=uid(f"loan {patron}"), due_on=due_on, renewal_no=renewal_no
    )


def returned(copy_no: int, patron: str) -> CopyReturned:
    return CopyReturned(book_id=BOOK, copy_no=copy_no, loan_id=uid(f"loan {patron}"), returned_on=TODAY, days_late=0)


def lost(copy_no: int, patron: str | None = None) -> CopyLost:
    loan_id = uid(f"loan {patron}") if patron else None
    return CopyLost(book_id=BOOK, copy_no=copy_no, loan_id=loan_id, reported_on=TODAY)


def withdrawn(copy_no: int) -> CopyWithdrawn:
    return CopyWithdrawn(book_id=BOOK, copy_no=copy_no, reason="worn out")


def placed(patron: str) -> HoldPlaced:
    return HoldPlaced(book_id=BOOK, hold_id=uid(f"hold {patron}"), patron_ref=patron, placed_at=NOW)


def set_aside(copy_no: int, patron: str) -> CopySetAside:
    return CopySetAside(book_id=BOOK, copy_no=copy_no, hold_id=uid(f"hold {patron}"), pickup_until=PICKUP_UNTIL)


def fulfilled(copy_no: int, patron: str) -> HoldFulfilled:
    return HoldFulfilled(book_id=BOOK, hold_id=uid(f"hold {patron}"), copy_no=copy_no, loan_id=uid(f"loan {patron}"))


def cancelled(patron: str, copy_no: int | None = None) -> HoldCancelled:
    return HoldCancelled(book_id=BOOK, hold_id=uid(f"hold {patron}"), copy_no=copy_no)


def expired(patron: str, copy_no: int) -> HoldExpired:
    return HoldExpired(book_id=BOOK, hold_id=uid(f"hold {patron}"), copy_no=copy_no)


@final
@dataclass(frozen=True, slots=True)
class Story:
    """Events that happened, and perhaps a command; says on failure what it was about."""

    events: tuple[BookEvent, ...]
    command: BookCommand | None = None
    moment: Moment = MOMENT
    policy: Policy = POLICY

    def when(self, command: BookCommand, moment: Moment = MOMENT, policy: Policy = POLICY) -> "Story":
        return replace(self, command=command, moment=moment, policy=policy)

    def then(self, *events: BookEvent) -> Book:
        """The decision is exactly these events; returns the state after them."""
        decided = self.decision()
        assert decided == events, f"{self}\nthen {decided}\nnot  {events}"
        return replay((*self.events, *decided))

    def rejects(self, code: RefusalCode, **params: object) -> None:
        """The command is refused for this reason, naming at least these values, in a sentence."""
        assert self.command is not None
        refused = refusal(replay(self.events), self.command, self.moment, self.policy)
        assert refused is not None, f"{self}\nthen {self.decision()}\nnot rejects {code}"
        assert refused.code == code, f"{self}\nrejects {refused}\nnot {code}"
        assert params.items() <= dict(refused.params).items(), f"{self}\nrejects {refused}\nnot {params}"
        assert describe(refused.code, refused.params)

    def decision(self) -> tuple[BookEvent, ...]:
        assert self.command is not None
        return decide(replay(self.events), self.command, self.moment, self.policy)

    def __str__(self) -> str:
        return "\n     ".join(("given", *map(str, self.events))) + f"\nwhen {self.command} on {self.moment.today}"


def given(*events: BookEvent) -> Story:
    return Story(events)
