"""``python -m tests.tour --out DIR``: the window in pictures, at both scales, without a screen.

Qt takes its scale from the environment before it starts, so each scale is a process; both run at once, each on a
profile that is thrown away.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from desk.cli.display import missing

SCALES = (1, 2)
LONGEST = 600.0
"""Seconds that one process may take."""

IN_README = {
    "catalogue": "history-light",
    "history": "long-history-dark",
    "import": "import-light",
    "streams": "streams-light",
    "then": "as-it-was-light",
    "flow": "whole-way-dark",
    "times": "times-light",
}
"""README's pictures, and the step and the colours that each shows; they go to ``DIR/readme`` as well."""


def main() -> int:
    """Take the tour; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.tour", description="Draw the window's pictures.")
    parser.add_argument("--out", metavar="DIR", required=True, type=Path, help="where the pictures go")
    parser.add_argument(
        "--scales", type=int, choices=SCALES, nargs="+", default=SCALES, help="all of them, if not given"
    )
    parser.add_argument("--steps", type=int, help="only so many, from the first on")
    parser.add_argument("--scale", type=int, choices=SCALES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    sentence = missing(offscreen=True)
    if sentence:
        sys.stderr.write(f"{sentence}\n")
        return 2
    out = arguments.out.absolute()
    if arguments.scale is None:
        return run_tour(out, arguments.scales, arguments.steps)
    return guide_tour(out, arguments.scale, arguments.steps)


def run_tour(out: Path, scales: Sequence[int], steps: int | None) -> int:
    """Leave the pictures in ``out``; 0 when every step showed what it should, else 1 and a sentence."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        sys.stderr.write(f"{out} cannot be used: {error.strerror or error}. Name another directory with --out.\n")
        return 1
    guides = [_guide(out, scale, *(["--steps", str(steps)] if steps else [])) for scale in scales]
    failed = [sentence for guide in guides if (sentence := _outcome(guide))]
    for sentence in failed:
        sys.stderr.write(f"The tour broke off: {sentence}\n")
    if not failed:
        pictures = sorted(out.glob("*.png"))
        if not steps:
            _choose_for_readme(out)
        sys.stdout.write(f"{len(pictures)} pictures in {out}\n")
    return 1 if failed else 0


def _choose_for_readme(out: Path) -> None:
    chosen = out / "readme"
    chosen.mkdir(exist_ok=True)
    for name, shown in IN_README.items():
        picture = next(out.glob(f"[0-9][0-9]-{shown}-1x.png"))
        shutil.copyfile(picture, chosen / f"{name}.png")


def _guide(out: Path, scale: int, *options: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "QT_SCALE_FACTOR": str(scale),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "tests.tour", "--scale", str(scale), "--out", str(out), *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


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


def guide_tour(out: Path, scale: int, steps: int | None) -> int:
    """The process of one scale: opens the real window on an empty profile and walks it through the tour."""
    # Imported once it is known that Qt can be loaded.
    from desk.gui.frame.run import run_window
    from desk.gui.frame.workspace_view import WorkspaceView
    from desk.gui.importing.part import ImportPart
    from desk.runtime.clock import moments_of_this_computer
    from desk.runtime.options import Options
    from desk.runtime.runtime import open_session
    from tests.tour.guide import Guide
    from tests.tour.operations import STEPS_OF_OPERATIONS
    from tests.tour.steps import STEPS

    guides: list[Guide] = []
    with tempfile.TemporaryDirectory(prefix="desk-tour-") as directory:
        data_dir = Path(directory)

        def begin(window: WorkspaceView) -> None:
            guide = Guide(window, ImportPart(window), data_dir, out, scale)
            guides.append(guide)
            guide.start((*STEPS, *STEPS_OF_OPERATIONS)[:steps])

        run_window(
            lambda: open_session(Options(data_dir, user="ada")),
            data_dir,
            "tour",
            ["desk"],
            moments=moments_of_this_computer(),
            extend=begin,
        )
    problem = guides[0].problem if guides else "the window did not open"
    if problem:
        sys.stderr.write(f"{problem}\n")
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
