"""What a window, or a command without one, has in its hands: the buses, the readers, and news. Nothing waits here.

The composition root makes one; whoever holds it knows no store and no database. Listeners are called on threads of
the session's own: a window turns each call into one queued signal.
"""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol, TypeVar
from uuid import UUID

from desk.application.care import ReadModelCare
from desk.application.catalogue import Announcement, CatalogueReader
from desk.application.journal import JournalEntry, JournalFilter
from desk.application.outbox import Outbox
from desk.application.queries import Source
from desk.cqrs.dryrun import DryRun
from desk.cqrs.faults import Fault as Fault
from desk.cqrs.messages import Consistency, Outcome, Query
from desk.cqrs.plugins.monitoring import MessageStatistics as MessageStatistics
from desk.cqrs.plugins.telemetry import Span as Span
from desk.cqrs.process import ProcessManagerState
from desk.cqrs.store import Recorded

R = TypeVar("R")


class Light(Enum):
    """The colour of the connection's light. It always tells the truth."""

    GREEN = "live"
    AMBER = "working on it"
    RED = "refused"


@dataclass(frozen=True, slots=True)
class Connection:
    """How the way to the store is: ``text`` is a sentence for people, ``retry_in`` seconds where a retry is planned."""

    light: Light
    text: str
    retry_in: float | None = None


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


class Listener(Protocol):
    """Whoever wants news. Called on any thread; must not block."""

    def announced(self, announcement: Announcement) -> None: ...

    def connection_changed(self, connection: Connection) -> None: ...

    def fault_found(self, fault: Fault) -> None: ...

    def outbox_changed(self) -> None:
        """Another command waits for its end to be known, or one no longer does."""

    def process_managers_changed(self) -> None:
        """A process manager is live now, or halted, or goes on."""


class Session(Protocol):
    """The running program behind a window."""

    @property
    def data_dir(self) -> Path: ...

    @property
    def store_name(self) -> str:
        """How the store is called in a title bar: a host and port, or "this computer"."""

    @property
    def connection(self) -> Connection: ...

    @property
    def outbox(self) -> Outbox:
        """The commands whose end is not known."""

    @property
    def care(self) -> ReadModelCare | None:
        """Parked events, rebuild and doctor; None where another program keeps the read model (an import beside)."""

    def listen(self, listener: Listener) -> None:
        """Give news to this listener from now on, beginning with the present connection."""

    def execute(
        self, command: object, *, command_id: UUID | None = None, consistency: Consistency = Consistency.EVENTUAL
    ) -> "Future[Outcome]":
        """Send a command. Its future ends in one of five ways; see DESIGN of a command's ends in README."""

    def explain(self, command: object) -> "Future[DryRun]":
        """What the command would store and change now, or why it would be refused; appends nothing."""

    def ask(self, query: Query[R]) -> "Future[R]":
        """Ask over the query bus."""

    def reader(self) -> CatalogueReader | None:
        """A reader of the caller's thread's own, made anew at each call; None until the read model is open."""

    def follow(
        self,
        source: Source,
        *,
        after: int | None,
        sink: Callable[[tuple[Recorded, ...]], None],
        on_state: Callable[[TailState], None],
    ) -> Tail:
        """Deliver what comes after a revision (a stream) or position (else), and what is new, until stopped."""

    def process_managers(self) -> tuple[ProcessManagerState, ...]:
        """How each process manager is; none where another program runs them (an import beside a window)."""

    def resume(self, name: str) -> None:
        """Have a halted process manager go on with the event at which it halted. Raises KeyError."""

    def plugins(self) -> tuple[Switch, ...]:
        """The plugins of both buses in their order, outermost first, each once."""

    def statistics(self) -> tuple[MessageStatistics, ...]: ...

    def faults(self) -> tuple[Fault, ...]:
        """What has failed behind the scenes since the start, the oldest first; the oldest of many are forgotten."""

    def journal(
        self, wanted: JournalFilter, *, before: int | None = None, limit: int = 100
    ) -> tuple[JournalEntry, ...]:
        """A page of the journal of commands on this machine, the newest first; waits. Raises StoreUnavailable.

        ``before`` is the number of the last entry of the page before.
        """

    def spans(self, correlation_id: UUID | None = None) -> tuple[Span, ...]:
        """What each stage of a story's messages took, in the order of beginning; None: of all stories."""

    def export_spans(self, path: Path) -> int:
        """Write all spans that are kept as lines of JSON; returns how many. Raises OSError."""

    def repainted(self, position: int) -> None:
        """The window shows everything up to this position; from any thread."""

    def close(self) -> None:
        """End everything in reverse order of opening; returns within seconds; leaves no thread and no process."""
