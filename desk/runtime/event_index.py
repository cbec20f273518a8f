"""Opened between the read model and the buses: the event index, its parts, and who may read it."""

import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, Final

from desk.application.catalogue import CatalogueSource
from desk.application.codec import event_registry
from desk.application.event_index import (
    IndexNotReady,
    IndexPart,
    IndexReader,
    IndexRefused,
    PartPhase,
    PartState,
    PastProgress,
    phase_of,
)
from desk.application.processes import Worker
from desk.application.session_events import SessionEvents
from desk.application.wiring import ThreadLocalReaders
from desk.projection.index.books import BOOKS
from desk.projection.index.builder import PartBuilder
from desk.projection.index.doctor import ComparisonRun
from desk.projection.index.event_reader import EventReader
from desk.projection.index.events import EVENTS
from desk.projection.index.file import connect, read_parts, transaction
from desk.projection.index.part import IndexPartSpec, IndexSurroundings
from desk.projection.index.reader import PastReader
from desk.projection.index.run import state_of, trouble_of
from desk.projection.opening import move_aside
from desk.runtime.data_directory import DataDirectory
from desk.runtime.read_model import ReadModel
from desk.runtime.store_connection import StoreConnection
from desk.store.connection import ConnectionState, Phase

PARTS: Final[tuple[IndexPartSpec, ...]] = (BOOKS, EVENTS)
"""What can be built. A part comes in here."""

_LOOK_UP: Final = 50_000
"""Instructions of SQLite's between two looks whether writing is to end; some ten milliseconds."""

_SEEN_AFTER: Final = 0.3
"""Seconds after a command's end in which its row is painted, mostly."""

ELSEWHERE: Final = "Another program keeps this catalogue, and builds its event index: ask for it there."


class EventIndex:
    """Satisfies :class:`~desk.application.event_index.IndexPort`. Beside a program that keeps it, it is only read."""

    def __init__(
        self, data: DataDirectory, connection: StoreConnection, model: ReadModel, events: SessionEvents
    ) -> None:
        self._path, self._connection, self._model, self._events = data.event_index, connection, model, events
        self.events = EventReader(self._path)
        self._turn, self._ending = threading.Lock(), threading.Event()
        self._guard, self._asked, self._seen_by = threading.Lock(), 0, 0.0
        self._builders: dict[IndexPart, PartBuilder] = {}
        with ExitStack() as opened:
            self.readers = ThreadLocalReaders(self._reader, IndexNotReady)
            opened.callback(self.readers.close)
            if data.owns_read_model:
                self._builders = {spec.part: self._builder(spec) for spec in PARTS}
                connection.on_state.append(self._connection_changed)
            self._closing = opened.pop_all()

    @property
    def workers(self) -> tuple[Worker, ...]:
        """What is to run, each on a thread of its own."""
        return tuple(Worker(f"index-{each.spec.name}", each.run, each.stop) for each in self._builders.values())

    def give_way(self, asked: "Future[Any]") -> None:
        """Somebody asks for something: what is being built waits until that has ended, and is likely to be seen."""
        with self._guard:
            self._asked += 1
        asked.add_done_callback(self._done)

    def _done(self, _asked: "Future[Any]") -> None:
        with self._guard:
            self._asked -= 1
            self._seen_by = time.monotonic() + _SEEN_AFTER

    def gives_way_for(self) -> float:
        """For how many seconds others go first."""
        with self._guard:
            return _SEEN_AFTER if self._asked else self._seen_by - time.monotonic()

    def parts(self) -> tuple[PartState, ...]:
        if self._builders:
            return tuple(builder.state for builder in self._builders.values())
        return _states_in(self._path)

    def build(self, part: IndexPart, limits: str = "") -> "Future[None]":
        if part in self._builders:
            return self._builders[part].build(limits)
        future: Future[None] = Future()
        if phase_of(self.parts(), part) is PartPhase.READY:
            future.set_result(None)
        else:
            future.set_exception(IndexRefused(ELSEWHERE))
        return future

    def pause(self, part: IndexPart) -> None:
        if part in self._builders:
            self._builders[part].pause()

    def drop(self, part: IndexPart) -> None:
        if part in self._builders:
            self._builders[part].drop()

    def compare(self, progress: Callable[[PastProgress], None]) -> ComparisonRun:
        part = next(part for part in self.parts() if part.part is IndexPart.BOOKS)
        run = ComparisonRun(
            self._path, part.position or 0, self._connection.store, event_registry(), progress, Random()
        )
        if part.phase is not PartPhase.READY:
            run.future.set_exception(IndexRefused(part.sentence or str(IndexNotReady())))
            return run
        thread = threading.Thread(target=run.run, name="index-doctor")
        self._closing.callback(thread.join)
        self._closing.callback(run.abort)
        thread.start()
        return run

    def reader(self, at: int) -> CatalogueSource | None:
        if phase_of(self.parts(), IndexPart.BOOKS) is not PartPhase.READY:
            return None
        return PastReader(self._path).at(at)

    def end_writing(self) -> None:
        """Have :meth:`write` end soon, now and from now on: what it did is taken back."""
        self._ending.set()

    def write(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Change something beside the builders, in a transaction; waits for its turn. Raises IndexRefused."""
        if not self._builders:
            raise IndexRefused(ELSEWHERE)
        try:
            with self._turn, closing(connect(self._path)) as connection:
                connection.set_progress_handler(self._ending.is_set, _LOOK_UP)
                with transaction(connection):
                    work(connection)
        except sqlite3.DatabaseError as error:
            raise IndexRefused(trouble_of(error, self._path)) from error

    def close(self) -> None:
        """Close the readers; whoever read has ended by now."""
        self._closing.close()

    def _reader(self) -> IndexReader | None:
        return PastReader(self._path) if self._path.exists() else None

    def _builder(self, spec: IndexPartSpec) -> PartBuilder:
        around = IndexSurroundings(
            self._path,
            self._connection.known_store,
            self._turn,
            self._events.tell,
            lambda sentence: self._events.fault("The event index met a problem", sentence),
            self._damaged,
            lambda _error: self._connection.supervisor.report_failure(),
            self.gives_way_for,
        )
        return PartBuilder(around, spec, self._newest_of_books if spec is BOOKS else lambda: None)

    def _newest_of_books(self) -> int | None:
        """The read model has the same events; behind their last one there may be many others."""
        projector = self._model.projector
        return projector.state.position if projector is not None and projector.state.live else None

    def _damaged(self) -> None:
        """Put the file aside, and have each part that is wished for begin anew."""
        with self._turn, suppress(OSError):
            move_aside(self._path)
        for builder in self._builders.values():
            builder.reopen()

    def _connection_changed(self, state: ConnectionState) -> None:
        if state.phase is Phase.LIVE:
            for builder in self._builders.values():
                builder.wake()


def _states_in(path: Path) -> tuple[PartState, ...]:
    """What the file says of each part, for whoever does not keep it."""
    rows = read_parts(path)
    states = []
    for spec in PARTS:
        row = rows.get(spec.name)
        state = state_of(spec.part, row, PartPhase.READY if row and row.complete else PartPhase.BUILDING)
        if row is None or row.version != spec.version:
            state = PartState(spec.part)
        states.append(state if state.phase is PartPhase.READY else replace(state, sentence=ELSEWHERE))
    return tuple(states)
