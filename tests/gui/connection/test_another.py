"""Another store is opened by hand in the same window, shown by tab or key, and closed again; each keeps its own."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desk.application.session import Session
from desk.cqrs.errors import StoreUnavailable
from desk.gui.connection.connect_dialog import ConnectDialog
from desk.gui.frame.settings import Settings
from desk.gui.frame.theme import Theme
from desk.gui.frame.window import MainWindow
from desk.gui.frame.workspace import ConnectionWish
from desk.gui.frame.workspace_view import WorkspaceView
from tests.gui.fake_session import FakeSession

HERE = "esdb://here:2113?tls=false"


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def frame(qtbot: QtBot, theme: Theme, settings: Settings, session: FakeSession, asked: list[str]) -> MainWindow:
    """A window on this computer's own store, with one book."""
    session.add("Emma", "9780141439518")

    def connect(store: str) -> Callable[[], Session]:
        if not store.startswith("esdb://"):
            raise StoreUnavailable("A connection string begins with esdb://.")
        asked.append(store)
        return lambda: FakeSession().session

    frame = MainWindow(theme, settings, connect=connect)
    frame.resize(1200, 800)
    frame.open_workspace(lambda: session.session)
    frame.show()
    qtbot.waitUntil(lambda: frame.shown.part.model.rowCount() == 1)
    return frame


def close(qtbot: QtBot, frame: MainWindow) -> None:
    with qtbot.waitSignal(frame.gone):
        frame.stop()
    frame.deleteLater()


def ask(qtbot: QtBot, frame: MainWindow, store: str) -> ConnectDialog:
    frame.shown.actions_by_name["window.connect"].trigger()
    dialog = next(one for one in frame.findChildren(ConnectDialog) if one.isVisible())
    assert dialog.focusWidget() is dialog.line
    qtbot.keyClicks(dialog.line, store)
    qtbot.keyClick(dialog.line, Qt.Key.Key_Return)
    return dialog


def test_another_store_is_shown_beside_the_first_which_keeps_what_it_has(
    qtbot: QtBot, frame: MainWindow, asked: list[str]
) -> None:
    first = frame.shown
    assert not frame.tabs.isVisible()
    ask(qtbot, frame, HERE)
    assert asked == [HERE]
    second = frame.shown
    assert second is not first
    assert frame.tabs.isVisible()
    qtbot.waitUntil(lambda: second.session is not None)
    second.actions_by_name["window.other"].trigger()
    assert frame.shown is first
    assert first.part.model.rowCount() == 1
    frame.tabs.setCurrentIndex(1)
    assert frame.shown is second
    ask(qtbot, frame, HERE)
    assert asked == [HERE], "it is open, and only shown"
    second.actions_by_name["window.leave"].trigger()
    qtbot.waitUntil(lambda: frame.views == [first])
    assert frame.shown is first
    assert not frame.tabs.isVisible()
    assert not first.actions_by_name["window.leave"].isEnabled()
    close(qtbot, frame)


def test_what_names_no_store_is_said_where_it_was_typed_and_can_be_mended(
    qtbot: QtBot, frame: MainWindow, asked: list[str]
) -> None:
    dialog = ask(qtbot, frame, "http://here")
    assert dialog.isVisible()
    assert dialog.banner.text.text() == "A connection string begins with esdb://."
    dialog.line.clear()
    qtbot.keyClicks(dialog.line, HERE)
    qtbot.keyClick(dialog.line, Qt.Key.Key_Return)
    assert asked == [HERE]
    qtbot.waitUntil(lambda: frame.shown.session is not None)
    close(qtbot, frame)


def followed(view: WorkspaceView) -> list[str]:
    """What is looked at there from now on."""
    found = list[str]()
    view.workspace.source_wanted.connect(found.append)
    return found


def test_a_link_to_another_store_asks_how_to_connect_there_and_then_leads_to_its_event(
    qtbot: QtBot, frame: MainWindow, asked: list[str]
) -> None:
    first, wish = frame.shown, ConnectionWish("there:2113", "desk://open?stream=order-1&revision=3")
    first.workspace.connection_wanted.emit(wish)
    dialog = next(one for one in frame.findChildren(ConnectDialog) if one.isVisible())
    assert dialog.line.text() == "esdb://there:2113"
    assert "The link names hosts only" in dialog.banner.text.text()
    qtbot.keyClicks(dialog.line, "?tls=false")
    qtbot.keyClick(dialog.line, Qt.Key.Key_Return)
    assert asked == ["esdb://there:2113?tls=false"]
    assert frame.shown is not first
    found = followed(frame.shown)
    qtbot.waitUntil(lambda: found == [wish.address])
    assert not any(one.isVisible() for one in frame.findChildren(ConnectDialog))
    close(qtbot, frame)


def test_a_link_to_a_store_that_is_open_beside_leads_there_at_once(
    qtbot: QtBot, frame: MainWindow, session: FakeSession, asked: list[str]
) -> None:
    first = frame.shown
    ask(qtbot, frame, HERE)
    second = frame.shown
    qtbot.waitUntil(lambda: second.session is not None)
    session.elsewhere = "first:2113"
    found = followed(first)
    second.workspace.connection_wanted.emit(ConnectionWish("first:2113", "order-1@3"))
    assert (frame.shown, found, asked) == (first, ["order-1@3"], [HERE])
    close(qtbot, frame)


def test_a_window_that_cannot_open_another_store_says_so(
    qtbot: QtBot, theme: Theme, settings: Settings, session: FakeSession
) -> None:
    frame = MainWindow(theme, settings)
    view = frame.open_workspace(lambda: session.session)
    frame.show()
    qtbot.waitUntil(lambda: view.session is not None)
    assert not view.actions_by_name["window.connect"].isEnabled()
    assert "one store only" in view.actions_by_name["window.connect"].toolTip()
    close(qtbot, frame)
