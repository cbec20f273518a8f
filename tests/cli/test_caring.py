"""``desk rebuild`` and ``desk doctor``: what they say, their exit statuses, and that they refuse beside a window."""

import argparse
import json
import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from desk.application.care import (
    Examination,
    ExaminationProgress,
    ReadModelCare,
    ReadModelState,
    RebuildOutcome,
    RebuildProgress,
)
from desk.application.session import Connection, Light
from desk.cli import caring, doctor, rebuild
from desk.cli.caring import Patience, StoreNotReady
from desk.cqrs.errors import StoreUnavailable
from desk.projection.care import ModelCare
from tests.projection.library import Library, contents
from tests.projection.test_parking import cared
from tests.sessions import RunningFake, session_of


@dataclass(frozen=True, slots=True)
class Lit:
    """A connection as it is."""

    state: Connection


@dataclass(frozen=True, slots=True)
class Embedded:
    """A session over the embedded node."""

    embedded: bool = True


def keeping(care: ReadModelCare | None, light: Light = Light.GREEN) -> RunningFake:
    """A runtime as these commands need it; the projector is the fixture's."""
    state = Connection(light, "The store refuses us." if light is Light.RED else "No event store answers.", 1.0, "it")
    return RunningFake(session_of(care=care, connection=Lit(state), about=Embedded()))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "read-model.sqlite"


@pytest.fixture
def care(path: Path) -> Iterator[ModelCare]:
    library = Library()
    library.some_history(3)
    with cared(path, library) as (_, kept):
        yield kept


def look(opened: RunningFake, *options: str) -> int:
    """Run ``desk doctor``."""
    parser = argparse.ArgumentParser()
    doctor.add_arguments(parser)
    return doctor.run(parser.parse_args(options), lambda: opened)


def build_anew(opened: RunningFake, *options: str) -> int:
    """Run ``desk rebuild``."""
    parser = argparse.ArgumentParser()
    rebuild.add_arguments(parser)
    return rebuild.run(parser.parse_args(options), lambda: opened)


