"""What passes, as it comes, for whatever shows it while that is seen."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget

from desk.application.session import Session
from desk.cqrs.live_feed import Batch
from desk.gui.widgets.background import GuiBridge


class LiveBatches(QObject):
    """Listens to the session's live feed while its page is visible.

    Signals:
        came: (Batch) stories and messages that are new, on the window's thread.
    """

    came = Signal(object)  # Batch

    def __init__(self, session: Session, bridge: GuiBridge, page: QWidget) -> None:
        super().__init__(page)
        self._session, self._bridge = session, bridge
        self._leave: Callable[[], None] | None = None
        page.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Begin when the page is shown, end when it is hidden."""
        if event.type() == QEvent.Type.Show and self._leave is None:
            self._leave = self._session.diagnostics.listen_to_stories(self._arrived)
        elif event.type() == QEvent.Type.Hide and self._leave is not None:
            self._leave()
            self._leave = None
        return False

    def _arrived(self, batch: Batch) -> None:
        """Called on the feed's thread."""
        self._bridge.post(partial(self.came.emit, batch), self)
