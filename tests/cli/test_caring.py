"""``desk rebuild`` and ``desk doctor``: what they say, their exit statuses, and that they refuse beside a window."""

import argparse
import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from desk.application.care import ReadModelCare, RebuildOutcome, RebuildProgress
from desk.application.session import Connection, Light, Session
from desk.cli import doctor, rebuild
from desk.projection.care import ModelCare
from tests.projection.library import Library, contents
from tests.projection.test_parking import cared
from tests.sessions import session_of


@dataclass(frozen=True, slots=True)
class Lit:
    """A connection as it is."""

    state: Connection


def keeping(care: ReadModelCare | None, light: Light = Light.GREEN) -> Session:
    """A session as these commands need it; the projector is the fixture's."""
    return session_of(care=care, connection=Lit(Connection(light, "The store refuses us.")))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "read-model.sqlite"


@pytest.fixture
def care(path: Path) -> Iterator[ModelCare]:
    library = Library()
    library.some_history(3)
    with cared(path, library) as (_, kept):
        yield kept


def look(session: Session, *options: str) -> int:
    """Run ``desk doctor``."""
    parser = argparse.ArgumentParser()
    doctor.add_arguments(parser)
    return doctor.run(parser.parse_args(options), lambda: session)


def spoil(path: Path) -> None:
    """Somebody changes the read model behind our back."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE books SET title = 'x' WHERE id = 2")


def test_a_rebuild_puts_a_spoilt_read_model_right(
    care: ModelCare, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(path)
    spoil(path)
    assert rebuild.run(lambda: keeping(care)) == 0
    assert "24 events in " in capsys.readouterr().out
    assert contents(path) == before


def test_the_doctor_says_what_differs_and_repairs_it(
    care: ModelCare, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert look(keeping(care)) == 0
    assert "Every row is what its stream says." in capsys.readouterr().out
    spoil(path)
    assert look(keeping(care)) == 1
    out = capsys.readouterr().out
    assert "1 book differs" in out
    assert "x: title: read model x; stream Book 1" in out
    assert look(keeping(care), "--repair") == 0
    assert "1 repaired." in capsys.readouterr().out
    assert look(keeping(care)) == 0


@pytest.mark.parametrize("command", [look, lambda session: rebuild.run(lambda: session)])
def test_beside_a_window_they_refuse(command: Callable[[Session], int], capsys: pytest.CaptureFixture[str]) -> None:
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
    assert rebuild.run(lambda: keeping(HeldCare(signalled=True))) == 130
    assert "as it was" in capsys.readouterr().out


def test_a_store_that_refuses_ends_it_with_its_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert rebuild.run(lambda: keeping(HeldCare(signalled=False), Light.RED)) == 1
    assert "The store refuses us." in capsys.readouterr().err
