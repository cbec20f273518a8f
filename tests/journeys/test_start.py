"""Journeys 1 and 8: the first start, the second window, and a machine without a screen."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.journeys.window import RealWindow
from tests.rounds import few_or_all
from tests.tour.__main__ import IN_README
from tests.tour.operations import STEPS_OF_OPERATIONS
from tests.tour.steps import STEPS

ROOT = Path(__file__).parents[2]


def start(data: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "desk", "--data", str(data)],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def node_of(data: Path, seconds: float = 60.0) -> int:
    """The process id that the node of a directory has written down."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        try:
            return int(json.loads((data / "node.port").read_text())["pid"])
        except (OSError, ValueError):
            time.sleep(0.02)
    raise AssertionError("the node did not start")


def gone(pid: int, seconds: float = 60.0) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_the_first_start_invites_with_three_ways_on(desk: RealWindow) -> None:
    view = desk.window.part.view
    desk.until(view.invitation.isVisible)
    from PySide6.QtWidgets import QPushButton

    buttons = [button.text().replace("&", "").strip() for button in view.invitation.findChildren(QPushButton)]
    assert [text for text in buttons if text] == ["New book", "Import CSV", "Load the demo catalogue"]


@pytest.mark.parametrize("number", few_or_all([signal.SIGTERM], [signal.SIGTERM, signal.SIGINT]))
def test_the_program_starts_its_node_and_ends_with_it_and_a_second_start_raises_it(
    tmp_path: Path, number: signal.Signals
) -> None:
    window = start(tmp_path)
    pid = node_of(tmp_path)
    assert os.getpgid(pid) != os.getpgid(window.pid), "Ctrl+C in a terminal is for the window alone"
    second = start(tmp_path)
    _, said = second.communicate(timeout=60)
    assert second.returncode == 0, said
    assert window.poll() is None
    window.send_signal(number)
    _, said = window.communicate(timeout=60)
    assert window.returncode == (0 if number is signal.SIGTERM else 130), said
    assert gone(pid)
    assert "Traceback" not in said


def test_the_node_ends_by_itself_when_its_window_is_killed(tmp_path: Path) -> None:
    window = start(tmp_path)
    pid = node_of(tmp_path)
    window.kill()
    window.communicate(timeout=60)
    assert gone(pid)


def test_the_tour_leaves_its_pictures(tmp_path: Path) -> None:
    """In a long run all steps, at both scales; else the first three, and README's are only looked up by their names."""
    scales = few_or_all("1", "1 2").split()
    steps = (*STEPS, *STEPS_OF_OPERATIONS)[: few_or_all(3, None)]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.tour",
            "--out",
            str(tmp_path / "out"),
            "--scales",
            *scales,
            *few_or_all(["--steps", "3"], []),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=620,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    pictures = {path.name for path in (tmp_path / "out").glob("*.png")}
    assert pictures == {
        f"{number:02}-{name}-{theme}-{scale}x.png"
        for number, (name, _) in enumerate(steps, 1)
        for theme in ("light", "dark")
        for scale in scales
    }
    assert all((tmp_path / "out" / name).stat().st_size > 10_000 for name in pictures)
    chosen = {f"{name}.png" for name in IN_README}
    assert few_or_all(chosen, {path.name for path in (tmp_path / "out" / "readme").glob("*")}) == chosen
    assert chosen == {path.name for path in (ROOT / "resources" / "pictures").iterdir()}
    assert all(f"(resources/pictures/{name})" in (ROOT / "README.md").read_text() for name in chosen)
    shown = {f"{name}-{theme}" for name, _ in (*STEPS, *STEPS_OF_OPERATIONS) for theme in ("light", "dark")}
    assert set(IN_README.values()) <= shown
