"""Asks before something that runs is stopped: one question at a time, gone when there is nothing to stop any more."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from desk.records import dataclass


@dataclass(frozen=True, slots=True)
class StopWords:
    """What is asked when the dialog is closed, what then stays, and the button; and the same for its window."""

    stop: str
    stays: str
    verb: str
    close: str
    stays_then: str


class Leaving(QObject):
    """Looks after a dialog in which something runs, and its window. Enter and Esc let it run on.

    ``cancel`` ends it soon. ``forget`` does so where nobody will see what comes of it: the window closes.
    """

    def __init__(
        self, dialog: QWidget, words: StopWords, cancel: Callable[[], None], forget: Callable[[], None]
    ) -> None:
        super().__init__(dialog)
        self._dialog, self._words, self._cancel, self._forget = dialog, words, cancel, forget
        self.is_running = self._abandoned = False
        self.box: QMessageBox | None = None
        parent = dialog.parentWidget()
        assert parent is not None
        self._window = parent.window()
        self._window.installEventFilter(self)

    def may_close(self) -> bool:
        """Whether nothing runs; else it is asked."""
        if self.is_running:
            self._ask(self._words.stop, self._words.stays, self._words.verb, self._cancel)
        return not self.is_running

    def end(self) -> None:
        """Nothing runs any more."""
        self.is_running = False
        self._withdraw()

    def abandon(self) -> None:
        """The program ends, and nobody can be asked."""
        self._abandoned = True
        self._forget()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window is closing: ask first while it runs; nothing may run on then."""
        if event.type() is not QEvent.Type.Close:
            return False
        if self.is_running and not self._abandoned:
            event.ignore()
            self._ask(self._words.close, self._words.stays_then, self.tr("&Stop and close"), self._close_window)
            return True
        self._forget()
        return False

    def _close_window(self) -> None:
        self.abandon()
        self._window.close()

    def _ask(self, text: str, consequence: str, stop: str, on_stop: Callable[[], None]) -> None:
        """Ask, with ``stop`` on the button that calls ``on_stop``; a question that is open already gives way."""
        self._withdraw()
        box = QMessageBox(QMessageBox.Icon.Question, self.tr("Desk"), text, parent=self._dialog)
        box.setObjectName("stop-question")
        box.setInformativeText(consequence)
        box.addButton(stop, QMessageBox.ButtonRole.DestructiveRole).clicked.connect(on_stop)
        stay = box.addButton(self.tr("&Go on"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)
        box.finished.connect(self._answered)
        box.finished.connect(box.deleteLater)
        self.box = box
        box.open()

    def _withdraw(self) -> None:
        if self.box is not None:
            self.box.reject()

    @Slot()
    def _answered(self) -> None:
        self.box = None
