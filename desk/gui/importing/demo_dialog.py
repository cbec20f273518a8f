"""Hop 1: loads the demo catalogue, and shows how far that is; beside a window that stays usable."""

import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QProgressBar, QVBoxLayout, QWidget

from desk.application.demo.books import read_books
from desk.application.demo.load import DemoProgress, DemoReport, load_demo
from desk.application.importing.errors import ImportFailed
from desk.application.importing.port import CataloguePort
from desk.gui.background import Bridge, start


class DemoDialog(QDialog):
    """Begins at once, and closes when all is loaded.

    Signals:
        loaded: the loading has ended (DemoReport).
    """

    loaded = Signal(object)  # DemoReport

    def __init__(
        self,
        port: CataloguePort,
        bridge: Bridge,
        books: Path,
        parent: QWidget,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        super().__init__(parent)
        self.setObjectName("demo")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Demo catalogue"))
        self.setMinimumWidth(420)
        self._bridge = bridge
        self._cancel = threading.Event()
        self._is_running = True
        self.words = QLabel(self.tr("150 well-known books, and a year of lending that ends today."))
        self.words.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName(self.tr("Progress of the loading"))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        for widget in (self.words, self.bar, self.buttons):
            column.addWidget(widget)
        parent.window().installEventFilter(self)
        moment = now()

        def work() -> DemoReport:
            drafts = read_books(books, latest_year=moment.year)
            return load_demo(port, drafts, moment, self._tell, self._cancel)

        bridge.call(start(work, "demo"), self._ended, self._broke_off, self)

    def open(self) -> None:
        """Show it without taking the window away from the user."""
        self.show()
        self.raise_()
        self.activateWindow()

    @Slot()
    def reject(self) -> None:
        """Cancel while it runs; what was told so far stays, and loading it again goes on. Close otherwise."""
        self._cancel.set()
        if not self._is_running:
            super().reject()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window is closing: nothing may run on."""
        if event.type() is QEvent.Type.Close:
            self._cancel.set()
        return super().eventFilter(watched, event)

    def _tell(self, progress: DemoProgress) -> None:
        """Called on the loading's thread."""
        self._bridge.post(partial(self._show_progress, progress), self)

    def _show_progress(self, progress: DemoProgress) -> None:
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)
        if progress.waiting_for:
            self.words.setText(
                self.tr("Waiting: {reason} The loading goes on by itself.").format(reason=progress.waiting_for)
            )

    def _ended(self, report: DemoReport) -> None:
        self._is_running = False
        self.loaded.emit(report)
        if report.problem:
            self._stay_with(report.problem)
        else:
            self.accept()

    def _broke_off(self, error: Exception) -> None:
        self._is_running = False
        if not isinstance(error, ImportFailed):
            self.accept()
            raise error
        self._stay_with(str(error))

    def _stay_with(self, sentence: str) -> None:
        self.words.setText(sentence)
        self.bar.hide()
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(self.tr("&Close"))
