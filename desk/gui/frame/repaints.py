"""Hop 9: notes when something was painted: the window at first, and the table after the read model moved."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

from desk.gui.widgets.background import GuiBridge

if TYPE_CHECKING:
    from desk.application.catalogue import Announcement

AT_LATEST = 2000
"""Milliseconds after which a window that nobody sees, as on another desktop, counts as painted."""


class FirstPaint(QObject):
    """Calls somebody once, after a window was painted first."""

    def __init__(self, window: QWidget, then: Callable[[], object]) -> None:
        super().__init__(window)
        self._window, self._then = window, then
        self._end = QTimer(self, singleShot=True)
        self._end.timeout.connect(self._finish)
        # From the first turn of the event loop on: building the window may take longer than that.
        QTimer.singleShot(0, self, partial(self._end.start, AT_LATEST))
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """All of the window is painted when the event loop comes to the timer."""
        if event.type() is QEvent.Type.Paint:
            self._window.removeEventFilter(self)
            self._end.start(0)
        return False

    @Slot()
    def _finish(self) -> None:
        self._window.removeEventFilter(self)
        self._then()
        self.deleteLater()


class Repaints(QObject):
    """Tells the position up to which what is seen is painted. A move that changes nothing in sight is told with the
    next painting, whatever that is for."""

    def __init__(self, viewport: QWidget, bridge: GuiBridge, tell: Callable[[int], None]) -> None:
        super().__init__(viewport)
        self._tell = tell
        self._announced: int | None = None
        viewport.installEventFilter(self)
        bridge.announced.connect(self._take)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A painting is about to happen; it is over when the event loop comes to the timer."""
        if event.type() == QEvent.Type.Paint and self._announced is not None:
            position, self._announced = self._announced, None
            QTimer.singleShot(0, self, lambda: self._tell(position))
        return False

    @Slot(object)
    def _take(self, announcement: "Announcement") -> None:
        if announcement.live:
            self._announced = announcement.position
