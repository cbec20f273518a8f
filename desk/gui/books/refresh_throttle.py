"""Hop 8: when to ask for the order of the table again: after some quiet, at most twice a second, never too seldom."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

QUIET = 0.25
"""Seconds without news after which it is asked again."""

APART = 0.5
"""Seconds that lie between two questions at least, and that news wait at most."""


class RefreshThrottle:
    """Gathers news into one question. Where answers are slow, questions become rarer."""

    def __init__(self, ask: Callable[[], None], parent: QObject) -> None:
        self._timer = QTimer(parent, singleShot=True)
        self._timer.timeout.connect(ask)
        self._since: float | None = None
        self._asked = 0.0
        self._took = 0.0

    def request(self) -> None:
        """The order may have changed."""
        now = time.monotonic()
        if self._since is None:
            self._since = now
        latest = self._since + APART
        earliest = self._asked + max(APART, 4 * self._took)
        due = max(min(now + QUIET, latest), earliest)
        self._timer.start(max(0, int((due - now) * 1000)))

    def asked(self) -> None:
        """A question went out, for whatever reason."""
        self._timer.stop()
        self._since = None
        self._asked = time.monotonic()

    def answered(self) -> None:
        """Its answer is there. To be called where it is made, on that thread: what the window does meanwhile, at its
        start above all, would count as slowness of the answer and put off every question after it."""
        self._took = time.monotonic() - self._asked

    def stop(self) -> None:
        """Nothing is waited for."""
        self._timer.stop()
        self._since = None
