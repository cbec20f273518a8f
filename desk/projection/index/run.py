"""Hop 7, for what was: one run of following the store for a part of the event index, from its checkpoint on."""

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from desk.application.event_index import IndexPart, PartPhase, PartState
from desk.cqrs.errors import StoreError, StoreUnavailable
from desk.cqrs.follow import Follower, GrowingPause
from desk.cqrs.known_store import Witness
from desk.cqrs.store import Feed
from desk.projection.inbox import LINGER, Arrival, Inbox
from desk.projection.index.file import PartRow, create_part, mark, move_checkpoint, read_part, transaction
from desk.projection.index.part import IndexPartSpec, IndexSurroundings
from desk.projection.opening import describe_trouble, is_damage, is_trouble_of_the_file

TELL_EVERY: Final = 0.2
"""Seconds between two words about progress."""
GIVE_WAY: Final = 0.5
"""Seconds at most between two batches for which what somebody has just asked for goes first."""
_BATCH: Final = 100
"""Events that are written together while building: some five milliseconds, in which other threads work less."""
_LONGEST_PAUSE: Final = 10.0
_LOOK_UP: Final = 50_000
"""Instructions of SQLite's between two looks whether it is still wanted; some ten milliseconds."""


def trouble_of(error: sqlite3.DatabaseError, path: Path) -> str:
    """SQLite's error as a sentence that says what to do."""
    anew = "It is put aside, and built anew."
    return describe_trouble(error, f"The event index {path}", when_damaged=anew, when_busy="Desk keeps trying.")


