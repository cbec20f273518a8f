"""Hop 1: loads the demo catalogue, and shows how far that is; beside a window that stays usable."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QProgressBar, QVBoxLayout, QWidget

from desk.application.demo.books import read_books
from desk.application.demo.load import DemoProgress, DemoReport, load_demo
from desk.application.importing.errors import ImportFailed
from desk.application.session import ImportingPort
from desk.cqrs.moments import Moments
from desk.gui.importing.leaving import StopQuestion
from desk.gui.widgets.background import GuiBridge, start
from desk.gui.widgets.boxes import fill


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
        self.is_running, self._abandoned = True, False
        self._stop = StopQuestion(self)
        self.words = QLabel(self.tr("150 well-known books, and a year of lending that ends today."), wordWrap=True)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName(self.tr("Progress of the loading"))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.buttons.rejected.connect(self.reject)
        fill(QVBoxLayout(self), self.words, self.bar, self.buttons, margins=(20, 18, 20, 16), spacing=12)
        self._window = parent.window()
        self._window.installEventFilter(self)
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
        if not self.is_running:
            super().reject()
            return
        self._ask(self.tr("Stop loading the demo?"), self.tr("&Stop"), self.cancel)

    def cancel(self) -> None:
        """Stop soon; what was told so far stays, and loading it again goes on."""
        self._cancel.set()

    def abandon(self) -> None:
        """The program ends, and nobody can be asked."""
        self._abandoned = True
        self.cancel()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window is closing: ask first while it loads; nothing may run on then."""
        if event.type() is QEvent.Type.Close:
            if self.is_running and not self._abandoned:
                event.ignore()
                stop = self.tr("&Stop and close")
                self._ask(self.tr("Stop loading the demo, and close Desk?"), stop, self._close_window)
                return True
            self.cancel()
        return super().eventFilter(watched, event)

    def _ask(self, text: str, stop: str, on_stop: Callable[[], None]) -> None:
        self._stop.ask(
            text, self.tr("What is loaded already stays. Loading it again goes on from there."), stop, on_stop
        )

    def _close_window(self) -> None:
        self.abandon()
        self._window.close()

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
        self.is_running = False
        self._stop.withdraw()
        self.loaded.emit(report)
        if report.problem:
            self._stay_with(report.problem)
        else:
            self.accept()

    def _broke_off(self, error: Exception) -> None:
        self.is_running = False
        self._stop.withdraw()
        if not isinstance(error, ImportFailed):
            self.accept()
            raise error
        self._stay_with(str(error))

    def _stay_with(self, sentence: str) -> None:
        self.words.setText(sentence)
        self.bar.hide()
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(self.tr("&Close"))
