"""What a window, or a command without one, has in its hands: a frozen record of narrow ports. Nothing here waits.

``desk.runtime`` makes one; whoever holds it knows no store and no database. What happens meanwhile is told as a
:data:`SessionEvent`, on threads of the session's own: a window turns each into one queued signal.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar
from uuid import UUID

from desk.cqrs.faults import Fault as Fault
from desk.records import dataclass

if TYPE_CHECKING:  # whoever is given one of them, or asks for one, has it loaded
    from desk.application.acts import ActsPort
    from desk.application.bookmarks import KeptBookmarks
    from desk.application.care import ReadModelCare, ReadModelState
    from desk.application.catalogue import Announcement, CatalogueReader, IsbnHistory
    from desk.application.event_index import IndexPort, PartState
    from desk.application.event_search import SearchPort
    from desk.application.folds import FoldsPort
    from desk.application.journal import JournalEntry, JournalFilter
    from desk.application.outbox import Outbox
    from desk.application.queries import Source
    from desk.application.store_admin import AdminPort
    from desk.cqrs.dryrun import DryRun
    from desk.cqrs.live_feed import Batch
    from desk.cqrs.messages import Consistency, Outcome, Query
    from desk.cqrs.moments import Moments
    from desk.cqrs.plugins.monitoring import MessageStatistics
    from desk.cqrs.plugins.telemetry import Span
    from desk.cqrs.process import ProcessManagerState
    from desk.cqrs.store import Recorded
    from desk.cqrs.stories import Story
    from desk.domain.commands import BookCommand, Command

R = TypeVar("R")


class Light(Enum):
    """The colour of the connection's light. It always tells the truth."""

    GREEN = "live"
    AMBER = "working on it"
    RED = "refused"


@dataclass(frozen=True, slots=True)
class Connection:
    """How the way to the store is: ``text`` is a sentence for people, ``retry_in`` seconds where a retry is planned.

    ``tried`` says what was asked for, and ``answered`` what came back, word for word; empty where nothing is wrong.
    """

    light: Light
    text: str
    retry_in: float | None = None
    tried: str = ""
    answered: str = ""


@dataclass(frozen=True, slots=True)
class ConnectionRecord:
    """What a person has noted about a store: how it is called, its colour, and how careful one has to be.

    ``colour`` is a name of the theme's, or empty. Acts by hand (appending to any stream, deleting one) are possible
    where ``may_write`` is set and ``production`` is not; the catalogue's own commands are not acts by hand.
    """

    name: str
    colour: str = ""
    production: bool = False
    may_write: bool = False


@dataclass(frozen=True, slots=True)
class OutboxChanged:
    """Another command waits for its end to be known, or one no longer does."""


@dataclass(frozen=True, slots=True)
class ProcessManagersChanged:
    """A process manager is live now, or halted, or goes on."""


SessionEvent: TypeAlias = (
    "Announcement | ReadModelState | PartState | Connection | ConnectionRecord | Fault | OutboxChanged"
    " | ProcessManagersChanged"
)
"""All that a session tells of by itself."""

Hear: TypeAlias = Callable[[SessionEvent], None]
"""Called for each event, on any thread; must not block."""

Listen: TypeAlias = Callable[[Hear], Callable[[], None]]
"""Tell this function of every event from now on, beginning with the present connection and the faults so far, until
the function that comes back is called."""


@dataclass(frozen=True, slots=True)
class TailState:
    """How a live tail is doing: caught up, or broken (and why; it takes itself up again)."""

    live: bool
    problem: str = ""


class Switch(Protocol):
    """A plugin of a bus, which can be switched while running."""

    @property
    def name(self) -> str: ...

    enabled: bool


class Tail(Protocol):
    """A live reading that can be ended."""

    def stop(self) -> None: ...


class CommandsPort(Protocol):
    """Sending commands."""

    @property
    def outbox(self) -> "Outbox":
        """The commands whose end is not known."""

    def execute(
        self, command: object, *, command_id: UUID | None = None, consistency: "Consistency" = ...
    ) -> "Future[Outcome]":
        """Send a command. Its future ends in one of five ways; see "How an edit travels" in README."""

    def explain(self, command: object) -> "Future[DryRun]":
        """What the command would store and change now, or why it would be refused; appends nothing."""


class QueriesPort(Protocol):
    """Asking."""

    def ask(self, query: "Query[R]", *, at_least: int | None = None) -> "Future[R]":
        """Ask over the query bus; with ``at_least`` once the read model holds that position, or after a while."""

    def reader(self) -> "CatalogueReader | None":
        """A reader of the caller's thread's own, made anew at each call; None until the read model is open."""

    def follow(
        self,
        source: "Source",
        *,
        after: int | None,
        sink: Callable[[tuple["Recorded", ...]], None],
        on_state: Callable[[TailState], None],
    ) -> Tail:
        """Deliver what comes after a revision (a stream) or position (else), and what is new, until stopped."""


class ConnectionPort(Protocol):
    """The way to the store."""

    @property
    def state(self) -> Connection:
        """How it is, what was tried and what was answered."""

    def retry(self) -> None:
        """Try now, whatever the pause: a person asked for it."""

    @property
    def question(self) -> str:
        """A sentence while nobody has said whether the store that answers is the one of before; else empty."""

    def decide(self, *, same: bool) -> None:
        """Answer the question: all goes on, or (not the same) read model and positions begin anew. Never waits."""


