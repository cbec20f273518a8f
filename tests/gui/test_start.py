"""What the window loads before it is there: what its first picture needs, and nothing else."""

import os
import subprocess
import sys
from importlib.util import find_spec
from typing import Final

import pytest

from tests.cli.test_stage import ROOT

LOADED_LATER: Final = (
    *("asyncio", "esdbclient", "google", "grpc", "multiprocessing", "opentelemetry", "sqlite3", "tomllib"),
    *("desk.node", "desk.projection", "desk.scripting", "desk.store"),
    *("desk.runtime.options", "desk.runtime.runtime", "desk.runtime.stage"),
    *("desk.cqrs.bus", "desk.cqrs.live_feed", "desk.cqrs.process", "desk.cqrs.stories", "desk.cqrs.story_log"),
    *("desk.cqrs.messages", "desk.cqrs.store", "desk.domain.commands", "desk.domain.events", "desk.domain.state"),
    *("desk.application.care", "desk.application.catalogue", "desk.application.event_index"),
    *("desk.application.command_events", "desk.application.history", "desk.application.queries"),
    *("desk.application.flow", "desk.application.importing", "desk.application.inspection"),
    *("desk.application.scenarios", "desk.application.timeline", "desk.application.handlers"),
    *("desk.cli.caring", "desk.cli.looking", "desk.cli.progress", "desk.cli.stage"),
    *("desk.gui.flow", "desk.gui.operations", "desk.gui.streams.panel"),
    *("desk.gui.stage.part", "desk.gui.timeline.panel", "desk.gui.importing.dialog", "desk.gui.importing.demo_dialog"),
    *("desk.gui.books.part", "desk.gui.books.model", "desk.gui.books.card", "desk.gui.books.commands"),
    *("desk.gui.frame.past", "desk.gui.frame.palette.palette"),
    *("desk.gui.books.dialog", "desk.gui.books.new_book", "desk.gui.books.copy_forms", "desk.gui.books.undo_form"),
    *("desk.gui.connection.dialog", "desk.gui.connection.connect_dialog"),
    *("desk.gui.frame.keys", "desk.gui.frame.plugins", "desk.gui.frame.problems"),
)
"""Modules and packages that a window which is just painted has no use for."""

PROGRAM: Final = """
import os, sys
from PySide6.QtWidgets import QMainWindow
from desk.__main__ import main
from desk.gui.frame.window import MainWindow

painted = []

def paintEvent(self, event):
    painted.append(self.isVisible())
    QMainWindow.paintEvent(self, event)

def open_in(self, view, open_session):
    print(*sys.modules, sep="\\n")
    sys.stdout.flush()
    os._exit(0 if painted else 3)

MainWindow.paintEvent, MainWindow.open_in = paintEvent, open_in
sys.exit(main(sys.argv[1:]))
"""
"""Desk's window, whose end is the opening of its session; the exit status is 3 where it was not painted before."""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    data = tmp_path_factory.mktemp("data")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "--data", str(data)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return frozenset(done.stdout.split())


def test_the_session_is_opened_after_the_window_is_painted_and_needs_what_is_loaded_then(
    loaded: frozenset[str],
) -> None:
    assert {"desk.gui.frame.window", "desk.gui.frame.workspace_view"} <= loaded
    early = {name for name in loaded for later in LOADED_LATER if name == later or name.startswith(f"{later}.")}
    assert not early


def test_what_is_loaded_later_is_there_to_be_loaded() -> None:
    assert not [name for name in LOADED_LATER if name != "opentelemetry" and find_spec(name) is None]
