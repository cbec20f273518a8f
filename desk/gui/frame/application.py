"""The Qt application: its identity, look and font, and the signals of the operating system."""

import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType

from PySide6.QtCore import QLocale, QObject, QSocketNotifier, Qt, QTimer, QTranslator, Signal, Slot
from PySide6.QtWidgets import QApplication

import desk
from desk.application.resources import ResourceMissing, resource
from desk.gui.frame.icons import window_icon
from desk.gui.frame.theme import load_fonts, ui_font

DESKTOP_ID = "io.github.desk.desk"
STOPPING = (signal.SIGINT, signal.SIGTERM)


def make_application(argv: Sequence[str]) -> QApplication:
    """The one QApplication of a process, with the same style and font on every system."""
    app = QApplication(list(argv))
    app.setApplicationName("desk")
    app.setApplicationDisplayName("Desk")
    app.setApplicationVersion(desk.__version__)
    app.setDesktopFileName(DESKTOP_ID)
    # The window says when it is gone: it closes the session first.
    app.setQuitOnLastWindowClosed(False)
    app.setWindowIcon(window_icon())
    app.setStyle("fusion")
    load_fonts()
    app.setFont(ui_font())
    _translate(app)
    return app


def _translate(app: QApplication) -> None:
    """Texts in the system's language, where there is a file for it; English is in the code. Days follow the texts."""
    try:
        folder = resource("locale")
    except ResourceMissing:
        folder = None
    translator = QTranslator(app)
    if folder is not None and translator.load(QLocale.system(), "desk", "_", str(folder)):
        app.installTranslator(translator)
    else:
        QLocale.setDefault(QLocale.c())


class StopSignals(QObject):
    """Ctrl+C and SIGTERM, noticed at once although Qt's loop runs no Python by itself.

    Signals:
        stopped: one of them came (its number).
    """

    stopped = Signal(object)  # int
    _came = Signal(object)  # int

    def __init__(self) -> None:
        super().__init__()
        # Python calls a handler between any two of its steps, in the middle of building a window too.
        self._came.connect(self.stopped, Qt.ConnectionType.QueuedConnection)
        self.last: int | None = None
        self._before = {number: signal.signal(number, self._handle) for number in STOPPING}
        self._ends: tuple[int, ...] = ()
        self._wake()

    def close(self) -> None:
        """As it was before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._ends:
            signal.set_wakeup_fd(self._wakeup)
            self._notifier.setEnabled(False)
        for end in self._ends:
            os.close(end)
        self._ends = ()

    def _wake(self) -> None:
        """See to it that Qt's loop runs some Python when a signal came: Python's handler is called before it."""
        if os.name == "posix":
            self._ends = os.pipe()
            for end in self._ends:
                os.set_blocking(end, False)
            self._notifier = QSocketNotifier(self._ends[0], QSocketNotifier.Type.Read, self)
            self._notifier.activated.connect(self._drain)
            self._wakeup = signal.set_wakeup_fd(self._ends[1], warn_on_full_buffer=False)
        else:
            timer = QTimer(self)
            timer.timeout.connect(self._drain)
            timer.start(500)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.last = number
        self._came.emit(number)

    @Slot()
    def _drain(self) -> None:
        if self._ends:
            with suppress(BlockingIOError):
                os.read(self._ends[0], 64)
