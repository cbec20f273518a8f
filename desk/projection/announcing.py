"""Hop 8: announcements: the first at once, further ones gathered for 50 ms, so that no listener drowns."""

import time
from collections.abc import Callable
from typing import Final

from desk.application.catalogue import Announcement
from desk.projection.batch import Written

GATHER: Final = 0.05
GATHER_PROGRESS: Final = 0.2
"""Seconds between announcements, live and while catching up."""

Announce = Callable[[Announcement], None]


class AnnouncementThrottle:
    """Gathers what was written and announces it in time; belongs to the projector's thread."""

    def __init__(self, announce: Announce, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._announce, self._monotonic = announce, monotonic
        self._last = float("-inf")
        self._gathered: Written | None = None
        self._position = -1
        self._live = False
        self._progress: float | None = None

    @property
    def due_in(self) -> float | None:
        """Seconds until :meth:`flush` is to be called; None where nothing waits."""
        return None if self._gathered is None else self.silent_for

    @property
    def silent_for(self) -> float:
        """Seconds in which nothing would be announced, whatever was written; 0 once an announcement is made at once."""
        gap = GATHER if self._live else GATHER_PROGRESS
        return max(0.0, self._last + gap - self._monotonic())

    def add(self, written: Written, position: int, *, live: bool, progress: float | None = None) -> None:
        """Something was committed; it is announced now or soon."""
        if self._gathered is None:
            self._gathered = Written()
        self._gathered.extend(written)
        self._position, self._live, self._progress = position, live, progress
        if self.due_in == 0:
            self.flush()

    def flush(self) -> None:
        """Announce what was gathered."""
        gathered, self._gathered = self._gathered, None
        if gathered is None:
            return
        self._last = self._monotonic()
        if self._live:
            self._announce(gathered.announcement(self._position))
        else:
            self._announce(Announcement(self._position, live=False, progress=self._progress, parked=gathered.parked))

    def replaced(self, position: int, parked: int) -> None:
        """The read model is another one now: nobody may take any row for unchanged."""
        self._live, self._gathered = False, None
        self._announce(Announcement(position, live=False, progress=1.0, parked=parked))

    def turned_live(self, position: int) -> None:
        """Everything that was there is in the read model: whoever shows an order of rows asks for it again."""
        gathered, self._gathered = self._gathered, None
        if gathered is not None:
            # What was written meanwhile may not be named: nobody may take the rows for unchanged.
            self._announce(Announcement(position, live=False, progress=1.0, parked=gathered.parked))
        self._live = True
        self._last = self._monotonic()
        self._announce(Announcement(position, reordered=True, progress=1.0))
