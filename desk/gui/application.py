"""The Qt application: its identity, look and font, and the signals of the operating system."""

import signal
import socket
from collections.abc import Sequence
from types import FrameType

from PySide6.QtCore import QLocale, QObject, QSocketNotifier, QTranslator, Signal, Slot
from PySide6.QtWidgets import QApplication

import desk
from desk.gui.resources import ResourceMissing, resource
from desk.gui.theme import load_fonts, ui_font

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
    app.setStyle("fusion")
    load_fonts()
    app.setFont(ui_font())
    _translate(app)
    return app


def _translate(app: QApplication) -> None:
    """Texts in the system's language, where there is a file for it; English is in the code."""
    try:
        folder = resource("locale")
    except ResourceMissing:
        return
    translator = QTranslator(app)
    if translator.load(QLocale(), "desk", "_", str(folder)):
        app.installTranslator(translator)


class StopSignals(QObject):
    """Ctrl+C and SIGTERM, noticed at once although Qt's loop runs no Python by itself.

    Signals:
        stopped: one of them came (its number).
    """

    stopped = Signal(object)  # int

    def __init__(self) -> None:
        super().__init__()
        self.last: int | None = None
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)
        self._wakeup = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        # Without a handler of Python's own nothing is written to the descriptor.
        self._before = {number: signal.signal(number, _ignore) for number in STOPPING}

    def close(self) -> None:
        """As it was before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        self._notifier.setEnabled(False)
        self._reader.close()
        self._writer.close()

    @Slot()
    def _read(self) -> None:
        try:
            numbers = self._reader.recv(64)
        except BlockingIOError:
            return
        for number in numbers:
            if number in STOPPING:
                self.last = int(number)
                self.stopped.emit(self.last)


def _ignore(number: int, frame: FrameType | None) -> None:
    """The wake-up descriptor has it already."""
