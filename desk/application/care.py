"""Hop 7's care, as the window and the sub-commands ask for it: parked events, a rebuild beside the living, the doctor.

Every call returns at once; the work is done on the projector's thread or on one of its own, and a future or a
function that was given says what came of it (on that thread: a window turns it into a signal). Futures fail with
:class:`CareRefused`, or with a StoreError where the store is away.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Protocol, TypeAlias, TypeVar
from uuid import UUID

from desk.records import dataclass

T = TypeVar("T")


class CareRefused(Exception):
    """It cannot be done now; the text is a sentence for people."""


@dataclass(frozen=True, slots=True)
class ParkedStream:
    """A stream whose events wait because one of them could not be applied; the other streams go on.

    ``event_type``, ``revision`` and ``event_id`` are of the event that failed, ``waiting`` counts it and those behind
    it. ``error`` is a sentence, ``details`` the traceback; ``since`` is when it was first parked.
    """

    stream: str
    book_id: UUID | None
    title: str | None
    waiting: int
    event_type: str
    revision: int
    event_id: UUID
    error: str
    details: str
    attempts: int
    since: datetime


@dataclass(frozen=True, slots=True)
class SkippedEvent:
    """An event that somebody decided to leave out of the read model, and why; a rebuild leaves it out as well."""

    event_id: UUID
    stream: str
    revision: int
    event_type: str
    error: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CareLists:
    """What waits for somebody's decision, the longest waiting first, and what was decided, the newest first."""

    parked: tuple[ParkedStream, ...] = ()
    skipped: tuple[SkippedEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class RetryOutcome:
    """What came of trying again: so many events were applied, so many still wait (0: healed), and why."""

    stream: str
    applied: int
    waiting: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class RebuildProgress:
    """How far a rebuild is: events written, and the share of the whole (0 to 1; None where it is not known)."""

    events: int
    share: float | None
    switching: bool = False


@dataclass(frozen=True, slots=True)
class RebuildOutcome:
    """How a rebuild ended. Not ``switched``: it was aborted, and the old read model goes on as if nothing had been."""

    switched: bool
    events: int
    seconds: float
    switch_seconds: float = 0.0


class Ongoing(Protocol[T]):
    """Something under way that can be given up."""

    @property
    def future(self) -> "Future[T]":
        """What comes of it; after an abort what had come of it until then."""

    def abort(self) -> None:
        """Give up, unless it is too late for that. The future tells."""


Rebuild: TypeAlias = Ongoing[RebuildOutcome]
"""A rebuild; the old read model answers until the switch, and is kept where it is given up before."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that the read model has otherwise than the book's stream says. Both sides as text; empty: nothing."""

    book_id: UUID
    title: str
    field: str
    in_read_model: str
    by_stream: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What the doctor found, and how much was looked at: so many rows of books, copies, open loans and holds were
    compared with so many streams that have events. ``parked`` streams were not: their rows wait for them.
    """

    drifts: tuple[Drift, ...] = ()
    rows: int = 0
    streams: int = 0
    parked: int = 0


@dataclass(frozen=True, slots=True)
class ExaminationProgress:
    """So many books of so many were compared; so many of them drifted."""

    done: int
    total: int
    drifted: int


Examination: TypeAlias = Ongoing[Findings]
"""The doctor's round through all books."""


@dataclass(frozen=True, slots=True)
class RepairOutcome:
    """Which books were written anew from their streams, and which could not be (their streams are parked now)."""

    repaired: tuple[UUID, ...]
    failed: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadModelState:
    """How the read model is, as its projector tells whenever that changes. The one source of all that is said of it.

    ``position`` is that of the last event it holds (None before the first). ``live``: it has been given everything
    that was there, and follows; until then ``progress`` is the share of that (0 to 1; None where it is not known).
    ``waiting`` counts the events that have arrived and are not in it yet, ``more`` whether others may wait behind
    them. ``paused``: nothing is written until somebody steps or resumes. ``delay`` is for how many seconds each event
    is held back on purpose. ``behind`` is the age of the oldest that waits in milliseconds, 0 where none does; None
    where it is not known: the store is away, or does not say yet what there is.
    """

    position: int | None = None
    live: bool = False
    waiting: int = 0
    more: bool = False
    paused: bool = False
    delay: float = 0.0
    behind: float | None = None
    progress: float | None = None


class ReadModelCare(Protocol):
    """What can be done for the read model while it is in use. Safe to use from any thread."""

    def lists(self) -> CareLists:
        """What waits for a decision, and what was decided; an Announcement with ``parked`` tells of a change."""

    def retry(self, stream: str, *, skip_because: str = "") -> "Future[RetryOutcome]":
        """Apply the stream's waiting events in order, up to the first that fails.

        With a reason, which is kept, the event that failed is left out first.
        """

    def rebuild(self, progress: Callable[[RebuildProgress], None]) -> Rebuild:
        """Build a new read model beside the living one, then switch. One at a time: a second one is refused."""

    def examine(self, progress: Callable[[ExaminationProgress], None]) -> Examination:
        """Compare every book's rows with what its stream says."""

    def repair(self, book_ids: Sequence[UUID]) -> "Future[RepairOutcome]":
        """Write the rows of these books anew from their streams."""

    def state(self) -> ReadModelState:
        """How the read model is, as it was told last. Reads nothing and waits for nobody."""

    def set_delay(self, seconds: float) -> None:
        """Hold each event back for so long, so that one can see eventual consistency; 0 ends that."""

    def pause(self) -> None:
        """Write no more events until somebody steps or resumes; all else goes on: trying parked streams again, repair,
        a rebuild (which brings what waits as well). Neither a pause nor a delay outlives the session."""

    def step(self) -> "Future[bool]":
        """Write the next event that waits, paused or not; whether there was one."""

    def resume(self) -> None:
        """End a pause."""
