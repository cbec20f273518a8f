"""Hop 6: the message source: bridges events from the store, and from nowhere else, to whoever is to hear of them."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from desk.cqrs.errors import StoreError
from desk.cqrs.faults import FaultLog
from desk.cqrs.follow import Follower
from desk.cqrs.known_store import KnownStore, Witness
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.process import Positions
from desk.cqrs.store import EventStore, Feed, Filter, Recorded

SAVE_EVERY: Final = 1.0
"""Seconds between two savings of a bridge's position."""

Sink = Callable[[Recorded], None]


class MessageSource:
    """Where events come from: one filtered feed of a store, taken up again after the last event that was given.

    A sink that raises is recorded and the next event follows: the source ends for nobody's bug.
    """

    def __init__(self, store: EventStore, only: Filter, faults: FaultLog) -> None:
        self._store, self._only, self._faults = store, only, faults

    def bridge_events_to(
        self,
        sink: Sink,
        *,
        after: Callable[[], int | None],
        on_drop: Callable[[StoreError], None] = lambda _error: None,
    ) -> Follower:
        """Who gives each event after that position (None: from the very first) to ``sink``, in order, once it follows.

        ``after`` is asked at each subscription, and may raise StoreError; ``on_drop`` is called when one ends. A store
        that is away is waited for.
        """

        def read(feed: Feed) -> None:
            for item in feed:
                if isinstance(item, Recorded):
                    self._give(item, sink)

        return Follower(lambda: self._store.follow_all(after=after(), only=self._only), read, on_drop)

    def _give(self, event: Recorded, sink: Sink) -> None:
        try:
            sink(event)
        except Exception as error:  # noqa: BLE001 - a sink's bug is recorded, and the next event follows
            meta = parse_metadata(event.metadata)
            self._faults.failed("Message source", event.type, error, correlation_id=meta.correlation_id)


class SourceBridge:
    """A message source from a durable checkpoint into a sink. ``run`` blocks; give it a thread.

    The position is stored once a second at most and when stopped, so that after a crash a few events come again.
    A checkpoint that is not of this store (another one answers at that address) counts as none.
    """

    def __init__(self, name: str, source: MessageSource, sink: Sink, store: KnownStore, positions: Positions) -> None:
        self.name, self._sink, self._store, self._positions = name, sink, store, positions
        self._follower = source.bridge_events_to(self._give, after=self._checkpoint, on_drop=self._dropped)
        self._last: Recorded | None = None
        self._saved = 0.0

    def run(self) -> None:
        """Bridge until :meth:`stop`."""
        self._follower.follow()
        self._save()

    def wake(self) -> None:
        """The store is back."""
        self._follower.wake()

    def stop(self) -> None:
        """End soon."""
        self._follower.stop()

    def _checkpoint(self) -> int | None:
        self._save()
        stored = self._positions.load(self.name)
        return self._store.place_of(self.name, None if stored is None else Witness(*stored))

    def _dropped(self, _error: StoreError) -> None:
        self._store.lost(self.name)

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
