"""Hop 7: follows the store's feed of books and ISBNs from the read model's checkpoint, and announces what it wrote.

A dropped feed is taken up again from the stored position; trouble with the file is tried again after a while, with
the same events; an event that fails is parked with its stream and the others go on.
"""

import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Final, TypeVar

from sqlite_utils import Database

from desk.application.care import CareLists, ReadModelState
from desk.application.catalogue import Announcement
from desk.cqrs.errors import StoreError, StoreUnavailable
from desk.cqrs.follow import Follower, GrowingPause
from desk.cqrs.known_store import KnownStore, Witness
from desk.cqrs.registry import EventRegistry
from desk.cqrs.store import Feed, Filter, Recorded
from desk.projection.announcing import Announce, AnnouncementThrottle
from desk.projection.batch import BatchWriter, Written
from desk.projection.delay import ProjectionDelay
from desk.projection.failing import HandlerFaults
from desk.projection.inbox import LINGER, Arrival, Inbox
from desk.projection.opening import ReadModelTrouble, explain, is_trouble_of_the_file, open_writer
from desk.projection.parking import read_parked, read_skipped, waiting_count
from desk.projection.schema import begin_bulk, end_bulk, recreate
from desk.projection.writer_tasks import WriterContext, WriterTasks

T = TypeVar("T")

FEED: Final = Filter("^(book|isbn)-")
_LONGEST_PAUSE: Final = 10.0
"""Seconds until a file in trouble is tried again, at most."""
_TICK: Final = 0.1
"""Seconds between two looks at how old what is held back has become."""


