"""Hop 7: a feed read ahead on a thread of its own, so that what arrived together is written together.

It holds a bounded number of events: a projection that is slower than the store makes the reading wait, so that memory
does not grow. While catching up a batch waits a moment to be full; live, it takes what is there, at once.
"""

import math
import threading
import time
from collections import deque
from typing import Final

from desk.cqrs.store import CaughtUp, Checkpoint, Feed, Recorded
from desk.records import dataclass

BATCH: Final = 500
LINGER: Final = 0.1
_CAPACITY: Final = 2 * BATCH


@dataclass(frozen=True, slots=True)
class Arrival:
    """What arrived: events, and whether the feed was caught up after them. ``ended``: nothing more will come.

    ``since``: when the first of the events arrived, on the monotonic clock.
    """

    events: list[Recorded]
    since: float = 0.0
    caught_up: bool = False
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Queue:
    """The events that nobody has taken yet, and since when the first of them waits (monotonic clock; None: none).

    ``full``: there was no room for more, so that others may wait behind them.
    """

    events: int
    since: float | None
    full: bool


class Inbox:
    """Reads a feed until it ends or is closed. One thread takes; any may close."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._items: deque[tuple[float, Recorded | CaughtUp]] = deque()  # each with the moment of its arrival
        self._changed = threading.Condition()
        self._marks = 0  # how many times the feed was caught up, among the items
        self._taking = 0  # for how many items somebody waits
        self._ended = False
        self._closed = False
        self._nudged = False
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._read, name="projection-inbox", daemon=True)
        self._thread.start()

    def await_first(self, wait: float | None) -> None:
        """Wait until something is there, somebody nudges, or the feed has ended; at most ``wait`` seconds."""
        with self._changed:
            self._await(1, wait)

    def await_nudge(self, wait: float) -> None:
        """Wait ``wait`` seconds, whatever arrives; until somebody nudges, or the feed has ended."""
        with self._changed:
            self._changed.wait_for(lambda: self._nudged or self._ended, wait)

    def take(self, *, limit: int = BATCH, arrived_by: float = math.inf, linger: float = 0.0) -> Arrival:
        """What is there, up to ``limit`` events, to being caught up, or to one that arrived after ``arrived_by`` (on
        the monotonic clock). Where something is there, waits ``linger`` seconds more for a full batch."""
        with self._changed:
            if linger and self._items:
                self._await(limit, linger)
            events: list[Recorded] = []
            since, caught_up = (self._items[0][0] if self._items else 0.0), False
            while self._items and not caught_up:
                arrived, item = self._items[0]
                if isinstance(item, CaughtUp):
                    self._marks -= 1
                    caught_up = True
                elif len(events) >= limit or arrived > arrived_by:
                    break
                else:
                    events.append(item)
                self._items.popleft()
            self._changed.notify_all()
            return Arrival(events, since, caught_up, self._ended and not self._items)

    @property
    def queue(self) -> Queue:
        """What nobody has taken yet."""
        with self._changed:
            count = len(self._items) - self._marks
            since = next((arrived for arrived, item in self._items if isinstance(item, Recorded)), None)
            return Queue(count, since, len(self._items) >= _CAPACITY)

    @property
    def ended(self) -> bool:
        """Whether nothing more will come, though something may still be there."""
        with self._changed:
            return self._ended

    def close(self) -> None:
        """End the feed and its thread; what was not taken is dropped."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._feed.stop()
        self._thread.join()

    def nudge(self) -> None:
        """Let nobody wait here until :meth:`heed_nudge`: there is something else to do."""
        with self._changed:
            self._nudged = True
            self._changed.notify_all()

    def heed_nudge(self) -> bool:
        """Whether somebody has nudged: what there is to do is looked at now."""
        with self._changed:
            nudged, self._nudged = self._nudged, False
            return nudged

    def wake(self) -> None:
        """Let whoever takes go with what is there, as if the feed had ended."""
        with self._changed:
            self._closed = self._ended = True
            self._changed.notify_all()

    def _await(self, count: int, seconds: float | None) -> None:
        deadline = None if seconds is None else time.monotonic() + seconds
        while len(self._items) < count and not (self._ended or self._marks or self._nudged):
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                break
            self._taking = count
            self._changed.wait(left)
        self._taking = 0

    def _read(self) -> None:
        try:
            for item in self._feed:
                if isinstance(item, Checkpoint):
                    continue  # for display only: a later event may still get that position
                if not self._put(item):
                    return
        except Exception as error:  # noqa: BLE001 - raised again by whoever takes
            self.error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _put(self, item: Recorded | CaughtUp) -> bool:
        with self._changed:
            while len(self._items) >= _CAPACITY and not self._closed:
                self._changed.wait()
            self._items.append((time.monotonic(), item))
            self._marks += isinstance(item, CaughtUp)
            if self._taking and (len(self._items) >= self._taking or self._marks):
                self._changed.notify_all()
            return not self._closed
