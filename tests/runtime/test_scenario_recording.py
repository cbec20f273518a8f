"""Recording: what is done in a throw-away catalogue becomes cues that store the same when they are played."""

import json
import os
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from desk.application.scenarios.ground import NoWindow, StageCatalogue, WrongScenario, wait_until
from desk.application.scenarios.player import Player
from desk.application.scenarios.recorder import Recorder
from desk.application.scenarios.scenario import Fail, FailureKind, Scenario, Send, Show
from desk.application.session import Session
from desk.domain.commands import (
    AddCopy,
    BookCommand,
    CancelHold,
    CorrectBookDetails,
    CreateBook,
    DeleteBook,
    LendCopy,
    PlaceHold,
)
from desk.domain.streams import book_stream
from desk.runtime.scenario_files import parse_scenario, read_scenario
from desk.runtime.scenario_recording import record_steps
from desk.runtime.stage import open_stage
from tests.moments import REAL
from tests.rounds import LONG
from tests.sessions import foreign_client

ROOT = Path(__file__).parents[2]
DAY = date(2026, 3, 2)

OWN = """# My talk: do not touch
title   =   "Mine"   # three spaces
clock = 2026-03-02T09:00:00Z
seed = 5

[[cue]]   # the first
say = 'A book.'
do = [
    # Emma, of course
    { command = "CreateBook", book = "emma", isbn = "9780141439587", title = "Emma", authors = ["Jane Austen"] },
    { command = "AddCopy", book = "emma" }, { command = "PlaceHold", book = "emma", patron = "R-1" },
]
# the end
"""


def plain(value: Any, names: dict[str, str]) -> Any:
    """JSON in which each id is a number by its first appearance, as two runs have other ids."""
    if isinstance(value, dict):
        return {key: plain(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one, names) for one in value]
    try:
        return names.setdefault(str(UUID(value)), f"id {len(names)}")
    except (TypeError, ValueError, AttributeError):
        return value


def stored(session: Session) -> list[Any]:
    """Type and data of all events of books, in their order within each stream."""
    with foreign_client(session) as store:
        found = [event for event in store.read_all() if not event.stream.startswith("$")]
    streams = dict[str, list[Any]]()
    for event in found:
        streams.setdefault(event.stream, []).append((event.type, json.loads(event.data)))
    names = dict[str, str]()
    return [plain([list(one) for one in events], names) for events in streams.values()]


def played(path: Path, directory: Path) -> list[Any]:
    scenario = read_scenario(path)
    catalogue = open_stage(directory, scenario)
    with closing(catalogue.session) as session:
        Player(scenario, catalogue, NoWindow()).play_all()
        return stored(session)


class Speaker:
    """Somebody who does things in a catalogue whose doings are recorded."""

    def __init__(self, catalogue: StageCatalogue, recorder: Recorder) -> None:
        self.catalogue = catalogue
        self.session = recorder.over(catalogue.session)

    def does(self, command: BookCommand) -> None:
        """Send it; how it ends is part of the recording. Then until nothing is left to do."""
        self.session.commands.execute(command, command_id=REAL.new_id()).exception(60)
        player = Player(Scenario("", REAL.now(), 0, ()), self.catalogue, NoWindow())
        assert wait_until(self.catalogue.is_at_rest, 20, player.stop)


