"""A process manager's runner: follows a feed from a durable position of its own, reacting at least once to each event.

Events of one stream are handled in their order, several streams side by side. The position that is stored is the
lowest below which everything is done, so a crash repeats work but never skips any: reactions must be repeatable.
It is stored once a second at most, as repeating is harmless and writing is not free.
"""

import threading
import time
import traceback
import zlib
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from enum import Enum
from typing import Final, Protocol
from uuid import UUID

from desk.cqrs.errors import Conflict, OutcomeUnknown, StoreError, StoreUnavailable
from desk.cqrs.follow import Follower
from desk.cqrs.known_store import KnownStore, Witness
from desk.cqrs.store import CaughtUp, Feed, Filter, Recorded
from desk.records import dataclass

LANES = 16
MOST_AT_ONCE = 128
"""Reactions that may wait or run before the feed pauses."""
MOST_AHEAD = 2048
"""Events that may be done with behind one that is not, before the feed pauses: a reaction hangs, say."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds before a reaction is tried again that met what passes by itself; doubled each time."""
PASSING: Final = (StoreUnavailable, OutcomeUnknown, Conflict)
"""What passes by itself: a store that is away, an answer that was lost, others who were faster again and again."""
SAVE_EVERY = 1.0
"""Seconds between two savings of the position."""
_NOT_THE_STORES_OWN: Final = Filter("^[^$]")
"""The store's own events may be removed at any time: none of them is to be recognised later."""


class Positions(Protocol):
    """Where process managers keep their positions; not touched when read models are rebuilt."""

    def load(self, name: str) -> tuple[int, UUID] | None:
        """Position and id of the last event that is done with; None before the first."""

    def save(self, name: str, position: int, event_id: UUID) -> None:
        """Keep the position durably."""


class ProcessPhase(Enum):
    """How a process manager is: catching up or waiting for the store; live; or halted by a bug, until resumed."""

    RUNNING = "running"
    LIVE = "live"
    HALTED = "halted"


@dataclass(frozen=True, slots=True)
class ProcessManagerState:
    """What people see of a process manager. Halted: ``why`` is a sentence, ``details`` the traceback.

    Running with a ``why``: it waits for a store that refuses it, which a person has to mend.
    """

    name: str
    phase: ProcessPhase
    why: str = ""
    details: str = ""


Reaction = Callable[[Recorded], None]


class _Progress:
    """Which events are begun and which are done; the mark below which nothing is left."""

    def __init__(self) -> None:
        self._begun = deque[tuple[int, UUID]]()  # those above the mark, in the order of the store
        self._done: set[int] = set()
        self._mark: tuple[int, UUID] | None = None
        self._closed = False
        self._changed = threading.Condition()

    def begin(self, event: Recorded) -> bool:
        """Note it as begun, once there is room for it; False where the round has ended meanwhile."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._has_room())
            self._begun.append((event.position, event.id))
            return not self._closed

    def finish(self, event: Recorded) -> None:
        """Note it as done with."""
        with self._changed:
            self._done.add(event.position)
            while self._begun and self._begun[0][0] in self._done:
                self._mark = self._begun.popleft()
                self._done.discard(self._mark[0])
            self._changed.notify_all()

    def pass_by(self, event: Recorded) -> None:
        """Everything up to this event is done with, though it may concern nobody."""
        with self._changed:
            if self._mark is None or self._mark[0] < event.position:
                self._mark = (event.position, event.id)

    def close(self) -> None:
        """Let whoever waits for room go."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def mark(self) -> tuple[int, UUID] | None:
        """Position and id of the last event up to which everything is done with."""
        with self._changed:
            return self._mark

    def _has_room(self) -> bool:
        return len(self._begun) < MOST_AHEAD and len(self._begun) - len(self._done) < MOST_AT_ONCE


class _Round:
    """From one beginning of the feed to its end: nothing of it is left when the next one begins."""

    def __init__(self, name: str, lanes: int) -> None:
        self.progress, self.over = _Progress(), threading.Event()
        self.lanes = [ThreadPoolExecutor(1, thread_name_prefix=f"{name}-{n}") for n in range(lanes)]

    def lane_of(self, event: Recorded) -> ThreadPoolExecutor:
        return self.lanes[zlib.crc32(event.stream.encode()) % len(self.lanes)]

    def cancel(self) -> None:
        """Begin no further reaction."""
        self.over.set()
        self.progress.close()

    def end(self) -> None:
        """Wait for the reactions that run."""
        self.cancel()
        for lane in self.lanes:
            lane.shutdown(wait=True, cancel_futures=True)


