"""The catalogue's parts on a session in memory."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QMainWindow, QSplitter
from pytestqt.qtbot import QtBot

from desk.application.catalogue import Announcement
from desk.application.session import Session
from desk.gui.books.action_specs import BOOK_ACTIONS, CATALOGUE_ACTIONS, UNDO_ACTIONS
from desk.gui.books.model import BookTable
from desk.gui.books.part import CataloguePart
from desk.gui.books.saving import Saving
from desk.gui.frame.action_specs import VIEW_ACTIONS
from desk.gui.frame.bars import Menus
from desk.gui.frame.icons import Icons
from desk.gui.frame.settings import Settings
from desk.gui.frame.theme import Theme
from desk.gui.frame.workspace import Workspace
from desk.gui.widgets.background import GuiBridge
from tests.gui.fake_session import FakeSession


class CatalogueWindow(QMainWindow):
    """Table and card side by side, with their actions and keys: a workspace without its other places, in a fifth of
    the time. What is said in the status bar of the whole stands in ``said``.
    """

    def __init__(self, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self.bridge, self.said = GuiBridge(), list[str]()
        self.workspace = Workspace(self.bridge, theme, Icons(theme), settings, self)
        self.workspace.said.connect(self.said.append)
        self.actions_by_name = actions = self.workspace.actions
        Menus(self, actions)
        actions.add(BOOK_ACTIONS, lambda: self.part.book_actions)
        actions.add(UNDO_ACTIONS, lambda: self.part.undo_actions)
        actions.add(CATALOGUE_ACTIONS, lambda: self.part)
        actions.add(VIEW_ACTIONS, lambda: pytest.fail("that is for the whole window"))
        self.part = CataloguePart(self.workspace, Saving(), self)
        sides = QSplitter()
        sides.addWidget(self.part.view)
        sides.addWidget(self.part.card)
        sides.setSizes([920, 400])
        self.setCentralWidget(sides)
        self.part.restore(settings)
        theme.dress(self)
        self.resize(1320, 860)

    def open(self, session: Session) -> None:
        session.listen(self.bridge.tell)
        self.workspace.open(session)
        self.part.open(session)

    def leave(self) -> None:
        for form in self.part.forms:
            form.discard()
        self.part.close()
        self.workspace.close()
        self.bridge.close()
        self.close()
        self.deleteLater()


@pytest.fixture
def window(qtbot: QtBot, theme: Theme, settings: Settings, session: FakeSession) -> Iterator[CatalogueWindow]:
    """The catalogue on the session as the test has filled it."""
    window = CatalogueWindow(theme, settings)
    window.show()
    window.open(session.session)
    qtbot.waitUntil(lambda: not window.part.model.is_asking)
    yield window
    window.leave()


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