class DiagnosticsPort(Protocol):
    """What can be seen of the inside."""

    def process_managers(self) -> tuple["ProcessManagerState", ...]:
        """How each process manager is; none where another program runs them (an import beside a window)."""

    def resume(self, name: str) -> None:
        """Have a halted process manager go on with the event at which it halted. Raises KeyError."""

    def plugins(self) -> tuple[Switch, ...]:
        """The plugins of both buses in their order, outermost first, each once."""

    def statistics(self) -> tuple["MessageStatistics", ...]: ...

    def faults(self) -> tuple[Fault, ...]:
        """What has failed behind the scenes since the start, the oldest first; the oldest of many are forgotten."""

    def journal(self, wanted: "JournalFilter", *, limit: int = 100) -> tuple["JournalEntry", ...]:
        """The last entries of the journal of commands on this machine, the newest first; waits.

        Raises StoreUnavailable.
        """

    def spans(self, correlation_id: UUID | None = None) -> tuple["Span", ...]:
        """What each stage of a story's messages took, in the order of beginning; None: of all stories."""

    def stories(self) -> tuple["Story", ...]:
        """The last commands that have ended, with all that is known of them; the oldest first."""

    def listen_to_stories(self, listener: Callable[["Batch"], None]) -> Callable[[], None]:
        """Give stories and messages to ``listener`` as they come, on a thread of the session's own.

        The function that comes back ends it.
        """

    def repainted(self, position: int) -> None:
        """The window shows everything up to this position; from any thread."""


class ImportingPort(Protocol):
    """What an import and the demo need. Every function may be called on any thread."""

    def send(self, command: "Command", command_id: UUID, issued_at: datetime | None = None) -> "Future[Outcome]":
        """Give a command to the bus. Commands of one book run in the order of their sending.

        ``issued_at`` is the moment it counts for, now where none is given.
        """

    def isbn_history(self, isbns: Sequence[str]) -> "Mapping[str, IsbnHistory]":
        """Who has, and had, these ISBNs (13 digits); waits for the answer. Raises StoreUnavailable for "not yet"."""

    def states(self, book_ids: Sequence[UUID]) -> Mapping[UUID, str]:
        """The states of those of these books that the read model knows: pending, listed, rejected or deleted.

        Raises StoreUnavailable for "not yet".
        """

    def checks_stand_still(self) -> str:
        """A sentence where the check of ISBNs has halted, so that no new book is ever listed; else empty."""

    def listen(self, hear: Hear) -> Callable[[], None]:
        """As the session's: see :data:`Listen`."""


class FaultRefused(Exception):
    """That failure cannot be made here; the text is a sentence that says why."""


class FaultsPort(Protocol):
    """Failures on purpose, each of the real part. Raises :class:`FaultRefused` for one that is not possible."""

    @property
    def throw_away(self) -> bool:
        """Whether this is a throw-away catalogue, in which failures may store events as well."""

    def lose_next_answer(self, stream: str) -> None:
        """The next append to this stream happens, and its answer does not come."""

    def overtake(self, command: "BookCommand", command_id: UUID | None = None) -> None:
        """A second writer is faster: it executes this command just before the next append to the book's stream."""

    def fail_handler(self, stream: str, revision: int | None = None) -> None:
        """The projection fails for one event of this stream, the next one where no revision is given."""

    def heal_handler(self, stream: str) -> None:
        """It no longer does; what was parked waits for another try."""

    def kill_node(self) -> int:
        """Kill the embedded node, as a crash would; its process is given back."""

    def wanted(self) -> tuple[str, ...]:
        """What was asked for and is still to come, in sentences."""

    def take_back(self) -> None:
        """Let everything that was asked for, and has not happened, go well."""


class AboutPort(Protocol):
    """Whose session it is."""

    @property
    def name(self) -> str:
        """How the store is called in a title bar: what its record says, a host and port, or "this computer"."""

    @property
    def hosts(self) -> str:
        """Hosts and ports of a store elsewhere, whatever it is called; empty for the embedded one."""

    @property
    def directory(self) -> Path:
        """Where the data are."""

    @property
    def embedded(self) -> bool:
        """Whether the store is a node of Desk's own on this computer."""

    @property
    def node_pid(self) -> int | None:
        """The embedded node's process, while there is one."""

    @property
    def record(self) -> ConnectionRecord: ...

    def change_record(self, record: ConnectionRecord) -> None:
        """Keep another record of this store; every listener is told. Raises OSError where it cannot be kept."""


@dataclass(frozen=True, slots=True)
class Session:
    """The running program behind a window.

    ``care`` is None where another program keeps the read model (an import beside a window), ``faults`` for a store
    elsewhere, ``index`` where nothing is known of what was. ``moments`` is the one source of moments and ids, also
    for what is made in a window. ``close`` ends everything in reverse order of opening: it returns within seconds and
    leaves no thread and no process.
    """

    commands: CommandsPort
    queries: QueriesPort
    connection: ConnectionPort
    care: "ReadModelCare | None"
    diagnostics: DiagnosticsPort
    importing: ImportingPort
    faults: FaultsPort | None
    about: AboutPort
    listen: Listen
    moments: "Moments"
    close: Callable[[], None]
    folds: "FoldsPort | None" = None
    bookmarks: "KeptBookmarks | None" = None
    index: "IndexPort | None" = None
    search: "SearchPort | None" = None
    acts: "ActsPort | None" = None
    admin: "AdminPort | None" = None
