"""Hop 8, for a process beside the one that writes the read model: notices by looking that it has moved.

Announcements do not cross processes, so this is the one place that looks again and again; it is used by commands
that run beside a window, for as long as they run.
"""

import threading
from collections.abc import Callable
from pathlib import Path

from desk.application.catalogue import Announcement
from desk.projection.catalogue import Catalogue

EVERY = 0.1
"""Seconds between two looks."""


class ReadModelWatch:
    """Announces each new position of a read model that another process writes. ``run`` blocks until ``stop``."""

    def __init__(self, path: Path, announce: Callable[[Announcement], None]) -> None:
        self._path, self._announce = path, announce
        self._stop = threading.Event()

    def run(self) -> None:
        """Look until stopped."""
        while not self._path.exists() and not self._stop.wait(EVERY):
            continue
        if self._stop.is_set():
            return
        catalogue = Catalogue(self._path)
        try:
            known = None
            while not self._stop.wait(EVERY):
                position = catalogue.status().position
                if position is not None and position != known:
                    known = position
                    self._announce(Announcement(position))
        finally:
            catalogue.close()

    def stop(self) -> None:
        """End soon."""
        self._stop.set()
