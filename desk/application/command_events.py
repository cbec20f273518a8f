"""The one table of commands, what each is about, who sends it, and the events that it can lead to; and that of events.

Every other list of them is made from these: the handlers at the bus, who may send what, the wiring report, what can be
sent again after a restart, what the window asks permission for, how events are stored and drawn. A test walks the
domain at random to see that it is so.
"""

from enum import Enum, IntEnum
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from desk.application.foreign_kinds import foreign_kind
from desk.domain.commands import (
    AddCopy,
    CancelHold,
    ClaimIsbn,
    Command,
    CorrectBookDetails,
    CreateBook,
    DeleteBook,
    ExpireHold,
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
from desk.domain.events import (
    BookCreated,
    BookDeleted,
    BookDetailsCorrected,
    BookListed,
    BookRejected,
    CopyAdded,
    CopyFound,
    CopyLent,
    CopyLost,
    CopyReturned,
    CopySetAside,
    CopyWithdrawn,
    Event,
    HoldCancelled,
    HoldExpired,
    HoldFulfilled,
    HoldPlaced,
    HoldRequeued,
    IsbnClaimed,
    IsbnReleased,
    LoanRenewed,
)
from desk.records import dataclass


class Subject(Enum):
    """What a command is about: a book as a whole, one of its copies or holds, or the claim of an ISBN."""

    BOOK = "book"
    COPY = "copy"
    HOLD = "hold"
    ISBN = "isbn"


class SentBy(Enum):
    """Who may send a command. The values of process managers are their names."""

    ANYBODY = "anybody"
    BOOK_REGISTRATION = "BookRegistration"
    HOLD_PICKUP = "HoldPickup"


@dataclass(frozen=True, slots=True)
class CommandEntry:
    """One command. ``words`` name it once it is done, as in "Undo Lend copy 2 of “Emma” to R-1001"; those that only
    process managers send have none. ``begins_stream``: nothing was there before it.
    """

    command: type[Command]
    about: Subject
    events: tuple[type[Event], ...]
    words: str = ""
    sent_by: SentBy = SentBy.ANYBODY
    begins_stream: bool = False


class ChangeKind(IntEnum):
    """What kind of change an event is: the one thing that colour and shape of a mark mean."""

    CREATED = 0
    CORRECTED = 1
    ADDED = 2
    REMOVED = 3
    LENT = 4
    RETURNED = 5
    CHANGED = 6
    SYSTEM = 7


class FieldGroup(Enum):
    """Which of a book's fields an event changes: the lanes of its history."""

    LISTING = "catalogue"
    DETAILS = "details"
    COPIES = "copies"
    LOANS = "loans"
    HOLDS = "holds"


@dataclass(frozen=True, slots=True)
class EventEntry:
    """One event: what kind of change it is, of which fields, and the number of its present schema.

    ``words`` say what happened, with the names of the event's fields in braces.
    """

    event: type[Event]
    change: ChangeKind
    group: FieldGroup
    words: str
    schema: int = 1


_REGISTRATION, _PICKUP = SentBy.BOOK_REGISTRATION, SentBy.HOLD_PICKUP

TABLE: Final = (
    CommandEntry(CreateBook, Subject.BOOK, (BookCreated,), "Create {title}", begins_stream=True),
    CommandEntry(CorrectBookDetails, Subject.BOOK, (BookDetailsCorrected,), "Correct {title}"),
    CommandEntry(DeleteBook, Subject.BOOK, (BookDeleted, CopyWithdrawn), "Delete {title}"),
    CommandEntry(AddCopy, Subject.BOOK, (CopyAdded, CopySetAside), "Add copy {copy_no} of {title}"),
    CommandEntry(WithdrawCopy, Subject.COPY, (CopyWithdrawn,), "Withdraw copy {copy_no} of {title}"),
    CommandEntry(LendCopy, Subject.COPY, (CopyLent, HoldFulfilled), "Lend copy {copy_no} of {title} to {reader}"),
    CommandEntry(RenewLoan, Subject.COPY, (LoanRenewed,), "Renew loan of copy {copy_no} of {title}"),
    CommandEntry(ReturnCopy, Subject.COPY, (CopyReturned, CopyFound, CopySetAside), "Return copy {copy_no} of {title}"),
    CommandEntry(
        ReportCopyLost, Subject.COPY, (CopyLost, HoldRequeued, CopySetAside), "Report copy {copy_no} of {title} lost"
    ),
    CommandEntry(PlaceHold, Subject.BOOK, (HoldPlaced, CopySetAside), "Place hold of {reader} on {title}"),
    CommandEntry(CancelHold, Subject.HOLD, (HoldCancelled, CopySetAside), "Cancel hold of {reader} on {title}"),
    CommandEntry(ListBook, Subject.BOOK, (BookListed,), sent_by=_REGISTRATION),
    CommandEntry(RejectBook, Subject.BOOK, (BookRejected,), sent_by=_REGISTRATION),
    CommandEntry(ExpireHold, Subject.HOLD, (HoldExpired, CopySetAside), sent_by=_PICKUP),
    CommandEntry(ClaimIsbn, Subject.ISBN, (IsbnClaimed,), sent_by=_REGISTRATION, begins_stream=True),
    CommandEntry(ReleaseIsbn, Subject.ISBN, (IsbnReleased,), sent_by=_REGISTRATION),
)
EVENTS: Final = (
    EventEntry(BookCreated, ChangeKind.CREATED, FieldGroup.LISTING, "Created {title}", schema=2),
    EventEntry(BookListed, ChangeKind.SYSTEM, FieldGroup.LISTING, "Listed in the catalogue"),
    EventEntry(BookRejected, ChangeKind.REMOVED, FieldGroup.LISTING, "Rejected: {reason}"),
    EventEntry(BookDetailsCorrected, ChangeKind.CORRECTED, FieldGroup.DETAILS, "Corrected {fields}"),
    EventEntry(BookDeleted, ChangeKind.REMOVED, FieldGroup.LISTING, "Deleted: {reason}"),
    EventEntry(CopyAdded, ChangeKind.ADDED, FieldGroup.COPIES, "Added copy {copy_no}"),
    EventEntry(CopyWithdrawn, ChangeKind.REMOVED, FieldGroup.COPIES, "Withdrew copy {copy_no}: {reason}"),
    EventEntry(CopyLent, ChangeKind.LENT, FieldGroup.LOANS, "Lent copy {copy_no} to {patron_ref}"),
    EventEntry(LoanRenewed, ChangeKind.CHANGED, FieldGroup.LOANS, "Renewed copy {copy_no}, now due on {due_on}"),
    EventEntry(CopyReturned, ChangeKind.RETURNED, FieldGroup.LOANS, "Returned copy {copy_no}"),
    EventEntry(CopyLost, ChangeKind.REMOVED, FieldGroup.COPIES, "Lost copy {copy_no}"),
    EventEntry(CopyFound, ChangeKind.ADDED, FieldGroup.COPIES, "Found copy {copy_no}"),
    EventEntry(HoldPlaced, ChangeKind.ADDED, FieldGroup.HOLDS, "Placed a hold for {patron_ref}"),
    EventEntry(CopySetAside, ChangeKind.CHANGED, FieldGroup.HOLDS, "Set copy {copy_no} aside until {pickup_until}"),
    EventEntry(HoldFulfilled, ChangeKind.CHANGED, FieldGroup.HOLDS, "Copy {copy_no} was picked up"),
    EventEntry(HoldRequeued, ChangeKind.CHANGED, FieldGroup.HOLDS, "Put a hold back into the queue"),
    EventEntry(HoldCancelled, ChangeKind.REMOVED, FieldGroup.HOLDS, "Cancelled a hold"),
    EventEntry(HoldExpired, ChangeKind.REMOVED, FieldGroup.HOLDS, "Copy {copy_no} was not picked up in time"),
    EventEntry(IsbnClaimed, ChangeKind.CREATED, FieldGroup.LISTING, "Claimed {isbn}"),
    EventEntry(IsbnReleased, ChangeKind.REMOVED, FieldGroup.LISTING, "Released {isbn}: {reason}"),
)
EVENT_NAMED: Final = MappingProxyType({entry.event.__name__: entry for entry in EVENTS})

ENTRY_OF: Final = MappingProxyType({entry.command: entry for entry in TABLE})
COMMANDS: Final = tuple(ENTRY_OF)
PUBLIC: Final = tuple(entry.command for entry in TABLE if entry.sent_by is SentBy.ANYBODY)
INTERNAL: Final = tuple(entry.command for entry in TABLE if entry.sent_by is not SentBy.ANYBODY)
"""Those that the bus refuses from everybody but process managers."""


def commands_about(*subjects: Subject) -> tuple[type[Command], ...]:
    """The commands about one of these, in the order of the table."""
    return tuple(entry.command for entry in TABLE if entry.about in subjects)


def commands_sent_by(sender: SentBy) -> tuple[type[Command], ...]:
    """The commands that only this process manager sends."""
    return tuple(entry.command for entry in TABLE if entry.sent_by is sender)


def part_of(command: Any) -> int | UUID | None:
    """The number of the copy, or the id of the hold, that a command is about; None where it is about a whole book."""
    match ENTRY_OF[type(command)].about:
        case Subject.COPY:
            number: int = command.copy_no
            return number
        case Subject.HOLD:
            hold_id: UUID = command.hold_id
            return hold_id
    return None


def kind_of(type_name: str) -> ChangeKind:
    """The kind of change of an event type, Desk's own or another system's."""
    entry = EVENT_NAMED.get(type_name)
    return entry.change if entry is not None else ChangeKind[foreign_kind(type_name)]
