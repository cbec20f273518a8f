"""T21: the program is killed at random moments; its read model is afterwards what a clean rebuild would make.

``DESK_TEST_SEED`` repeats a run.
"""

import os
import shutil
import time
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from desk.application.queries import GetCounts, GetReadModelStatus
from desk.cqrs.process import ProcessPhase
from desk.cqrs.store import Filter
from desk.runtime.options import Options
from desk.runtime.runtime import open_session
from tests.forked import Forked
from tests.projection.library import contents
from tests.rounds import few_or_all
from tests.sessions import foreign_client
from tests.waiting import until

KILLS = few_or_all(2, 200)
LONGEST = 1.0
"""Seconds of work before a kill, at most."""


def killed_at_work(directory: Path, dice: Random) -> None:
    """A program begins to work, and is gone before it knows."""
    with Forked("tests.programs.scripted", [str(directory), str(dice.randrange(10**6))]) as process:
        assert process.stdout.readline() == "ready\n"
        time.sleep(dice.uniform(0, LONGEST))  # the moment is the test, not something to wait for
        process.kill()


def settle(directory: Path) -> None:
    """A program starts, and asks again for what the killed one did not hear the end of."""
    with closing(open_session(Options(directory, user="ada"))) as session:
        until(lambda: not session.commands.outbox.waiting())


def contents_at_rest(directory: Path) -> dict[str, str]:
    """What the read model holds once the process managers have reacted to all there is; nobody sends anything else."""
    with closing(open_session(Options(directory, user="ada"))) as session:
        live = [ProcessPhase.LIVE] * 2
        try:
            until(lambda: [one.phase for one in session.diagnostics.process_managers()] == live)
        except AssertionError:
            pytest.fail(
                f"{session.connection.state} {session.diagnostics.process_managers()} {session.diagnostics.faults()}"
            )
        with foreign_client(session) as store:
            last = next(store.read_all(backwards=True, limit=1, only=Filter("^(book|isbn)-"))).position
        until(lambda: (session.queries.ask(GetReadModelStatus()).result(60).position or 0) >= last)
        assert session.queries.ask(GetCounts()).result(60).pending == 0
    return contents(directory / "read-model.sqlite")


def test_t21_after_a_kill_the_read_model_is_that_of_a_clean_rebuild(tmp_path: Path) -> None:
    seed = int(os.environ.get("DESK_TEST_SEED", str(Random().randrange(10**6))))
    dice, directory = Random(seed), tmp_path / "killed"
    for number in range(KILLS):
        killed_at_work(directory, dice)
        rebuilt = tmp_path / f"rebuilt-{number}"
        settle(directory)
        after = contents_at_rest(directory)
        rebuilt.mkdir()
        for file in directory.glob("node.sqlite*"):  # and what its log is written ahead to
            shutil.copy(file, rebuilt)
        assert after == contents_at_rest(rebuilt), f"kill {number} of DESK_TEST_SEED={seed}"
        shutil.rmtree(rebuilt)
