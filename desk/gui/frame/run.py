"""Runs the window: the application around it, the session opened behind it, and everything put back at the end."""

import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import PySide6
from PySide6.QtCore import QObject, Slot

from desk.application.session import Session
from desk.cqrs.errors import StoreError
from desk.cqrs.moments import Moments
from desk.gui.frame.application import StopSignals, make_application
from desk.gui.frame.binding import problem_of, with_whole_errors
from desk.gui.frame.crash import CrashReporter, Problem
from desk.gui.frame.garbage import GarbageCollection
from desk.gui.frame.repaints import FirstPaint
from desk.gui.frame.settings import Settings
from desk.gui.frame.single_instance import SingleInstance
from desk.gui.frame.theme import Theme
from desk.gui.frame.window import Connect, MainWindow
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.importing.part import ImportPart
from desk.gui.widgets.background import start

if TYPE_CHECKING:  # loaded when something goes wrong
    from desk.gui.frame.problems import ReportDialog

DONE, FAILED, INTERRUPTED = 0, 1, 130

NO_ANSWER = "Desk is open on this profile already, but its window does not answer. End it first."

SWITCH_INTERVAL = 0.0005
"""Seconds after which a busy thread gives way: the window asks Python 1,700 questions for each repaint."""


def run_window(
    open_session: Callable[[], Session] | None,
    data_dir: Path,
    profile: str,
    argv: Sequence[str],
    *,
    moments: Moments,
    extend: Callable[[WorkspaceView], object] = ImportPart,
    begin: Callable[[MainWindow], object] = lambda _window: None,
    connect: Connect | None = None,
    store: str = "",
    address: str = "",
    first_only: str = "",
    look: Path | None = None,
) -> int:
    """Show the window of a profile until it is closed; the exit code.

    ``open_session`` is called on a thread of its own, when the window is already there. ``moments`` are for reports of
    crashes, which need no session. ``extend`` connects to a workspace what it does not know by itself, before it is
    shown: importing. ``begin`` is called with the window once it is shown; where no ``open_session`` is given it opens
    the first workspace. ``store`` is the connection string of what that opens, where it is not this computer's own;
    ``address`` is a stream's name, or a link to an event, to go to. Where the profile has a window already, that one is
    told of both. ``first_only`` is the sentence that says what to do where it cannot do what is asked for.
    ``connect`` opens another store that somebody asks for. ``look`` is another profile's directory: the window has its
    theme and size of text from the first picture on.
    """
    problem = problem_of(PySide6.__version_info__[:3], sys.version_info[:3])
    if problem:
        sys.stderr.write(f"desk: {problem}\n")
        return FAILED
    sys.setswitchinterval(SWITCH_INTERVAL)
    app = make_application(argv)
    instance = _first_of(data_dir)
    is_first = instance.acquire_or_call({} if first_only else {"store": store, "address": address})
    if not is_first:
        return _leave_it_to_first(first_only if is_first is False else NO_ANSWER)
    reporter = CrashReporter(data_dir / "desk.log", moments)
    ended_badly = reporter.install()
    GarbageCollection(app)
    stop_signals = StopSignals()
    settings = Settings(data_dir / "settings.ini")
    other = look and look / "settings.ini"
    chosen = Settings(other) if other is not None and other.is_file() else settings
    theme = Theme(app, chosen.theme, chosen.text_size)
    window = MainWindow(theme, settings, extend, connect)
    window.fault_found.connect(reporter.report_fault)
    if open_session is not None:
        # What opens it is loaded on a thread, but holds Python meanwhile: the window is there before.
        FirstPaint(window, partial(window.open_in, window.add_workspace(store=store), open_session))
    _Problems(window, reporter)
    window.closing.connect(instance.hang_up)
    window.gone.connect(app.quit)
    instance.called.connect(partial(_called, window))
    stop_signals.stopped.connect(window.stop)
    window.show()
    begin(window)
    if address:
        window.shown.go_to(address)
    if ended_badly:
        window.shown.status.say(window.tr("Desk did not end well last time; F1 lists the key for the log."))
    try:
        with_whole_errors(app.exec)
    finally:
        stop_signals.close()
        instance.release()
        theme.close()
        reporter.uninstall()
    return INTERRUPTED if stop_signals.last == signal.SIGINT else DONE


class _Problems(QObject):
    """Shows what goes wrong."""

    def __init__(self, window: MainWindow, reporter: CrashReporter) -> None:
        super().__init__(window)
        self._window, self._reporter = window, reporter
        self._dialog: ReportDialog | None = None
        reporter.found.connect(self._show_problem)
        window.log_wanted.connect(self._show_log)
        window.workspace_failed.connect(self._report)

    @Slot(object)
    def _report(self, error: Exception) -> None:
        if not isinstance(error, StoreError | OSError):
            self._reporter.report(error, "opening")

    @Slot(object)
    def _show_problem(self, problem: Problem) -> None:
        from desk.gui.frame.problems import bug_dialog

        if self._dialog is not None:
            self._dialog.append(problem.report)
            return
        self._dialog = bug_dialog(problem, self._reporter.log, self._window)
        self._dialog.finished.connect(self._dialog_closed)
        self._dialog.quit_wanted.connect(self._quit)
        self._dialog.open()

    @Slot()
    def _dialog_closed(self) -> None:
        self._dialog = None

    @Slot()
    def _quit(self) -> None:
        if self._dialog is not None:
            self._dialog.reject()
        self._window.close()

    @Slot()
    def _show_log(self) -> None:
        from desk.gui.frame.problems import tail_of

        log = self._reporter.log
        self._window.bridge.call(start(partial(tail_of, log), "log"), partial(self._open_log, log), None, self._window)

    def _open_log(self, log: Path, tail: str) -> None:
        from desk.gui.frame.problems import log_dialog

        log_dialog(log, tail, self._window).open()


def _called(window: MainWindow, wishes: Mapping[str, str]) -> None:
    """A second start wants this window to be seen, and the store and what in it it was told to go to."""
    window.come_forward()
    if store := wishes.get("store"):
        window.connect_to(store)
    if address := wishes.get("address"):
        window.shown.go_to(address)


def _first_of(data_dir: Path) -> SingleInstance:
    # Where this fails, opening the session says what is wrong, in the window.
    with suppress(OSError):
        data_dir.parent.mkdir(parents=True, exist_ok=True)
        data_dir.mkdir(mode=0o700, exist_ok=True)
    return SingleInstance(data_dir)


def _leave_it_to_first(problem: str) -> int:
    if problem:
        sys.stderr.write(f"desk: {problem}\n")
    return FAILED if problem else DONE
