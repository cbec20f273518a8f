"""Hops 8 and 9: what the read side says: rows, cards, announcements, and the port that answers from them.

Row ids (``id``) are small integers of one read model, for order and paging; a book's identity is ``book_id``.
Times are aware UTC, positions those of the store.
"""

from array import array
from collections.abc import Sequence
from dataclasses import field
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Final, Protocol
from uuid import UUID

from desk.records import dataclass

if TYPE_CHECKING:
    from desk.application.history import HistoryColumns
    from desk.domain.details import BookDetails

    RowIds = array[int]
else:
    RowIds = array  # takes no type argument before Python 3.12


class SortKey(Enum):
    """What the book table can be sorted by; its values are the names of the table's columns."""

    TITLE = "title"
    AUTHORS = "authors"
    ISBN = "isbn"
    YEAR = "year"
    STATE = "state"
    COPIES = "copies"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class BookQuestion:
    """Which books, in which order. ``text``: words by prefix over title, authors, subjects and ISBN, all must match.

    It may also say what ``parse_search`` reads. What is overdue follows from ``today``.
    """

    text: str = ""
    sort: SortKey = SortKey.TITLE
    descending: bool = False
    with_deleted: bool = False
    today: date | None = None


@dataclass(frozen=True, slots=True)
class BookRow:
    """A row of the book table. ``state`` is pending, listed, rejected or deleted. ``due_on`` is the first day on which
    one of its loans is due; None where none is, and in rows as of a moment, which do not know it.
    """

    id: int
    book_id: UUID
    isbn: str
    title: str
    authors: tuple[str, ...]
    published_year: int | None
    state: str
    copies_total: int
    copies_available: int
    changed_at: datetime
    revision: int
    position: int
    due_on: date | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class LoanLine:
    """A loan as the card shows it; ``returned_on`` is None while it is open."""

    loan_id: UUID
    copy_no: int
    patron: str
    lent_on: date
    due_on: date
    renewals: int
    returned_on: date | None
    days_late: int | None
    state: str


@dataclass(frozen=True, slots=True)
class HoldLine:
    """An open hold as the card shows it; ``state`` is waiting or ready.

    ``place`` is its place in the queue, from 1, while it waits. ``copy_no`` is the copy that was set aside for it,
    ``pickup_until`` the last day (included) on which it is kept.
    """

    hold_id: UUID
    patron: str
    placed_at: datetime
    state: str
    place: int | None
    copy_no: int | None
    pickup_until: date | None


STATE_WORDS: Final = {"onLoan": "on loan", "onHoldShelf": "on hold shelf"}
"""How states are said that are no words by themselves."""


@dataclass(frozen=True, slots=True)
class CopyLine:
    """A copy as the card shows it; ``state`` is available, onLoan, onHoldShelf, lost or withdrawn.

    ``loan`` is there while it is on loan, ``hold`` while it stands on the hold shelf: for whom it was set aside.
    """

    copy_no: int
    state: str
    shelf_mark: str | None
    loan: LoanLine | None
    hold: HoldLine | None = None


@dataclass(frozen=True, slots=True)
class BookCard:
    """Everything that the card of one book shows.

    ``conflicting_book_id`` and ``conflicting_title`` are there for a rejected book: who owns its ISBN. ``holds`` are
    those that are open, the hold shelf first and then the queue, each in order.
    """

    row: BookRow
    details: "BookDetails"
    conflicting_book_id: UUID | None
    created_at: datetime
    copies: tuple[CopyLine, ...]
    past_loans: tuple[LoanLine, ...]
    conflicting_title: str | None = None
    holds: tuple[HoldLine, ...] = ()


