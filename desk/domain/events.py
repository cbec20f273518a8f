"""Everything that can have happened. Class and field names are stored for ever (fields in camelCase JSON).

A name never changes its meaning and is never used again: a new optional field is free, a renamed or required one is
the next schema number with an upcaster, a new meaning is a new name. Events are facts and validate nothing.
"""

from datetime import date, datetime
from typing import Final, TypeAlias, final, get_args
from uuid import UUID

from desk.domain.details import BookDetails, CorrectedDetails
from desk.records import dataclass


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BookCreated(BookDetails):
    """A title was taken in; schema number 2 (number 1 had one `author`, to be split at semicolons)."""

    book_id: UUID
    isbn: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BookListed:
    """The book owns its ISBN and is in the catalogue."""

    book_id: UUID
    isbn: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BookRejected:
    """Another book owns the ISBN; final."""

    book_id: UUID
    isbn: str
    reason: str
    conflicting_book_id: UUID


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BookDetailsCorrected(CorrectedDetails):
    """Only what changed: UNSET fields are absent from the JSON, None is an explicit null and means cleared."""

    book_id: UUID


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class BookDeleted:
    """The title left the catalogue; final."""

    book_id: UUID
    isbn: str
    reason: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CopyAdded:
    """A copy came in and is available."""

    book_id: UUID
    copy_no: int
    shelf_mark: str | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CopyWithdrawn:
    """A copy left circulation for good."""

    book_id: UUID
    copy_no: int
    reason: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CopyLent:
    """A loan began."""

    book_id: UUID
    copy_no: int
    loan_id: UUID
    patron_ref: str
    lent_on: date
    due_on: date


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LoanRenewed:
    """A loan got a later due date; `renewal_no` counts from 1."""

    book_id: UUID
    copy_no: int
    loan_id: UUID
    due_on: date
    renewal_no: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CopyReturned:
    """A loan ended well; `days_late` is 0 unless the due date had passed."""

    book_id: UUID
    copy_no: int
    loan_id: UUID
    returned_on: date
    days_late: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CopyLost:
    """A copy cannot be found; ends its loan if it was lent."""

    book_id: UUID
    copy_no: int
    loan_id: UUID | None = None
    reported_on: date


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CopyFound:
    """A lost copy is back."""

    book_id: UUID
    copy_no: int
    found_on: date


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlaced:
    """A reader waits for the next free copy; `placed_at` is UTC."""

    book_id: UUID
    hold_id: UUID
    patron_ref: str
    placed_at: datetime


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CopySetAside:
    """A copy stands on the hold shelf for the first in the queue, to the end of `pickup_until`."""

    book_id: UUID
    copy_no: int
    hold_id: UUID
    pickup_until: date


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class HoldFulfilled:
    """The reader took the copy that was set aside."""

    book_id: UUID
    hold_id: UUID
    copy_no: int
    loan_id: UUID


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRequeued:
    """The set-aside copy vanished from the shelf; the reader waits again, at the old place."""

    book_id: UUID
    hold_id: UUID


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class HoldCancelled:
    """The reader no longer waits; `copy_no` is the copy that was set aside, if any."""

    book_id: UUID
    hold_id: UUID
    copy_no: int | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class HoldExpired:
    """Nobody picked the set-aside copy up in time."""

    book_id: UUID
    hold_id: UUID
    copy_no: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class IsbnClaimed:
    """A book owns the ISBN."""

    isbn: str
    book_id: UUID


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class IsbnReleased:
    """The ISBN is free again."""

    isbn: str
    book_id: UUID
    reason: str


LifeEvent: TypeAlias = BookCreated | BookListed | BookRejected | BookDetailsCorrected | BookDeleted
CopyEvent: TypeAlias = CopyAdded | CopyWithdrawn | CopyLost | CopyFound
LoanEvent: TypeAlias = CopyLent | LoanRenewed | CopyReturned
HoldEvent: TypeAlias = HoldPlaced | CopySetAside | HoldFulfilled | HoldRequeued | HoldCancelled | HoldExpired
BookEvent: TypeAlias = LifeEvent | CopyEvent | LoanEvent | HoldEvent
IsbnEvent: TypeAlias = IsbnClaimed | IsbnReleased
Event: TypeAlias = BookEvent | IsbnEvent

BOOK_EVENTS: Final[tuple[type[BookEvent], ...]] = get_args(BookEvent)
ISBN_EVENTS: Final[tuple[type[IsbnEvent], ...]] = get_args(IsbnEvent)
