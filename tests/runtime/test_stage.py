"""Scenarios on the real runtime: those that come with Desk, what two runs store, what fails, and what is left."""

import json
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from desk.application.scenarios.ground import NoWindow, Stopped
from desk.application.scenarios.player import CueFailed, Player
from desk.application.scenarios.scenario import Scenario
from desk.cqrs.errors import StoreUnavailable
from desk.runtime.data_directory import THROW_AWAY
from desk.runtime.scenario_files import parse_scenario
from desk.runtime.stage import open_stage
from tests.programs.played import SCENARIOS
from tests.rounds import few_or_all
from tests.runtime.leftovers import nothing_left
from tests.waiting import until

ROOT = Path(__file__).parents[2]

HEAD = """title = "A try"
clock = 2026-03-02T09:00:00Z
seed = 9

[[cue]]
say = "A book comes into the catalogue, and is listed at once."
wait = "read model"
do = [{ command = "CreateBook", book = "emma", isbn = "9780141439587", title = "Emma", authors = ["Jane Austen"] }]
"""


def scenario(rest: str) -> Scenario:
    return parse_scenario(HEAD + rest, "try.toml")


def played(tmp_path: Path, rest: str) -> None:
    script = scenario(rest)
    catalogue = open_stage(tmp_path, script)
    with closing(catalogue.session):
        Player(script, catalogue, NoWindow()).play_all()


def cue(steps: str, expected: str = "", wait: str = "key") -> str:
    return f"""
[[cue]]
say = "Something else is done now, and we look at it."
wait = "{wait}"
do = [{steps}]
expect = [{expected}]
"""


def test_two_processes_that_play_the_scenarios_store_the_same(tmp_path: Path) -> None:
    scenarios = few_or_all(["two-librarians"], sorted(path.stem for path in SCENARIOS.glob("*.toml")))
    programs = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.programs.played", str(tmp_path / name), *scenarios],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for name in ("first", "second")
    ]
    (first, errors), (second, others) = (program.communicate(timeout=600) for program in programs)
    assert [program.returncode for program in programs] == [0, 0], errors + others
    runs = [dict(json.loads(line) for line in text.splitlines()) for text in (first, second)]
    assert list(runs[0]) == scenarios
    for name, streams in runs[0].items():
        assert streams, f"{name} has stored something"
        assert streams == runs[1][name], name
    assert not any((tmp_path / name / THROW_AWAY).exists() for name in ("first", "second"))


WRONG = {
    cue('{ command = "LendCopy", book = "emma", copy_no = 1, patron = "R-1" }'): "ended with CopyNotFound",
    cue("", '{ book = "emma", title = "Emm" }'): "title is 'Emma', and 'Emm' is expected",
    cue("", '{ book = "dune" }'): "does not know dune",
    cue("", '{ book = "emma", missing = true }'): "knows emma already",
    cue("", '{ book = "emma", events = ["BookCreated"] }'): "has BookCreated, BookListed, and BookCreated",
    cue("", "{ books = 2 }"): "books is 1, and 2 is expected",
    cue('{ command = "AddCopy", book = "emma", ends = "CopyNotFound" }'): "AddCopy was done",
    cue('{ command = "AddCopy", book = "emma", attempts = 2 }'): "took 1 attempts",
    cue('{ fail = "step the projection" }'): "no event waits",
    cue('{ fail = "stop the projection" }', wait="read model"): "the projection is stopped",
}
"""What fails, and why; in an order in which one leaves to the next what that needs."""


def test_a_cue_that_fails_says_which_it_is_and_why(tmp_path: Path) -> None:
    script = scenario("".join(WRONG))
    catalogue = open_stage(tmp_path, script)
    with closing(catalogue.session):
        player = Player(script, catalogue, NoWindow())
        player.play(0)
        for number, why in enumerate(WRONG.values(), 1):
            with pytest.raises(CueFailed) as failed:
                player.play(number)
            assert why in str(failed.value)
            assert f"Cue {number + 1} (line {4 + 6 * number})" in str(failed.value)
            assert failed.value.number == number
    with pytest.raises(CueFailed, match=r"Cue 2 \(line 10\)"):
        played(tmp_path, next(iter(WRONG)))


def test_a_copy_that_nobody_fetches_goes_back_when_the_clock_jumps(tmp_path: Path) -> None:
    """Process managers have something to do because it is later now, and not because anybody sent anything."""
    waits = cue(
        '{ command = "AddCopy", book = "emma" }, { command = "LendCopy", book = "emma", copy_no = 1, patron = "R-1" },'
        '{ command = "PlaceHold", book = "emma", hold = "h", patron = "R-2" },'
        '{ command = "ReturnCopy", book = "emma", copy_no = 1 }',
        '{ book = "emma", available = 0 }',
        wait="read model",
    )
    later = cue("", '{ book = "emma", available = 1 }', wait="read model").replace(
        "wait =", "clock = 2026-06-01T09:00:00Z\nwait ="
    )
    played(tmp_path, waits + later)


@pytest.mark.parametrize(
    ("steps", "refusals"), [("", 3), ('{ fail = "kill the node" }, { show = "catalogue", book = "emma" }', 3)]
)
def test_a_store_that_is_just_being_started_is_asked_again(steps: str, refusals: int, tmp_path: Path) -> None:
    script = scenario(cue(steps, wait="read model"))
    catalogue = open_stage(tmp_path, script)
    asked = iter(range(1_000_000))

    def last_position() -> int | None:
        if next(asked) < refusals:
            raise StoreUnavailable("just being started")
        return catalogue.last_position()

    with closing(catalogue.session):
        Player(script, replace(catalogue, last_position=last_position), NoWindow()).play_all()
    assert next(asked) > refusals


@pytest.mark.parametrize("failure", ["kill the node", "stop the projection"])
def test_a_player_that_is_stopped_in_the_middle_leaves_nothing(failure: str, tmp_path: Path) -> None:
    script = scenario(cue(f'{{ fail = "{failure}" }}', "{ books = 7 }", wait="store") * 3)
    with nothing_left(tmp_path):
        catalogue = open_stage(tmp_path, script)
        player, ends = Player(script, catalogue, NoWindow()), list[type]()

        def play() -> None:
            try:
                player.play_all()
            except (Stopped, CueFailed) as end:
                ends.append(type(end))

        thread = threading.Thread(target=play)
        thread.start()
        until(lambda: catalogue.session.diagnostics.stories() != ())
        player.stop.set()
        thread.join(60)
        catalogue.session.close()
        assert ends
        assert not (tmp_path / THROW_AWAY).exists()
