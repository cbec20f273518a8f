"""Hop 1: ties the import dialog and the demo to the window: one of each at a time."""

from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, Signal, Slot

from desk.application.demo.load import DemoReport
from desk.application.importing.encodings import GuessEncoding, guess_western
from desk.application.importing.port import CataloguePort
from desk.application.importing.progress import ImportReport
from desk.gui.importing.demo_dialog import DemoDialog
from desk.gui.importing.dialog import ImportContext, ImportDialog
from desk.gui.main_window import MainWindow
from desk.gui.resources import resource


class ImportPart(QObject):
    """Belongs to the window. Does nothing before the session is open.

    Signals:
        said: something for the status bar (str).
    """

    said = Signal(str)

    def __init__(self, window: MainWindow, guess: GuessEncoding = guess_western) -> None:
        super().__init__(window)
        self._window, self._guess = window, guess
        self._port: CataloguePort | None = None
        self.dialog: ImportDialog | None = None
        self.demo: DemoDialog | None = None
        window.opened.connect(self._open)
        window.import_wanted.connect(self.choose_file)
        window.demo_wanted.connect(self.load_demo)
        self.said.connect(window.status.say)

    @Slot()
    def choose_file(self) -> None:
        """Show the dialog; the file is chosen there."""
        self.import_file(None)

    def import_file(self, path: Path | None) -> None:
        """Show the dialog, looking into this file where one is given."""
        if self._port is None:
            return
        if self.dialog is None:
            window = self._window
            context = ImportContext(self._port, window.bridge, window.theme, window.icons, self._guess)
            self.dialog = ImportDialog(context, window)
            self.dialog.imported.connect(self._say_import)
            self.dialog.finished.connect(self._forget_dialog)
        if path is not None and not self.dialog.is_running:
            self.dialog.choose(path)
        self.dialog.open()

    @Slot()
    def load_demo(self) -> None:
        """Load the demo catalogue, and show how far that is."""
        if self._port is None:
            return
        if self.demo is None:
            self.demo = DemoDialog(self._port, self._window.bridge, resource("demo/books.csv"), self._window)
            self.demo.loaded.connect(self._say_demo)
            self.demo.finished.connect(self._forget_demo)
        self.demo.open()

    @Slot(object)
    def _open(self, session: object) -> None:
        # The composition root's session is the port as well; the window knows it only as a Session.
        self._port = cast("CataloguePort", session)

    @Slot(object)
    def _say_import(self, report: ImportReport) -> None:
        self.said.emit(report.summary())

    @Slot(object)
    def _say_demo(self, report: DemoReport) -> None:
        if not report.cancelled and not report.problem:
            self.said.emit(
                self.tr("The demo catalogue is loaded: {count} changes of a year.").format(count=f"{report.done:,}")
            )

    @Slot()
    def _forget_dialog(self) -> None:
        self.dialog = None

    @Slot()
    def _forget_demo(self) -> None:
        self.demo = None
