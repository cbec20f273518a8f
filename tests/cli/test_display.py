"""What Desk says where a window cannot be shown."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from desk.cli import display
from tests.forked import run_forked

ROOT = Path(__file__).parents[2]


def run_desk(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    env.pop("QT_QPA_PLATFORM", None)
    return subprocess.run(
        [sys.executable, "-m", "desk", *arguments],
        cwd=ROOT,
        env={**env, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a screen")
def test_without_a_screen_desk_points_to_the_commands_that_need_none_and_exits_with_two(tmp_path: Path) -> None:
    done = run_desk("--data", str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    named = re.findall(r"`desk (\w+)`", done.stderr)
    assert set(named) == {"import", "rebuild", "doctor", "node"}
    for command in named:
        helped = run_forked("desk", command, "--help", timeout=60)
        assert helped.returncode == 0, helped.stderr
        assert "usage: desk" in helped.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="X11 is one platform of several only here")
def test_with_xcb_named_a_missing_library_is_said_and_qt_does_not_abort(tmp_path: Path) -> None:
    broken = tmp_path / "libraries"
    broken.mkdir()
    (broken / "libxcb-cursor.so.0").touch()
    done = run_desk("--data", str(tmp_path), QT_QPA_PLATFORM="xcb", DISPLAY=":987", LD_LIBRARY_PATH=str(broken))
    assert done.returncode == 2
    assert "libxcb-cursor.so.0" in done.stderr
    assert "libxcb-cursor0" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="X11 is one platform of several only here")
@pytest.mark.parametrize("platform", ["xcb", ""])
def test_a_display_that_nobody_serves_is_said_and_qt_does_not_abort(tmp_path: Path, platform: str) -> None:
    done = run_desk("--data", str(tmp_path), DISPLAY=":987", **({"QT_QPA_PLATFORM": platform} if platform else {}))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    if "apt install" not in done.stderr:  # a bare machine lacks the libraries as well, and says that first
        assert ":987" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="X11 is one platform of several only here")
def test_xcb_on_a_wayland_desktop_without_x_has_no_display(tmp_path: Path) -> None:
    done = run_desk("--data", str(tmp_path), QT_QPA_PLATFORM="xcb", WAYLAND_DISPLAY="wayland-0")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_missing_library_is_named_with_its_debian_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "_loads", lambda name: name != "libEGL.so.1")
    sentence = display.missing(offscreen=True)
    assert "libEGL.so.1" in sentence
    assert "`apt install libegl1`" in sentence
    assert "`desk import`" in sentence


def test_a_library_that_only_x11_needs_is_no_matter_for_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "_loads", lambda name: name != "libxcb-cursor.so.0")
    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    assert display.missing(offscreen=True) == ""
    assert "libxcb-cursor0" in display.missing(offscreen=False)


def test_a_library_nobody_thought_of_is_named_by_qt_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_name: str) -> None:
        raise ImportError("libnew.so.3: cannot open shared object file: No such file or directory")

    monkeypatch.setattr("desk.cli.display.importlib.import_module", fails)
    assert "libnew.so.3" in display.missing(offscreen=True)


def test_where_all_is_there_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert display.missing(offscreen=False) == ""


@pytest.mark.parametrize("arguments", [("--nonsense",), ("nonsense",), ("import",), ("tour",)])
def test_wrong_usage_exits_with_two(arguments: tuple[str, ...]) -> None:
    done = run_desk(*arguments)
    assert done.returncode == 2
    assert "usage: desk" in done.stderr


def test_a_link_that_is_none_is_said_and_no_window_opens(tmp_path: Path) -> None:
    done = run_desk("--data", str(tmp_path), "--open", "desk://open?revision=3")
    assert done.returncode == 2
    assert done.stderr == (
        "desk: desk://open?revision=3 names no stream. A link is desk://open?stream=NAME&revision=N.\n"
    )
