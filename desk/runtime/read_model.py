"""Opened third: the read model, and whatever keeps it up to date; or, beside another program, what watches it."""

import threading
from collections.abc import Callable
from contextlib import ExitStack

from desk.application.care import ReadModelState
from desk.application.catalogue import Announcement, CatalogueReader
from desk.application.codec import event_registry
from desk.application.processes import Worker
from desk.application.session import Connection, Light
from desk.application.session_events import SessionEvents
from desk.application.wiring import ThreadLocalReaders
from desk.cqrs.errors import StoreError
from desk.cqrs.moments import Moments
from desk.projection.care import ModelCare
from desk.projection.catalogue import Catalogue
from desk.projection.failing import HandlerFaults
from desk.projection.opening import ReadModelTrouble, open_read_model
from desk.projection.projector import Projector
from desk.projection.watch import ReadModelWatch
from desk.runtime.data_directory import DataDirectory
from desk.runtime.options import CannotOpen
from desk.runtime.store_connection import StoreConnection
from desk.store.connection import ConnectionState, Phase


class ReadModel:
    """The read model of one session. Raises :class:`~desk.runtime.options.CannotOpen`, with nothing left open.

    ``on_announcement`` are called, on the thread that writes or watches, with each announcement; a later part of the
    runtime adds its own before anything is started.
    """

    def __init__(
        self, data: DataDirectory, connection: StoreConnection, events: SessionEvents, moments: Moments
    ) -> None:
        self._path, self._connection, self._events, self._moments = data.read_model, connection, events, moments
        self.on_announcement: list[Callable[[Announcement], None]] = []
        self.on_state: list[Callable[[ReadModelState], None]] = [events.tell]
        self.handler_faults = HandlerFaults()
        self.projector: Projector | None = None
        self.care: ModelCare | None = None
        self._stop = threading.Event()
        with ExitStack() as opened:
            self.readers = ThreadLocalReaders(self.reader)
            opened.callback(self.readers.close)
            if data.owns_read_model:
                self._open()
                registry = event_registry()
                self.projector = Projector(
                    self._path,
                    connection.known_store,
                    registry,
                    self._announced,
                    self._projection_failed,
                    self._away,
                    on_state=self._stands,
                    clock=moments.timestamp,
                    handler_faults=self.handler_faults,
                )
                self.care = ModelCare(self._path, connection.store, registry, self.projector)
                connection.on_state.append(self._connection_changed)
            else:
                self._watch = ReadModelWatch(self._path, self._announced)
            self._closing = opened.pop_all()

    @property
    def workers(self) -> tuple[Worker, ...]:
        """What is to run, each on a thread of its own; to be stopped in reverse."""
        if self.projector is None or self.care is None:
            return (Worker("read-model-watch", self._watch.run, self._watch.stop),)
        return (Worker("projector", self._project, self._end),)

    def reader(self) -> CatalogueReader | None:
        """A reader for the caller's thread; None until there is a read model."""
        return Catalogue(self._path) if self._path.exists() else None

    def close(self) -> None:
        """Close the readers; whoever read has ended by now."""
        self._closing.close()

    def _open(self) -> None:
        try:
            sentence = open_read_model(self._path, self._moments.timestamp())
        except ReadModelTrouble as trouble:
            raise CannotOpen(str(trouble)) from None
        if sentence:
            self._events.fault("The read model is being rebuilt", sentence)

    def _project(self) -> None:
        assert self.projector is not None
        try:
            self.projector.run(self._stop)
        except ReadModelTrouble as trouble:
            # Already shown as a fault; the next start puts the damaged file aside and builds the read model anew.
            self._events.tell(Connection(Light.RED, str(trouble)))

    def _end(self) -> None:
        assert self.projector is not None
        assert self.care is not None
        self.care.close()
        self._stop.set()
        self.projector.wake()

    def _stands(self, state: ReadModelState) -> None:
        for tell in self.on_state:
            tell(state)

    def _announced(self, announcement: Announcement) -> None:
        for tell in self.on_announcement:
            tell(announcement)

    def _connection_changed(self, state: ConnectionState) -> None:
        if state.phase is Phase.LIVE and self.projector is not None and self.care is not None:
            self.projector.wake()
            self.care.wake()

    def _away(self, _error: StoreError) -> None:
        self._connection.supervisor.report_failure()

    def _projection_failed(self, error: Exception) -> None:
        self._events.fault("The read model met a problem", str(error))
