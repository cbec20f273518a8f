"""Hop 9: what was: the event index as a window or a command asks for it, and its parts as they are built.

The read model says what is. The index says what was, and is made when somebody first asks for it. A moment is a
position of the log: the catalogue as of it is asked for by the same queries as that of now, with ``at``, and read with
:meth:`IndexPort.reader`. Keys of fields are stable (``title``, ``copies/2/state``, ``holds/ID/patron``; see
:mod:`desk.application.book_fields`); labels are made when they are shown.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Protocol, TypeAlias
from uuid import UUID

from desk.application.book_fields import Fields, JsonValue
from desk.application.care import Ongoing
from desk.cqrs.errors import StoreError
from desk.cqrs.messages import Query
from desk.records import dataclass

if TYPE_CHECKING:
    from desk.application.catalogue import CatalogueSource


class IndexPart(Enum):
    """What can be built by itself: each has a checkpoint and a progress of its own."""

    BOOKS = "books"
    EVENTS = "events"


class PartPhase(Enum):
    """How a part is. READY: it holds everything that was there, and follows."""

    ABSENT = "absent"
    BUILDING = "building"
    READY = "ready"
    PAUSED = "paused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PartState:
    """A part of the index, as it is told (a SessionEvent) whenever that changes, a few times a second at most.

    ``events`` are in it, of about ``total`` (None: not known); ``rate`` is events per second and ``left`` seconds,
    while it is built. ``position`` is that of the last event in it, ``limits`` what it was limited to, in the part's
    own words. ``sentence`` says why it failed, or why it cannot be built here.
    """

    part: IndexPart
    phase: PartPhase = PartPhase.ABSENT
    events: int = 0
    total: int | None = None
    rate: float | None = None
    left: float | None = None
    position: int | None = None
    limits: str = ""
    sentence: str = ""

    @property
    def share(self) -> float | None:
        """How much of it is done, from 0 to 1; None where that is not known."""
        return None if not self.total else min(1.0, self.events / self.total)


class IndexRefused(Exception):
    """It cannot be done now; the text is a sentence for people."""


class IndexNotReady(StoreError):
    """The part that would answer is not there (yet)."""

    code = "IndexNotReady"

    def __init__(self, sentence: str = "The event index does not have the books yet.") -> None:
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class CatalogueMoment:
    """A position of the log, and when its event is shown to have happened (aware UTC)."""

    position: int
    at: datetime


@dataclass(frozen=True, slots=True)
class PastMoment:
    """A moment of the catalogue: a position, and when its event is shown to have happened (aware UTC).

    Of books ``since`` events were stored after it until now. ``included_later`` events of later times were stored
    before it, and ``missing_earlier`` ones of no later time after it.
    """

    position: int
    at: datetime
    included_later: int
    missing_earlier: int
    since: int


@dataclass(frozen=True, slots=True)
class GetMoment(Query[PastMoment | None]):
    """The last position whose event is shown at or before a time; None where there is none."""

    time: datetime


@dataclass(frozen=True, slots=True)
class GetMomentAt(Query[PastMoment | None]):
    """The moment of a position: of the last event of a book at or before it; None where there is none.

    What is later and earlier is compared with ``time``, or else with the time of that event.
    """

    position: int
    time: datetime | None = None


@dataclass(frozen=True, slots=True)
class PastValue:
    """A value that a field of a book has, or had, from one position to another (None: still then), and when.

    ``revision`` is that of the event which set it; a value of None says that it was taken away.
    """

    field: str
    value: JsonValue
    revision: int
    first: int
    since: datetime
    last: int | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class PastHits:
    """What a search about the past found in one book: so many values in all, the newest of them.

    ``patrons`` are the readers of its holds by the keys of these fields, for saying whose hold is meant.
    """

    book_id: UUID
    number: int
    values: tuple[PastValue, ...]
    patrons: Fields


@dataclass(frozen=True, slots=True)
class GetPastHits(Query[tuple[PastHits, ...]]):
    """Why books are among the answers to a search with ``ever:`` or ``changed:``, up to a position (None: to now).

    Of these books those that have such values, in any order, with at most ``limit`` values each.
    """

    search: str
    books: tuple[UUID, ...]
    at: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class PastDrift:
    """One thing that the index says otherwise of a moment than the events up to it do; both sides as text.

    ``book_id`` and ``title`` are there where it is about one book.
    """

    position: int
    book_id: UUID | None
    title: str
    what: str
    in_index: str
    by_events: str


@dataclass(frozen=True, slots=True)
class ComparedMoments:
    """What a comparison found, and how much was looked at: moments (positions), rows, and cards of books."""

    drifts: tuple[PastDrift, ...] = ()
    moments: tuple[int, ...] = ()
    rows: int = 0
    cards: int = 0


@dataclass(frozen=True, slots=True)
class PastProgress:
    """So many of so many moments were compared; the events up to this position have been read."""

    done: int
    total: int
    position: int | None


Comparison: TypeAlias = Ongoing[ComparedMoments]
"""A comparison of the index with the events, at random moments; fails with IndexRefused or a StoreError."""


class IndexReader(Protocol):
    """What the part ``books`` answers, on one read-only connection; belongs to one thread.

    Everything raises IndexNotReady while the part is not READY.
    """

    def at(self, position: int) -> "CatalogueSource":
        """The catalogue as of a position, over this connection: closing either closes both."""

    def moment(self, time: datetime) -> PastMoment | None: ...

    def moment_at(self, query: GetMomentAt) -> PastMoment | None: ...

    def past_hits(self, query: GetPastHits) -> tuple[PastHits, ...]: ...

    def close(self) -> None: ...


class IndexPort(Protocol):
    """Building the index and reading from it. Safe to use from any thread; nothing here waits."""

    def parts(self) -> tuple[PartState, ...]:
        """How each part is; every change is told to the session's listeners as a PartState."""

    def build(self, part: IndexPart, limits: str = "") -> "Future[None]":
        """Ask for a part: it is built unless it is there, goes on unless it does, and follows from then on.

        The future comes when the part is READY, and fails with IndexRefused: with a sentence where it cannot be
        built, or where somebody pauses or drops it meanwhile. ``limits`` count for a part that is absent.
        """

    def pause(self, part: IndexPart) -> None:
        """Neither build nor follow until somebody asks for it again; outlives the session."""

    def drop(self, part: IndexPart) -> None:
        """Give up building, and remove what there is of the part."""

    def compare(self, progress: Callable[[PastProgress], None]) -> Comparison:
        """Compare what the part ``books`` says of a few random moments with what the events up to them make."""

    def reader(self, at: int) -> "CatalogueSource | None":
        """The catalogue as of a position, for the caller's thread, made anew at each call; None until it is READY."""


def phase_of(parts: Sequence[PartState], part: IndexPart) -> PartPhase:
    """The phase of one part; ABSENT where nothing is known of it."""
    return next((state.phase for state in parts if state.part is part), PartPhase.ABSENT)
