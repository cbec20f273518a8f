"""Journey 5: selecting a book shows its history; events arrive by themselves; Left and Right walk them."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem

from desk.domain.commands import AddCopy
from desk.gui.timeline.panel import HistoryPanel
from desk.gui.timeline.tabs.change import ChangeTab
from tests.journeys.books import put_books
from tests.journeys.conftest import Windows
from tests.journeys.window import RealWindow


@pytest.fixture
def desk(shared: Windows) -> RealWindow:
    """One window for all of them: the last adds to a history."""
    return shared.again()


def history(desk: RealWindow) -> HistoryPanel:
    panel = desk.window.places["history"]
    assert isinstance(panel, HistoryPanel)
    return panel


def types(desk: RealWindow) -> list[str]:
    columns = history(desk).model.history
    return [columns.type_names[index] for index in columns.types]


def changes(desk: RealWindow) -> list[tuple[str, ...]]:
    """The inspector's first tab: field, before, after."""
    model = history(desk).inspector.tab_of(ChangeTab).table.model()
    return [tuple(str(model.index(row, column).data()) for column in range(3)) for row in range(model.rowCount())]


def lines(tree: QTreeWidget) -> list[QTreeWidgetItem]:
    """All lines of a tree."""
    return tree.findItems("", Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive)


def test_left_and_right_walk_the_events_and_the_inspector_follows(desk: RealWindow) -> None:
    put_books(desk)
    desk.select("Emma")
    desk.until(lambda: history(desk).revision == 1)
    canvas = history(desk).canvas
    canvas.setFocus()
    desk.qtbot.keyClick(canvas, Qt.Key.Key_Left)
    assert history(desk).revision == 0
    desk.until(lambda: ("state", "—", "pending") in changes(desk))
    assert ("title", "—", "Emma") in changes(desk)
    desk.qtbot.keyClick(canvas, Qt.Key.Key_Right)
    desk.until(lambda: changes(desk) == [("state", "pending", "listed")])


def test_another_book_replaces_the_history(desk: RealWindow) -> None:
    camus = put_books(desk)["L'Étranger"]
    desk.select("Emma")
    desk.until(lambda: len(types(desk)) == 2)
    desk.select("L'Étranger")
    desk.until(lambda: history(desk).model.history.stream == f"book-{camus}")


def test_selecting_a_book_fills_the_panel_and_new_events_arrive(desk: RealWindow) -> None:
    ids = put_books(desk)
    desk.select("Emma")
    desk.until(lambda: types(desk) == ["BookCreated", "BookListed"])
    desk.until(lambda: history(desk).revision == 1)
    desk.session.commands.execute(AddCopy(book_id=ids["Emma"])).result(60)
    desk.until(lambda: types(desk)[-1] == "CopyAdded")
    desk.until(lambda: history(desk).revision == 2)
