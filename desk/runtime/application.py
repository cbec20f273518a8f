"""Opened last: the buses with their handlers and plugins, the outbox, the bridge of events, the process managers."""

import platform
from concurrent.futures import Future
from contextlib import ExitStack
from typing import Any, Final

from desk import __version__
from desk.application.catalogue import Announcement
from desk.application.codec import event_registry
from desk.application.event_bridge import event_bridge
from desk.application.journal import Journal
from desk.application.outbox import Outbox
from desk.application.processes import ProcessManagers, Worker
from desk.application.session_events import SessionEvents
from desk.application.tails import Tails
from desk.application.wiring import LookingPorts, compose
from desk.cqrs.messages import Consistency, Envelope, Outcome, Sender
from desk.cqrs.moments import Moments
from desk.cqrs.publisher import EventOrigin as Publisher
from desk.cqrs.stories import Later
from desk.projection.group import CATALOGUE
from desk.projection.journal import JournalTable
from desk.projection.row_trial import row_trial
from desk.runtime.acts import ActsByHand
from desk.runtime.data_directory import LOCAL, DataDirectory
from desk.runtime.event_index import EventIndex
from desk.runtime.folds import Folds
from desk.runtime.options import CannotOpen, Options, login
from desk.runtime.read_model import ReadModel
from desk.runtime.store_connection import StoreConnection
from desk.store.connection import ConnectionState, Phase

UNREADABLE: Final = "Another version of Desk has kept {count} of them; they wait for it."


class Application:
    """What a message can be given to, over a store and a read model. Nothing is left open where it raises.

    ``processes`` is None beside a program that keeps the read model: that one runs them.
    """

    def __init__(
        self,
        options: Options,
        data: DataDirectory,
        connection: StoreConnection,
        model: ReadModel,
        index: EventIndex,
        events: SessionEvents,
        moments: Moments,
    ) -> None:
        self._connection, self._model, self._index, self._events = connection, model, index, events
        self._owns_read_model = data.owns_read_model
        self.sender = Sender(options.user or login(), moments)
        self.local = data.local
        with ExitStack() as opened:
            table = JournalTable(data.folder / LOCAL)
            opened.callback(table.close)
            self.journal = Journal(table, events.fault)
            opened.callback(self.journal.flush)
            self.outbox = Outbox(
                data.local, self._send_again, changed=events.outbox_changed, refused=events.refused_in_the_end
            )
            self.folds = Folds(data.local)
            self.buses = compose(
                connection.failing,
                self.sender,
                Publisher(platform.node(), __version__),
                model.readers,
                past=index.readers,
                indexed=index.events,
                keeping=(self.outbox,),
                faults=events.faults,
                journal=self.journal.note,
                looking=LookingPorts(self.journal.read, row_trial(event_registry()), self.folds),
            )
            opened.callback(self.buses.close)
            if options.opentelemetry:
                self._export_spans(opened)
            self.tails = Tails(connection.store)
            opened.callback(self.tails.close)
            opened.callback(self.folds.close)
            self.acts = ActsByHand(data, connection, self.sender)
            opened.callback(self.acts.close)
            self._bridge = event_bridge(self.buses, connection.known_store, data.local, events.faults)
            self.processes = self._process_managers() if self._owns_read_model else None
            connection.on_state.append(self._connection_changed)
            model.on_announcement.append(self._announced)
            model.on_state.append(lambda state: self.buses.gate.set_paused(paused=state.paused))
            self._adopt_outbox()
            self._closing = opened.pop_all()

    @property
    def workers(self) -> tuple[Worker, ...]:
        """What is to run, each on a thread of its own; to be stopped in reverse."""
        own = (
            Worker("live feed", self.buses.feed.run, self.buses.feed.stop),
            Worker("journal", self.journal.run, self.journal.stop),
            Worker("outbox", self.outbox.run, self.outbox.stop),
        )
        if self.processes is None:
            return own
        return (*own, Worker(self._bridge.name, self._bridge.run, self._bridge.stop), *self.processes.workers)

    def execute(self, env: Envelope[Any], consistency: Consistency = Consistency.EVENTUAL) -> "Future[Outcome]":
        """Give a command to the bus; an end that means an outage has the connection looked at."""
        future = self.buses.commands.execute(env, consistency=consistency)
        self._index.give_way(future)
        future.add_done_callback(self._connection.look_at_end)
        return future

    def close(self) -> None:
        """Take no message more, and let those that run come to their end."""
        self._closing.close()

    def _send_again(self, env: Envelope[Any]) -> "Future[Outcome]":
        return self.execute(env)

    def _process_managers(self) -> ProcessManagers:
        for projection in CATALOGUE.projections:
            self.buses.wiring.add_projection(projection.name, projection.handlers)
        processes = ProcessManagers(
            self.buses.aggregates,
            self._connection.known_store,
            self.buses.commands.execute_inline,
            self.sender,
            self.local,
            self._events.process_changed,
        )
        for wire in processes.wires:
            self.buses.wiring.add_process_manager(*wire)
        self.buses.wiring.check_complete()
        return processes

    def _export_spans(self, opened: ExitStack) -> None:
        try:
            from desk.tracing import OpenTelemetryExport  # an extra: only where it is asked for

            export = OpenTelemetryExport(__version__)
        except ImportError as error:
            raise CannotOpen(f"OpenTelemetry is not installed ({error}). pip install 'desk[opentelemetry]'") from None
        opened.callback(export.close)
        self.buses.feed.listen(export)

    def _adopt_outbox(self) -> None:
        if self._owns_read_model and (unreadable := self.outbox.adopt()):
            self._events.fault("A command in the outbox cannot be read", UNREADABLE.format(count=len(unreadable)))

    def _announced(self, announcement: Announcement) -> None:
        projector = self._model.projector
        parked = projector.care_lists.parked if projector is not None else ()
        self.buses.gate.reached(announcement.position, {one.stream for one in parked})
        self.buses.stories.reached(Later.PROJECT, announcement.position)
        with self.buses.gate.feed_thread():
            self._events.tell(announcement)

    def _connection_changed(self, state: ConnectionState) -> None:
        self.outbox.connected(live=state.phase is Phase.LIVE)
        if state.phase is Phase.LIVE:
            self.tails.wake()
            if self.processes is not None:
                self._bridge.wake()
                self.processes.wake()
