"""Every unexpected error reaches the log, and people once; hooks are given back."""

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import qWarning
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desk.application.session import Fault
from desk.gui.frame.crash import BEGIN, FATAL, KEPT, CrashReporter, Problem, ended_badly
from desk.gui.frame.problems import bug_dialog, log_dialog, tail_of
from desk.gui.frame.workspace_view import WorkspaceView
from tests.moments import REAL


@pytest.fixture
def reporter(tmp_path: Path, qapp: QApplication) -> Iterator[CrashReporter]:
    reporter = CrashReporter(tmp_path / "desk.log", REAL)
    reporter.install()
    yield reporter
    reporter.uninstall()


def fail() -> None:
    raise ValueError("a bug")


def raised() -> ValueError:
    """An error as it was raised."""
    try:
        fail()
    except ValueError as error:
        return error
    raise AssertionError


def test_an_error_is_written_each_time_and_told_once(reporter: CrashReporter, qtbot: QtBot) -> None:
    problems: list[object] = []
    reporter.found.connect(problems.append)
    for _ in range(7):
        sys.excepthook(ValueError, raised(), None)
    assert not problems, "nothing may be shown from within whatever failed"
    qtbot.waitUntil(lambda: bool(problems))
    assert reporter.log.read_text().count("ValueError: a bug") == 7
    assert len(problems) == 1
    assert isinstance(problems[0], Problem)
    assert "in fail" in problems[0].report


def test_errors_of_threads_and_destructors_and_qts_words_are_written(reporter: CrashReporter, qtbot: QtBot) -> None:
    with qtbot.waitSignal(reporter.found):
        thread = threading.Thread(target=fail, name="projector")
        thread.start()
        thread.join()
    sys.unraisablehook(type("Args", (), {"exc_value": KeyError("x"), "err_msg": "in __del__"})())
    qWarning("Qt says so")
    text = reporter.log.read_text()
    assert "projector: Traceback" in text
    assert "in __del__: KeyError" in text
    assert "Qt: Qt says so" in text


def test_the_hooks_are_given_back(tmp_path: Path, qapp: QApplication) -> None:
    before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    reporter = CrashReporter(tmp_path / "desk.log", REAL)
    reporter.install()
    assert sys.excepthook != before[0]
    reporter.uninstall()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before
    assert not logging.getLogger("desk.window").handlers


def test_only_a_bug_of_the_session_is_worth_a_dialog_and_only_once(reporter: CrashReporter, qtbot: QtBot) -> None:
    now = datetime.now(UTC)
    with qtbot.assertNotEmitted(reporter.found, wait=1):
        reporter.report_fault(Fault("The store is away", "details", now, is_bug=False))
    with qtbot.waitSignal(reporter.found):
        reporter.report_fault(Fault("A handler failed", "Traceback …", now, is_bug=True))
    with qtbot.assertNotEmitted(reporter.found, wait=1):
        reporter.report_fault(Fault("A handler failed", "Traceback …", now, is_bug=True))
    assert "The store is away" in reporter.log.read_text()


FAILING = """
import faulthandler
import subprocess
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from desk.gui.frame.binding import with_whole_errors
from desk.gui.frame.crash import CrashReporter
from tests.moments import REAL

class Failing(QObject):
    def event(self, event):
        application.exit()
        return 1 / 0

application, failing = QCoreApplication([]), Failing()
reporter = CrashReporter(Path(sys.argv[1]), REAL)
reporter.install()
QTimer.singleShot(0, lambda: application.sendEvent(failing, QEvent(QEvent.Type.User)))
with_whole_errors(application.exec)
reporter.uninstall()
reporter.install()
faulthandler._sigsegv()
"""


def test_an_error_that_python_raises_in_a_method_that_qt_calls_is_written_and_ends_nothing(tmp_path: Path) -> None:
    """A crash does end the program, and is written too."""
    log = tmp_path / "desk.log"
    ended = subprocess.run([sys.executable, "-c", FAILING, str(log)], check=False, timeout=120)
    assert ended.returncode == -signal.SIGSEGV
    before, _, after = log.read_text().rpartition(BEGIN)
    assert "division by zero" in before
    assert "WindowRuns" not in before
    assert FATAL not in before
    assert FATAL in after


def test_a_crash_of_the_interpreter_is_noticed_at_the_next_start(tmp_path: Path) -> None:
    log = tmp_path / "desk.log"
    assert not ended_badly(log)
    log.write_text(f"{BEGIN}\n{FATAL}: Segmentation fault\n")
    assert ended_badly(log)
    log.write_text(f"{log.read_text()}{BEGIN}\nall well\n")
    assert not ended_badly(log)


def test_a_profile_that_cannot_be_written_to_does_not_keep_the_reporter_from_working(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    reporter = CrashReporter(tmp_path / "file" / "desk.log", REAL)
    reporter.install()
    reporter.uninstall()


def test_the_report_can_be_copied_and_one_may_go_on(window: WorkspaceView, qapp: QApplication, tmp_path: Path) -> None:
    dialog = bug_dialog(Problem("ValueError: a bug", "the whole report"), tmp_path / "desk.log", window)
    dialog.open()
    dialog.copy()
    assert qapp.clipboard().text() == "the whole report"
    dialog.accept()


def test_the_log_can_be_read_in_the_window(window: WorkspaceView, tmp_path: Path) -> None:
    log = tmp_path / "desk.log"
    log.write_text("line\n" * 100_000 + "the last line\n")
    dialog = log_dialog(log, tail_of(log), window)
    assert dialog.text.toPlainText().endswith("the last line")
    assert len(dialog.text.toPlainText()) < 200_000
    dialog.close()
    empty = log_dialog(tmp_path / "none.log", tail_of(tmp_path / "none.log"), window)
    assert "Nothing was written down yet." in empty.text.toPlainText()
    empty.close()


def test_the_log_of_a_run_stays_bounded_and_keeps_the_newest(reporter: CrashReporter) -> None:
    for number in range(400):
        reporter.report_fault(Fault(f"fault {number}", "x" * 20_000, datetime.now(UTC), is_bug=False))
    assert reporter.log.stat().st_size <= 2 * KEPT
    text = reporter.log.read_text(encoding="utf-8")
    assert "fault 399" in text
    assert "fault 0\n" not in text
    assert not ended_badly(reporter.log)
    with reporter.log.open("a") as interpreter:  # as faulthandler writes
        interpreter.write(f"{FATAL}: Segmentation fault\n")
    assert ended_badly(reporter.log), "the line that begins the run went with the oldest ones"
