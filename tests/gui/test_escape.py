"""Esc ends the innermost thing first, from wherever the focus is."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDockWidget, QWidget
from pytestqt.qtbot import QtBot

from desk.application.event_index import CatalogueMoment
from desk.gui.frame.panel import HISTORY
from desk.gui.frame.workspace import Escape
from desk.gui.frame.workspace_view import WorkspaceView
from tests.gui.fake_session import FakeSession


@pytest.fixture
def ended(kept_session: FakeSession, kept: WorkspaceView, qtbot: QtBot) -> Iterator[list[str]]:
    """A book is searched for, two steps of a history are compared, and the past is shown; what Esc then ends."""
    if not kept_session.shelf:
        kept_session.announce(kept_session.add("Emma", "9780141439518"), arrived=True)
    qtbot.waitUntil(lambda: kept.part.model.rowCount() == 1)
    ended: list[str] = []
    kept.workspace.can_escape(Escape.PAST, lambda: ended.append("past"))
    kept.workspace.can_escape(Escape.COMPARISON, lambda: ended.append("comparison"))
    search = kept.part.view.search
    noting = search.textChanged.connect(lambda text: None if text else ended.append("search"))
    search.setText("em")
    qtbot.waitUntil(lambda: not kept.part.model.is_asking)
    yield ended
    QObject.disconnect(noting)
    kept.workspace.can_escape(Escape.PAST, None)
    kept.workspace.can_escape(Escape.COMPARISON, None)


def press_escape(qtbot: QtBot, widget: QWidget) -> None:
    widget.setFocus()
    qtbot.keyClick(widget, Qt.Key.Key_Escape)


@pytest.mark.parametrize("where", ["search", "table"])
def test_from_the_catalogue_the_search_ends_first_and_the_past_last(
    kept: WorkspaceView, ended: list[str], qtbot: QtBot, where: str
) -> None:
    widget: QWidget = getattr(kept.part.view, where)
    said = ("Esc again compares no more.", "Esc again returns to now.", "This is now.")
    for times in range(1, 5):
        press_escape(qtbot, widget)
        assert ended == ["search", "comparison", "past"][:times]
        assert kept.status.said.text() == said[min(times, 3) - 1]


def test_from_the_history_too_also_where_it_was_torn_off(kept: WorkspaceView, ended: list[str], qtbot: QtBot) -> None:
    panel = kept.places[HISTORY]
    press_escape(qtbot, panel)
    dock = kept.places.dock(HISTORY)
    assert isinstance(dock, QDockWidget)
    dock.setFloating(True)
    qtbot.waitUntil(dock.isWindow)
    press_escape(qtbot, panel)
    assert ended == ["search", "comparison"]


def test_what_ended_by_itself_is_not_ended_by_esc(kept: WorkspaceView, ended: list[str], qtbot: QtBot) -> None:
    kept.part.view.search.clear()
    kept.workspace.can_escape(Escape.COMPARISON, None)
    press_escape(qtbot, kept.part.view.table)
    assert ended == ["search", "past"]


def test_what_esc_would_end_next_is_said_no_longer_than_it_is_so(
    kept: WorkspaceView, ended: list[str], qtbot: QtBot
) -> None:
    kept.part.view.search.clear()
    qtbot.waitUntil(lambda: not kept.part.model.is_asking)
    kept.workspace.can_escape(Escape.PAST, lambda: kept.workspace.can_escape(Escape.SELECTION, lambda: None))
    for left in ("Esc again returns to now.", "Esc again leaves one book selected.", ""):
        press_escape(qtbot, kept.part.view.table)
        assert kept.status.said.text() == left
    for said, stays in (("Esc again leaves one book selected.", ""), ("Saved.", "Saved.")):
        kept.workspace.can_escape(Escape.SELECTION, lambda: None)
        kept.workspace.say(said)
        kept.workspace.can_escape(Escape.SELECTION, None)  # a click has ended it
        assert kept.status.said.text() == stays


def test_the_palette_is_closed_before_anything_else(kept: WorkspaceView, ended: list[str], qtbot: QtBot) -> None:
    kept.actions_by_name["window.palette"].trigger()
    press_escape(qtbot, kept.finder.line)
    assert not kept.finder.isVisible()
    assert ended == []


def test_the_past_that_is_asked_for_while_history_is_read_is_shown_once_it_is(
    session: FakeSession, window: WorkspaceView, qtbot: QtBot
) -> None:
    action, workspace = window.actions_by_name["past.whole"], window.workspace
    action.trigger()
    assert "Choose a book first" in window.status.said.text()
    assert not action.isChecked()
    session.announce(book := session.add("Emma", "9780141439518"), arrived=True)
    qtbot.waitUntil(lambda: window.part.model.rowCount() == 1)
    window.part.view.choose(book)
    workspace.playhead = None
    action.trigger()
    assert "still being read" in window.status.said.text()
    assert action.isChecked()
    moment = CatalogueMoment(3, datetime(2026, 3, 2, tzinfo=UTC))
    with qtbot.waitSignal(workspace.playhead_moved):
        workspace.move_to(0, moment, on_purpose=False)
    assert window.status.said.text() == "Nothing is known here of what the catalogue was."  # that was looked at
