"""Whatever nobody expected: every hook of Python and Qt leads to the log file, and to one dialog."""

import faulthandler
import logging
import os
import sys
import threading
import traceback
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from PySide6.QtCore import QMessageLogContext, QObject, Qt, QtMsgType, Signal, Slot, qInstallMessageHandler

from desk.application.session import Fault
from desk.cqrs.moments import Moments
from desk.gui.frame.binding import forget_run
from desk.records import dataclass

BEGIN = "desk window begins"
FATAL = "Fatal Python error"
KEPT = 1024 * 1024
"""Bytes of the log that are kept when it has grown to twice as many, at the start or while the window runs."""

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A bug that was met: what to say, and what to copy into a report."""

    title: str
    report: str


class CrashReporter(QObject):
    """Installed for the life of the window.

    Signals:
        found: a bug was met for the first time (Problem); delivered after what is going on, never within a paint.
    """

    found = Signal(object)  # Problem
    _noticed = Signal(object)  # Problem

    def __init__(self, log: Path, moments: Moments) -> None:
        super().__init__()
        self.log, self._moments = log, moments
        self._logger = logging.getLogger("desk.window")
        self._handler: logging.Handler = logging.NullHandler()
        self._file: IO[str] | None = None
        self._seen: set[tuple[str, str, int]] = set()
        self._lock = threading.Lock()
        self._hooked = ExitStack()
        self._noticed.connect(self.found, Qt.ConnectionType.QueuedConnection)

    def install(self) -> bool:
        """Take all the hooks. True where the last window of this profile did not end well."""
        badly = ended_badly(self.log)
        self._open_log()
        self._logger.setLevel(logging.INFO)
        self._logger.addHandler(self._handler)
        self._logger.info(BEGIN)
        self._hooked.callback(setattr, sys, "excepthook", sys.excepthook)
        self._hooked.callback(setattr, threading, "excepthook", threading.excepthook)
        self._hooked.callback(setattr, sys, "unraisablehook", sys.unraisablehook)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        sys.unraisablehook = self._on_unraisable
        self._hooked.callback(qInstallMessageHandler, qInstallMessageHandler(self._on_qt_message))
        return badly

    def uninstall(self) -> None:
        """Give all the hooks back, and close the log."""
        self._hooked.close()
        if self._file is not None:
            faulthandler.disable()
            self._file.close()
            self._file = None
        self._logger.removeHandler(self._handler)
        self._handler.close()

    def report(self, error: BaseException, where: str = "") -> None:
        """A bug, from any thread: the log has it each time, people are told once."""
        forget_run(error)
        text = "".join(traceback.format_exception(error))
        self._logger.error("%s%s", f"{where}: " if where else "", text.rstrip())
        if self._is_new(error):
            title = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            self._noticed.emit(Problem(title, self._report(title, text)))

    @Slot(object)
    def report_fault(self, fault: Fault) -> None:
        """A fault of the session's; only a bug is worth a dialog, and one of a kind."""
        self._logger.error("%s\n%s", fault.title, fault.details)
        if fault.is_bug and self._is_first((fault.source, fault.message or fault.title, 0)):
            self._noticed.emit(Problem(fault.title, self._report(fault.title, fault.details)))

    def _report(self, title: str, details: str) -> str:
        moment = self._moments.now().isoformat(timespec="seconds")
        return f"Desk, {moment}\nPython {sys.version.split()[0]} on {sys.platform}\n{title}\n\n{details}"

    def _open_log(self) -> None:
        try:
            self.log.touch(mode=0o600)
            _shorten(self.log)
            self._handler = _BoundedLog(self.log, encoding="utf-8")
            self._file = self.log.open("a", encoding="utf-8")
        except OSError:
            # The profile cannot be written to, which opening it will say.
            self._handler = logging.StreamHandler()
        else:
            faulthandler.enable(self._file)
        self._handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(threadName)s %(message)s"))

    def _is_new(self, error: BaseException) -> bool:
        # A fault in data() or paint comes seven times for each cell.
        last = traceback.extract_tb(error.__traceback__)[-1:]
        return self._is_first(
            (type(error).__name__, last[0].filename if last else "", (last[0].lineno or 0) if last else 0)
        )

    def _is_first(self, key: tuple[str, str, int]) -> bool:
        with self._lock:
            is_new = key not in self._seen
            self._seen.add(key)
        return is_new

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self.report(error)

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.report(args.exc_value, args.thread.name if args.thread else "")

    def _on_unraisable(self, args: Any) -> None:
        if args.exc_value is not None:
            self.report(args.exc_value, str(args.err_msg or ""))

    def _on_qt_message(self, kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        self._logger.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", message)


class _BoundedLog(logging.FileHandler):
    """A log that a fault in every repaint cannot let fill the disk."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record; the oldest ones go where there are too many."""
        super().emit(record)
        if self.stream is not None and os.fstat(self.stream.fileno()).st_size > 2 * KEPT:
            _shorten(Path(self.baseFilename))


def ended_badly(log: Path) -> bool:
    """Whether the newest part of the log ends with a crash of the interpreter."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return FATAL in text[text.rfind(BEGIN) :]


def _shorten(log: Path) -> None:
    """Leave the newest lines, in the same file: the interpreter's own reports go there too, through its descriptor."""
    if log.exists() and log.stat().st_size > 2 * KEPT:
        newest = log.read_bytes()[-KEPT:]
        # What ended_badly looks for: the line that began this run may be among those that go.
        log.write_bytes(f"… {BEGIN} earlier\n".encode() + newest[newest.find(b"\n") + 1 :])
