"""The connection's light, mark and dialog on a session in memory, in a window that holds nothing else."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from desk.gui.connection.part import ConnectionPart
from desk.gui.frame.icons import Icons
from desk.gui.frame.theme import Theme
from desk.gui.widgets.background import GuiBridge
from tests.gui.fake_session import FakeSession


@pytest.fixture
def connection(
    qtbot: QtBot, bridge: GuiBridge, theme: Theme, icons: Icons, session: FakeSession
) -> Iterator[ConnectionPart]:
    frame = QMainWindow()
    qtbot.addWidget(frame)
    part = ConnectionPart(bridge, theme, icons, frame)
    frame.statusBar().addPermanentWidget(part.mark)
    frame.statusBar().addPermanentWidget(part.light)
    frame.resize(900, 600)
    frame.show()
    session.listen(bridge.tell)
    part.open(session.session)
    yield part
    part.close()
