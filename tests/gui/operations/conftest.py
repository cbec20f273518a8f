"""The Operations panel over a session in memory."""

import pytest
from pytestqt.qtbot import QtBot

from desk.gui.frame.theme import Theme
from desk.gui.operations.panel import OperationsPanel
from desk.gui.widgets.background import GuiBridge
from tests.gui.fake_session import FakeSession
from tests.gui.workspaces import workspace_of


@pytest.fixture
def bare_panel(qtbot: QtBot, bridge: GuiBridge, theme: Theme, session: FakeSession) -> OperationsPanel:
    """Without a read model of its own, as beside another window."""
    panel = OperationsPanel(workspace_of(session.session, bridge, theme))
    qtbot.addWidget(panel)
    panel.resize(900, 360)
    panel.show()
    return panel
