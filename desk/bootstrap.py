"""The composition root: the one file that sees every layer. It opens, and closes in reverse order.

Opening never blocks for the store: the read model answers at once from what it knows, the node is started and the
feeds begin behind it, and the light says how far that is.
"""

import platform
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from desk import __version__
from desk.application.care import ReadModelCare
from desk.application.catalogue import Announcement, IsbnHistory
from desk.application.circulation import CirculationReader
from desk.application.codec import event_registry
from desk.application.journal import Journal, JournalEntry, JournalFilter
from desk.application.listening import event_bridge
from desk.application.news import NewsDesk
from desk.application.outbox import Outbox
from desk.application.processes import ProcessManagers
from desk.application.profile import (
    CannotOpen,
    Options,
    folder_of,
    login,
    not_writable,
    usable_directory,
    without_secrets,
)
from desk.application.queries import GetIsbnHistory, Source
from desk.application.session import Connection, Fault, Light, Listener, MessageStatistics, Span, Switch, TailState
from desk.application.tails import LiveTail, Tails
from desk.application.wiring import Buses, ThreadLocalReaders, compose
from desk.cqrs.dryrun import DryRun
from desk.cqrs.errors import OutcomeUnknown, StoreError, StoreUnavailable
from desk.cqrs.events import EventBus
from desk.cqrs.messages import Consistency, Envelope, Origin, Outcome, Query, Sender
from desk.cqrs.plugins.span_lines import span_lines
from desk.cqrs.plugins.telemetry import PROJECT, REPAINT
from desk.cqrs.process import ProcessManagerState
from desk.cqrs.publisher import Source as Publisher
from desk.cqrs.store import Recorded
from desk.projection.care import ModelCare
from desk.projection.catalogue import Catalogue
from desk.projection.group import CATALOGUE
from desk.projection.journal import JournalTable
from desk.projection.local import LocalFile, LocalFileTrouble, open_local
from desk.projection.lock import try_lock
from desk.projection.opening import Opened, ReadModelTrouble, open_read_model
from desk.projection.projector import Projector
from desk.projection.watch import ReadModelWatch
from desk.store.connection import ConnectionState, Phase, Supervisor
from desk.store.local_node import LocalNode
from desk.store.opening import open_store
from desk.store.spoken import spoken

R = TypeVar("R")
IMPORT_LIMIT = 120.0
"""Seconds that one command of an import may take, its wait in the lane included."""


def open_session(options: Options) -> "DeskSession":
    """Open everything. Raises :class:`CannotOpen`, with nothing left open."""
    session = DeskSession(options)
    try:
        session.start()
    except BaseException:
        session.close()
        raise
    return session


