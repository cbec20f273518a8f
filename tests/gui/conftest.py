"""A look, a bridge, a session in memory and a window on it; after each test nothing may be left."""

import os
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desk.gui.frame.garbage import GarbageCollection
from desk.gui.frame.icons import Icons
from desk.gui.frame.settings import Settings
from desk.gui.frame.theme import Theme, ThemeMode, load_fonts, ui_font
from desk.gui.frame.window import MainWindow
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.widgets.background import GuiBridge
from tests.gui.fake_session import FakeSession
from tests.waiting import until

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def nothing_is_left(qapp: QApplication) -> Iterator[None]:
    """Fails a test that leaves a thread, or a top-level widget that can be seen."""
    threads = set(threading.enumerate())
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [widget.objectName() or type(widget).__name__ for widget in qapp.topLevelWidgets() if widget.isVisible()]
    assert not left
    until(lambda: set(threading.enumerate()) <= threads)


@pytest.fixture(autouse=True, scope="package")
def garbage_ends_here(qapp: QApplication) -> Iterator[None]:
    """As in the program: no thread but this one ends what Qt owns."""
    collection = GarbageCollection()
    yield
    collection.close()


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Iterator[Theme]:
    qapp.setStyle("fusion")
    load_fonts()
    qapp.setFont(ui_font())
    theme = Theme(qapp, ThemeMode.LIGHT)
    yield theme
    theme.close()


@pytest.fixture
def icons(theme: Theme) -> Icons:
    return Icons(theme)


@pytest.fixture
def bridge(qapp: QApplication) -> Iterator[GuiBridge]:
    bridge = GuiBridge()
    yield bridge
    bridge.close()


@pytest.fixture
def session() -> FakeSession:
    return FakeSession()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.ini")


@pytest.fixture
def make_window(qtbot: QtBot, theme: Theme) -> Iterator[Callable[[Settings], WorkspaceView]]:
    """Makes shown windows without a session; closes them afterwards, and waits until they are gone."""
    windows: list[MainWindow] = []

    def make(settings: Settings) -> WorkspaceView:
        window = MainWindow(theme, settings)
        view = window.add_workspace()
        if settings.geometry.isEmpty():
            window.resize(1320, 860)  # the screen of these tests is smaller
        window.show()
        windows.append(window)
        return view

    yield make
    for window in windows:
        if window.isVisible():
            if window.shown.session is None:
                window.shown.could_not_open(OSError("the test is over"))
            window.stop()
        qtbot.waitUntil(partial(_is_gone, window))
        window.deleteLater()


@pytest.fixture
def window(
    qtbot: QtBot, make_window: Callable[[Settings], WorkspaceView], settings: Settings, session: FakeSession
) -> WorkspaceView:
    """A window's workspace on the session as the test has filled it."""
    window = make_window(settings)
    window.open(session.session)
    qtbot.waitUntil(lambda: window.status.known.complete)
    return window


def _is_gone(window: MainWindow) -> bool:
    return not window.isVisible()
