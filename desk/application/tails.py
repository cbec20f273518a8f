"""Live tails of streams: what comes after a place, in bundles, until stopped; broken feeds are taken up again."""

import threading
from collections.abc import Callable

from desk.application.queries import Source
from desk.application.session import TailState
from desk.application.streampages import filter_of, place_of
from desk.cqrs.errors import StoreError, StreamIsGone
from desk.cqrs.follow import Follower
from desk.cqrs.store import CaughtUp, EventStore, Feed, Recorded

GATHERED = 0.05
"""Seconds for which events are gathered after a delivery; the first after a quiet time goes out at once."""
LARGEST_BUNDLE = 500

Sink = Callable[[tuple[Recorded, ...]], None]
OnState = Callable[[TailState], None]


class LiveTail:
    """One tail, with a thread that reads and one that delivers. Stopping it lets both end; :meth:`join` waits."""

    def __init__(self, store: EventStore, source: Source, after: int | None, sink: Sink, on_state: OnState) -> None:
        self._store, self._source, self._after = store, source, after
        self._sink, self._on_state = sink, on_state
        self._waiting: list[Recorded] = []
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self._follower = Follower(self._subscribe, self._read, self._dropped)
        name = f"tail-{source}"
        self._threads = (
            threading.Thread(target=self._follower.follow, name=f"{name}-reader"),
            threading.Thread(target=self._deliver, name=name),
        )
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End soon; nothing is delivered once the present delivery is over."""
        self._stop.set()
        self._follower.stop()
        with self._changed:
            self._changed.notify_all()

    def wake(self) -> None:
        """The store is back."""
        self._follower.wake()

    def join(self, timeout: float) -> None:
        """Wait for the threads to end."""
        for thread in self._threads:
            thread.join(timeout)

    @property
    def ended(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def _subscribe(self) -> Feed:
        if self._source.stream is not None:
            return self._store.follow_stream(
                self._source.stream, after=self._after, resolve_links=self._source.resolve_links
            )
        return self._store.follow_all(
            after=self._after, only=filter_of(self._source), resolve_links=self._source.resolve_links
        )

    def _read(self, feed: Feed) -> None:
        try:
            for item in feed:
                if isinstance(item, Recorded):
                    self._put(item)
                elif isinstance(item, CaughtUp):
                    self._on_state(TailState(live=True))
        except StreamIsGone as gone:
            self._on_state(TailState(live=False, problem=str(gone)))

    def _dropped(self, error: StoreError) -> None:
        self._on_state(TailState(live=False, problem=str(error)))

    def _put(self, event: Recorded) -> None:
        with self._changed:
            # A reader that is far ahead waits: memory stays bounded however long the stream is.
            self._changed.wait_for(lambda: len(self._waiting) < LARGEST_BUNDLE or self._stop.is_set())
            self._waiting.append(event)
            self._after = place_of(self._source, event)
            self._changed.notify_all()

    def _deliver(self) -> None:
        while not self._stop.is_set():
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._stop.is_set())
                bundle, self._waiting = tuple(self._waiting), []
                self._changed.notify_all()
            if self._stop.is_set():
                return
            self._sink(bundle)
            self._stop.wait(GATHERED)


class Tails:
    """The live tails of one session, which end together."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._open: list[LiveTail] = []
        self._closed = False
        self._lock = threading.Lock()

    def follow(self, source: Source, after: int | None, sink: Sink, on_state: OnState) -> LiveTail:
        """Begin a tail; it is stopped at once where the session is closing."""
        tail = LiveTail(self._store, source, after, sink, on_state)
        with self._lock:
            self._open = [*(one for one in self._open if not one.ended), tail]
            if self._closed:
                tail.stop()
        return tail

    def wake(self) -> None:
        """The store is back: tails that wait for it try now."""
        with self._lock:
            tails = self._open
        for tail in tails:
            tail.wake()

    def close(self) -> None:
        """Stop them all, and wait a while for their threads."""
        with self._lock:
            self._closed, tails = True, self._open
        for tail in tails:
            tail.stop()
        for tail in tails:
            tail.join(2.0)
