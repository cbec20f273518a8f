"""Hop 7: how long events are held back on purpose: some seconds after they arrived, or until somebody steps or resumes.

So that one can see eventual consistency. Neither outlives the session.
"""

import math
import threading
import time
from collections.abc import Callable


class ProjectionDelay:
    """Of one projector, which asks before each batch; anybody may change it. ``changed`` is called whenever it did."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._guard = threading.Lock()
        self._seconds = 0.0
        self._paused = False

    @property
    def seconds(self) -> float:
        """What each event has to wait for after its arrival."""
        with self._guard:
            return self._seconds

    @property
    def paused(self) -> bool:
        """Whether nothing is written until somebody steps or resumes."""
        with self._guard:
            return self._paused

    def hold_for(self, seconds: float) -> None:
        """From now on hold each event back for so long; 0 for no longer than it takes."""
        with self._guard:
            self._seconds = max(0.0, seconds)
        self._changed()

    def pause(self) -> None:
        """Hold everything back. A batch that is being written is finished first."""
        self._set_paused(paused=True)

    def resume(self) -> None:
        """Go on."""
        self._set_paused(paused=False)

    def left(self, since: float | None) -> float:
        """Seconds for which an event that arrived then, on the monotonic clock, is still held back."""
        with self._guard:
            if self._paused:
                return math.inf
            return 0.0 if since is None else max(0.0, since + self._seconds - time.monotonic())

    def _set_paused(self, *, paused: bool) -> None:
        with self._guard:
            self._paused = paused
        self._changed()