class Projector:
    """Keeps one read model up to date. The caller holds the read model's lock, and owns the thread of :meth:`run`.

    ``announce`` is called after each commit (gathered; see :class:`~desk.application.catalogue.Announcement`),
    ``on_fault`` with a ParkedEvent for every event that was parked and a ReadModelTrouble for trouble with the file,
    ``on_away`` with the StoreError whenever the store is away, ``on_state`` with the ReadModelState whenever that is
    another one; all on the projector's thread, so they must not block. ``handler_faults`` can make handlers fail.
    ``name`` tells its checkpoint from those of others who follow the same store.
    """

    def __init__(
        self,
        path: Path,
        store: KnownStore,
        registry: EventRegistry,
        announce: Announce,
        on_fault: Callable[[Exception], None],
        on_away: Callable[[StoreError], None] = lambda error: None,
        *,
        on_state: Callable[[ReadModelState], None] = lambda state: None,
        handler_faults: HandlerFaults | None = None,
        clock: Callable[[], float],
        name: str = "read model",
        connect: Callable[[Path], Database] = open_writer,
    ) -> None:
        self._name, self._connect = name, connect
        self._path, self.store, self._registry = path, store, registry
        self._announcing = AnnouncementThrottle(self._announced)
        self._announce, self._on_state = announce, on_state
        self._on_fault, self._on_away, self.clock = on_fault, on_away, clock
        self._guard = threading.Lock()
        self._follower: Follower | None = None
        self._inbox: Inbox | None = None
        self._stop = threading.Event()
        self._live = False
        self._file_pause = GrowingPause(longest=_LONGEST_PAUSE)
        self._trouble = ""
        self._start = self._head = 0
        self._progress: float | None = None
        self._tasks = WriterTasks()
        self._replaced = False
        self._care_lists = CareLists()
        self._position: int | None = None
        self._in_hand: Arrival | None = None
        self._state = ReadModelState()
        self.delay = ProjectionDelay(self._nudge)
        self.handler_faults = handler_faults or HandlerFaults()

    def run(self, stop: threading.Event) -> None:
        """Follow until stopped: set ``stop``, then call :meth:`wake`. Raises what is a bug, or a damaged file."""
        self._stop = stop
        try:
            while not stop.is_set():
                self._serve()
        finally:
            self._tasks.close()
            self.store.save()

    def _serve(self) -> None:
        """Follow with one connection, until stopped or until the file was replaced."""
        db = self._connect(self._path)
        try:
            writer = BatchWriter(db, self._registry, self.clock, handler_faults=self.handler_faults)
            self._position = writer.position
            context = WriterContext(
                self._path, db, writer, lambda written: self._tell(written, db, writer), self._file_replaced
            )
            self._look_at_parked(db)
            if self._replaced:
                self._announcing.replaced(_announceable(writer.position), waiting_count(db.conn))
            self._replaced = False
            follower = Follower(lambda: self._subscribe(context), lambda feed: self._read(feed, context), self._dropped)
            with self._guard:
                self._follower = follower
            follower.follow()
        finally:
            db.close()

    def wake(self) -> None:
        """Look up: the store is back, or it is time to stop. From any thread."""
        self._file_pause.wake()
        with self._guard:
            if self._follower is not None:
                self._follower.wake()
            if self._inbox is not None and self._stop.is_set():
                self._inbox.wake()

    def ask(self, work: Callable[[WriterContext], T]) -> "Future[T]":
        """Have this done on the projector's thread, between two batches. From any thread; see :class:`WriterTasks`."""
        future = self._tasks.ask(work)
        self._nudge()
        return future

    def step(self) -> "Future[bool]":
        """Write the next event that waits, however long it is held back; whether there was one. From any thread."""
        return self.ask(self._write_next)

    @property
    def state(self) -> ReadModelState:
        """How the read model is, as it was told last. From any thread."""
        return self._state

    @property
    def care_lists(self) -> CareLists:
        """What is parked and what was skipped, as of the last commit; a snapshot, from any thread."""
        return self._care_lists

    def _subscribe(self, context: WriterContext) -> Feed | None:
        """A feed of what follows the checkpoint; None once the file was replaced, or it is time to stop."""
        self._tell_state()
        self._tasks.run(context)
        if self._replaced or self._stop.is_set():
            return None
        db, writer = context.db, context.writer
        checkpoint = None
        if writer.position is not None and writer.event_id is not None:
            checkpoint = Witness(writer.position, writer.event_id)
        place = self.store.place_of(self._name, checkpoint, lambda reason: self._start_over(db, writer, reason))
        self._live, self._progress = False, None
        begin_bulk(db)
        self._start, self._head = place or 0, self.store.store.head() or 0
        return self.store.store.follow_all(after=place, only=FEED)

    def _dropped(self, error: StoreError) -> None:
        self.store.lost(self._name)
        self._on_away(error)

    def _read(self, feed: Feed, context: WriterContext) -> None:
        db, writer = context.db, context.writer
        inbox = Inbox(feed)
        with self._guard:
            self._inbox = inbox
        try:
            while not self._stop.is_set():
                if inbox.heed_nudge():
                    self._tell_state()
                self._tasks.run(context)
                if self._replaced:
                    break
                delivery = self._take(inbox)
                if delivery.events:
                    self._write(context, delivery)
                if delivery.caught_up:
                    self._turn_live(db, writer)
                if self._announcing.due_in == 0:
                    self._announcing.flush()
                if delivery.ended:
                    break
        finally:
            with self._guard:
                self._inbox = None
            inbox.close()
            self._in_hand = None
        self._announcing.flush()
        self._tell_state()
        if inbox.error is not None:
            raise inbox.error

    def _take(self, inbox: Inbox) -> Arrival:
        """What is to be written now, where something is; waits for it, or for anything else that is to be done."""
        inbox.await_first(self._announcing.due_in)
        held = self._held_for(inbox)
        if not held:
            # What cannot be announced yet may as well be written together with what comes meanwhile.
            linger = self._announcing.silent_for if self._live else LINGER
            delay = self.delay.seconds if self._live else 0.0
            return inbox.take(arrived_by=time.monotonic() + linger - delay, linger=linger)
        if inbox.ended:
            return Arrival([], ended=True)  # what is held back comes again with the next feed
        delivery = inbox.take(limit=0)
        if not delivery.caught_up:
            due = self._announcing.due_in
            inbox.await_nudge(min(held, _TICK if due is None else min(due, _TICK)))
        self._tell_state()
        return delivery

    def _held_for(self, inbox: Inbox) -> float:
        """Seconds for which nothing may be written; what was there before is not delayed, only paused."""
        if not self._live and not self.delay.paused:
            return 0.0
        return self.delay.left(inbox.queue.since)

    def _write_next(self, context: WriterContext) -> bool:
        delivery = self._inbox.take(limit=1) if self._inbox is not None else Arrival([])
        if delivery.events:
            self._write(context, delivery)
        if delivery.caught_up:
            self._turn_live(context.db, context.writer)
        return bool(delivery.events)

    def _write(self, context: WriterContext, delivery: Arrival) -> None:
        self._in_hand = delivery
        written = self._persist(lambda: context.writer.write(delivery.events, naming=self._live))
        if written is None:
            return
        self._in_hand = None
        for event in (delivery.events[0], delivery.events[-1]):
            self.store.note(self._name, event.position, event.id)
        position, start, head = delivery.events[-1].position, self._start, self._head
        self._progress = min(1.0, (position - start) / (head - start)) if head > start else None
        context.publish(written)

    def _tell(self, written: Written, db: Database, writer: BatchWriter) -> None:
        """Say what was committed; what is parked is known to whoever hears of it."""
        if written.parked is not None:
            self._look_at_parked(db)
        for event, cause in written.faults:
            self._on_fault(ParkedEvent(event, cause))
        self._position = writer.position
        self._announcing.add(written, _announceable(writer.position), live=self._live, progress=self._progress)

    def _announced(self, announcement: Announcement) -> None:
        self._announce(announcement)
        self._tell_state()

    def _tell_state(self) -> None:
        state = self._state_now()
        if state != self._state:
            self._state = state
            self._on_state(state)

    def _state_now(self) -> ReadModelState:
        paused, delay = self.delay.paused, self.delay.seconds
        inbox, in_hand = self._inbox, self._in_hand
        if inbox is None:
            return ReadModelState(self._position, paused=paused, delay=delay)
        queue = inbox.queue
        waiting, since = queue.events, queue.since
        if in_hand is not None:
            waiting, since = waiting + len(in_hand.events), in_hand.since
        behind = 0.0 if since is None else 1000 * (time.monotonic() - since)
        return ReadModelState(
            self._position,
            live=self._live,
            waiting=waiting,
            more=queue.full,
            paused=paused,
            delay=delay,
            behind=behind if self._live else None,
            progress=None if self._live else self._progress,
        )

    def _look_at_parked(self, db: Database) -> None:
        self._care_lists = CareLists(read_parked(db.conn), read_skipped(db.conn))

    def _nudge(self) -> None:
        """There is something else to do than what is waited for. From any thread."""
        with self._guard:
            if self._follower is not None:
                self._follower.wake()
            if self._inbox is not None:
                self._inbox.nudge()

    def _file_replaced(self) -> None:
        self._replaced = True

    def _turn_live(self, db: Database, writer: BatchWriter) -> None:
        self._live = True
        if writer.rebuilding:
            self._persist(writer.complete)
        self._announcing.turned_live(_announceable(writer.position))
        self._persist(lambda: end_bulk(db))

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
        self._tell_state()
        self._file_pause.rest()

    def _start_over(self, db: Database, writer: BatchWriter, reason: str) -> None:
        """Empty a read model of another store: its position says nothing about this one."""
        if not self._persist(lambda: self._recreated(db)):
            raise StoreUnavailable("The read model is being closed.")  # not emptied, so not to be noted as such
        writer.reload()
        self._position = writer.position
        self._look_at_parked(db)
        self._on_fault(ReadModelTrouble(f"{reason} The read model is being built anew from it."))

    def _recreated(self, db: Database) -> bool:
        recreate(db, self.clock())
        return True


def _announceable(position: int | None) -> int:
    """As announcements have it: -1 before the first event."""
    return -1 if position is None else position


class ParkedEvent(Exception):
    """An event could not be applied; its stream is parked until the cause is gone. The cause is attached."""

    def __init__(self, event: Recorded, cause: Exception) -> None:
        super().__init__(f"{event.type} {event.revision} of {event.stream} could not be applied: {cause}")
        self.event = event
        self.__cause__ = cause
