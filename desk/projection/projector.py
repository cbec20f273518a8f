"""Hop 7: follows the store's feed of books and ISBNs from the read model's checkpoint, and announces what it wrote.

A dropped feed is taken up again from the stored position; trouble with the file is tried again after a while, with
the same events; an event that fails is parked with its stream and the others go on.
"""

import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from sqlite_utils import Database

from desk.application.care import Lag, ParkedStream, SkippedEvent
from desk.cqrs.errors import StoreError
from desk.cqrs.follow import Follower, GrowingPause
from desk.cqrs.registry import EventRegistry
from desk.cqrs.store import EventStore, Feed, Filter, Recorded
from desk.projection.batch import BatchWriter, Written, is_trouble_of_the_file
from desk.projection.errands import Bench, Errands
from desk.projection.inbox import LINGER, Inbox
from desk.projection.lateness import Lateness
from desk.projection.news import Announce, News
from desk.projection.opening import ReadModelTrouble, explain, open_writer
from desk.projection.parking import read_parked, read_skipped, waiting_count
from desk.projection.schema import hurry, recreate, settle

T = TypeVar("T")

FEED: Final = Filter("^(book|isbn)-")
_LONGEST_PAUSE: Final = 10.0
"""Seconds until a file in trouble is tried again, at most."""


@dataclass(frozen=True, slots=True)
class CareLists:
    """What waits for somebody's decision, and what was decided."""

    parked: tuple[ParkedStream, ...] = ()
    skipped: tuple[SkippedEvent, ...] = ()