def spoil(path: Path) -> None:
    """Somebody changes the read model behind our back."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE books SET title = 'x' WHERE id = 2")


def test_a_rebuild_puts_a_spoilt_read_model_right(
    care: ModelCare, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(path)
    spoil(path)
    assert build_anew(keeping(care)) == 0
    assert "24 events in " in capsys.readouterr().out
    assert contents(path) == before


def test_the_doctor_says_what_differs_and_repairs_it(
    care: ModelCare, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert look(keeping(care)) == 0
    assert "Every row is what its stream says: 12 rows compared with 3 streams." in capsys.readouterr().out
    spoil(path)
    assert look(keeping(care)) == 1
    out = capsys.readouterr().out
    assert "1 book differs" in out
    assert "x: title: read model x; stream Book 1" in out
    assert look(keeping(care), "--repair") == 0
    assert "1 repaired." in capsys.readouterr().out
    assert look(keeping(care)) == 0


@pytest.mark.parametrize("command", [look, build_anew])
def test_beside_a_window_they_refuse(command: Callable[[RunningFake], int], capsys: pytest.CaptureFixture[str]) -> None:
    assert command(keeping(None)) == 1
    assert "Another Desk has this catalogue open" in capsys.readouterr().err


class Held:
    """Something that ends only when it is aborted."""

    def __init__(self, outcome: RebuildOutcome) -> None:
        self.future: Future[RebuildOutcome] = Future()
        self.outcome = outcome

    def abort(self) -> None:
        self.future.set_result(self.outcome)


class HeldCare(ModelCare):
    """Its rebuild goes on for ever; with ``signalled``, somebody presses Ctrl+C."""

    def __init__(self, *, signalled: bool) -> None:
        self.signalled = signalled

    def rebuild(self, progress: Callable[[RebuildProgress], None]) -> Held:
        if self.signalled:
            timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
            timer.start()
        return Held(RebuildOutcome(switched=False, events=0, seconds=0))


def test_ctrl_c_ends_a_rebuild_and_keeps_the_old(capsys: pytest.CaptureFixture[str]) -> None:
    assert build_anew(keeping(HeldCare(signalled=True))) == 130
    assert "as it was" in capsys.readouterr().err


def test_a_store_that_refuses_ends_it_with_its_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert build_anew(keeping(HeldCare(signalled=False), Light.RED)) == 1
    assert "The store refuses us." in capsys.readouterr().err


def test_a_store_that_goes_away_in_the_middle_is_waited_for_aloud_and_then_given_up(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert build_anew(keeping(HeldCare(signalled=False), Light.AMBER), "--wait", "2") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "desk: No event store answers. Trying it for another 1 s." in err
    assert "No event store answers. Given up after 2 s: try again; --wait SECONDS waits longer." in err


def test_a_node_of_ones_own_has_three_seconds_before_anything_is_said_of_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("desk.cli.caring.time.monotonic", lambda: now[0])
    own, other = (
        Patience(lambda: Connection(Light.AMBER, "connecting", tried="127.0.0.1:2113"), 15.0, embedded=embedded)
        for embedded in (True, False)
    )
    said = dict[float, list[str]]()
    for now[0] in (100.0, 101.1, 102.9, 103.2, 103.5, 104.3):
        own.check()
        other.check()
        said[now[0]] = capsys.readouterr().err.splitlines()
    assert said[101.1] == ["desk: There is no answer yet. Trying 127.0.0.1:2113 for another 14 s."]
    assert said[103.2][0] == "desk: Desk's own node does not answer yet. Trying 127.0.0.1:2113 for another 12 s."
    assert [len(lines) for lines in said.values()] == [0, 1, 1, 1, 0, 2]
    now[0] = 115.1
    with pytest.raises(StoreNotReady, match=r"^Desk's own node does not answer yet\. Given up after 15 s: try again"):
        own.check()


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "1e3", "86401"])
def test_a_wait_that_is_none_is_wrong_use(seconds: str) -> None:
    with pytest.raises(SystemExit) as ended:
        look(keeping(None), f"--wait={seconds}")
    assert ended.value.code == 2


class Interrupted(ModelCare):
    """Its rounds fail as they do while the store is away: the first so many."""

    def __init__(self, care: ModelCare, failures: int) -> None:
        self.care, self.failures, self.asked = care, failures, 0

    def state(self) -> ReadModelState:
        return self.care.state()

    def examine(self, progress: Callable[[ExaminationProgress], None]) -> Examination:
        self.asked += 1
        if self.asked > self.failures:
            return self.care.examine(progress)
        failed = Held(RebuildOutcome(switched=False, events=0, seconds=0))
        failed.future.set_exception(StoreUnavailable("The connection was lost."))
        return cast("Examination", failed)


def test_a_look_is_begun_anew_where_the_store_was_away_meanwhile_but_not_for_ever(
    care: ModelCare, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caring, "_BETWEEN_WORDS", 0.01)
    assert look(keeping(Interrupted(care, 2))) == 0
    assert "compared with 3 streams" in capsys.readouterr().out
    for_ever = Interrupted(care, 99)
    assert look(keeping(for_ever)) == 1
    assert "The connection was lost." in capsys.readouterr().err
    assert for_ever.asked == 5


def test_an_answer_for_a_program_is_one_document(
    care: ModelCare, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(path)
    assert look(keeping(care), "--json", "--repair") == 0
    found = json.loads(capsys.readouterr().out)
    (drift,) = found["differences"]
    assert (drift["field"], drift["in_read_model"], drift["by_stream"]) == ("title", "x", "Book 1")
    assert (found["rows"], found["streams"], found["repaired"], found["failed"]) == (12, 3, [drift["book_id"]], [])
    assert build_anew(keeping(care), "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["switched"], answer["events"]) == (True, 24)