def test_what_was_recorded_is_played_by_itself_and_stores_the_same_types_and_data(tmp_path: Path) -> None:
    path, recorder, book, other = tmp_path / "new talk.toml", Recorder(), REAL.new_id(), REAL.new_id()
    record_steps(path, (), DAY)
    scenario = read_scenario(path)
    catalogue = open_stage(tmp_path / "data", scenario)
    with closing(catalogue.session):
        player = Player(scenario, catalogue, NoWindow())
        player.play_all()
        speaker = Speaker(catalogue, recorder)
        recorder.begin(player.pass_time)
        recorder.show("catalogue", None)
        loan, hold = REAL.new_id(), REAL.new_id()
        speaker.does(
            CreateBook(
                book_id=book, isbn="9780141439587", title='The "Emma"\n', authors=("Jane Austen",), published_year=1815
            )
        )
        speaker.does(CreateBook(book_id=other, isbn="9780306406157", title="Emma again", authors=("A", "B")))
        speaker.does(
            CorrectBookDetails(book_id=book, seen_revision=1, published_year=None, publisher="P", language="en")
        )
        speaker.does(CorrectBookDetails(book_id=book, seen_revision=2, publisher=None))
        speaker.does(AddCopy(book_id=book, shelf_mark="A 1"))
        recorder.show("history", book)
        speaker.does(LendCopy(book_id=book, copy_no=1, loan_id=loan, patron="R-17", due_on=date(2026, 4, 1)))
        speaker.does(LendCopy(book_id=book, copy_no=1, loan_id=REAL.new_id(), patron="R-23"))
        faults, care = speaker.session.faults, speaker.session.care
        assert faults is not None
        assert care is not None
        care.set_delay(0.5)
        care.set_delay(0)
        faults.overtake(AddCopy(book_id=book))
        speaker.does(PlaceHold(book_id=book, hold_id=hold, patron="R-23"))
        speaker.does(CancelHold(book_id=book, hold_id=hold))
        faults.lose_next_answer(book_stream(other))
        faults.take_back()
        speaker.does(DeleteBook(book_id=other, reason="twice"))
        steps, expected = recorder.end(), stored(speaker.session)
    record_steps(path, steps, DAY)
    cues = read_scenario(path).cues
    assert [cue.say for cue in cues][1:3] == ["Show catalogue.", "Create book: emma."]
    done = [step for cue in cues for step in cue.steps]
    assert [step.ends for step in done if isinstance(step, Send) and step.ends != "done"] == ["CopyIsOnLoan"]
    kinds = [step.failure for step in done if isinstance(step, Fail)]
    assert kinds == [FailureKind.DELAY_PROJECTION, FailureKind.RESUME_PROJECTION, FailureKind.OVERTAKE]
    assert [step.place for step in done if isinstance(step, Show)] == ["catalogue", "catalogue", "history"]
    assert played(path, tmp_path / "again") == expected
    if LONG:  # in a window a shorter one is played by journeys/test_stage
        check = subprocess.run(
            [sys.executable, "-m", "desk", "--data", str(tmp_path / "check"), "stage", "--check", str(path)],
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
            cwd=ROOT,
            env=dict(os.environ),
        )
        assert check.returncode == 0, check.stdout + check.stderr


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_file_that_is_there_keeps_its_comments_and_its_form_and_the_names_it_has(ends: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    before = OWN.replace("\n", ends)
    path.write_bytes(before.encode())
    placed = parse_scenario(OWN, path.name).cues[0].steps[2]
    assert isinstance(placed, Send)
    assert isinstance(placed.command, PlaceHold)
    book, hold = placed.command.book_id, placed.command.hold_id
    cancelled = Send(CancelHold(book_id=book, hold_id=hold))
    record_steps(path, [cancelled], DAY)
    after = path.read_bytes().decode()
    assert after.startswith(before)
    assert "\n" not in after.replace(ends, "")
    record_steps(path, [Send(AddCopy(book_id=book)), Show("history", book)], DAY)
    assert path.read_bytes().decode().startswith(after.rstrip())
    read = [step for cue in read_scenario(path).cues[1:] for step in cue.steps]
    assert read == [cancelled, Send(AddCopy(book_id=book)), Show("history", book)]
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_is_said_and_what_is_no_scenario_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder, why in ((tmp_path / "file", "Not a directory"), (tmp_path / "none", "No such file or directory")):
        with pytest.raises(WrongScenario, match=f"cannot be written: {why}. Choose another folder."):
            record_steps(folder / "a.toml", (), DAY)
    broken = tmp_path / "broken.toml"
    broken.write_text("title = = 1")
    with pytest.raises(WrongScenario, match="line 1, column 9"):
        record_steps(broken, [Show("history")], DAY)
    inline = tmp_path / "inline.toml"
    text = 'title = "T"\nclock = 2026-03-02T09:00:00Z\nseed = 1\ncue = [{ say = "One" }]\n'
    inline.write_text(text)
    with pytest.raises(WrongScenario, match="cue"):
        record_steps(inline, [Show("history")], DAY)
    assert (broken.read_text(), inline.read_text()) == ("title = = 1", text)
