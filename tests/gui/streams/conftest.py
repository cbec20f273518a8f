"""Fixtures of the Streams panel's tests: a panel over a session in memory, and a check that nothing is left."""

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desk.gui.frame.theme import Theme, ThemeMode, load_fonts
from desk.gui.streams.kept import KeptStreams
from desk.gui.streams.panel import StreamsPanel
from desk.gui.streams.view import StreamTab
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
def session() -> FakeHistory:
    return FakeHistory()


@pytest.fixture
def bridge(qapp: QApplication) -> Iterator[GuiBridge]:
    bridge = GuiBridge()
    yield bridge
    bridge.close()


@pytest.fixture
def view(qtbot: QtBot, session: FakeHistory, bridge: GuiBridge, theme: Theme) -> Iterator[StreamTab]:
    """A view that is shown; afterwards it has to leave no tail and no thread."""
    threads = set(threading.enumerate())
    view = StreamTab(workspace_of(session.session, bridge, theme), KeptStreams())
    qtbot.addWidget(view)
    view.resize(1100, 420)
    view.show()
    yield view
    view.stop()
    assert not session.living
    until(lambda: set(threading.enumerate()) <= threads)


@pytest.fixture
def panel(qtbot: QtBot, session: FakeHistory, bridge: GuiBridge, theme: Theme) -> Iterator[StreamsPanel]:
    """The whole place."""
    panel = StreamsPanel(workspace_of(session.session, bridge, theme))
    qtbot.addWidget(panel)
    theme.dress(panel)
    panel.resize(1300, 600)
    panel.show()
    yield panel
    panel.stop()
    assert not session.living