@dataclass(frozen=True, slots=True)
class TracedEvent:
    """An event of a correlation; ``at`` is the time at which it is shown.

    ``command_id`` is None where it does not say which command it came from. ``trigger`` is the event that made a
    process manager send that; None for what a person asked for.
    """

    event_id: UUID
    stream: str
    revision: int
    type: str
    at: datetime
    user: str
    command_id: UUID | None
    trigger: UUID | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many books there are: all that are shown by default, and by state; and how many loans, and overdue ones.

    ``overdue`` is None where that is not known.
    """

    shown: int
    deleted: int
    pending: int
    rejected: int
    on_loan: int
    overdue: int | None = None


@dataclass(frozen=True, slots=True)
class IsbnHistory:
    """What the read model knows of an ISBN: its present book, if any, and how many earlier ones were deleted."""

    isbn: str
    owner: BookRow | None
    deleted_before: int


@dataclass(frozen=True, slots=True)
class ReadModelStatus:
    """How far the read model is. ``position`` is None before the first event; ``rebuilding`` while it replays.

    Of its ``events``, ``parked`` wait, and ``skipped`` were left out: their types are of a newer Desk, or somebody
    decided so. ``version`` is that of its projections. ``updated_at`` is when it wrote last.
    """

    position: int | None
    events: int
    parked: int
    rebuilding: bool
    skipped: int = 0
    version: int = 0
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Announcement:
    """Hop 8: the read model has moved to ``position`` (and holds everything before it).

    ``changed`` are row ids whose rows differ; ``arrived`` those that are new; ``reordered`` is true where a change
    may have moved rows within the order of a table (a title, a state, …). ``streams`` names the streams
    that were touched; ``parked`` counts the events that wait, where that has changed (None: it has not). While a
    rebuild or a long catching-up lasts, ``live`` is false, the ids are left out, and
    ``progress`` is the share done (0 to 1; None where the head is not known).
    """

    position: int
    changed: tuple[int, ...] = ()
    arrived: tuple[int, ...] = ()
    reordered: bool = False
    streams: frozenset[str] = frozenset()
    live: bool = True
    progress: float | None = None
    parked: int | None = None


class Interrupted(Exception):
    """A newer query overtook this one; its answer is not wanted any more."""


class CatalogueSource(Protocol):
    """The catalogue of now or as of a moment, on one read-only connection; belongs to one thread, except for
    ``interrupt``."""

    def order(self, question: BookQuestion, limit: int | None = None) -> RowIds:
        """Row ids in display order. Raises :class:`Interrupted` when overtaken."""

    def page(self, ids: Sequence[int]) -> list[BookRow]:
        """The rows with these ids, in any order; ids that are gone are left out. Under a millisecond for 128."""

    def row_of(self, book_id: UUID) -> BookRow | None:
        """The row of a book, also of a deleted one."""

    def compare_key(self, row_id: int, sort: SortKey, *, descending: bool = False) -> tuple[object, ...] | None:
        """A key by which rows of an order compare as the order does; for placing one new row by bisection.

        In a descending order the greater key comes first; an unknown year comes last both ways.
        """

    def card(self, book_id: UUID) -> BookCard | None:
        """Everything about one book; None where the read model does not know it (yet)."""

    def counts(self, today: date | None = None) -> Counts:
        """How many books there are; from a table that is kept, not by counting rows. Loans that were due before today
        are overdue; without a day, and as of a moment, it is not known which are.
        """

    def interrupt(self) -> None:
        """End whatever runs on this connection, from any thread."""

    def close(self) -> None:
        """Close the connection."""


class CatalogueReader(CatalogueSource, Protocol):
    """All that the read model answers: the catalogue of now, and more."""

    def candidates(self, text: str, limit: int) -> RowIds:
        """Row ids of books that may be meant by a text, at most ``limit``, in no order of use.

        Those whose title begins so come first, then any in which all words occur by prefix.
        """

    def states(self, book_ids: Sequence[UUID]) -> dict[UUID, str]:
        """The states of those of these books that are known; one query for all, as an import asks often."""

    def activity(self, stream: str) -> "HistoryColumns":
        """All events of a stream, without payloads; empty where the read model does not follow it."""

    def trace(self, correlation_id: UUID) -> tuple[TracedEvent, ...]:
        """The events of one correlation, in the order of the store."""

    def isbn_history(self, isbns: Sequence[str]) -> dict[str, IsbnHistory]:
        """What is known of each of these ISBNs (13 digits)."""

    def status(self) -> ReadModelStatus:
        """Where the read model stands."""
