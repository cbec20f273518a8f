"""An event index for tests: a part built on a thread over a library, and what it said."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from typing import Any

from desk.application.event_index import PartPhase, PartState
from desk.cqrs.known_store import KnownStore
from desk.cqrs.store import Recorded
from desk.projection.index.books import BOOKS
from desk.projection.index.builder import PartBuilder
from desk.projection.index.file import connect, create_part, ensure_file, mark, transaction
from desk.projection.index.part import IndexPartSpec, IndexSurroundings, PartWriter
from desk.projection.index.reader import PastReader
from desk.projection.local import open_local
from desk.projection.opening import move_aside
from tests.moments import REAL
from tests.projection.library import Library


class Indexing:
    """A builder on a thread, with everything it said."""

    def __init__(self, path: Path, library: Library, spec: IndexPartSpec = BOOKS, **options: Any) -> None:
        self.states: list[PartState] = []
        self.faults: list[str] = []
        self.damaged, self._path = 0, path
        self._changed = threading.Condition()
        self.local = open_local(path.with_name(f"{path.name}-local"))
        store = KnownStore(library.store, self.local, REAL)
        newest = options.pop("newest", lambda: None)
        around = IndexSurroundings(path, store, threading.Lock(), self._tell, self._fault, self._damage, **options)
        self.builder = PartBuilder(around, spec, newest)
        self._thread = threading.Thread(target=self.builder.run)
        self._thread.start()

    def _tell(self, state: PartState) -> None:
        self._note(lambda: self.states.append(state))

    def _fault(self, sentence: str) -> None:
        self._note(lambda: self.faults.append(sentence))

    def _damage(self) -> None:
        """As the runtime does."""
        move_aside(self._path)
        self._note(lambda: setattr(self, "damaged", self.damaged + 1))
        self.builder.reopen()

    def _note(self, work: Callable[[], None]) -> None:
        with self._changed:
            work()
            self._changed.notify_all()

    def until(self, condition: Callable[[PartState], bool]) -> PartState:
        """Wait until the state that was told last is such."""
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self.builder.state), timeout=60), self.builder.state
        return self.builder.state

    def until_at(self, position: int) -> PartState:
        """Wait until it is ready, and holds this position."""
        return self.until(lambda state: state.phase is PartPhase.READY and (state.position or -1) >= position)

    def stop(self) -> None:
        self.builder.stop()
        self._thread.join(60)
        assert not self._thread.is_alive()
        self.local.close()


@contextmanager
def indexing(path: Path, library: Library, spec: IndexPartSpec = BOOKS, **options: Any) -> Iterator[Indexing]:
    """A builder that runs within the block."""
    one = Indexing(path, library, spec, **options)
    try:
        yield one
    finally:
        one.stop()


def index(path: Path, library: Library) -> None:
    """Build the part ``books`` of all that is there."""
    with indexing(path, library) as one:
        one.builder.build().result(60)


@contextmanager
def past(path: Path) -> Iterator[PastReader]:
    """A reader within the block."""
    reader = PastReader(path)
    try:
        yield reader
    finally:
        reader.close()


def index_in_pieces(path: Path, log: Sequence[Recorded], dice: Random) -> None:
    """Write a log into the part ``books`` in batches of any size, with new writers in between, as after a crash.

    From somewhere on it is complete, and follows.
    """
    ensure_file(path)
    with closing(connect(path)) as connection:
        with transaction(connection):
            create_part(connection, BOOKS, "")
        writer, done, finish = BOOKS.writer(connection, ""), 0, dice.randint(0, len(log))
        while done < len(log):
            batch = log[done : done + dice.choice((1, 3, 40))]
            with transaction(connection):
                writer.apply(batch)
            done += len(batch)
            if finish <= done:
                finish = _finish(connection, writer, len(log) + 1)
            if dice.random() < 0.2:
                writer.forget()
        if finish <= len(log):
            _finish(connection, writer, 0)


def _finish(connection: sqlite3.Connection, writer: PartWriter, then: int) -> int:
    with transaction(connection):
        writer.finish()
        mark(connection, BOOKS, complete=True)
    return then
