"""The window as a program: a process of its own that opens, is called, is stopped, and ends with the right status."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from desk.gui.frame.application import StopSignals
from desk.gui.frame.single_instance import SingleInstance
from tests.waiting import PATIENCE

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
    if "slow" in sys.argv:
        session.close = lambda: (print("closing", flush=True), sys.stdin.readline())
    return session.session

def extend(window):
    window.opened.connect(lambda: print("open", flush=True))
    window.window().activateWindow = lambda: print("forward", flush=True)
    window.go_to = lambda address: print("go to", address, flush=True)
    def look():
        text = window.part.view.opening.sentence.text()
        if text:
            print(text, flush=True)
            window.window().close()
        else:
            QTimer.singleShot(10, look)
    if "cannot" in sys.argv:
        look()

def connect(store):
    print("connect to", store, flush=True)
    return open_session

status = run_window(
    open_session, Path(sys.argv[1]), "default", ["desk"],
    moments=REAL, extend=extend, connect=connect, store=sys.argv[2],
)
print("threads", threading.active_count(), flush=True)
sys.exit(status)
"""

SEVERAL_STARTS = """
import json, sys
from desk.__main__ import main
from desk.gui.frame import run
from desk.gui.frame.application import make_application

app = make_application(["desk"])
run.make_application = lambda argv: app
for arguments in json.loads(sys.argv[1]):
    print(main(arguments), flush=True)
"""


@contextmanager
def program(*arguments: str, code: str = PROGRAM) -> Iterator["subprocess.Popen[str]"]:
    """The program, which is ended whatever happens; where it says nothing for too long, too."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    too_long = threading.Timer(2 * PATIENCE, process.kill)  # then its lines come to an end
    too_long.start()
    try:
        yield process
    finally:
        too_long.cancel()
        too_long.join()
        process.kill()
        process.communicate()


def line(process: "subprocess.Popen[str]") -> str:
    """The next line that the program prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def check_that_it_ended(process: "subprocess.Popen[str]", folder: Path, status: int) -> None:
    """With nothing left running, and with what is remembered written."""
    assert line(process) == "threads 1"
    assert process.wait(PATIENCE) == status
    assert (folder / "settings.ini").exists()


def test_ctrl_c_closes_the_window_cleanly_and_a_start_meanwhile_waits_for_that(
    tmp_path: Path, qapp: QApplication
) -> None:
    data = tmp_path / "new"
    with program(str(data), "", "slow") as process:
        assert line(process) == "open"
        process.send_signal(signal.SIGINT)
        assert line(process) == "closing"
        second = SingleInstance(data)
        assert second.acquire_or_call({}, try_for=0) is None
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        assert second.acquire_or_call({}, try_for=PATIENCE)
        second.release()
        check_that_it_ended(process, data, 130)


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


def test_the_first_window_does_what_a_second_start_asks_for_or_that_says_why_not_and_sigterm_closes_it_cleanly(
    tmp_path: Path,
) -> None:
    data, here, there = tmp_path / "stage", "esdb://here:1?tls=false", "esdb://there:1?tls=false"
    at_data = ["--data", str(data)]
    starts: tuple[tuple[list[str], int, list[str], str], ...] = (
        (at_data, 0, ["forward"], ""),
        ([*at_data, "--open", "orders-1@7"], 0, ["forward", "go to desk://open?stream=orders-1&revision=7"], ""),
        ([*at_data, "--store", here], 0, ["forward"], ""),
        ([*at_data, "--store", there], 0, ["forward", f"connect to {there}", "open"], ""),
        ([*at_data, "--store", "neither"], 2, [], "The connection string cannot be read."),
        ([*at_data, "--opentelemetry"], 1, ["forward"], "Close it, then start it so."),
        (
            ["--data", str(tmp_path), "stage", "talk"],
            1,
            ["forward"],
            "A stage is open, and plays one scenario",
        ),
    )
    with program(str(data), here) as first:
        assert line(first) == "open"
        with program(json.dumps([arguments for arguments, *_ in starts]), code=SEVERAL_STARTS) as second:
            said, complained = second.communicate(timeout=PATIENCE)
        assert said.split() == [str(status) for _, status, *_ in starts], complained
        sentences = [sentence for *_, sentence in starts if sentence]
        assert [each in its for each, its in zip(sentences, complained.splitlines(), strict=True)] == [True] * 3
        done = [word for _, _, words, _ in starts for word in words]
        assert [line(first) for _ in done] == done
        first.terminate()
        check_that_it_ended(first, data, 0)


def test_a_profile_that_cannot_be_opened_is_a_sentence_and_no_traceback(tmp_path: Path) -> None:
    with program(str(tmp_path), "", "cannot") as process:
        assert line(process) == "The disk is full. Make room."
        assert line(process) == "threads 1"
        _, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
    assert "Traceback" not in errors
