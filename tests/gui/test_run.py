"""The window as a program: a process of its own that opens, is called, is stopped, and ends with the right status."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from desk.gui.frame.application import StopSignals

PROGRAM = """
import sys, threading
from pathlib import Path
from PySide6.QtCore import QTimer
from desk.cqrs.errors import StoreUnavailable
from desk.gui.frame.run import run_window
from tests.moments import REAL
from tests.gui.fake_session import FakeSession

def open_session():
    if "cannot" in sys.argv:
        raise StoreUnavailable("The disk is full. Make room.")
    session = FakeSession()
    session.add("The Hobbit", "9780261102217")
    return session.session

def extend(window):
    window.opened.connect(lambda: print("open", flush=True))
    window.window().activateWindow = lambda: print("forward", flush=True)
    def look():
        text = window.part.view.opening.sentence.text()
        if text:
            print(text, flush=True)
            window.window().close()
        else:
            QTimer.singleShot(10, look)
    if "cannot" in sys.argv:
        look()

status = run_window(open_session, Path(sys.argv[1]), "default", ["desk"], moments=REAL, extend=extend)
print("threads", threading.active_count(), flush=True)
sys.exit(status)
"""


@contextmanager
def program(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """The program, which is ended whatever happens."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line(process: "subprocess.Popen[str]") -> str:
    """The next line that the program prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def check_that_it_ends(process: "subprocess.Popen[str]", number: signal.Signals, folder: Path, status: int) -> None:
    """By a signal, with nothing left running, and with what is remembered written."""
    process.send_signal(number)
    assert line(process) == "threads 1"
    assert process.wait(60) == status
    assert (folder / "settings.ini").exists()


def test_ctrl_c_closes_the_window_cleanly(tmp_path: Path) -> None:
    with program(str(tmp_path / "new")) as process:
        assert line(process) == "open"
        check_that_it_ends(process, signal.SIGINT, tmp_path / "new", 130)


def test_a_signal_is_told_to_nobody_in_the_middle_of_something(qapp: QApplication) -> None:
    signals, loop, heard = StopSignals(), QEventLoop(), list[object]()
    signals.stopped.connect(heard.append)
    signals.stopped.connect(loop.quit)
    try:
        signal.raise_signal(signal.SIGTERM)
        assert heard == []
        loop.exec()
        assert heard == [signal.SIGTERM]
    finally:
        signals.close()


def test_a_second_start_brings_the_first_window_forward_and_ends_and_sigterm_closes_the_first_cleanly(
    tmp_path: Path,
) -> None:
    with program(str(tmp_path)) as first:
        assert line(first) == "open"
        with program(str(tmp_path)) as second:
            assert second.wait(60) == 0
        assert line(first) == "forward"
        check_that_it_ends(first, signal.SIGTERM, tmp_path, 0)


def test_a_profile_that_cannot_be_opened_is_a_sentence_and_no_traceback(tmp_path: Path) -> None:
    with program(str(tmp_path), "cannot") as process:
        assert line(process) == "The disk is full. Make room."
        assert line(process) == "threads 1"
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0
    assert "Traceback" not in errors
