"""Hop 3: what a decision about a book needs to know: the title, its copies, its queue. Immutable throughout."""

from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, final
from uuid import UUID

from desk.domain.details import BookDetails
from desk.domain.errors import CorruptHistory, RefusalCode, RuleBroken
from desk.records import dataclass


class Life(StrEnum):
    """Where a book is between being taken in and being gone; rejected and deleted are final."""

    ABSENT = "absent"
    PENDING = "pending"
    LISTED = "listed"
    REJECTED = "rejected"
    DELETED = "deleted"


class CopyState(StrEnum):
    """Where a copy is; withdrawn is final."""

    AVAILABLE = "available"
    ON_LOAN = "onLoan"
    ON_HOLD_SHELF = "onHoldShelf"
    LOST = "lost"
    WITHDRAWN = "withdrawn"


class HoldState(StrEnum):
    """Waiting and ready holds are open; the other three are final."""

    WAITING = "waiting"
    READY = "ready"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@final
@dataclass(frozen=True, slots=True)
class Loan:
    """A copy in a reader's hands."""

    loan_id: UUID
    patron: str
    lent_on: date
    due_on: date
    renewals: int = 0


@final
@dataclass(frozen=True, slots=True)
class Copy:
    """One copy; `loan` while it is on loan, `hold_id` while it stands on the hold shelf."""

    copy_no: int
    state: CopyState = CopyState.AVAILABLE
    shelf_mark: str | None = None
    loan: Loan | None = None
    hold_id: UUID | None = None


@final
@dataclass(frozen=True, slots=True)
class Hold:
    """A reader's place in the queue; `copy_no` and `pickup_until` (inclusive) while it is ready."""

    hold_id: UUID
    patron: str
    placed_at: datetime
    state: HoldState = HoldState.WAITING
    copy_no: int | None = None
    pickup_until: date | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Book(BookDetails):
    """One title with its copies (number n at index n - 1) and its holds (open ones in the order of placing)."""

    life: Life = Life.ABSENT
    book_id: UUID | None = None
    isbn: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    conflicting_book_id: UUID | None = None
    copies: tuple[Copy, ...] = ()
    open_holds: tuple[Hold, ...] = ()
    closed_holds: tuple[Hold, ...] = ()

    def copy(self, copy_no: int) -> Copy | None:
        """The copy of that number, withdrawn ones included."""
        return self.copies[copy_no - 1] if 1 <= copy_no <= len(self.copies) else None

    def open_hold(self, hold_id: UUID) -> Hold | None:
        """The waiting or ready hold of that id."""
        return next((hold for hold in self.open_holds if hold.hold_id == hold_id), None)

    def closed_hold(self, hold_id: UUID) -> Hold | None:
        """The fulfilled, cancelled or expired hold of that id."""
        return next((hold for hold in self.closed_holds if hold.hold_id == hold_id), None)

    def hold_of(self, patron: str) -> Hold | None:
        """The reader's open hold; a reader has at most one."""
        return next((hold for hold in self.open_holds if hold.patron == patron), None)

    def copy_lent_to(self, patron: str) -> Copy | None:
        """The copy that the reader has; a reader has at most one."""
        return next((c for c in self.copies if c.loan and c.loan.patron == patron), None)

    @property
    def someone_waits(self) -> bool:
        """Whether a reader waits for whom no copy is set aside yet."""
        return any(hold.state is HoldState.WAITING for hold in self.open_holds)


INITIAL: Final = Book()


def require_known(book: Book) -> None:
    """Raises RuleBroken for a book that nobody has created."""
    if book.life is Life.ABSENT:
        raise RuleBroken(RefusalCode.BOOK_NOT_FOUND)


def require_listed(book: Book) -> None:
    """Raises RuleBroken unless the book is in the catalogue."""
    require_known(book)
    if book.life is not Life.LISTED:
        raise RuleBroken(RefusalCode.BOOK_NOT_LISTED, life=book.life.value)


def require_copy(book: Book, copy_no: int) -> Copy:
    """The copy of that number; raises RuleBroken where there is none, or none any more."""
    copy = book.copy(copy_no)
    if copy is None:
        raise RuleBroken(RefusalCode.COPY_NOT_FOUND, copy_no=copy_no)
    if copy.state is CopyState.WITHDRAWN:
        raise RuleBroken(RefusalCode.COPY_IS_WITHDRAWN, copy_no=copy_no)
    return copy


def recorded_copy(book: Book, copy_no: int) -> Copy:
    """The copy that a stored event names; raises CorruptHistory where there is none."""
    copy = book.copy(copy_no)
    if copy is None:
        raise CorruptHistory(f"an event names copy {copy_no} of {len(book.copies)}")
    return copy


def recorded_hold(book: Book, hold_id: UUID) -> Hold:
    """The open hold that a stored event names; raises CorruptHistory where there is none."""
    hold = book.open_hold(hold_id)
    if hold is None:
        raise CorruptHistory(f"an event names hold {hold_id}, which is not open")
    return hold


def with_copy(book: Book, copy: Copy) -> Book:
    """The book with this copy in the place of the one of its number."""
    place = copy.copy_no - 1
    return replace(book, copies=(*book.copies[:place], copy, *book.copies[place + 1 :]))


def with_hold(book: Book, hold: Hold) -> Book:
    """The book with this open hold in the place that it has in the queue."""
    queue = tuple(hold if each.hold_id == hold.hold_id else each for each in book.open_holds)
    return replace(book, open_holds=queue)
