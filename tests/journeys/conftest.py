"""A real window for each journey."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.conftest import threads_end
from tests.journeys.window import RealWindow


class Windows:
    """Opens windows on one data directory, one at a time; whatever a test comes to, the last one is closed."""

    def __init__(self, qtbot: QtBot, app: QApplication, data_dir: Path) -> None:
        self._qtbot, self._app, self.data_dir = qtbot, app, data_dir
        self._open: RealWindow | None = None
        self.failed = False

    @property
    def sound(self) -> RealWindow | None:
        """The open one, unless a test failed in it."""
        return None if self.failed or self._open is None or self._open.closed else self._open

    def again(self, kind: type[RealWindow] = RealWindow, *, throw_away: bool = False) -> RealWindow:
        """The open one; at first, and after a test that failed in it, closed it or wants another kind, one on an empty
        catalogue of its own.
        """
        if self.sound is None or self.sound.throw_away is not throw_away:
            self.without_waiting(Path(mkdtemp(dir=self.data_dir)), kind=kind, throw_away=throw_away).until_live()
        assert self._open is not None
        return self._open

    def __call__(self, *, node_command: tuple[str, ...] | None = None) -> RealWindow:
        """A window whose light is green."""
        window = self.without_waiting(self.data_dir, node_command=node_command)
        window.until_live()
        return window

    def without_waiting(
        self,
        data_dir: Path,
        *,
        node_command: tuple[str, ...] | None = None,
        store: str | None = None,
        kind: type[RealWindow] = RealWindow,
        throw_away: bool = False,
    ) -> RealWindow:
        """A window that may never come to a session."""
        self.close()
        self.failed = False
        self._open = kind(self._qtbot, self._app, data_dir, node_command, store, throw_away=throw_away)
        return self._open

    def close(self) -> None:
        """Close the open one."""
        if self._open is not None:
            window, self._open = self._open, None
            window.close()


@pytest.fixture(scope="session")
def going_on() -> list[Windows]:
    """The windows that go on over several tests."""
    return []


@pytest.fixture
def open_window(qtbot: QtBot, qapp: QApplication, tmp_path: Path, going_on: list[Windows]) -> Iterator[Windows]:
    for each in going_on:
        each.close()  # a process has one window
    windows = Windows(qtbot, qapp, tmp_path)
    yield windows
    windows.close()


@pytest.fixture(scope="module")
def shared(
    request: pytest.FixtureRequest,
    qapp: QApplication,
    tmp_path_factory: pytest.TempPathFactory,
    going_on: list[Windows],
) -> Iterator[Windows]:
    """A window that goes on over tests of a module, which put it back; after one that failed there is to be another."""
    with threads_end():
        windows = Windows(QtBot(request), qapp, tmp_path_factory.mktemp("shared"))
        going_on.append(windows)
        yield windows
        going_on.remove(windows)
        windows.close()


@pytest.fixture
def desk(open_window: Windows) -> RealWindow:
    """One open window on an empty catalogue."""
    return open_window()
