"""One window for each profile, also after the first one was killed."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desk.gui.frame.single_instance import SingleInstance

FIRST = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from desk.gui.frame.single_instance import SingleInstance
app = QCoreApplication([])
instance = SingleInstance(Path(sys.argv[1]))
print(instance.acquire(), flush=True)
app.exec()
"""
SECOND = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from desk.gui.frame.single_instance import SingleInstance
app = QCoreApplication([])
instance = SingleInstance(Path(sys.argv[1]))
print(instance.acquire_or_call({"store": "elsewhere"}), flush=True)
"""


def test_a_second_start_tells_the_first_what_it_wants(tmp_path: Path, qtbot: QtBot) -> None:
    first = SingleInstance(tmp_path)
    assert first.acquire()
    calls: list[object] = []
    first.called.connect(calls.append)
    second = subprocess.Popen([sys.executable, "-c", SECOND, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        qtbot.waitUntil(lambda: bool(calls))
        said, _ = second.communicate(timeout=60)
    finally:
        second.kill()
        second.wait()
        first.release()
    assert calls == [{"store": "elsewhere"}]
    assert said.split() == ["False"]


def test_after_a_kill_the_next_start_is_the_first_and_can_be_called(tmp_path: Path, qtbot: QtBot) -> None:
    killed = subprocess.Popen([sys.executable, "-c", FIRST, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert killed.stdout is not None
    try:
        assert killed.stdout.readline().strip() == "True"
        held = SingleInstance(tmp_path)
        assert not held.acquire()
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        killed.stdout.close()
    next_one = SingleInstance(tmp_path)
    assert next_one.acquire()
    assert next_one._server.isListening()
    next_one.release()


def test_two_profiles_have_a_window_each(tmp_path: Path) -> None:
    profiles = [SingleInstance(tmp_path / name) for name in ("a", "b")]
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    assert all(profile.acquire() for profile in profiles)
    for profile in profiles:
        profile.release()


def test_a_first_one_that_does_not_answer_is_not_waited_for_long(tmp_path: Path) -> None:
    first = SingleInstance(tmp_path)
    assert first.acquire()
    first.hang_up()
    assert SingleInstance(tmp_path).acquire_or_call({}, try_for=0.1) is None
    first.release()


@pytest.mark.parametrize("made", ["file", "missing/folder"])
def test_a_place_without_room_for_a_lock_counts_as_had(tmp_path: Path, made: str) -> None:
    (tmp_path / "file").write_text("")
    instance = SingleInstance(tmp_path / made)
    assert instance.acquire()
    instance.release()
