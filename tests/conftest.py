"""For all tests: no screen, our own application, and no thread or process left behind."""

import gc
import importlib
import os
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from pytestqt.qtbot import QtBot

from desk.store import node_process
from tests.forked import run_forked, start_forked
from tests.made_once import made_once
from tests.rounds import LONG, few_or_all
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Processes are started by the tests: each would compile all of Desk where the machine keeps no bytecode.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long an example takes says how busy the machine is, and so does how long Qt's signals are waited for.
settings.register_profile(
    "desk", deadline=None, max_examples=few_or_all(25, 100), suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("desk")
for wait in (
    QtBot.waitUntil,
    QtBot.waitSignal,
    QtBot.waitSignals,
    QtBot.waitActive,
    QtBot.waitExposed,
    QtBot.waitCallback,
):
    wait.__kwdefaults__ = {**(wait.__kwdefaults__ or {}), "timeout": int(PATIENCE * 1000)}


LONGEST = (
    *("journeys/test_start", "journeys/test_cues", "journeys/test_stage", "test_lint", "cli/test_stage"),
    *("journeys/test_selection", "cli/test_processes", "journeys/test_import", "node/test_kill", "programs/"),
    *("runtime/test_workspaces", "runtime/test_stage", "journeys/"),
)
"""What takes longest, first of all, so that no worker is left alone with it at the end."""


def pytest_sessionstart(session: pytest.Session) -> None:
    """Where no bytecode is kept yet, workers compile a part of the test modules each instead of all of them each."""
    worker: dict[str, Any] = getattr(session.config, "workerinput", {})
    if not worker:
        return
    tests = Path(__file__).parent
    modules = sorted(tests.rglob("test_*.py"))
    for path in modules[int(worker["workerid"].removeprefix("gw")) :: worker["workercount"]]:
        with suppress(Exception, pytest.skip.Exception):  # told when it is collected
            importlib.import_module(".".join(path.relative_to(tests.parent).with_suffix("").parts))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        return next((n for n, name in enumerate(LONGEST) if f"tests/{name}" in item.nodeid), len(LONGEST))

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """All modules and tests stay to the end: no search for garbage need go over them again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def qapp() -> "Iterator[QApplication]":
    """The application as the program makes it, for all tests of the window."""
    from desk.gui.frame.application import make_application

    app = make_application(["desk"])
    yield app
    app.clipboard().setText("")  # Qt's platform without a screen ends in a crash over data that Python put there
    app.processEvents()


@contextmanager
def threads_end() -> Iterator[None]:
    """Fails where a thread that began meanwhile does not end."""
    before = set(threading.enumerate())
    yield
    limit = time.monotonic() + 60
    while left := [t for t in threading.enumerate() if t not in before and t.is_alive() and not t.daemon]:
        assert time.monotonic() < limit, f"threads left behind: {left}"
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def _no_thread_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Also of a window that goes on over several tests, by the fixture that closes it."""
    with nullcontext() if "shared" in request.fixturenames else threads_end():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A window that goes on over several tests is told of one that failed in it."""
    report = yield
    shared: Any = item.funcargs.get("shared") if isinstance(item, pytest.Function) else None
    if report.failed and shared is not None:
        shared.failed = True
    return report


@pytest.fixture(scope="session", autouse=True)
def _constants_of_the_code_are_left_out() -> Iterator[None]:
    """Hypothesis looks for them in all modules, which costs each worker of a fresh clone two seconds: in a long run."""
    with pytest.MonkeyPatch.context() as patch:
        if not LONG:
            patch.setattr("hypothesis.internal.conjecture.providers.is_local_module_file", lambda _path: False)
        yield


@pytest.fixture(scope="session", autouse=True)
def _embedded_nodes_are_forked() -> Iterator[None]:
    """Those that this process starts; the programs that the tests start anew start theirs anew too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(node_process, "_start", start_forked(node_process._start))
        yield


@pytest.fixture(scope="session")
def order_system(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the order system and the hostile events, made once: to be copied, not opened."""
    from tests import order_system
    from tests.node.processes import start_node

    def make(directory: Path) -> None:
        node = start_node(directory)
        try:
            order_system.fill(node.uri)
            order_system.append_hostile(node.uri)
        finally:
            node.stop()

    return made_once(tmp_path_factory, "orders", make)


def run_filling(directory: Path, *words: str) -> None:
    """Have tests.cli.filling do it, in a process of its own that has ended when this returns."""
    run_forked("tests.cli.filling", str(directory), *words, timeout=90).check_returncode()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue that a process has filled which has ended, as tests.cli.filling says: to be copied, not opened."""
    return made_once(tmp_path_factory, "filled", run_filling)


@pytest.fixture(scope="session")
def without_books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Such a catalogue in which there is only what another program wrote."""
    return made_once(tmp_path_factory, "without-books", lambda directory: run_filling(directory, "foreign"))
