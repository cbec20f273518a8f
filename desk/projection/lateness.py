"""Hop 7: how far the read model is behind what its feed has brought, and how late somebody wants it to be.

An artificial lateness lets one see eventual consistency: an event is written no sooner than so long after its arrival.
"""

import threading
import time

from desk.application.care import Lag


class Lateness:
    """Of one projector: it tells what it has in hand, anybody may ask or slow it down."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._seconds = 0.0
        self._in_hand = 0
        self._since = 0.0
        self._last = 0.0

    def slow_down(self, seconds: float) -> None:
        """From now on wait so long with each event after its arrival; 0 for no longer than it takes."""
        with self._changed:
            self._seconds = max(0.0, seconds)
            self._changed.notify_all()

    def nudge(self) -> None:
        """Let whoever is held look whether it is to stop."""
        with self._changed:
            self._changed.notify_all()

    def taken(self, events: int, since: float) -> None:
        """So many are in hand, the first of which arrived at this moment of the monotonic clock."""
        with self._changed:
            self._in_hand, self._since = events, since

    def hold(self, stop: threading.Event) -> None:
        """Wait as long as somebody wants what is in hand to be late; not while stopping."""
        with self._changed:
            while not stop.is_set():
                left = self._since + self._seconds - time.monotonic()
                if left <= 0:
                    return
                self._changed.wait(left)

    def written(self) -> None:
        """What was in hand is in the read model."""
        with self._changed:
            self._last = time.monotonic() - self._since
            self._in_hand = 0

    def lag(self, waiting: int) -> Lag:
        """What is in hand and ``waiting`` behind it."""
        with self._changed:
            oldest = time.monotonic() - self._since if self._in_hand else 0.0
            return Lag(self._in_hand + waiting, 1000 * oldest, 1000 * self._last)
