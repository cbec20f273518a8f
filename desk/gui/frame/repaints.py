"""Hop 9: notes when the table was painted after the read model moved, for the spans of telemetry."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

from desk.application.catalogue import Announcement
from desk.gui.widgets.background import GuiBridge


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
    def _take(self, announcement: object) -> None:
        if isinstance(announcement, Announcement) and announcement.live:
            self._announced = announcement.position