class Projector:
    """Keeps one read model up to date. The caller holds the read model's lock, and owns the thread of :meth:`run`.

    ``announce`` is called after each commit (gathered; see :class:`~desk.application.catalogue.Announcement`),
    ``on_fault`` with a ParkedEvent for every event that was parked and a ReadModelTrouble for trouble with the file,
    ``on_away`` with the StoreError whenever the store is away; all on the projector's thread, so they must not block.
    """

    def __init__(
        self,
        path: Path,
        store: EventStore,
        registry: EventRegistry,
        announce: Announce,
        on_fault: Callable[[Exception], None],
        on_away: Callable[[StoreError], None] = lambda error: None,
        *,
        clock: Callable[[], float] = time.time,
        connect: Callable[[Path], Database] = open_writer,
    ) -> None:
        self._connect = connect
        self._path, self._store, self._registry = path, store, registry
        self._news = News(announce)
        self._on_fault, self._on_away, self._clock = on_fault, on_away, clock
        self._guard = threading.Lock()
        self._follower: Follower | None = None
        self._inbox: Inbox | None = None
        self._stop = threading.Event()
        self._live = False
        self._file_pause = GrowingPause(longest=_LONGEST_PAUSE)
        self._trouble = ""
        self._start = self._head = 0
        self._progress: float | None = None
        self._errands = Errands()
        self._replaced = False
        self._care_lists = CareLists()
        self.lateness = Lateness()

    def run(self, stop: threading.Event) -> None:
        """Follow until stopped: set ``stop``, then call :meth:`wake`. Raises what is a bug, or a damaged file."""
        self._stop = stop
        try:
            while not stop.is_set():
                self._serve()
        finally:
            self._errands.close()

    def _serve(self) -> None:
        """Follow with one connection, until stopped or until the file was replaced."""
        db = self._connect(self._path)
        try:
            writer = BatchWriter(db, self._registry, self._clock)
            bench = Bench(self._path, db, writer, lambda written: self._tell(written, db, writer), self._file_replaced)
            self._look_at_parked(db)
            if self._replaced:
                self._news.replaced(_spoken(writer.position), waiting_count(db.conn))
            self._replaced = False
            follower = Follower(lambda: self._subscribe(bench), lambda feed: self._read(feed, bench), self._on_away)
            with self._guard:
                self._follower = follower
            follower.follow()
        finally:
            db.close()

    def wake(self) -> None:
        """Look up: the store is back, or it is time to stop. From any thread."""
        self._file_pause.wake()
        self.lateness.nudge()
        with self._guard:
            if self._follower is not None:
                self._follower.wake()
            if self._inbox is not None and self._stop.is_set():
                self._inbox.wake()

    def ask(self, work: Callable[[Bench], T]) -> "Future[T]":
        """Have this done on the projector's thread, between two batches. From any thread; see :class:`Errands`."""
        future = self._errands.ask(work)
        with self._guard:
            if self._follower is not None:
                self._follower.wake()
            if self._inbox is not None:
                self._inbox.nudge()
        return future

    def lag(self) -> Lag:
        """How far the read model is behind what the feed has brought. From any thread."""
        with self._guard:
            waiting = self._inbox.waiting if self._inbox is not None else 0
        return self.lateness.lag(waiting)

    @property
    def care_lists(self) -> CareLists:
        """What is parked and what was skipped, as of the last commit; a snapshot, from any thread."""
        return self._care_lists

    def _subscribe(self, bench: Bench) -> Feed | None:
        """A feed of what follows the checkpoint; None once the file was replaced, or it is time to stop."""
        self._errands.run(bench)
        if self._replaced or self._stop.is_set():
            return None
        db, writer = bench.db, bench.writer
        self._verify_identity(db, writer)
        self._live = False
        hurry(db)
        self._start, self._head = writer.position or 0, self._store.head() or 0
        return self._store.follow_all(after=writer.position, only=FEED)

    def _read(self, feed: Feed, bench: Bench) -> None:
        db, writer = bench.db, bench.writer
        inbox = Inbox(feed)
        with self._guard:
            self._inbox = inbox
        try:
            while not self._stop.is_set():
                self._errands.run(bench)
                if self._replaced:
                    break
                inbox.await_first(self._news.due_in)
                # What cannot be announced yet may as well be written together with what comes meanwhile.
                delivery = inbox.take(wait=0, linger=self._news.silent_for if self._live else LINGER)
                if delivery.events:
                    self.lateness.taken(len(delivery.events), delivery.since)
                    if self._live:
                        self.lateness.hold(self._stop)
                    self._write(bench, delivery.events)
                    self.lateness.written()
                if delivery.caught_up:
                    self._turn_live(db, writer)
                if self._news.due_in == 0:
                    self._news.flush()
                if delivery.ended:
                    break
        finally:
            with self._guard:
                self._inbox = None
            inbox.close()
        self._news.flush()
        if inbox.error is not None:
            raise inbox.error

    def _write(self, bench: Bench, events: list[Recorded]) -> None:
        written = self._persist(lambda: bench.writer.write(events, naming=self._live))
        if written is None:
            return
        position, start, head = events[-1].position, self._start, self._head
        self._progress = min(1.0, (position - start) / (head - start)) if head > start else None
        bench.publish(written)

    def _tell(self, written: Written, db: Database, writer: BatchWriter) -> None:
        """Say what was committed; what is parked is known to whoever hears of it."""
        if written.parked is not None:
            self._look_at_parked(db)
        for event, cause in written.faults:
            self._on_fault(ParkedEvent(event, cause))
        self._news.add(written, _spoken(writer.position), live=self._live, progress=self._progress)

    def _look_at_parked(self, db: Database) -> None:
        self._care_lists = CareLists(read_parked(db.conn), read_skipped(db.conn))

    def _file_replaced(self) -> None:
        self._replaced = True

    def _turn_live(self, db: Database, writer: BatchWriter) -> None:
        self._live = True
        if writer.rebuilding:
            self._persist(writer.complete)
        self._news.turned_live(_spoken(writer.position))
        self._persist(lambda: settle(db))

    def _persist(self, work: Callable[[], T]) -> T | None:
        """Do it, again and again while the file is in trouble; None when stopped before it was done."""
        while not self._stop.is_set():
            try:
                done = work()
            except sqlite3.DatabaseError as error:
                if not is_trouble_of_the_file(error):
                    raise
                self._endure(error)
            else:
                self._file_pause.reset()
                self._trouble = ""
                return done
        return None

    def _endure(self, error: sqlite3.DatabaseError) -> None:
        trouble = explain(error, self._path)
        if str(trouble) != self._trouble:  # once, not at every attempt
            self._on_fault(trouble)
        self._trouble = str(trouble)
        if trouble.damaged:
            raise trouble from error
        self._file_pause.rest()

    def _verify_identity(self, db: Database, writer: BatchWriter) -> None:
        """A read model of another store is emptied: its position says nothing about this one."""
        if writer.position is None:
            return
        there = self._store.event_at(writer.position)
        if there is None or there.id != writer.event_id:
            self._persist(lambda: recreate(db, self._clock()))
            writer.reload()
            self._look_at_parked(db)
            self._on_fault(ReadModelTrouble("The read model belongs to another store. It is being built anew."))


def _spoken(position: int | None) -> int:
    return -1 if position is None else position


class ParkedEvent(Exception):
    """An event could not be applied; its stream is parked until the cause is gone. The cause is attached."""

    def __init__(self, event: Recorded, cause: Exception) -> None:
        super().__init__(f"{event.type} {event.revision} of {event.stream} could not be applied: {cause}")
        self.event = event
        self.__cause__ = cause
