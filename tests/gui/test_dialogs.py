"""Every dialog is whole on the smallest screen with large text."""

import subprocess
import sys
from pathlib import Path

from tests.cli.test_stage import ROOT
from tests.gui.small_screen import ACTIONS, BUILT_ALONE, environment


def test_no_dialog_is_cut_off_on_a_small_screen_with_large_text(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.gui.small_screen"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(tmp_path),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = {line.removeprefix("seen: ") for line in done.stdout.splitlines() if line.startswith("seen: ")}
    assert seen == {*ACTIONS, *BUILT_ALONE, "a mistake", "log", "connection", "what is noted"}
    assert not [line for line in done.stdout.splitlines() if not line.startswith("seen: ")]
