"""A process manager's runner: follows a feed from a durable position of its own, reacting at least once to each event.

Events of one stream are handled in their order, several streams side by side. The position that is stored is the
lowest below which everything is done, so a crash repeats work but never skips any: reactions must be repeatable.
It is stored once a second at most, as repeating is harmless and writing is not free.
"""

import threading
import time
import traceback
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol
from uuid import UUID

from desk.cqrs.errors import Conflict, OutcomeUnknown, StoreError, StoreUnavailable
from desk.cqrs.store import CaughtUp, EventStore, Feed, Filter, Recorded

LANES = 16
MOST_AT_ONCE = 128
"""Reactions that may wait or run before the feed pauses."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds to wait for a store that is away; doubled each time."""
PASSING: Final = (StoreUnavailable, OutcomeUnknown, Conflict)
"""What passes by itself: a store that is away, an answer that was lost, others who were faster again and again."""
SAVE_EVERY = 1.0
"""Seconds between two savings of the position."""


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
    """What people see of a process manager. Halted: ``why`` is a sentence, ``details`` the traceback."""

    name: str
    phase: ProcessPhase
    why: str = ""
    details: str = ""


Reaction = Callable[[Recorded], None]


class _Progress:
    """Which events are begun and which are done; the mark below which nothing is left."""

    def __init__(self) -> None:
        self._open: dict[int, UUID] = {}
        self._done: dict[int, UUID] = {}
        self._mark: tuple[int, UUID] | None = None
        self._changed = threading.Condition()

    def begin(self, event: Recorded, over: threading.Event) -> bool:
        with self._changed:
            while len(self._open) >= MOST_AT_ONCE and not over.is_set():
                self._changed.wait(0.2)
            self._open[event.position] = event.id
            return not over.is_set()

    def finish(self, event: Recorded) -> None:
        with self._changed:
            self._open.pop(event.position, None)
            self._done[event.position] = event.id
            lowest = min(self._open, default=None)
            for position in sorted(self._done):
                if lowest is not None and position > lowest:
                    break
                self._mark = (position, self._done.pop(position))
            self._changed.notify_all()

    def mark(self) -> tuple[int, UUID] | None:
        with self._changed:
            return self._mark


class _Round:
    """From one beginning of the feed to its end: nothing of it is left when the next one begins."""

    def __init__(self, name: str, lanes: int) -> None:
        self.progress, self.over = _Progress(), threading.Event()
        self.lanes = [ThreadPoolExecutor(1, thread_name_prefix=f"{name}-{n}") for n in range(lanes)]

    def lane_of(self, event: Recorded) -> ThreadPoolExecutor:
        return self.lanes[zlib.crc32(event.stream.encode()) % len(self.lanes)]

    def end(self) -> None:
        self.over.set()
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
        store: EventStore,
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
        self._feed: Feed | None = None
        self._saved = 0.0

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
        pause = FIRST_PAUSE
        while not self._stop.is_set():
            try:
                self._follow()
                pause = FIRST_PAUSE
            except StoreError:
                self._enter(ProcessPhase.RUNNING)
                self._stop.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            except Exception as error:  # noqa: BLE001 - a bug halts this process manager and nobody else
                self.halt(error, "following the store")
            if self.halted:
                self._resumed.wait()
                self._enter(ProcessPhase.RUNNING, after_halt=True)
                self._resumed.clear()  # after it: who says it twice does not mean the next halt

    def resume(self) -> None:
        """Go on after a halt, with the event at which it halted. Nothing happens to one that runs."""
        if self.halted:
            self._resumed.set()

    def stop(self) -> None:
        """End soon: reactions that run are finished, those that wait are left for the next start."""
        self._stop.set()
        self._resumed.set()
        self._end_feed()

    def halt(self, error: Exception, during: str) -> None:
        """Stop working until resumed; the first reason counts. ``during`` says what it was doing."""
        why = f"{type(error).__name__}: {error} ({during})"
        self._enter(ProcessPhase.HALTED, why, "".join(traceback.format_exception(error)))
        self._end_feed()

    def _enter(self, phase: ProcessPhase, why: str = "", details: str = "", *, after_halt: bool = False) -> None:
        with self._guard:
            if self._state.phase is phase or (self.halted and not after_halt) or self._stop.is_set():
                return
            state = self._state = ProcessManagerState(self.name, phase, why, details)
        self._on_state(state)

    def _end_feed(self) -> None:
        with self._guard:
            if self._feed is not None:
                self._feed.stop()

    def _follow(self) -> None:
        feed = self._store.follow_all(after=self._begin_after(), only=self._only)
        with self._guard:
            self._feed = feed
        if self._is_over():
            feed.stop()
        here = _Round(self.name, self._lanes)
        try:
            for item in feed:
                if self._is_over() or not self._take(item, here):
                    break
        finally:
            here.end()
            self._save(here.progress, now=True)

    def _begin_after(self) -> int | None:
        """The stored position, if the store has that event there; else it is another store, and all is new."""
        stored = self._positions.load(self.name)
        if stored is None:
            return None
        event = self._store.event_at(stored[0])
        return stored[0] if event is not None and event.id == stored[1] else None

    def _is_over(self) -> bool:
        return self._stop.is_set() or self.halted

    def _take(self, item: object, here: _Round) -> bool:
        if isinstance(item, CaughtUp):
            self._pass_on(here, 0)
        elif isinstance(item, Recorded) and item.type in self._kinds:
            if not here.progress.begin(item, here.over):
                return False
            here.lane_of(item).submit(self._handle, item, here)
            self._save(here.progress)
        return True

    def _pass_on(self, here: _Round, lane: int) -> None:
        """Live is who has reacted to all that was there: this goes through all lanes, behind what waits in each."""
        if lane == len(here.lanes):
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
                here.over.set()
                self.halt(error, f"{event.type} at revision {event.revision} of {event.stream}")

    def _save(self, progress: _Progress, *, now: bool = False) -> None:
        mark, time_now = progress.mark(), time.monotonic()
        if mark is not None and (now or time_now - self._saved >= SAVE_EVERY):
            self._saved = time_now
            with suppress(StoreError):  # the disk is full, say: an older position only means more to repeat
                self._positions.save(self.name, *mark)
