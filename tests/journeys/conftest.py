"""A real window for each journey."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.journeys.window import RealWindow


@pytest.fixture
def open_window(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Callable[[], RealWindow]]:
    """Opens windows on one data directory, one after the other; the last one is closed at the end."""
    opened: list[RealWindow] = []

    def open_one() -> RealWindow:
        if opened:
            opened.pop().close()
        window = RealWindow(qtbot, qapp, tmp_path)
        opened.append(window)
        window.until_live()
        return window

    yield open_one
    for window in opened:
        window.close()


@pytest.fixture
def desk(open_window: Callable[[], RealWindow]) -> RealWindow:
    """One open window on an empty catalogue."""
    return open_window()
