"""Workspaces in one real window: of those that are closed nothing is left, and those that are hidden lose nothing."""

import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from desk.application.session import Light, Session
from desk.domain.commands import CreateBook
from desk.gui.frame.garbage import GarbageCollection
from desk.gui.frame.settings import Settings
from desk.gui.frame.theme import Theme, ThemeMode
from desk.gui.frame.window import MainWindow
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.importing.part import ImportPart
from desk.runtime.options import CannotOpen, Options
from desk.runtime.runtime import open_session
from tests.moments import REAL
from tests.node.processes import start_node
from tests.rounds import few_or_all
from tests.runtime.leftovers import channels, children, open_files

PATIENCE = 120_000
"""Milliseconds."""


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    garbage, theme = GarbageCollection(), Theme(qapp, ThemeMode.LIGHT)
    window = MainWindow(theme, Settings(tmp_path / "settings.ini"), ImportPart)
    window.resize(1300, 850)
    window.show()
    yield window
    with qtbot.waitSignal(window.gone, timeout=PATIENCE):
        window.stop()
    window.deleteLater()
    theme.close()
    garbage.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def live(qtbot: QtBot, view: WorkspaceView) -> Session:
    def is_live() -> bool:
        return view.session is not None and view.session.connection.state.light is Light.GREEN

    qtbot.waitUntil(is_live, timeout=PATIENCE)
    assert view.session is not None
    return view.session


def let_go(qtbot: QtBot, window: MainWindow, view: WorkspaceView) -> None:
    window.close_workspace(view)
    qtbot.waitUntil(lambda: view not in window.views, timeout=PATIENCE)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def census() -> dict[str, int]:
    """What there is of everything that a workspace could leave behind."""
    gc.collect()
    things = gc.get_objects()
    return {
        "widgets": len(QApplication.allWidgets()),
        "views": sum(type(one) is WorkspaceView for one in things),
        "timers": sum(type(one) is QTimer and isValid(one) and one.isActive() for one in things),
        "threads": threading.active_count(),
        "processes": len(children()),
        "channels": channels(),
    }


def fails() -> Session:
    raise CannotOpen("The directory cannot be written to.")


def test_of_many_sessions_in_one_window_nothing_is_left_but_of_the_one_that_stays(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    node = start_node(tmp_path / "elsewhere")
    try:
        kinds = (
            lambda number: open_session(Options(tmp_path / "own" / str(number % 2), user="ada")),
            lambda number: open_session(Options(tmp_path / "foreign", node.uri, user="ada")),
            lambda _number: fails(),
        )
        stays = window.open_workspace(lambda: open_session(Options(tmp_path / "stays", user="ada")))
        live(qtbot, stays)
        before: dict[str, int] = {}
        for number in range(few_or_all(6, 20)):
            kind = kinds[number % 3]
            view = window.open_workspace(lambda kind=kind, number=number: kind(number))  # type: ignore[misc]
            if number % 3 == 2:
                qtbot.waitUntil(lambda view=view: bool(view.part.view.opening.sentence.text()), timeout=PATIENCE)  # type: ignore[misc]
            else:
                live(qtbot, view)
                for place in ("streams", "operations", "catalogue"):
                    view.places.show(place)
            let_go(qtbot, window, view)
            del view
            if number == 2:
                qtbot.wait(300)
                before = census()
        qtbot.waitUntil(lambda: _none_more(before), timeout=PATIENCE)
        assert open_files(tmp_path / "own") == open_files(tmp_path / "foreign") == []
        assert window.shown is stays
    finally:
        node.stop()


def _none_more(before: dict[str, int]) -> bool:
    now = census()
    return all(now[name] <= count for name, count in before.items())


def test_a_hidden_workspace_keeps_its_session_and_loses_nothing(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    first = window.open_workspace(lambda: open_session(Options(tmp_path / "first", user="ada")))
    session = live(qtbot, first)
    second = window.open_workspace(lambda: open_session(Options(tmp_path / "second", user="ada")))
    live(qtbot, second)
    assert window.shown is second
    assert not first.isVisible()
    command = CreateBook(book_id=REAL.new_id(), isbn="9780306406157", title="Emma", authors=("Jane Austen",))
    session.commands.execute(command).result(60)
    qtbot.waitUntil(lambda: first.part.model.rowCount() == 1, timeout=PATIENCE)
    assert second.part.model.rowCount() == 0
    assert not [widget for widget in first.findChildren(QWidget) if widget.isVisible()]
    window.show_workspace(first)
    assert first.isVisible()
    assert not second.isVisible()
    second.actions_by_name["go.streams"].trigger()
    assert first.places.current == "catalogue", "an action of one is not done in the other"
