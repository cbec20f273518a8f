"""Hop 6: the message source: bridges events from the store, and from nowhere else, to whoever is to hear of them."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

from desk.cqrs.errors import StoreError
from desk.cqrs.faults import FaultLog
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.process import Positions
from desk.cqrs.store import EventStore, Feed, Filter, Recorded

FIRST_PAUSE: Final = 0.25
LONGEST_PAUSE: Final = 5.0
"""Seconds before a feed that broke is taken up again; doubled each time."""
SAVE_EVERY: Final = 1.0
"""Seconds between two savings of a bridge's position."""

Sink = Callable[[Recorded], None]


class MessageSource(Protocol):
    """Where events come from."""

    def bridge_events_to(self, sink: Sink, *, after: int | None, stop: threading.Event) -> None:
        """Give each event after that position (None: from the very first) to ``sink``, in order; return on ``stop``."""


class StoreSource:
    """A message source over an event store: one filtered feed, taken up again after the last event that was given.

    A sink that raises is recorded and the next event follows: the source ends for nobody's bug.
    """

    def __init__(self, store: EventStore, only: Filter, faults: FaultLog, *, name: str = "Message source") -> None:
        self._store, self._only, self._faults, self._name = store, only, faults, name
        self._feed: Feed | None = None
        self._lock = threading.Lock()

    def bridge_events_to(self, sink: Sink, *, after: int | None, stop: threading.Event) -> None:
        """As the port says. Blocks; a store that is away is waited for."""
        watcher = threading.Thread(target=self._end_on, args=(stop,), name=f"{self._name}-end")
        watcher.start()
        position, pause = after, FIRST_PAUSE
        while not stop.is_set():
            try:
                for item in self._opened(position, stop):
                    if stop.is_set():
                        break
                    pause = FIRST_PAUSE
                    if isinstance(item, Recorded):
                        self._give(item, sink)
                        position = item.position
            except StoreError:
                stop.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        watcher.join()

    def _opened(self, after: int | None, stop: threading.Event) -> Feed:
        feed = self._store.follow_all(after=after, only=self._only)
        with self._lock:
            self._feed = feed
            if stop.is_set():
                feed.stop()
        return feed

    def _end_on(self, stop: threading.Event) -> None:
        stop.wait()
        with self._lock:
            if self._feed is not None:
                self._feed.stop()

    def _give(self, event: Recorded, sink: Sink) -> None:
        try:
            sink(event)
        except Exception as error:  # noqa: BLE001 - a sink's bug is recorded, and the next event follows
            meta = parse_metadata(event.metadata)
            self._faults.failed(self._name, event.type, error, correlation_id=meta.correlation_id)


class Bridge:
    """A message source from a durable checkpoint into a sink. ``run`` blocks; give it a thread.

    The position is stored once a second at most and when stopped, so that after a crash a few events come again.
    A checkpoint that is not of this store (another one answers at that address) counts as none.
    """

    def __init__(self, name: str, source: MessageSource, sink: Sink, store: EventStore, positions: Positions) -> None:
        self.name, self._source, self._sink, self._store, self._positions = name, source, sink, store, positions
        self._stop = threading.Event()
        self._last: Recorded | None = None
        self._saved = 0.0

    def run(self) -> None:
        """Bridge until :meth:`stop`."""
        pause = FIRST_PAUSE
        while not self._stop.is_set():
            try:
                after = self._checkpoint()
            except StoreError:
                self._stop.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                self._source.bridge_events_to(self._give, after=after, stop=self._stop)
                self._save()

    def stop(self) -> None:
        """End soon."""
        self._stop.set()

    def _checkpoint(self) -> int | None:
        stored = self._positions.load(self.name)
        if stored is None:
            return None
        position, event_id = stored
        there = self._store.event_at(position)
        return position if there is not None and there.id == event_id else None

    def _give(self, event: Recorded) -> None:
        try:
            self._sink(event)
        finally:
            self._last = event
            if time.monotonic() - self._saved >= SAVE_EVERY:
                self._save()

    def _save(self) -> None:
        last, self._last = self._last, None
        if last is not None:
            self._saved = time.monotonic()
            with suppress(StoreError):  # where the disk refuses, a few more events come again
                self._positions.save(self.name, last.position, last.id)
