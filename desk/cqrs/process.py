"""A process manager's runner: follows a feed from a durable position of its own, reacting at least once to each event.

Events of one stream are handled in their order, several streams side by side. The position that is stored is the
lowest below which everything is done, so a crash repeats work but never skips any: reactions must be repeatable.
It is stored once a second at most, as repeating is harmless and writing is not free.
"""

import threading
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol
from uuid import UUID

from desk.cqrs.errors import StoreError
from desk.cqrs.store import CaughtUp, EventStore, Feed, Filter, Recorded

LANES = 16
MOST_AT_ONCE = 128
"""Reactions that may wait or run before the feed pauses."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds to wait for a store that is away; doubled each time."""
SAVE_EVERY = 1.0
"""Seconds between two savings of the position."""


class Positions(Protocol):
    """Where process managers keep their positions; not touched when read models are rebuilt."""

    def load(self, name: str) -> tuple[int, UUID] | None:
        """Position and id of the last event that is done with; None before the first."""

    def save(self, name: str, position: int, event_id: UUID) -> None:
        """Keep the position durably."""


Reaction = Callable[[Recorded], None]


class _Progress:
    """Which events are begun and which are done; the mark below which nothing is left."""

    def __init__(self) -> None:
        self._open: dict[int, UUID] = {}
        self._done: dict[int, UUID] = {}
        self._mark: tuple[int, UUID] | None = None
        self._changed = threading.Condition()

    def begin(self, event: Recorded, stop: threading.Event) -> bool:
        with self._changed:
            while len(self._open) >= MOST_AT_ONCE and not stop.is_set():
                self._changed.wait(0.2)
            self._open[event.position] = event.id
            return not stop.is_set()

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


class ProcessManagerRunner:
    """Runs one process manager until stopped. ``run`` blocks; give it a thread.

    ``react`` may raise StoreError, which is waited out and tried again; anything else halts this process manager,
    visibly (``on_halt``), with its position before that event.
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
        on_halt: Callable[[str, Exception], None],
        on_live: Callable[[], None] = lambda: None,
    ) -> None:
        self.name, self._store, self._positions, self._only, self._kinds = name, store, positions, only, kinds
        self._react, self._on_halt, self._on_live = react, on_halt, on_live
        self._stop = threading.Event()
        self._halted = threading.Event()
        self._feed: Feed | None = None
        self._feed_lock = threading.Lock()
        self._saved = 0.0

    @property
    def halted(self) -> bool:
        return self._halted.is_set()

    def run(self) -> None:
        """Follow and react until :meth:`stop`."""
        lanes = [ThreadPoolExecutor(1, thread_name_prefix=f"{self.name}-{n}") for n in range(LANES)]
        progress, pause = _Progress(), FIRST_PAUSE
        try:
            while not self._stop.is_set():
                try:
                    self._follow(lanes, progress)
                    pause = FIRST_PAUSE
                except StoreError:
                    self._stop.wait(pause)
                    pause = min(2 * pause, LONGEST_PAUSE)
        finally:
            for lane in lanes:
                lane.shutdown(wait=True, cancel_futures=True)
            self._save(progress, now=True)

    def stop(self) -> None:
        """End soon: reactions that run are finished, those that wait are left for the next start."""
        self._stop.set()
        with self._feed_lock:
            if self._feed is not None:
                self._feed.stop()

    def _follow(self, lanes: list[ThreadPoolExecutor], progress: _Progress) -> None:
        stored = progress.mark() or self._positions.load(self.name)
        feed = self._store.follow_all(after=stored[0] if stored else None, only=self._only)
        with self._feed_lock:
            self._feed = feed
        if self._stop.is_set():
            feed.stop()
        for item in feed:
            if self._stop.is_set():
                break
            if isinstance(item, CaughtUp):
                self._on_live()
            elif isinstance(item, Recorded) and item.type in self._kinds:
                if not progress.begin(item, self._stop):
                    break
                lane = lanes[zlib.crc32(item.stream.encode()) % LANES]
                lane.submit(self._handle, item, progress)
                self._save(progress)

    def _handle(self, event: Recorded, progress: _Progress) -> None:
        pause = FIRST_PAUSE
        while not self._stop.is_set():
            try:
                self._react(event)
                progress.finish(event)
                self._save(progress)
                return
            except StoreError:
                self._stop.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            except Exception as error:  # noqa: BLE001 - a bug halts this process manager and nobody else
                self._halt(error)

    def _halt(self, error: Exception) -> None:
        if not self._halted.is_set():
            self._halted.set()
            self._on_halt(self.name, error)
        self.stop()

    def _save(self, progress: _Progress, *, now: bool = False) -> None:
        mark, time_now = progress.mark(), time.monotonic()
        if mark is not None and (now or time_now - self._saved >= SAVE_EVERY):
            self._saved = time_now
            self._positions.save(self.name, *mark)
