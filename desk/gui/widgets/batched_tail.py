"""Hop 8: a live reading, brought to the window's thread in batches."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from desk.application.queries import Source
from desk.application.session import Session, TailState
from desk.cqrs.store import Recorded
from desk.gui.widgets.background import GuiBridge

T = TypeVar("T")

BETWEEN = 33
"""Milliseconds between two batches at least: more often nobody can see."""


class BatchedTail(QObject, Generic[T]):
    """Follows a source until stopped; ``take`` and ``tell`` are called on the window's thread.

    ``convert`` runs on the session's thread, so that the window's has little to do for each event. ``bound`` is the
    most that is kept while the window is busy: of what waits, the oldest is dropped.
    """

    def __init__(
        self,
        session: Session,
        bridge: GuiBridge,
        convert: Callable[[Recorded], T],
        take: Callable[[tuple[T, ...], int], None],
        tell: Callable[[TailState], None],
        parent: QObject,
        *,
        bound: int | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._bridge = session, bridge
        self._convert, self._take, self._tell, self._bound = convert, take, tell, bound
        self._lock = threading.Lock()
        self._waiting: list[T] = []
        self._dropped = 0
        self._posted = self._stopped = False
        self._since = QElapsedTimer()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._deliver)

    def start(self, source: Source, after: int | None) -> None:
        """Begin with what comes after a revision (a stream) or a position (else)."""
        self._tail = self._session.queries.follow(source, after=after, sink=self._arrive, on_state=self._changed)

    def stop(self) -> None:
        """Nothing is delivered after this, not even what waits."""
        if self._stopped:
            return
        self._stopped = True
        self._timer.stop()
        self._tail.stop()
        self.deleteLater()

    def _arrive(self, events: tuple[Recorded, ...]) -> None:
        converted = [self._convert(event) for event in events]
        with self._lock:
            self._waiting += converted
            if self._bound is not None and len(self._waiting) > self._bound:
                self._dropped += len(self._waiting) - self._bound
                del self._waiting[: -self._bound]
            if self._posted:
                return
            self._posted = True
        self._bridge.post(self._soon, self)

    def _changed(self, state: TailState) -> None:
        self._bridge.post(partial(self._report, state), self)

    def _report(self, state: TailState) -> None:
        if not self._stopped:
            self._tell(state)

    def _soon(self) -> None:
        """The first batch at once, further ones gathered."""
        passed = self._since.elapsed() if self._since.isValid() else BETWEEN
        if passed >= BETWEEN:
            self._deliver()
        else:
            self._timer.start(int(BETWEEN - passed))

    def _deliver(self) -> None:
        with self._lock:
            batch, dropped = tuple(self._waiting), self._dropped
            self._waiting.clear()
            self._dropped = 0
            self._posted = False
        if batch and not self._stopped:
            self._since.restart()
            self._take(batch, dropped)