class DeskSession:
    """The running program: satisfies :class:`~desk.application.session.Session`."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._data_dir = usable_directory(options.data_dir)
        self._model_dir = usable_directory(self._data_dir / folder_of(options.store))
        self._read_model = self._model_dir / "read-model.sqlite"
        self._news = NewsDesk()
        self._closing = ExitStack()
        self._closed = False
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._care: ModelCare | None = None
        self._sender = Sender(options.user or login())
        self._processes: ProcessManagers | None = None
        self._wakes: list[Callable[[], None]] = []
        """What wakes whoever waits for the store, each noted as soon as it is there."""

    # Opening

    def start(self) -> None:
        """Open in order; what is opened is noted for closing at once."""
        self._owns_read_model = self._lock_read_model()
        if self._owns_read_model:
            self._open_read_model()
        self._node = None if self._options.store else LocalNode(self._data_dir, command=self._options.node_command)
        if self._node is not None:
            self._closing.callback(self._node.close)
        self._store = open_store(self._options.store, f"desk {__version__}")
        self._closing.callback(self._store.close)
        self._supervisor = Supervisor(self._store, self._connection_changed, node=self._node)
        self._closing.callback(self._supervisor.stop)
        self._readers = ThreadLocalReaders(self.reader)
        self._closing.callback(self._readers.close)
        self._local = self._open_local()
        self._closing.callback(self._local.close)
        self._open_journal()
        self._outbox = Outbox(
            self._local, self._send_again, changed=self._news.outbox_changed, refused=self._news.refused_in_the_end
        )
        self._buses = self._compose()
        self._closing.callback(self._buses.close)
        if self._options.opentelemetry:
            self._export_spans()
        self._settle_outbox()
        self._supervisor.start()
        self._follow()
        self._tails = Tails(self._store)
        self._closing.callback(self._tails.close)
        self._wakes.append(self._tails.wake)

    def _lock_read_model(self) -> bool:
        try:
            lock = try_lock(self._model_dir / "read-model.lock")
        except OSError as error:
            raise CannotOpen(not_writable(self._model_dir, error)) from None
        if lock is not None:
            self._closing.callback(lock.release)
        return lock is not None

    def _open_local(self) -> LocalFile:
        try:
            local = open_local(self._model_dir / "local.sqlite")
        except LocalFileTrouble as trouble:
            raise CannotOpen(str(trouble)) from None
        if local.found:
            self._news.fault("The local file was damaged", local.found)
        local.on_trouble = lambda sentence: self._news.fault("The local file met a problem", sentence)
        return local

    def _open_read_model(self) -> None:
        try:
            opening = open_read_model(self._read_model)
        except ReadModelTrouble as trouble:
            raise CannotOpen(str(trouble)) from None
        if opening.found in (Opened.DAMAGED, Opened.OTHER_VERSION):
            self._news.fault("The read model is being rebuilt", opening.sentence)

    def _open_journal(self) -> None:
        table = JournalTable(self._model_dir / "local.sqlite")
        self._closing.callback(table.close)
        self._journal = Journal(table, self._news.fault)
        self._run(self._journal.run, "journal", self._journal.stop)

    def _compose(self) -> Buses:
        return compose(
            self._store,
            self._sender,
            Publisher(platform.node(), __version__),
            self._readers,
            keeping=(self._outbox,),
            faults=self._news.faults,
            journal=self._journal.note,
        )

    def _export_spans(self) -> None:
        try:
            from desk.tracing import OpenTelemetryExport  # an extra: only where it is asked for

            export = OpenTelemetryExport(__version__)
        except ImportError as error:
            raise CannotOpen(f"OpenTelemetry is not installed ({error}). pip install 'desk[opentelemetry]'") from None
        self._buses.telemetry.export = export
        self._closing.callback(export.close)

    def _settle_outbox(self) -> None:
        if self._owns_read_model and (unreadable := self._outbox.adopt()):
            self._news.fault(
                "A command in the outbox cannot be read",
                f"Another version of Desk has kept {len(unreadable)} of them; they wait for it.",
            )
        self._run(self._outbox.run, "outbox", self._outbox.stop)

    def _follow(self) -> None:
        if not self._owns_read_model:
            watch = ReadModelWatch(self._read_model, self._announced)
            self._run(watch.run, "read-model-watch", watch.stop)
            return
        projector = Projector(
            self._read_model,
            self._store,
            event_registry(),
            self._announced,
            self._projection_failed,
            self._away,
            on_state=lambda state: self._buses.gate.set_paused(paused=state.paused),
        )
        self._projector = projector
        self._wakes.append(projector.wake)
        for projection in CATALOGUE.projections:
            self._buses.wiring.add_projection(projection.name, projection.kinds)
        bridge = event_bridge(self._buses, self._store, self._local, self._news.faults)
        self._wakes.append(bridge.wake)
        self._run(bridge.run, bridge.name, bridge.stop)
        self._run(self._project, "projector", projector.wake)
        self._care = ModelCare(self._read_model, self._store, event_registry(), projector)
        self._closing.callback(self._care.close)
        self._wakes.append(self._care.wake)
        self._processes = ProcessManagers(
            self._buses.aggregates,
            self._store,
            self._buses.commands.execute_inline,
            self._sender,
            self._local,
            self._news.process_changed,
        )
        self._wakes.append(self._processes.wake)
        for wire in self._processes.wires:
            self._buses.wiring.add_process_manager(*wire)
        self._buses.wiring.check_complete()
        for worker in self._processes.workers:
            self._run(worker.run, worker.name, worker.stop)

    def _project(self) -> None:
        try:
            self._projector.run(self._stop)
        except ReadModelTrouble as trouble:
            # Already shown as a fault; the next start puts the damaged file aside and builds the read model anew.
            self._news.connection_changed(Connection(Light.RED, str(trouble)))

    def _run(self, work: Callable[[], object], name: str, stop: Callable[[], object]) -> None:
        thread = threading.Thread(target=work, name=name)

        def end() -> None:
            stop()
            thread.join()

        thread.start()
        self._closing.callback(end)

    # What the session is for

    @property
    def data_dir(self) -> Path:
        return self._data_dir

    @property
    def store_name(self) -> str:
        return "this computer" if self._options.store is None else without_secrets(self._options.store)

    @property
    def owns_read_model(self) -> bool:
        """Whether this session keeps the read model up to date; beside a window it only sends commands."""
        return self._owns_read_model

    @property
    def connection(self) -> Connection:
        return self._news.connection

    @property
    def node_pid(self) -> int | None:
        """The embedded node's process."""
        return self._node.pid if self._node is not None else None

    @property
    def care(self) -> ReadModelCare | None:
        return self._care

    @property
    def outbox(self) -> Outbox:
        return self._outbox

    @property
    def events(self) -> EventBus:
        """Where one listens to durable events."""
        return self._buses.events

    def listen(self, listener: Listener) -> None:
        self._news.watch(listener)

    def watch(self, listener: Listener) -> Callable[[], None]:
        """As :meth:`listen`, until the function that comes back is called."""
        return self._news.watch(listener)

    def retry_connection(self) -> None:
        """Somebody asked to try again now."""
        self._supervisor.retry()

    def execute(
        self, command: object, *, command_id: UUID | None = None, consistency: Consistency = Consistency.EVENTUAL
    ) -> "Future[Outcome]":
        return self._execute(self._sender.envelope(command, command_id=command_id), consistency)

    def send(self, command: object, command_id: UUID, issued_at: datetime | None = None) -> "Future[Outcome]":
        """Send a command of an import, or of the demo's script, with a given id and moment."""
        sender = Sender(self._sender.user, Origin.IMPORT, IMPORT_LIMIT)
        return self._execute(sender.envelope(command, command_id=command_id, issued_at=issued_at), Consistency.EVENTUAL)

    def _execute(self, env: Envelope[object], consistency: Consistency) -> "Future[Outcome]":
        future = self._buses.commands.execute(env, consistency=consistency)
        future.add_done_callback(self._look_at_end)
        return future

    def explain(self, command: object) -> "Future[DryRun]":
        future = self._buses.commands.explain(self._sender.envelope(command))
        future.add_done_callback(self._look_at_end)
        return future

    def ask(self, query: Query[R]) -> "Future[R]":
        future = self._buses.queries.execute(query)
        future.add_done_callback(self._look_at_end)
        return future

    def _send_again(self, env: Envelope[Any]) -> "Future[Outcome]":
        return self._execute(env, Consistency.EVENTUAL)

    def _look_at_end(self, future: "Future[Any]") -> None:
        if not future.cancelled() and isinstance(future.exception(), StoreUnavailable | OutcomeUnknown):
            self._supervisor.report_failure()

    def isbn_history(self, isbns: Sequence[str]) -> Mapping[str, IsbnHistory]:
        """Who has, and had, these ISBNs; waits."""
        return self.ask(GetIsbnHistory(tuple(isbns))).result()

    def checks_stand_still(self) -> str:
        """A sentence where the check of ISBNs has halted; beside a window only that one can tell."""
        return self._processes.checks_stand_still() if self._processes is not None else ""

    def states(self, book_ids: Sequence[UUID]) -> Mapping[UUID, str]:
        """The states of those of these books that the read model knows."""
        return self._readers().states(book_ids)

    def reader(self) -> CirculationReader | None:
        return Catalogue(self._read_model) if self._read_model.exists() else None

    def follow(
        self,
        source: Source,
        *,
        after: int | None,
        sink: Callable[[tuple[Recorded, ...]], None],
        on_state: Callable[[TailState], None],
    ) -> LiveTail:
        return self._tails.follow(source, after, sink, on_state)

    def process_managers(self) -> tuple[ProcessManagerState, ...]:
        return self._processes.states() if self._processes is not None else ()

    def resume(self, name: str) -> None:
        if self._processes is None:
            raise KeyError(name)
        self._processes.resume(name)

    def plugins(self) -> tuple[Switch, ...]:
        return self._buses.switches

    def statistics(self) -> tuple[MessageStatistics, ...]:
        return self._buses.monitoring.statistics()

    def faults(self) -> tuple[Fault, ...]:
        return self._news.faults.faults()

    def journal(
        self, wanted: JournalFilter, *, before: int | None = None, limit: int = 100
    ) -> tuple[JournalEntry, ...]:
        return self._journal.read(wanted, before=before, limit=limit)

    def spans(self, correlation_id: UUID | None = None) -> tuple[Span, ...]:
        return self._buses.telemetry.spans(correlation_id)

    def export_spans(self, path: Path) -> int:
        lines = list(span_lines(self.spans()))
        path.write_text("".join(lines), encoding="utf-8")
        return len(lines)

    def repainted(self, position: int) -> None:
        self._buses.telemetry.reached(REPAINT, position)

    # News

    def _announced(self, announcement: Announcement) -> None:
        parked = self._projector.care_lists.parked if self._owns_read_model else ()
        self._buses.gate.reached(announcement.position, {one.stream for one in parked})
        self._buses.telemetry.reached(PROJECT, announcement.position)
        with self._buses.gate.feed_thread():
            self._news.announced(announcement)

    def _connection_changed(self, state: ConnectionState) -> None:
        self._news.connection_changed(spoken(state, self.store_name))
        self._outbox.connected(live=state.phase is Phase.LIVE)
        if state.phase is Phase.LIVE and not self._stop.is_set():
            for wake in tuple(self._wakes):
                wake()

    def _away(self, _error: StoreError) -> None:
        self._supervisor.report_failure()

    def _projection_failed(self, error: Exception) -> None:
        self._news.fault("The read model met a problem", str(error))

    # Closing

    def close(self) -> None:
        with self._guard:
            if self._closed:
                return
            self._closed = True
        self._stop.set()
        self._closing.close()
