"""A look, a bridge, a session in memory and a window on it; after each test nothing may be left."""

import os
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSize
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desk.gui.frame.garbage import GarbageCollection
from desk.gui.frame.icons import Icons
from desk.gui.frame.panel import CATALOGUE
from desk.gui.frame.settings import Settings
from desk.gui.frame.text_size import NORMAL
from desk.gui.frame.theme import Theme, ThemeMode, load_fonts, ui_font
from desk.gui.frame.window import MainWindow
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.widgets.background import GuiBridge
from tests.gui.fake_session import FakeSession
from tests.gui.workspaces import frame_of
from tests.waiting import until

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

SIZE = QSize(1320, 860)
"""Of a window at first; the screen of these tests is smaller."""


@pytest.fixture(autouse=True)
def nothing_is_left(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:
    """Fails a test that leaves a thread, or a top-level widget that can be seen, but for a window that goes on."""
    threads, seen = set(threading.enumerate()), _seen(qapp)
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if "shared" in request.fixturenames and (view := request.getfixturevalue("shared").view) is not None:
        seen.add(view.window())
    left = [widget.objectName() or type(widget).__name__ for widget in _seen(qapp) - seen]
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


def put_look_back(theme: Theme) -> None:
    """As it was at first; does nothing where it is."""
    theme.set_mode(ThemeMode.LIGHT)
    theme.set_text_size(NORMAL)


class Windows:
    """Makes shown windows without a session; closes them, and waits until they are gone."""

    def __init__(self, qtbot: QtBot, theme: Theme) -> None:
        self._qtbot, self._theme = qtbot, theme
        self._windows: list[MainWindow] = []

    def __call__(self, settings: Settings) -> WorkspaceView:
        window = MainWindow(self._theme, settings)
        view = window.add_workspace()
        if settings.geometry.isEmpty():
            window.resize(SIZE)
        window.show()
        self._windows.append(window)
        return view

    def open(self, settings: Settings, session: FakeSession) -> WorkspaceView:
        """One whose session is open."""
        view = self(settings)
        view.open(session.session)
        self._qtbot.waitUntil(lambda: view.status.known.complete)
        return view

    def close(self) -> None:
        while self._windows:
            window = self._windows.pop()
            if window.isVisible():
                if window.shown.session is None:
                    window.shown.could_not_open(OSError("the test is over"))
                window.stop()
            self._qtbot.waitUntil(partial(_is_gone, window))
            window.deleteLater()
            QCoreApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete)  # before a theme is put back


@pytest.fixture
def make_window(qtbot: QtBot, theme: Theme) -> Iterator[Windows]:
    windows = Windows(qtbot, theme)
    yield windows
    windows.close()
    put_look_back(theme)


@pytest.fixture
def window(make_window: Windows, settings: Settings, session: FakeSession) -> WorkspaceView:
    """A window's workspace on the session as the test has filled it."""
    return make_window.open(settings, session)


class SharedWindow:
    """A window that goes on over tests of a module, each of which leaves it as it was; after one that failed there is
    another.
    """

    def __init__(self, windows: Windows, folder: Path) -> None:
        self._windows, self._folder = windows, folder
        self.session = FakeSession()
        self.view: WorkspaceView | None = None
        self.failed = False

    def again(self) -> WorkspaceView:
        """The open one; at first, and after a test that failed in it, one on an empty catalogue."""
        if self.view is None or self.failed:
            self._windows.close()
            self.failed, self.session = False, FakeSession()
            self.view = self._windows.open(Settings(Path(mkdtemp(dir=self._folder)) / "settings.ini"), self.session)
        return self.view


@pytest.fixture(scope="module")
def shared(
    request: pytest.FixtureRequest, theme: Theme, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SharedWindow]:
    windows = Windows(QtBot(request), theme)
    yield SharedWindow(windows, tmp_path_factory.mktemp("shared"))
    windows.close()


@pytest.fixture
def kept(shared: SharedWindow, theme: Theme, qtbot: QtBot) -> Iterator[WorkspaceView]:
    """The shared window's workspace; its look, size, place, search and forms are put back."""
    view = shared.again()
    yield view
    put_look_back(theme)
    view.discard_forms()
    view.finder.hide()
    view.part.view.search.clear()
    view.places.show(CATALOGUE)
    frame_of(view).resize(SIZE)
    qtbot.waitUntil(lambda: frame_of(view).size() == SIZE and not view.part.model.is_asking)
    view.put_back()
    view.status.say("")


@pytest.fixture
def kept_session(shared: SharedWindow, kept: WorkspaceView) -> FakeSession:
    """What the shared window is open on, with whatever other tests have put there."""
    return shared.session


def _seen(app: QApplication) -> set[QWidget]:
    return {widget for widget in app.topLevelWidgets() if widget.isVisible()}


def _is_gone(window: MainWindow) -> bool:
    return not window.isVisible()
