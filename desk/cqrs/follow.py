"""Hop 6: following a feed for as long as the program runs: where it drops, a pause that grows, and a new one.

One loop for all who follow: the projector, process managers, the message source and live tails.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Final

from desk.cqrs.errors import OutcomeUnknown, StoreError, StoreUnavailable
from desk.cqrs.store import CaughtUp, Checkpoint, Feed, Recorded

FIRST_PAUSE: Final = 0.25
LONGEST_PAUSE: Final = 5.0
"""Seconds before a feed that dropped is taken up again; doubled each time, until something arrives."""
REFUSED_PAUSE: Final = 60.0
"""Seconds before a store is asked again that has said no: a person has to mend that, and then wakes whoever waits."""


class GrowingPause:
    """A pause before another attempt, in seconds: twice as long each time. Any thread may end or reset it."""

    def __init__(self, first: float = FIRST_PAUSE, longest: float = LONGEST_PAUSE) -> None:
        self._first, self._longest = first, longest
        self._next = first
        self._woken = threading.Event()

    def rest(self) -> None:
        """Wait for as long as it is the turn of, or until woken."""
        seconds, self._next = self._next, min(2 * self._next, self._longest)
        self.wait(seconds)

    def wait(self, seconds: float) -> None:
        """Wait so long, or until woken."""
        self._woken.wait(seconds)
        self._woken.clear()

    def wake(self) -> None:
        """End the present pause; the next one, where nobody rests."""
        self._woken.set()

    def forget_wake(self) -> None:
        """Let no earlier :meth:`wake` shorten the next pause."""
        self._woken.clear()

    def reset(self) -> None:
        """Begin with the shortest again: it has worked."""
        self._next = self._first


class Follower:
    """Subscribes, reads until the feed drops, pauses, and subscribes again, until stopped.

    ``subscribe`` is asked for a feed each time: of what comes after the last event that is done with. None ends the
    following. ``read`` consumes the feed, and returns when it wants no more of it; a feed that ends before raises
    StoreError out of it. ``on_drop`` is called with that error before each pause. All three are called on the thread
    of :meth:`follow`; what they raise that is no StoreError is a bug, and leaves it.
    """

    def __init__(
        self,
        subscribe: Callable[[], Feed | None],
        read: Callable[[Feed], None],
        on_drop: Callable[[StoreError], None] = lambda _error: None,
        *,
        pause: GrowingPause | None = None,
    ) -> None:
        self._subscribe, self._read, self._on_drop = subscribe, read, on_drop
        self._pause = pause or GrowingPause()
        self._stopped = threading.Event()
        self._guard = threading.Lock()
        self._feed: Feed | None = None

    @property
    def stopped(self) -> bool:
        """Whether it is to end, or has ended."""
        return self._stopped.is_set()

    def follow(self) -> None:
        """Follow until :meth:`stop`, or until ``read`` has had enough."""
        while not self.stopped:
            self._pause.forget_wake()
            try:
                self._read_once()
            except StoreError as error:
                if self.stopped:
                    return
                self._on_drop(error)
                self._rest(error)
            else:
                return

    def stop(self) -> None:
        """End for good, soon, and from any thread: the feed ends, and so does a pause."""
        self._stopped.set()
        with self._guard:
            if self._feed is not None:
                self._feed.stop()
        self._pause.wake()

    def wake(self) -> None:
        """Try again now: the store is back, or somebody has mended what it refused. From any thread."""
        self._pause.wake()

    def _read_once(self) -> None:
        subscribed = self._subscribe()
        if subscribed is None:
            return
        feed = _WatchedFeed(subscribed, self._pause)
        with self._guard:
            self._feed = feed
            if self.stopped:
                feed.stop()
        try:
            self._read(feed)
        finally:
            with self._guard:
                self._feed = None
            feed.stop()

    def _rest(self, error: StoreError) -> None:
        if isinstance(error, StoreUnavailable | OutcomeUnknown):
            self._pause.rest()
        else:
            self._pause.wait(REFUSED_PAUSE)


class _WatchedFeed:
    """A feed of which each item resets the pause; one that ends though nobody stopped it has dropped."""

    def __init__(self, feed: Feed, pause: GrowingPause) -> None:
        self._feed, self._pause = feed, pause
        self._stopped = False

    def __iter__(self) -> Iterator[Recorded | Checkpoint | CaughtUp]:
        for item in self._feed:
            self._pause.reset()
            yield item
        if not self._stopped:
            raise StoreUnavailable("The event store ended the feed.")

    def stop(self) -> None:
        self._stopped = True
        self._feed.stop()
