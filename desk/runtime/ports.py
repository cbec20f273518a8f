"""What a session's ports are made of: each a few functions over one part of the runtime, and nothing of their own."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar
from uuid import UUID

from desk.application.catalogue import CatalogueReader, IsbnHistory
from desk.application.journal import JournalEntry, JournalFilter
from desk.application.outbox import Outbox
from desk.application.queries import GetIsbnHistory, Source
from desk.application.session import (
    Connection,
    ConnectionRecord,
    Fault,
    Hear,
    Switch,
    TailState,
)
from desk.application.session_events import SessionEvents
from desk.application.tails import LiveTail
from desk.cqrs.dryrun import DryRun
from desk.cqrs.live_feed import Batch
from desk.cqrs.messages import Consistency, Origin, Outcome, Query
from desk.cqrs.plugins.monitoring import MessageStatistics
from desk.cqrs.plugins.telemetry import Span
from desk.cqrs.process import ProcessManagerState
from desk.cqrs.store import Recorded
from desk.cqrs.stories import Later, Story
from desk.domain.commands import Command
from desk.records import dataclass
from desk.runtime.application import Application
from desk.runtime.data_directory import DataDirectory
from desk.runtime.read_model import ReadModel
from desk.runtime.store_connection import StoreConnection

R = TypeVar("R")
IMPORT_LIMIT: Final = 120.0
"""Seconds that one command of an import may take, its wait in the lane included."""


@dataclass(frozen=True, slots=True)
class SessionCommands:
    """Satisfies :class:`~desk.application.session.CommandsPort`."""

    app: Application
    connection: StoreConnection

    @property
    def outbox(self) -> Outbox:
        return self.app.outbox

    def execute(
        self, command: object, *, command_id: UUID | None = None, consistency: Consistency = Consistency.EVENTUAL
    ) -> "Future[Outcome]":
        return self.app.execute(self.app.sender.envelope(command, command_id=command_id), consistency)

    def explain(self, command: object) -> "Future[DryRun]":
        future = self.app.buses.commands.explain(self.app.sender.envelope(command))
        future.add_done_callback(self.connection.look_at_end)
        return future


@dataclass(frozen=True, slots=True)
class Queries:
    """Satisfies :class:`~desk.application.session.QueriesPort`."""

    app: Application
    connection: StoreConnection
    model: ReadModel

    def ask(self, query: Query[R], *, at_least: int | None = None) -> "Future[R]":
        future = self.app.buses.queries.execute(query, at_least=at_least)
        future.add_done_callback(self.connection.look_at_end)
        return future

    def reader(self) -> CatalogueReader | None:
        return self.model.reader()

    def follow(
        self,
        source: Source,
        *,
        after: int | None,
        sink: Callable[[tuple[Recorded, ...]], None],
        on_state: Callable[[TailState], None],
    ) -> LiveTail:
        return self.app.tails.follow(source, after, sink, on_state)


@dataclass(frozen=True, slots=True)
class StoreLight:
    """Satisfies :class:`~desk.application.session.ConnectionPort`."""

    connection: StoreConnection
    events: SessionEvents

    @property
    def state(self) -> Connection:
        return self.events.connection

    def retry(self) -> None:
        self.connection.supervisor.retry()

    @property
    def question(self) -> str:
        return self.connection.known_store.question

    def decide(self, *, same: bool) -> None:
        self.connection.decide(same=same)


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """Satisfies :class:`~desk.application.session.DiagnosticsPort`."""

    app: Application
    events: SessionEvents

    def process_managers(self) -> tuple[ProcessManagerState, ...]:
        return self.app.processes.states() if self.app.processes is not None else ()

    def resume(self, name: str) -> None:
        if self.app.processes is None:
            raise KeyError(name)
        self.app.processes.resume(name)

    def plugins(self) -> tuple[Switch, ...]:
        return self.app.buses.switches

    def statistics(self) -> tuple[MessageStatistics, ...]:
        return self.app.buses.monitoring.statistics()

    def faults(self) -> tuple[Fault, ...]:
        return self.events.faults.faults()

    def journal(self, wanted: JournalFilter, *, limit: int = 100) -> tuple[JournalEntry, ...]:
        return self.app.journal.read(wanted, limit=limit)

    def spans(self, correlation_id: UUID | None = None) -> tuple[Span, ...]:
        return self.app.buses.telemetry.spans(correlation_id)

    def stories(self) -> tuple[Story, ...]:
        return self.app.buses.stories.stories()

    def listen_to_stories(self, listener: Callable[[Batch], None]) -> Callable[[], None]:
        return self.app.buses.feed.listen(listener)

    def repainted(self, position: int) -> None:
        self.app.buses.stories.reached(Later.REPAINT, position)


@dataclass(frozen=True, slots=True)
class Importing:
    """Satisfies :class:`~desk.application.session.ImportingPort`."""

    app: Application
    queries: Queries
    model: ReadModel
    events: SessionEvents

    def send(self, command: Command, command_id: UUID, issued_at: datetime | None = None) -> "Future[Outcome]":
        sender = replace(self.app.sender.on_behalf_of(Origin.IMPORT), time_limit=IMPORT_LIMIT)
        return self.app.execute(sender.envelope(command, command_id=command_id, issued_at=issued_at))

    def isbn_history(self, isbns: Sequence[str]) -> Mapping[str, IsbnHistory]:
        return self.queries.ask(GetIsbnHistory(tuple(isbns))).result()

    def states(self, book_ids: Sequence[UUID]) -> Mapping[UUID, str]:
        return self.model.readers().states(book_ids)

    def checks_stand_still(self) -> str:
        return self.app.processes.checks_stand_still() if self.app.processes is not None else ""

    def listen(self, hear: Hear) -> Callable[[], None]:
        return self.events.listen(hear)


@dataclass(frozen=True, slots=True)
class About:
    """Satisfies :class:`~desk.application.session.AboutPort`."""

    data: DataDirectory
    connection: StoreConnection
    events: SessionEvents

    @property
    def name(self) -> str:
        return self.connection.name

    @property
    def hosts(self) -> str:
        return self.connection.hosts

    @property
    def directory(self) -> Path:
        return self.data.directory

    @property
    def embedded(self) -> bool:
        return self.connection.node is not None

    @property
    def node_pid(self) -> int | None:
        return self.connection.node.pid if self.connection.node is not None else None

    @property
    def record(self) -> ConnectionRecord:
        return self.data.record

    def change_record(self, record: ConnectionRecord) -> None:
        self.data.change_record(record)
        self.events.tell(record)
        self.connection.tell_again()
