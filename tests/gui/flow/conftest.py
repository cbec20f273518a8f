"""The place Flow over stories of real buses."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from desk.application.flow.rounds import Station
from desk.gui.flow.panel import FlowPanel
from desk.gui.frame.theme import Theme
from desk.gui.widgets.background import GuiBridge
from tests.gui.flow.told_stories import StoryTeller
from tests.gui.workspaces import workspace_of


@pytest.fixture
def teller() -> Iterator[StoryTeller]:
    teller = StoryTeller()
    teller.listed()
    yield teller
    teller.desk.close()


@pytest.fixture
def panel(qtbot: QtBot, bridge: GuiBridge, theme: Theme, teller: StoryTeller) -> Iterator[FlowPanel]:
    panel = FlowPanel(workspace_of(teller.session, bridge, theme))
    qtbot.addWidget(panel)
    theme.dress(panel)
    panel.resize(1250, 660)
    panel.show()
    panel.activateWindow()
    panel.picture.boxes[Station.FORM].setFocus()
    yield panel
    panel.stop()
