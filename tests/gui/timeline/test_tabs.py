"""The tabs Command, Causes and Rows, and the event as a test: what they say, and where they lead."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QTreeWidget, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from desk.application.inspection.causes import CauseKind, CauseNode, Causes, GetCauses
from desk.application.inspection.commands import CommandFacts, GetCommands
from desk.application.inspection.event_as_test import GetEventAsTest
from desk.application.inspection.rows import GetRowsWritten, RowFate, RowsWritten, RowWritten
from desk.domain.streams import book_stream
from desk.gui.frame.theme import Theme, ThemeMode
from desk.gui.frame.workspace import StreamPlace
from desk.gui.timeline.panel import HistoryPanel
from desk.gui.timeline.tabs.causes import CausesTab
from desk.gui.timeline.tabs.change import ChangeTab
from desk.gui.timeline.tabs.command import CommandTab
from desk.gui.timeline.tabs.rows import RowsTab
from desk.gui.timeline.tabs.state import StateTab
from tests.gui.timeline.fake_history import BEGIN, FakeHistory, recorded
from tests.gui.timeline.hands import press_key

BOOK = book_stream(uuid4())
Make = Callable[[], HistoryPanel]


@pytest.fixture
def panel(make_panel: Make, session: FakeHistory, qtbot: QtBot) -> HistoryPanel:
    session.add(BOOK, *(recorded(BOOK, revision) for revision in range(6)))
    panel = make_panel()
    panel.workspace.look_at(BOOK, title="The Hobbit")
    qtbot.waitUntil(lambda: bool(session.tails) and panel.revision == 5)
    panel.canvas.setFocus()
    return panel


def texts(tree: QTreeWidget) -> list[list[str]]:
    """All lines of a tree, from above to below, indented."""

    def below(item: QTreeWidgetItem | None, depth: int) -> list[list[str]]:
        assert item is not None
        line = [item.text(column) for column in range(tree.columnCount())]
        line[0] = "  " * depth + line[0]
        return [line, *(each for number in range(item.childCount()) for each in below(item.child(number), depth + 1))]

    tops = [tree.topLevelItem(number) for number in range(tree.topLevelItemCount())]
    return [line for top in tops if top is not None for line in below(top, 0)]


def facts(**more: object) -> CommandFacts:
    known: dict[str, object] = {
        "command_id": uuid4(),
        "type": "LendCopy",
        "is_kept": True,
        "events": ((4, "CopyLent"), (5, "HoldFulfilled")),
        "fields": (("copyNo", 1), ("patron", "R-7")),
        "user": "ada",
        "issued_at": BEGIN,
        "milliseconds": 12.34,
        "attempts": 2,
        "times_sent": 1,
        "outcome": "Stored.",
    }
    return CommandFacts(**(known | more))  # type: ignore[arg-type]


def test_a_command_of_the_journal_is_told_whole_and_leads_to_its_events(
    panel: HistoryPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    session.answers[GetCommands] = (facts(),)
    press_key(panel.canvas, Qt.Key.Key_M)
    tree = panel.inspector.tab_of(CommandTab).tree
    qtbot.waitUntil(lambda: tree.topLevelItemCount() == 1)
    told = {line[0].strip(): line[1] for line in texts(tree)}
    assert told["LendCopy"] == "Stored."
    assert (told["copyNo"], told["patron"]) == ("1", "R-7")
    assert (told["took"], told["attempts"], told["sent by"]) == ("12.3 ms", "2", "ada")
    assert told["led to r5"] == "HoldFulfilled"
    assert not any(label.text() for label in panel.inspector.tab_of(CommandTab).findChildren(type(panel.message)))
    item = next(item for item in _items(tree) if item.text(0) == "led to r4")
    tree.itemActivated.emit(item, 0)
    assert panel.revision == 4


def _items(tree: QTreeWidget) -> list[QTreeWidgetItem]:
    return tree.findItems("", Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive)


def test_of_a_command_from_elsewhere_it_is_said_what_is_not_known(
    panel: HistoryPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    session.answers[GetCommands] = (
        facts(is_kept=False, fields=(), milliseconds=None, attempts=None, outcome="", times_sent=0, host="elsewhere"),
    )
    press_key(panel.canvas, Qt.Key.Key_M)
    tree = panel.inspector.tab_of(CommandTab).tree
    qtbot.waitUntil(lambda: tree.topLevelItemCount() == 1)
    told = {line[0].strip(): line[1] for line in texts(tree)}
    assert (told["took"], told["attempts"], told["outcome"]) == ("not known",) * 3
    assert told["sent by"] == "ada · elsewhere"
    notes = [label.text() for label in panel.inspector.tab_of(CommandTab).findChildren(type(panel.message))]
    assert "The fields of this command were not kept on this computer; this is what its events tell." in notes


def test_causes_are_a_tree_and_enter_goes_to_an_event_of_another_stream(
    panel: HistoryPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    at = (BEGIN + timedelta(days=5)).timestamp()
    here = CauseNode(uuid4(), CauseKind.EVENT, "CopySetAside", BOOK, 5, at, "ada", relation="hold", is_here=True)
    other = CauseNode(uuid4(), CauseKind.EVENT, "IsbnClaimed", "isbn-1", 0, at, "ada", followers=(here,))
    again = CauseNode(here.id, CauseKind.EVENT, "CopySetAside", BOOK, 5, at, told_above=True, is_here=True)
    missing = CauseNode(uuid4(), CauseKind.MISSING, followers=(again,))
    many = CauseNode(uuid4(), CauseKind.EVENT, "Tagged", BOOK, count=214, in_circle=True)
    session.answers[GetCauses] = Causes((other, missing, many))
    press_key(panel.canvas, Qt.Key.Key_A)
    tree = panel.inspector.tab_of(CausesTab).tree
    qtbot.waitUntil(lambda: tree.topLevelItemCount() == 3)
    told = [line[:2] for line in texts(tree)]
    assert told == [
        ["IsbnClaimed", "r0 isbn-1"],
        ["  CopySetAside  (the same hold)", "r5"],
        [f"┄ {str(missing.id)[:8]}… is not found here", ""],
        ["  CopySetAside  (see above)", "r5"],
        ["214 × Tagged  (a circle: it is among its own causes)", ""],
    ]
    press_key(panel.canvas, Qt.Key.Key_Return)
    assert tree.hasFocus()
    assert str(tree.currentIndex().data()).startswith("CopySetAside")
    press_key(tree, Qt.Key.Key_Up)
    session.add("isbn-1", recorded("isbn-1", 0))
    press_key(tree, Qt.Key.Key_Return)
    assert panel.workspace.place == StreamPlace("isbn-1", 0, "")
    qtbot.waitUntil(lambda: panel.stream == "isbn-1" and panel.revision == 0)
    panel.workspace.go_back()
    qtbot.waitUntil(lambda: panel.revision == 5)


def test_escape_leads_out_of_a_tab_to_where_one_walks(panel: HistoryPanel, session: FakeHistory, qtbot: QtBot) -> None:
    session.answers[GetCauses] = Causes((CauseNode(uuid4(), CauseKind.EVENT, "A", BOOK, 5, is_here=True),))
    press_key(panel.canvas, Qt.Key.Key_A)
    tree = panel.inspector.tab_of(CausesTab).tree
    qtbot.waitUntil(lambda: tree.topLevelItemCount() == 1)
    press_key(panel.canvas, Qt.Key.Key_Return)
    assert tree.hasFocus()
    press_key(tree, Qt.Key.Key_Escape)
    assert panel.canvas.hasFocus()


def test_rows_are_told_by_table_with_each_column_before_and_after(
    panel: HistoryPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    changed = RowWritten("books", "7", RowFate.CHANGED, (("title", "Trees", "Three"), ("revision", 4, 5)))
    added = RowWritten("copies", "7, 2", RowFate.ADDED, (("patron_ref", None, "R-7"),))
    session.answers[GetRowsWritten] = RowsWritten((changed, added))
    press_key(panel.canvas, Qt.Key.Key_R)
    table = panel.inspector.tab_of(RowsTab).table
    qtbot.waitUntil(lambda: table.model().rowCount() == 5)
    rows = [[cell.text.strip() for cell in row] for row in table.fields.rows]
    assert rows == [
        ["books", "a changed row", ""],
        ["title", "Trees", "Three"],
        ["revision", "4", "5"],
        ["copies 2", "a new row", ""],
        ["patron_ref", "—", "R-7"],
    ]
    session.answers[GetRowsWritten] = RowsWritten((), "The projection fails at revision 4, and waits there: no")
    press_key(panel.canvas, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: table.model().rowCount() == 0)
    notes = [label.text() for label in panel.inspector.tab_of(RowsTab).findChildren(type(panel.message))]
    assert "The projection fails at revision 4, and waits there: no" in notes


def test_only_the_tab_that_is_shown_is_built_and_asked_for(
    panel: HistoryPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    assert [number for number, _ in panel.inspector.built] == [0]
    session.answers[GetRowsWritten] = RowsWritten(())
    session.asked.clear()
    press_key(panel.canvas, Qt.Key.Key_R)
    press_key(panel.canvas, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: GetRowsWritten(BOOK, 4) in session.asked)
    assert GetCommands not in {type(query) for query in session.asked}


def test_ctrl_shift_t_copies_the_event_as_a_test_though_the_window_has_the_key_too(
    panel: HistoryPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    session.answers[GetEventAsTest] = "def test_it() -> None:\n    assert True\n"
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    press_key(panel.canvas, Qt.Key.Key_T, modifiers)
    qtbot.waitUntil(lambda: QApplication.clipboard().text().startswith("def test_it"))
    assert GetEventAsTest(BOOK, 5) in session.asked


def test_what_is_said_of_a_link_does_not_cover_the_link_below(panel: HistoryPanel, qtbot: QtBot) -> None:
    table = panel.inspector.tab_of(ChangeTab).table
    qtbot.waitUntil(lambda: table.fields.rowCount() == 2)
    cell = table.visualRect(table.fields.index(0, 3))
    place = cell.center()
    event = QHelpEvent(QEvent.Type.ToolTip, place, table.viewport().mapToGlobal(place))
    QApplication.sendEvent(table.viewport(), event)
    tips = [widget for widget in QApplication.topLevelWidgets() if widget.inherits("QTipLabel") and widget.isVisible()]
    assert len(tips) == 1
    assert tips[0].geometry().bottom() <= table.viewport().mapToGlobal(cell.topLeft()).y()
    QToolTip.hideText()


def test_links_in_the_state_have_the_colour_of_another_theme(
    panel: HistoryPanel, theme: Theme, qapp: QApplication, qtbot: QtBot
) -> None:
    press_key(panel.canvas, Qt.Key.Key_S)
    tree = panel.inspector.tab_of(StateTab).tree

    def has_the_colour_of_links() -> bool:
        first = tree.topLevelItem(0)
        return first is not None and first.foreground(2).color() == qapp.palette().link().color()

    qtbot.waitUntil(has_the_colour_of_links)
    before = qapp.palette().link().color()
    theme.set_mode(ThemeMode.DARK)
    try:
        assert qapp.palette().link().color() != before
        qtbot.waitUntil(has_the_colour_of_links)
    finally:
        theme.set_mode(ThemeMode.LIGHT)
