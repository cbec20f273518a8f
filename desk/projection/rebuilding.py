"""Hop 7: a rebuild beside the living read model, and the switch.

The new one is made in a file of its own by a projector of its own, while the old one goes on following and answers.
Once it is live it is brought to the old one's position and copied over the old file's pages, in one transaction of the
write-ahead log: readers see the old until it commits, and the new from then on; a crash leaves one of the two, whole.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import closing
from itertools import islice, takewhile
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from desk.application.care import CareRefused, RebuildOutcome, RebuildProgress
from desk.application.catalogue import Announcement
from desk.cqrs.registry import EventRegistry
from desk.cqrs.store import EventStore, Recorded
from desk.projection.batch import BatchWriter
from desk.projection.inbox import BATCH
from desk.projection.opening import ReadModelTrouble, create_unread, fulfil, open_unread, open_writer
from desk.projection.parking import carry_over
from desk.projection.projector import FEED, Projector
from desk.projection.writer_tasks import WriterContext

_COMPANIONS: Final = ("", "-wal", "-shm", "-journal")

Progress = Callable[[RebuildProgress], None]


def next_file(path: Path) -> Path:
    """Where a rebuild makes the new read model."""
    return path.with_name(f"{path.stem}.next{path.suffix}")


def remove_next(path: Path) -> None:
    """Take away what an interrupted rebuild left. The caller holds the read model's lock."""
    for ending in _COMPANIONS:
        file = next_file(path)
        file.with_name(file.name + ending).unlink(missing_ok=True)


class RebuildRun:
    """One rebuild; satisfies :class:`~desk.application.care.Rebuild`. ``run`` blocks: give it a thread."""

    def __init__(
        self, path: Path, store: EventStore, registry: EventRegistry, living: Projector, progress: Progress
    ) -> None:
        self._path, self._next = path, next_file(path)
        self._store, self._registry, self._living, self._progress = store, registry, living, progress
        self._stop = threading.Event()
        self._guard = threading.Lock()
        self._aborted = self._caught_up = False
        self._trouble: Exception | None = None
        self._begin = time.monotonic()
        self.future: Future[RebuildOutcome] = Future()
        self._builder = Projector(
            self._next,
            living.store,
            registry,
            self._announced,
            self._fault,
            handler_faults=living.handler_faults,
            name="rebuild",
            clock=living.clock,
            connect=open_unread,
        )

    def abort(self) -> None:
        with self._guard:
            self._aborted = True
        self.wake(stop=True)

    def wake(self, *, stop: bool = False) -> None:
        """The store is back, or it is time to stop."""
        if stop:
            self._stop.set()
        self._builder.wake()

    def run(self) -> None:
        """Build, then switch; the future tells how it ended."""
        self.future.set_running_or_notify_cancel()
        fulfil(self.future, self._outcome, self._next)

    def _outcome(self) -> RebuildOutcome:
        try:
            return self._build_and_switch()
        except OSError as error:
            raise CareRefused(f"The new read model {self._next} cannot be made: {error.strerror or error}.") from error

    def _build_and_switch(self) -> RebuildOutcome:
        try:
            remove_next(self._path)
            create_unread(self._next, self._living.clock())
            self._take_over_decisions()
            self._builder.run(self._stop)
            if self._trouble is not None:
                raise self._trouble
            events = self._events()
            if not self._committed():
                return RebuildOutcome(False, events, self._seconds())
            self._progress(RebuildProgress(events, 1.0, switching=True))
            took = self._living.ask(self._switch).result()
            return RebuildOutcome(True, events, self._seconds(), took)
        finally:
            remove_next(self._path)

    def _committed(self) -> bool:
        """Whether it goes on to the switch; from then on it is too late to abort."""
        with self._guard:
            return self._caught_up and not self._aborted

    def _take_over_decisions(self) -> None:
        if not self._path.exists():
            return  # somebody took it away; connecting would make an empty one
        with (
            closing(sqlite3.connect(self._path, timeout=5.0)) as old,
            closing(open_unread(self._next)) as new,
            new.atomic(),
        ):
            carry_over(old, new.conn)

    def _switch(self, context: WriterContext) -> float:
        """On the living projector's thread: bring the new one to the old one's position, and put it in its place."""
        begin = time.monotonic()
        with closing(open_writer(self._next)) as new:
            writer = BatchWriter(new, self._registry, self._living.clock, handler_faults=self._living.handler_faults)
            self._catch_up(writer, context.writer.position)
            put_in_place(new, self._path)
        context.reopen()
        return time.monotonic() - begin

    def _catch_up(self, writer: BatchWriter, position: int | None) -> None:
        if position is None or (writer.position is not None and writer.position >= position):
            return
        events = self._store.read_all(start=writer.position, only=FEED)
        for batch in batches(takewhile(lambda event: event.position <= position, events)):
            writer.write(batch, naming=False)

    def _announced(self, announcement: Announcement) -> None:
        if announcement.live:
            self._caught_up = True
            self._stop.set()
            return
        self._progress(RebuildProgress(self._events(), announcement.progress))

    def _fault(self, error: Exception) -> None:
        """What is parked in the new one is shown once it is in place; trouble with its file ends the rebuild."""
        if isinstance(error, ReadModelTrouble):
            self._trouble = error
            self._stop.set()

    def _events(self) -> int:
        with closing(sqlite3.connect(f"{self._next.absolute().as_uri()}?mode=ro", uri=True, timeout=5.0)) as reader:
            found = reader.execute("SELECT events FROM checkpoints").fetchone()
        return 0 if found is None else int(found[0])

    def _seconds(self) -> float:
        return time.monotonic() - self._begin


def put_in_place(new: Database, path: Path) -> None:
    """Copy all pages over those of another read model that others are reading, in one transaction."""
    with closing(sqlite3.connect(path, timeout=5.0)) as old:
        old.execute("PRAGMA journal_mode = WAL").close()
        new.conn.backup(old)


def batches(events: Iterable[Recorded]) -> Iterator[list[Recorded]]:
    """The events in parts that one transaction takes."""
    left = iter(events)
    while part := list(islice(left, BATCH)):
        yield part
