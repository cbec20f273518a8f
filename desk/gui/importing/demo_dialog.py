"""Hop 1: loads the demo catalogue, and shows how far that is; beside a window that stays usable."""

import threading
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QProgressBar, QWidget

from desk.application.demo.books import read_books
from desk.application.demo.load import DemoProgress, DemoReport, load_demo
from desk.application.importing.errors import ImportFailed
from desk.application.session import ImportingPort
from desk.cqrs.moments import Moments
from desk.gui.importing.leaving import Leaving, StopWords
from desk.gui.widgets.background import GuiBridge, start
from desk.gui.widgets.boxes import column


class DemoDialog(QDialog):
    """Begins at once, and closes when all is loaded. Closing it, or its window, before that asks first.

    Signals:
        loaded: the loading has ended (DemoReport).
    """

    loaded = Signal(object)  # DemoReport

    def __init__(
        self,
        port: ImportingPort,
        bridge: GuiBridge,
        books: Path,
        parent: QWidget,
        moments: Moments,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("demo")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Demo catalogue"))
        self.setMinimumWidth(420)
        self._bridge = bridge
        self._cancel = threading.Event()
        stays = self.tr("What is loaded already stays. Loading it again goes on from there.")
        closing = self.tr("Stop loading the demo, and close Desk?")
        words = StopWords(self.tr("Stop loading the demo?"), stays, self.tr("&Stop"), closing, stays)
        self.leaving = Leaving(self, words, self.cancel, self.cancel)
        self.leaving.is_running = True
        self.words = QLabel(self.tr("150 well-known books, and a year of lending that ends today."), wordWrap=True)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName(self.tr("Progress of the loading"))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setAutoDefault(False)  # Enter breaks nothing off
        self.buttons.rejected.connect(self.reject)
        column(self.words, self.bar, self.buttons, on=self, margins=(20, 18, 20, 16), spacing=12)
        moment = moments.now().astimezone()

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
        """Ask before the loading is stopped. Close otherwise."""
        if self.leaving.may_close():
            super().reject()

    def cancel(self) -> None:
        """Stop soon; what was told so far stays, and loading it again goes on."""
        self._cancel.set()

    def _tell(self, progress: DemoProgress) -> None:
        """Called on the loading's thread."""
        self._bridge.post(partial(self._show_progress, progress), self)

    def _show_progress(self, progress: DemoProgress) -> None:
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)
        if progress.waiting_for:
            words = self.tr("Waiting: {reason} The loading goes on by itself.")
            self.words.setText(words.format(reason=progress.waiting_for))

    def _ended(self, report: DemoReport) -> None:
        self.leaving.end()
        self.loaded.emit(report)
        if report.problem:
            self._stay_with(report.problem)
        else:
            self.accept()

    def _broke_off(self, error: Exception) -> None:
        self.leaving.end()
        if not isinstance(error, ImportFailed):
            self.accept()
            raise error
        self._stay_with(str(error))

    def _stay_with(self, sentence: str) -> None:
        self.words.setText(sentence)
        self.bar.hide()
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(self.tr("&Close"))