class ProcessManagerRunner:
    """Runs one process manager until stopped. ``run`` blocks; give it a thread.

    ``react`` may raise what passes by itself, which is waited out and tried again. Anything else, a store's final no
    as well (a stream that is gone, access denied), halts this process manager, visibly (``on_state``), with its
    position before that event, until :meth:`resume`. With one lane all events are handled in the order of the store.
    """

    def __init__(
        self,
        name: str,
        store: KnownStore,
        positions: Positions,
        only: Filter,
        kinds: frozenset[str],
        react: Reaction,
        *,
        on_state: Callable[[ProcessManagerState], None],
        lanes: int = LANES,
    ) -> None:
        self.name, self._store, self._positions, self._only, self._kinds = name, store, positions, only, kinds
        self._react, self._on_state, self._lanes = react, on_state, lanes
        self._state = ProcessManagerState(name, ProcessPhase.RUNNING)
        self._guard = threading.Lock()
        self._stop, self._resumed = threading.Event(), threading.Event()
        self._follower = self._new_follower()
        self._saved = 0.0
        self._last_there: Recorded | None = None
        self.reached: int | None = None
        """The position up to which all is done with; None where that is not known yet."""

    @property
    def state(self) -> ProcessManagerState:
        """The present state."""
        return self._state

    @property
    def halted(self) -> bool:
        """Whether it waits for somebody to :meth:`resume` it."""
        return self._state.phase is ProcessPhase.HALTED

    def run(self) -> None:
        """Follow and react until :meth:`stop`."""
        while not self._stop.is_set():
            try:
                self._renewed_follower().follow()
            except Exception as error:  # noqa: BLE001 - a bug halts this process manager and nobody else
                self.halt(error, "following the store")
            if self.halted:
                self._resumed.wait()
                self._enter(ProcessPhase.RUNNING, after_halt=True)
                self._resumed.clear()  # only now: resuming twice must not undo the next halt

    def wake(self) -> None:
        """The store is back."""
        with self._guard:
            self._follower.wake()

    def resume(self) -> None:
        """Go on after a halt, with the event at which it halted. Nothing happens to one that runs."""
        if self.halted:
            self._resumed.set()

    def stop(self) -> None:
        """End soon: reactions that run are finished, those that wait are left for the next start."""
        self._stop.set()
        self._resumed.set()
        self._end_following()

    def halt(self, error: Exception, during: str) -> None:
        """Stop working until resumed; the first reason counts. ``during`` says what it was doing."""
        why = f"{type(error).__name__}: {error} ({during})"
        self._enter(ProcessPhase.HALTED, why, "".join(traceback.format_exception(error)))
        self._end_following()

    def _enter(self, phase: ProcessPhase, why: str = "", details: str = "", *, after_halt: bool = False) -> None:
        with self._guard:
            same = (self._state.phase, self._state.why) == (phase, why)
            if same or (self.halted and not after_halt) or self._stop.is_set():
                return
            state = self._state = ProcessManagerState(self.name, phase, why, details)
        self._on_state(state)

    def _new_follower(self) -> Follower:
        return Follower(self._subscribe, self._read, self._dropped)

    def _renewed_follower(self) -> Follower:
        """The follower of this turn: a halt has ended the one before."""
        with self._guard:
            self._follower = self._new_follower()
            if self._is_over():
                self._follower.stop()
            return self._follower

    def _end_following(self) -> None:
        with self._guard:
            self._follower.stop()

    def _subscribe(self) -> Feed:
        stored = self._positions.load(self.name)
        place = self._store.place_of(self.name, None if stored is None else Witness(*stored))
        self._last_there = next(self._store.store.read_all(backwards=True, limit=1, only=_NOT_THE_STORES_OWN), None)
        return self._store.store.follow_all(after=place, only=self._only)

    def _dropped(self, error: StoreError) -> None:
        self._store.lost(self.name)
        self._enter(ProcessPhase.RUNNING, "" if isinstance(error, PASSING) else str(error))

    def _read(self, feed: Feed) -> None:
        here = _Round(self.name, self._lanes)
        try:
            for item in feed:
                if self._is_over() or not self._take(item, here):
                    break
        finally:
            here.end()
            self._save(here.progress, now=True)

    def _is_over(self) -> bool:
        return self._stop.is_set() or self.halted

    def _take(self, item: object, here: _Round) -> bool:
        if isinstance(item, CaughtUp):
            self._pass_on(here, 0)
        elif isinstance(item, Recorded) and item.type in self._kinds:
            if not here.progress.begin(item):
                return False
            here.lane_of(item).submit(self._handle, item, here)
            self._save(here.progress)
        return True

    def _pass_on(self, here: _Round, lane: int) -> None:
        """Live is who has reacted to all that was there: this goes through all lanes, behind what waits in each.

        All that was there is kept as done with, though its end concerned nobody: else every start would have the store
        look through it again, which in a long log without one event for this process manager means all of it.
        """
        if lane == len(here.lanes):
            if self._last_there is not None:
                here.progress.pass_by(self._last_there)
                self._save(here.progress, now=True)
            self._enter(ProcessPhase.LIVE)
        elif not here.over.is_set():
            here.lanes[lane].submit(self._pass_on, here, lane + 1)

    def _handle(self, event: Recorded, here: _Round) -> None:
        pause = FIRST_PAUSE
        while not here.over.is_set() and not self._is_over():
            try:
                self._react(event)
                here.progress.finish(event)
                self._save(here.progress)
                return
            except PASSING:
                here.over.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            except Exception as error:  # noqa: BLE001 - a bug halts this process manager and nobody else
                here.cancel()
                self.halt(error, f"{event.type} at revision {event.revision} of {event.stream}")
        here.cancel()  # this event is left: whoever waits for room behind it must not wait on

    def _save(self, progress: _Progress, *, now: bool = False) -> None:
        mark, time_now = progress.mark(), time.monotonic()
        self.reached = self.reached if mark is None else mark[0]
        if mark is not None and (now or time_now - self._saved >= SAVE_EVERY):
            self._saved = time_now
            with suppress(StoreError):  # the disk is full, say: an older position only means more to repeat
                self._positions.save(self.name, *mark)
