"""Every dialog is whole on the smallest screen with large text."""

import ast
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


def test_a_dialogs_buttons_belong_to_it_when_they_are_made() -> None:
    """Only then do they know by its style sheet that they have no pictures, which some desktops would give them."""
    homeless = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in (ROOT / "desk" / "gui").rglob("*.py")
        if "QDialogButtonBox" in (text := path.read_text(encoding="utf-8"))
        for call in ast.walk(ast.parse(text))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) == "QDialogButtonBox"
        and "self" not in map(ast.unparse, call.args)
    ]
    assert not homeless
