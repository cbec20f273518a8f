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
def test_the_program_starts_its_node_and_ends_with_it(tmp_path: Path, number: signal.Signals) -> None:
    window = start(tmp_path)
    pid = node_of(tmp_path)
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


def test_a_second_start_on_the_same_profile_raises_the_first_window(tmp_path: Path) -> None:
    first = start(tmp_path)
    node_of(tmp_path)
    second = start(tmp_path)
    _, said = second.communicate(timeout=60)
    assert second.returncode == 0, said
    assert first.poll() is None
    first.terminate()
    first.communicate(timeout=60)


def test_the_tour_leaves_its_pictures(tmp_path: Path) -> None:
    """In a long run all steps, at both scales, in light and dark; else up to the last that README shows, and these."""
    scales = few_or_all("1", "1 2").split()
    how = few_or_all(["--brief"], [])
    done = subprocess.run(
        [sys.executable, "-m", "tests.tour", "--out", str(tmp_path / "out"), "--scales", *scales, *how],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=620,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    pictures = sorted(path.name for path in (tmp_path / "out").glob("*.png"))
    assert len(pictures) >= few_or_all(7, 24 * 4)
    kinds = {tuple(name.removesuffix(".png").split("-")[-2:]) for name in pictures}
    assert kinds == {(theme, f"{scale}x") for theme in ("light", "dark") for scale in scales}
    in_readme = {path.name for path in (tmp_path / "out" / "readme").iterdir()}
    assert in_readme == {path.name for path in (ROOT / "resources" / "pictures").iterdir()}
    assert all(f"(resources/pictures/{name})" in (ROOT / "README.md").read_text() for name in in_readme)
    assert all((tmp_path / "out" / name).stat().st_size > 10_000 for name in pictures)
