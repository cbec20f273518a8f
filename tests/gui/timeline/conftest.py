"""Fixtures of the History panel's tests: a look, a bridge, a session in memory, and a check that nothing is left."""

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desk.gui.frame.theme import Theme, ThemeMode, load_fonts
from desk.gui.timeline.panel import HistoryPanel
from desk.gui.widgets.background import GuiBridge
from tests.gui.timeline.fake_history import FakeHistory
from tests.gui.workspaces import workspace_of
from tests.waiting import until


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Iterator[Theme]:
    load_fonts()
    theme = Theme(qapp, ThemeMode.LIGHT)
    yield theme
    theme.close()


@pytest.fixture
def bridge(qapp: QApplication) -> Iterator[GuiBridge]:
    bridge = GuiBridge()
    yield bridge
    bridge.close()


@pytest.fixture
def session() -> FakeHistory:
    return FakeHistory()


@pytest.fixture
def make_panel(
    qtbot: QtBot, session: FakeHistory, bridge: GuiBridge, theme: Theme
) -> Iterator[Callable[[], HistoryPanel]]:
    """Makes a panel that is shown; afterwards it has to leave no tail and no thread."""
    threads = set(threading.enumerate())
    panels: list[HistoryPanel] = []

    def make() -> HistoryPanel:
        panel = HistoryPanel(workspace_of(session.session, bridge, theme))
        qtbot.addWidget(panel)
        theme.dress(panel)
        panel.resize(1100, 560)
        panel.show()
        panels.append(panel)
        return panel

    yield make
    for panel in panels:
        panel.stop()
    assert not session.living
    until(lambda: set(threading.enumerate()) <= threads)
