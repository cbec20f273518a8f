"""``desk tour --out DIR``: shows the window in pictures, at both scales, in processes of their own without a screen.

Qt takes its scale from the environment before it starts, so each scale is a process; both run at once, each on a
profile that is thrown away.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

SCALES = (1, 2)
LONGEST = 300.0
"""Seconds that one process may take."""


def run_tour(out: Path) -> int:
    """Leave the pictures in ``out``; 0 when every step showed what it should, else 1 and a sentence."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        sys.stderr.write(f"desk: {out} cannot be used: {error.strerror or error}. Name another directory with --out.\n")
        return 1
    guides = [_guide(out, scale) for scale in SCALES]
    failed = [sentence for guide in guides if (sentence := _outcome(guide))]
    for sentence in failed:
        sys.stderr.write(f"desk: the tour broke off: {sentence}\n")
    if not failed:
        pictures = sorted(out.glob("*.png"))
        sys.stdout.write(f"{len(pictures)} pictures in {out}\n")
    return 1 if failed else 0


def _guide(out: Path, scale: int) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "QT_SCALE_FACTOR": str(scale),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }
    return subprocess.Popen(
        [*_own_command(), "--scale", str(scale), "--out", str(out)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _own_command() -> Sequence[str]:
    if getattr(sys, "frozen", False):
        return (sys.executable, "tour")
    return (sys.executable, "-m", "desk", "tour")


def _outcome(guide: subprocess.Popen[str]) -> str:
    """What went wrong; empty where nothing did."""
    try:
        said, _ = guide.communicate(timeout=LONGEST)
    except subprocess.TimeoutExpired:
        guide.kill()
        guide.communicate()
        return f"it took more than {LONGEST:.0f} s"
    if guide.returncode == 0:
        return ""
    lines = [line for line in said.splitlines() if line.strip() and "plugin does not support" not in line]
    return lines[-1] if lines else f"exit {guide.returncode}"


def guide_tour(out: Path, scale: int) -> int:
    """The process of one scale: opens the real window on an empty profile and walks it through the tour."""
    from desk import bootstrap
    from desk.application import profile
    from desk.cli.tour_guide import Guide
    from desk.cli.tour_operations import STEPS_OF_OPERATIONS
    from desk.cli.tour_steps import STEPS
    from desk.gui.importing.part import ImportPart
    from desk.gui.main_window import MainWindow
    from desk.gui.run import run_window

    guides: list[Guide] = []
    with tempfile.TemporaryDirectory(prefix="desk-tour-") as directory:
        data_dir = Path(directory)

        def begin(window: MainWindow) -> None:
            guide = Guide(window, ImportPart(window), data_dir, out, scale)
            guides.append(guide)
            guide.start((*STEPS, *STEPS_OF_OPERATIONS))

        run_window(
            lambda: bootstrap.open_session(profile.Options(data_dir, user="ada")),
            data_dir,
            "tour",
            ["desk"],
            extend=begin,
        )
    problem = guides[0].problem if guides else "the window did not open"
    if problem:
        sys.stderr.write(f"{problem}\n")
    return 1 if problem else 0
