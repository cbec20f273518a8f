"""What stands in a dialog above its buttons: it is as high as it needs, and scrolls where the screen is too small."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QFrame, QLayout, QScrollArea, QWidget

from desk.gui.frame.text_size import scaled

FRAME: Final = QSize(20, 60)
"""What a frame and a title bar of the system take."""
_LEAST_LINES: Final = 3
"""Of text that are seen, however small the screen is."""


def give_room(dialog: QWidget, wide: int, high: int = 0) -> None:
    """As large as that at normal text, larger with larger text, and never larger than the screen.

    Without a height it has that which its content asks for.
    """
    room = dialog.screen().availableSize() - FRAME
    dialog.resize(QSize(scaled(wide), scaled(high) or dialog.sizeHint().height()).boundedTo(room))


class Scrolled(QScrollArea):
    """Makes its window as high as the content needs, but no higher than its screen."""

    def __init__(self, content: QLayout) -> None:
        super().__init__()
        self._content = QWidget()
        content.setContentsMargins(0, 0, 0, 0)
        self._content.setLayout(content)
        self.setWidget(self._content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._follow_focus)

    def sizeHint(self) -> QSize:
        """All of the content."""
        return self._content.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """As wide as the content, where the screen is: sideways nothing is scrolled if that can be helped."""
        least = self._content.minimumSizeHint()
        bar = self.verticalScrollBar().sizeHint().width()
        across = min(least.width() + bar, self.screen().availableSize().width() - 4 * FRAME.width())
        return QSize(across, min(least.height(), _LEAST_LINES * self.fontMetrics().height()))

    def showEvent(self, event: QShowEvent) -> None:
        """The hints of wrapped texts count with narrower lines than they get."""
        super().showEvent(event)
        if not event.spontaneous():
            self.window().installEventFilter(self)
            self._give_window(shrink=True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A text in it, or beside it in the window, is another one."""
        done = super().eventFilter(watched, event)
        if event.type() is QEvent.Type.LayoutRequest and self.isVisible():
            self.updateGeometry()
            self._give_window(shrink=False)
        return done

    @Slot(QWidget, QWidget)
    def _follow_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        """By Tab Qt does so itself; but not where the dialog leads to a field that is wrong."""
        if now is not None and self._content.isAncestorOf(now):
            self.ensureWidgetVisible(now)

    def _give_window(self, *, shrink: bool) -> None:
        window, wide = self.window(), self.viewport().width()
        layout = window.layout()
        if layout is not None:
            layout.activate()
        content = self._content
        needed = content.heightForWidth(wide) if content.hasHeightForWidth() else content.sizeHint().height()
        missing = needed - self.viewport().height()
        room = self.screen().availableGeometry()
        high = min(window.height() + missing, room.height() - FRAME.height())
        if high > window.height() or (shrink and missing < 0):
            window.resize(window.width(), high)
            over = window.frameGeometry().bottom() - room.bottom()
            if over > 0:
                window.move(window.x(), max(room.top(), window.y() - over))
