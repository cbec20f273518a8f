"""Hop 7: how long events are held back on purpose: some seconds after they arrived, or until somebody steps or resumes.

So that one can see eventual consistency. Neither outlives the session.
"""

import math
import time
from collections.abc import Callable


class ProjectionDelay:
    """Of one projector, which asks before each batch; anybody may change it. ``changed`` is called whenever it did."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self.seconds = 0.0
        """What each event has to wait for after its arrival."""
        self.paused = False
        """Whether nothing is written until somebody steps or resumes."""

    def hold_for(self, seconds: float) -> None:
        """From now on hold each event back for so long; 0 for no longer than it takes."""
        self.seconds = max(0.0, seconds)
        self._changed()

    def pause(self) -> None:
        """Hold everything back. A batch that is being written is finished first."""
        self.paused = True
        self._changed()

    def resume(self) -> None:
        """Go on."""
        self.paused = False
        self._changed()

    def left(self, since: float | None) -> float:
        """Seconds for which an event that arrived then, on the monotonic clock, is still held back."""
        if self.paused:
            return math.inf
        return 0.0 if since is None else max(0.0, since + self.seconds - time.monotonic())
