"""The catalogue's parts on a session in memory."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from desk.application.catalogue import Announcement
from desk.gui.books.model import BookTable
from desk.gui.books.saving import Saving
from desk.gui.widgets.background import GuiBridge
from tests.gui.fake_session import FakeSession


@pytest.fixture
def saving() -> Saving:
    return Saving()


@pytest.fixture
def table(qtbot: QtBot, bridge: GuiBridge, saving: Saving, session: FakeSession) -> Iterator[BookTable]:
    """The table's model, open and listening; what the session holds is shown once it was waited for."""
    model = BookTable(bridge, saving)

    def take(announcement: object) -> None:
        assert isinstance(announcement, Announcement)
        saving.announced(announcement)
        model.announced(announcement)

    bridge.announced.connect(take)
    session.listen(bridge.tell)
    yield model
    model.close()
