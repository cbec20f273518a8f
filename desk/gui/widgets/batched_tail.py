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
    """Follows one source at a time, until stopped; ``take`` and ``tell`` are called on the window's thread.

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
        self._posted = False
        self._token: object = None
        self._end: Callable[[], None] | None = None
        self._since = QElapsedTimer()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._deliver)

    @property
    def is_running(self) -> bool:
        """Whether something is followed."""
        return self._end is not None

    def start(self, source: Source, after: int | None) -> None:
        """Begin with what comes after a revision (a stream) or a position (else), in place of what was followed."""
        self.stop()
        token = self._token = object()
        sink, on_state = partial(self._arrive, token), partial(self._changed, token)
        self._end = self._session.queries.follow(source, after=after, sink=sink, on_state=on_state).stop

    def stop(self) -> None:
        """Nothing is delivered after this, not even what waits."""
        if self._end is None:
            return
        with self._lock:
            self._token, self._dropped = None, 0
            self._waiting.clear()
        self._timer.stop()
        self._end()
        self._end = None

    def _arrive(self, token: object, events: tuple[Recorded, ...]) -> None:
        converted = [self._convert(event) for event in events]
        with self._lock:
            if token is not self._token:
                return
            self._waiting += converted
            if self._bound is not None and len(self._waiting) > self._bound:
                self._dropped += len(self._waiting) - self._bound
                del self._waiting[: -self._bound]
            if self._posted:
                return
            self._posted = True
        self._bridge.post(self._soon, self)

    def _changed(self, token: object, state: TailState) -> None:
        self._bridge.post(partial(self._report, token, state), self)

    def _report(self, token: object, state: TailState) -> None:
        if token is self._token:
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
        if batch:
            self._since.restart()
            self._take(batch, dropped)
