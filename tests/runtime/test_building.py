"""A runtime is built whole, then started: nothing is left wherever that fails, and no thread meets half a runtime."""

import os
import threading
import time
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from desk.application.session import Light
from desk.projection.lock import try_lock
from desk.runtime import application, data_directory, event_index, read_model, runtime, store_connection
from desk.runtime.options import CannotOpen, Options
from desk.runtime.runtime import Runtime, build, open_runtime
from tests.memory_store import MemoryStore
from tests.rounds import few_or_all
from tests.runtime.leftovers import nothing_left
from tests.waiting import until

OPENINGS = few_or_all(8, 200)
"""Of each kind; README has the number for the long rounds."""

CONSTRUCTED = [
    (data_directory, "open_local"),
    (data_directory, "_read_record"),
    (store_connection, "LocalNode"),
    (store_connection, "EventStoreDB"),
    (store_connection, "FailingStore"),
    (store_connection, "Supervisor"),
    (read_model, "ThreadLocalReaders"),
    (read_model, "open_read_model"),
    (read_model, "Projector"),
    (read_model, "ModelCare"),
    (event_index, "ThreadLocalReaders"),
    (event_index, "PartBuilder"),
    (application, "JournalTable"),
    (application, "Journal"),
    (application, "Outbox"),
    (application, "compose"),
    (application, "Tails"),
    (application, "event_bridge"),
    (application, "ProcessManagers"),
    (runtime, "Queries"),
    (runtime, "Session"),
]
"""What the five parts and the runtime make, in the order of making it."""

THROWN_AWAY = few_or_all([CONSTRUCTED[0], CONSTRUCTED[2], CONSTRUCTED[-1]], CONSTRUCTED)
"""What raises in a throw-away catalogue too, where there is a directory besides to be removed."""


class Broken(Exception):
    """What a constructor or a start raises in these tests."""


@pytest.mark.parametrize(
    ("module", "name", "throw_away"),
    [*((*one, False) for one in CONSTRUCTED), *((*one, True) for one in THROWN_AWAY)],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_constructor_that_raises_leaves_nothing(
    module: Any, name: str, throw_away: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raises(*_given: object, **_named: object) -> None:
        raise Broken

    options = Options(tmp_path, user="ada", throw_away=throw_away)
    with nothing_left(tmp_path):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, raises)
            with pytest.raises(Broken):
                build(options)
        assert not (tmp_path / data_directory.THROW_AWAY).exists()
        lock = try_lock(tmp_path / "read-model.lock")
        assert lock is not None
        lock.release()


def test_building_starts_no_thread_and_no_process_and_tells_nobody(tmp_path: Path) -> None:
    with nothing_left(tmp_path):
        before = set(threading.enumerate())
        built = build(Options(tmp_path, user="ada"))
        assert set(threading.enumerate()) == before
        assert built.session.about.node_pid is None
        assert built.session.connection.state.light is Light.AMBER
        built.close()


class StartsThatFail:
    """Lets so many threads of a runtime start, and then none."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, allowed: int) -> None:
        self.left, self._start = allowed, threading.Thread.start
        start = self._start

        def starts(thread: threading.Thread) -> None:
            if type(getattr(thread, "_target", None)).__name__ == "method" and thread.name in WORKERS:
                if self.left == 0:
                    raise Broken
                self.left -= 1
            start(thread)

        monkeypatch.setattr(threading.Thread, "start", starts)


WORKERS = (
    "connection",
    "projector",
    "index-books",
    "index-events",
    "live feed",
    "journal",
    "outbox",
    "event bus",
    "BookRegistration",
    "HoldPickup",
    "HoldPickup-timer",
)


def test_the_threads_of_a_runtime_are_those_known_here(tmp_path: Path) -> None:
    with closing(build(Options(tmp_path, user="ada"))) as built:
        parts = (built._connection, built._model, built._index, built._app)
        assert tuple(worker.name for part in parts for worker in part.workers) == WORKERS


@pytest.mark.parametrize("allowed", range(len(WORKERS)), ids=WORKERS)
def test_a_start_that_raises_leaves_nothing(allowed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with nothing_left(tmp_path):
        with monkeypatch.context() as patch:
            StartsThatFail(patch, allowed)
            with pytest.raises(Broken):
                open_runtime(Options(tmp_path, user="ada"))
        with closing(build(Options(tmp_path, user="ada"))) as again:
            assert again.session.care is not None, "the lock of the read model was given back"


class SlowStore(MemoryStore):
    """A store elsewhere that takes a moment for its answers: none, or a random one."""

    def __init__(self, dice: Random | None) -> None:
        super().__init__()
        self._dice = dice

    def head(self) -> int | None:
        if self._dice is not None:
            time.sleep(self._dice.choice([0, 0, 0.001, 0.005, 0.02]))
        return super().head()


@pytest.mark.parametrize("kind", ["at once", "after a random time"])
def test_whenever_the_store_answers_no_thread_dies_and_the_light_follows_an_outage(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that dies of an exception fails the test: warnings are errors."""
    seed = int(os.environ.get("DESK_TEST_SEED", str(Random().randrange(10**6))))
    dice = Random(seed)
    for number in range(OPENINGS):
        store = SlowStore(dice if kind != "at once" else None)
        monkeypatch.setattr(store_connection, "EventStoreDB", lambda *_given, store=store, **_named: store)
        opened = open_runtime(Options(tmp_path / str(number % 3), "esdb://127.0.0.1:1?tls=false", user="ada"))
        with closing(opened):
            assert opened.ready(20), f"opening {number} of DESK_TEST_SEED={seed}"
            _goes_away_and_comes_back(opened, store)
            assert _living(opened) == list(WORKERS), f"opening {number} of DESK_TEST_SEED={seed}"


def _goes_away_and_comes_back(opened: Runtime, store: MemoryStore) -> None:
    store.go_away()
    opened.session.connection.retry()
    until(lambda: opened.session.connection.state.light is Light.AMBER)
    store.come_back()
    opened.session.connection.retry()
    until(lambda: opened.session.connection.state.light is Light.GREEN)


def _living(opened: Runtime) -> list[str]:
    return [one.thread.name for one in (*opened._supervising, *opened._working) if one.thread.is_alive()]


def test_a_throw_away_catalogue_that_goes_meanwhile_keeps_nobody_from_opening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    going, listed = tmp_path / data_directory.THROW_AWAY / "going", os.scandir
    going.mkdir(parents=True)

    def scandir(path: Any = ".") -> Any:
        if Path(path) == going:
            going.rmdir()
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    data_directory.keep_private(tmp_path)
    assert not going.exists()


def test_what_cannot_be_read_as_a_connection_string_is_refused_without_repeating_it(tmp_path: Path) -> None:
    with nothing_left(tmp_path), pytest.raises(CannotOpen) as refused:
        open_runtime(Options(tmp_path, "esdbx://admin:secret@host:2113"))
    assert "esdb://HOST:2113" in str(refused.value)
    assert "secret" not in str(refused.value)
