"""Builds the five parts, starts their threads, and closes everything in reverse: the one place that does.

Opening never blocks for the store: the read model answers at once from what it knows, the node is started and the
feeds begin behind it, and the light says how far that is.
"""

import threading
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Final

from desk.application.processes import Worker
from desk.application.session import Connection, Light, Session
from desk.application.session_events import SessionEvents
from desk.cqrs.errors import Conflict, StoreError, StoreUnavailable
from desk.cqrs.moments import Moments
from desk.cqrs.store import EventStore
from desk.runtime.application import Application
from desk.runtime.clock import moments_of_this_computer
from desk.runtime.data_directory import DataDirectory
from desk.runtime.event_index import EventIndex
from desk.runtime.event_search import EventSearching
from desk.runtime.faults import FailuresOnPurpose
from desk.runtime.options import Options
from desk.runtime.ports import About, Diagnostics, Importing, Queries, SessionCommands, StoreLight
from desk.runtime.read_model import ReadModel
from desk.runtime.store_connection import StoreConnection

LAST_WAIT: Final = 10.0
"""Seconds that a closing runtime waits for the store at most: as long as a command may take."""


def open_runtime(options: Options) -> "Runtime":
    """Build everything, then start it. Raises :class:`~desk.runtime.options.CannotOpen`, with nothing left open."""
    runtime = build(options)
    try:
        runtime.start()
    except BaseException:
        runtime.close()
        raise
    return runtime


def open_session(options: Options) -> Session:
    """What a window gets of :func:`open_runtime`."""
    return open_runtime(options).session


def build(options: Options, moments: Moments | None = None) -> "Runtime":
    """Everything constructed, and no thread running. ``moments`` are this computer's where none are given."""
    moments = moments or moments_of_this_computer()
    events = SessionEvents(moments)
    with ExitStack() as opened:
        data = DataDirectory(options, events)
        opened.callback(data.close)
        connection = StoreConnection(options, data, events, moments)
        opened.callback(connection.close)
        model = ReadModel(data, connection, events, moments)
        opened.callback(model.close)
        index = EventIndex(data, connection, model, events)
        opened.callback(index.close)
        app = Application(options, data, connection, model, index, events, moments)
        opened.callback(app.close)
        runtime = Runtime(data, connection, model, index, app, events)
        data.keep_private()
        opened.pop_all()
    return runtime


class Runtime:
    """The running program. ``session`` is what a window, or a command without one, gets of it.

    ``buses`` are what messages are given to; ``store`` and ``local`` are what it all stands on.
    """

    def __init__(
        self,
        data: DataDirectory,
        connection: StoreConnection,
        model: ReadModel,
        index: EventIndex,
        app: Application,
        events: SessionEvents,
    ) -> None:
        self._data, self._connection, self._model, self._app = data, connection, model, app
        self._index, self._search = index, EventSearching(connection, index)
        self._supervising: list[_Running] = []
        self._working: list[_Running] = []
        self._guard = threading.Lock()
        self._closed = False
        self.store: EventStore = connection.store
        self.local, self.buses = data.local, app.buses
        queries = Queries(app, connection, model)
        self.session = Session(
            commands=SessionCommands(app, connection),
            queries=queries,
            connection=StoreLight(connection, events),
            care=model.care,
            diagnostics=Diagnostics(app, events),
            importing=Importing(app, queries, model, events),
            faults=self._faults(),
            about=About(data, connection, events),
            folds=app.folds,
            bookmarks=app.local,
            index=index,
            search=self._search,
            acts=app.acts,
            admin=app.acts,
            listen=events.listen,
            moments=app.sender.moments,
            close=self.close,
        )

    def _faults(self) -> FailuresOnPurpose | None:
        connection = self._connection
        if connection.node is None:
            return None
        return FailuresOnPurpose(
            connection.failing,
            self._model.handler_faults,
            connection.node,
            connection.store,
            self._data.throw_away,
            self._app.sender.moments,
        )

    def start(self) -> None:
        """Start the threads: the supervisor of the connection first, then whatever follows the store."""
        self._run(self._connection.workers, self._supervising)
        self._run(self._model.workers, self._working)
        self._run(self._index.workers, self._working)
        self._run(self._app.workers, self._working)

    def ready(self, timeout: float) -> bool:
        """Wait until the store answers, at most so many seconds, and tell whether it does.

        Raises StoreUnavailable with the sentence of the refusal where waiting does not help: a password, a
        certificate, a node that says why it cannot start.
        """
        decided = threading.Event()
        last: list[Connection] = []

        def hear(event: object) -> None:
            if isinstance(event, Connection):
                last[:] = [event]
                if event.light is not Light.AMBER:
                    decided.set()

        leave = self.session.listen(hear)
        try:
            decided.wait(timeout)
        finally:
            leave()
        if last[0].light is Light.RED:
            raise StoreUnavailable(last[0].text)
        return last[0].light is Light.GREEN

    def is_at_rest(self) -> bool:
        """Whether the process managers have nothing left to do and the end of every command is known; asks the store.

        False as well while it does not answer.
        """
        processes = self._app.processes
        try:
            return not self._app.outbox.waiting() and (processes is None or processes.are_at_rest())
        except (StoreError, Conflict):
            return False

    def close(self) -> None:
        """Close everything, in reverse of the order here; returns within seconds. Again: does nothing.

        What still waits for the store after :data:`LAST_WAIT` is cut off: an import's commands, say, have minutes.
        """
        with self._guard:
            if self._closed:
                return
            self._closed = True
        cut_off = threading.Timer(LAST_WAIT, self.store.close)
        cut_off.start()
        with ExitStack() as closing:
            closing.callback(cut_off.join)
            closing.callback(cut_off.cancel)
            closing.callback(self._data.close)
            closing.callback(self._connection.close)
            for supervising in self._supervising:
                closing.callback(supervising.end)
            closing.callback(self._model.close)
            closing.callback(self._index.close)
            closing.callback(self._app.close)
            closing.callback(self._search.close)
            for working in self._working:
                closing.callback(working.end)

    def _run(self, workers: Sequence[Worker], running: "list[_Running]") -> None:
        for worker in workers:
            one = _Running(worker)
            one.thread.start()
            running.append(one)


class _Running:
    """A worker on a thread of its own."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self.thread = threading.Thread(target=worker.run, name=worker.name)

    def end(self) -> None:
        self._worker.stop()
        self.thread.join()
