"""The queries that the query bus answers, and the types of their answers.

Those up to :class:`GetReadModelStatus` read the read model only; the others are history queries and read the store.
"""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from desk.application.catalogue import BookCard, BookQuestion, Counts, IsbnHistory, ReadModelStatus, RowIds
from desk.application.history import HistoryColumns, Inspection
from desk.cqrs.message_log import MessageRecord
from desk.cqrs.messages import Query
from desk.cqrs.report import WiringReport
from desk.cqrs.store import Recorded
from desk.records import dataclass


@dataclass(frozen=True, slots=True)
class GetBookById(Query[BookCard | None]):
    """The card of one book: now, or ``at`` a position of the log."""

    book_id: UUID
    at: int | None = None


@dataclass(frozen=True, slots=True)
class GetAllBooks(Query[RowIds]):
    """Row ids of the books that a question means, in its order; with a limit only the first ones.

    Asked as one types: a newer query interrupts the one before, whose future then fails with Interrupted. ``at`` asks
    for those as of a position of the log, and so do the two queries of the same field: they are answered by the event
    index, and fail with IndexNotReady where its part ``books`` is not there. Row ids are of one source.
    """

    question: BookQuestion
    limit: int | None = None
    at: int | None = None


@dataclass(frozen=True, slots=True)
class GetIsbnHistory(Query[dict[str, IsbnHistory]]):
    """Who has these ISBNs (13 digits), and who had them."""

    isbns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GetCounts(Query[Counts]):
    """How many books there are, or were ``at`` a position of the log, and how many loans were due before today."""

    at: int | None = None
    today: date | None = None


@dataclass(frozen=True, slots=True)
class GetReadModelStatus(Query[ReadModelStatus]):
    """Where the read model stands."""


@dataclass(frozen=True, slots=True)
class GetActivity(Query[HistoryColumns]):
    """All events of a stream as the read model knows them, without payloads; none where it does not follow."""

    stream: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where events are read from: one stream, all streams of a category (``name-``…), or ``$all``."""

    stream: str | None = None
    category: str | None = None
    resolve_links: bool = True

    @classmethod
    def parse(cls, text: str) -> "Source":
        """What somebody typed: ``$all``, a category as ``book-*``, or else a stream's exact name."""
        name = text.strip()
        if name == "$all":
            return cls()
        if name.endswith("-*") and len(name) > 2:
            return cls(category=name[:-2])
        return cls(stream=name)

    def __str__(self) -> str:
        return self.stream or (f"{self.category}-*" if self.category else "$all")


@dataclass(frozen=True, slots=True)
class StreamPage:
    """Up to ``limit`` events, oldest first, and whether there are more on either side.

    ``missing`` says why there is nothing, where the stream does not exist or is gone.
    """

    source: Source
    events: tuple[Recorded, ...]
    older: bool
    newer: bool
    missing: str = ""


@dataclass(frozen=True, slots=True)
class GetStreamPage(Query[StreamPage]):
    """A page of any stream.

    ``before`` and ``after`` are revisions for a stream, positions for a category or ``$all``, and exclusive; with
    neither it is the newest page, with ``oldest`` the first one, with ``around`` the page that has this place in its
    middle.
    """

    source: Source
    before: int | None = None
    after: int | None = None
    around: int | None = None
    oldest: bool = False
    limit: int = 100


@dataclass(frozen=True, slots=True)
class GetBookHistory(Query[tuple[Recorded, ...]]):
    """Events of a stream with payload and metadata, from a revision on."""

    stream: str
    from_revision: int = 0
    limit: int = 1000


@dataclass(frozen=True, slots=True)
class GetInspection(Query[Inspection]):
    """One event of a stream with what it changed and the state as of it.

    With ``since`` what changed is what all events after that revision did; by default what the event itself did.
    """

    stream: str
    revision: int
    since: int | None = None


@dataclass(frozen=True, slots=True)
class GetTouches(Query[Mapping[str, tuple[int, ...]]]):
    """For each field that a stream's events ever changed, their revisions; of other systems' each name in payloads."""

    stream: str


@dataclass(frozen=True, slots=True)
class Permissions:
    """Which commands a book would refuse now, and why.

    ``refusals`` has the sentence to show for each refused type of command and the copy's number or the hold's id that
    it is about (None: the whole book). What has no entry is allowed.
    """

    book_id: UUID
    revision: int
    refusals: Mapping[tuple[type, int | UUID | None], str]


@dataclass(frozen=True, slots=True)
class GetPermissions(Query[Permissions | None]):
    """What the aggregate itself says of each command, by deciding without appending; None for an unknown book."""

    book_id: UUID


@dataclass(frozen=True, slots=True)
class GetWiring(Query[WiringReport]):
    """What leads to what: commands, handlers, events, projections, listeners, process managers, plugins in order."""


@dataclass(frozen=True, slots=True)
class GetMessages(Query[tuple[MessageRecord, ...]]):
    """What passed lately: commands, queries, durable events, faults; the oldest first."""