class PartRun:
    """Follows until ``wanted`` says no. ``connection`` is its own meanwhile.

    ``say`` is called with each PartState, ``ready`` once everything that was there is in it. ``newest`` is the position
    of the last event that the part wants, None where only the store knows any. :meth:`interrupt` and :meth:`wake` are
    for any thread.
    """

    def __init__(
        self,
        around: IndexSurroundings,
        spec: IndexPartSpec,
        connection: sqlite3.Connection,
        *,
        wanted: Callable[[], bool],
        newest: Callable[[], int | None],
        say: Callable[[PartState], None],
        ready: Callable[[], None],
    ) -> None:
        self._around, self._spec, self._store, self._connection = around, spec, around.store, connection
        self._wanted, self._newest, self._tell, self._ready = wanted, newest, say, ready
        self._name = f"index {spec.name}"
        self._row = self._read_row()
        self._writer = spec.writer(connection, self._row.limits)
        self._first, self._begin = self._row.events, time.monotonic()
        self._head: int | None = None
        self._said = 0.0
        self._unsaid = False
        self._pause = GrowingPause(longest=_LONGEST_PAUSE)
        self._follower = Follower(self._subscribe, self._read, self._dropped)
        self._inbox: Inbox | None = None
        self._guard = threading.Lock()

    def follow(self) -> None:
        """Build, then follow. Raises sqlite3.DatabaseError where the file is damaged, and what is a bug."""
        self._connection.set_progress_handler(lambda: not self._wanted(), _LOOK_UP)
        self._say()
        try:
            self._follower.follow()
        finally:
            self._store.save()

    def wake(self) -> None:
        """The store is back."""
        self._follower.wake()

    def interrupt(self) -> None:
        """Look up whether it is still wanted."""
        self._pause.wake()
        self._follower.wake()
        with self._guard:
            if self._inbox is not None:
                self._inbox.nudge()

    # ── reading ───────────────────────────────────────────────────────────────────────────────────────────────

    def _subscribe(self) -> Feed | None:
        if not self._wanted():
            return None
        place = self._store.place_of(self._name, self._row.checkpoint, self._start_over)
        self._head = self._store.store.head()
        return self._store.store.follow_all(after=place, only=self._spec.feed(self._row.limits))

    def _dropped(self, error: StoreError) -> None:
        self._store.lost(self._name)
        self._around.on_away(error)

    def _read(self, feed: Feed) -> None:
        inbox = Inbox(feed)
        with self._guard:
            self._inbox = inbox
        try:
            while self._wanted():
                inbox.heed_nudge()
                inbox.await_first(self._due_in())
                if not self._take(arrival := self._next(inbox)) or arrival.ended:
                    break
        finally:
            with self._guard:
                self._inbox = None
            inbox.close()
        if inbox.error is not None and self._wanted():
            raise inbox.error

    def _next(self, inbox: Inbox) -> Arrival:
        """What is to be written now; while it builds what somebody has just asked for goes first."""
        if self._row.complete:
            return inbox.take()
        deadline = time.monotonic() + GIVE_WAY
        while self._wanted() and (left := min(self._around.busy(), deadline - time.monotonic())) > 0:
            self._pause.wait(left)
        return inbox.take(limit=_BATCH, linger=LINGER)

    def _take(self, arrival: Arrival) -> bool:
        """Whether it was done; else somebody wants something else."""
        if arrival.events and not self._write(arrival):
            return False
        if arrival.caught_up:
            return self._catch_up()
        if self._unsaid and self._due_in() == 0:
            self._say()
        return True

    # ── writing ───────────────────────────────────────────────────────────────────────────────────────────────

    def _write(self, arrival: Arrival) -> bool:
        last = Witness(arrival.events[-1].position, arrival.events[-1].id)

        def work() -> None:
            self._writer.apply(arrival.events)
            move_checkpoint(self._connection, self._spec, last, len(arrival.events))

        if not self._persist(work):
            return False
        self._store.note(self._name, last.position, last.event_id)
        self._unsaid = True
        return True

    def _catch_up(self) -> bool:
        if not self._row.complete:

            def work() -> None:
                self._writer.finish()
                mark(self._connection, self._spec, complete=True)

            if not self._persist(work):
                return False
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").close()
        self._say()
        self._ready()
        return True

    def _start_over(self, reason: str) -> None:
        """The checkpoint is of another store, and so is everything else."""
        if not self._persist(lambda: create_part(self._connection, self._spec, self._row.limits)):
            raise StoreUnavailable("The event index is being closed.")  # not emptied, so not to be noted as such
        self._writer = self._spec.writer(self._connection, self._row.limits)
        self._first, self._begin = 0, time.monotonic()
        self._around.on_fault(f"{reason} The event index is being built anew from it.")
        self._say()

    def _persist(self, work: Callable[[], None]) -> bool:
        """Do it in one transaction, again and again while the file is in trouble; False where it is wanted no more."""
        while self._wanted():
            try:
                with self._around.turn, transaction(self._connection):
                    work()
            except sqlite3.DatabaseError as error:
                self._writer.forget()
                if is_damage(error) or not is_trouble_of_the_file(error):
                    raise
                if self._wanted():  # else it was interrupted
                    self._say(trouble_of(error, self._around.path))
                    self._pause.rest()
            else:
                self._pause.reset()
                self._row = self._read_row()
                return True
        return False

    def _read_row(self) -> PartRow:
        row = read_part(self._connection, self._spec)
        assert row is not None
        return row

    # ── saying how far it is ──────────────────────────────────────────────────────────────────────────────────

    def _due_in(self) -> float | None:
        return max(0.0, self._said + TELL_EVERY - time.monotonic()) if self._unsaid else None

    def _say(self, sentence: str = "") -> None:
        self._said, self._unsaid = time.monotonic(), False
        row, part = self._row, self._spec.part
        if row.complete:
            self._tell(state_of(part, row, PartPhase.READY, sentence))
            return
        seconds, done = time.monotonic() - self._begin, row.events - self._first
        rate = done / seconds if done else None
        head, total = self._newest() or self._head, None
        if head and row.position:
            total = max(row.events, round(row.events * head / min(row.position, head)))
        left = None if rate is None or total is None else (total - row.events) / rate
        building = PartPhase.BUILDING
        self._tell(PartState(part, building, row.events, total, rate, left, row.position, row.limits, sentence))


def state_of(part: IndexPart, row: PartRow | None, phase: PartPhase, sentence: str = "") -> PartState:
    """What can be said of a part from its row alone."""
    if row is None:
        return PartState(part, phase, sentence=sentence)
    total = row.events if row.complete else None
    return PartState(part, phase, row.events, total, None, None, row.position, row.limits, sentence)
