"""``desk stage``: opens a scenario on the stage, lists those there are, or rehearses some with a window nobody sees.

The one module of the sub-commands that knows the window.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

from desk.application.scenarios.ground import ScenarioPort, StageCatalogue, WrongScenario
from desk.cli.caring import DONE, FAILED, USAGE, complain
from desk.cli.display import missing
from desk.runtime.clock import moments_of_this_computer

if TYPE_CHECKING:
    from desk.application.scenarios.scenario import Scenario, Step
    from desk.gui.frame.window import MainWindow

FOLDER: Final = "stage"
"""Within the directory of the data: what the stage's window remembers, apart from the user's own."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the sub-command."""
    parser.add_argument("scenario", nargs="?", help="the name of one that comes with Desk, or a file; default: talk")
    parser.add_argument(
        "--check", nargs="*", metavar="FILE", help="rehearse these, or all that come with Desk; 1 where a cue fails"
    )
    parser.add_argument("--list", action="store_true", help="the scenarios that come with Desk")


def run(arguments: argparse.Namespace, data_dir: Path) -> int:
    """Do it; the exit status."""
    if arguments.list:
        return _list()
    checking: list[str] | None = arguments.check
    sentence = missing(offscreen=checking is not None)
    if sentence:
        return complain(sentence, USAGE)
    try:
        if checking is None:
            return _open(_find(arguments.scenario or "talk"), data_dir)
        return _check([_find(name) for name in checking] or _files(), data_dir)
    except WrongScenario as wrong:
        return complain(str(wrong))


def scenario_port(data_dir: Path) -> ScenarioPort:
    """What the window needs to play scenarios, whose catalogues are within this directory."""

    def read(path: Path) -> "Scenario":
        from desk.runtime.scenario_files import read_scenario

        return read_scenario(path)

    def opened(scenario: "Scenario") -> StageCatalogue:
        # Imported behind the window that is already there: gRPC and the rest take their time.
        from desk.runtime.stage import open_stage

        return open_stage(data_dir, scenario)

    def record(path: Path, steps: Sequence["Step"]) -> None:
        from desk.runtime.scenario_recording import record_steps

        record_steps(path, steps, moments_of_this_computer().today())

    return ScenarioPort(read, opened, record)


def _open(path: Path, data_dir: Path) -> int:
    from desk.gui.frame.run import run_window
    from desk.gui.stage.action_specs import add_stage
    from desk.gui.stage.part import StagePart

    port = scenario_port(data_dir)
    scenario = port.read(path)

    def begin(window: "MainWindow") -> None:
        StagePart(window, port).play(path, scenario)

    return run_window(
        None,
        data_dir / FOLDER,
        FOLDER,
        sys.argv[:1],
        moments=moments_of_this_computer(),
        extend=lambda view: add_stage(view, lambda: port),
        begin=begin,
        first_only="A stage is open, and plays one scenario at a time. Close it (Esc twice), then start this one.",
        look=data_dir,
    )


def _check(paths: list[Path], data_dir: Path) -> int:
    port = scenario_port(data_dir)
    read = [(path.name, port.read(path)) for path in paths]
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from desk.gui.stage.checking import rehearse_in_window

    return DONE if rehearse_in_window(read, port, lambda said: print(said, flush=True)) else FAILED


def _list() -> int:
    port = scenario_port(Path())
    for path in _files():
        scenario = port.read(path)
        print(f"{path.stem:24} {scenario.title}: {len(scenario.cues)} cues. {scenario.notes.strip()}")
    return DONE


def _find(name: str) -> Path:
    """The file of a scenario. Raises WrongScenario."""
    if Path(name).exists():
        return Path(name)
    known = {path.stem: path for path in _files()}
    if name in known:
        return known[name]
    near = get_close_matches(name, known, 1)
    meant = f" Did you mean {near[0]}?" if near else ""
    raise WrongScenario(f"There is no scenario {name}, and no such file.{meant} `desk stage --list` names them all.")


def _files() -> list[Path]:
    from desk.application.resources import resource

    return sorted(resource("scenarios").glob("*.toml"))
