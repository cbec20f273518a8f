"""A real window for each journey."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.journeys.window import RealWindow


class Windows:
    """Opens windows on one data directory, one at a time; whatever a test comes to, the last one is closed."""

    def __init__(self, qtbot: QtBot, app: QApplication, data_dir: Path) -> None:
        self._qtbot, self._app, self.data_dir = qtbot, app, data_dir
        self._open: RealWindow | None = None

    def __call__(self, *, node_command: tuple[str, ...] | None = None) -> RealWindow:
        """A window whose light is green."""
        window = self.without_waiting(self.data_dir, node_command=node_command)
        window.until_live()
        return window

    def without_waiting(
        self, data_dir: Path, *, node_command: tuple[str, ...] | None = None, store: str | None = None
    ) -> RealWindow:
        """A window that may never come to a session."""
        self.close()
        self._open = RealWindow(self._qtbot, self._app, data_dir, node_command, store)
        return self._open

    def close(self) -> None:
        """Close the open one."""
        if self._open is not None:
            window, self._open = self._open, None
            window.close()


@pytest.fixture
def open_window(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Windows]:
    windows = Windows(qtbot, qapp, tmp_path)
    yield windows
    windows.close()


@pytest.fixture
def desk(open_window: Windows) -> RealWindow:
    """One open window on an empty catalogue."""
    return open_window()
