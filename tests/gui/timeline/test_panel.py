"""The History panel: reading, following, one selection, and answers that come too late."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from unittest.mock import Mock

import pytest
from PySide6.QtCore import QByteArray, QModelIndex, QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from desk.application.queries import GetActivity, GetInspection, GetStreamPage
from desk.application.session import Connection, Light, TailState
from desk.application.timeline.scale import Mode
from desk.cqrs.errors import StoreUnavailable
from desk.gui.frame.theme import Theme, ThemeMode
from desk.gui.frame.workspace import StreamPlace
from desk.gui.timeline.inspector import TABS
from desk.gui.timeline.loading import PAGE
from desk.gui.timeline.model import WHEN
from desk.gui.timeline.panel import HistoryPanel
from desk.gui.timeline.tabs.change import ChangeTab
from desk.gui.timeline.tabs.event import EventTab
from desk.gui.timeline.tabs.state import StateTab
from desk.gui.widgets.axis.shapes import mark_icon
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.json_tree_model import NAME, VALUE
from tests.gui.timeline.fake_history import FakeHistory, recorded
from tests.gui.timeline.hands import click, press_key

BOOK = "book-6f1c2c1e-0a5b-5d1c-9d35-3f6f0f7a2b11"
Make = Callable[[], HistoryPanel]


def fill(session: FakeHistory, stream: str, count: int, *, known: bool = True) -> None:
    session.add(stream, *(recorded(stream, revision) for revision in range(count)), known=known)


@pytest.fixture
def panel(make_panel: Make, session: FakeHistory, qtbot: QtBot) -> HistoryPanel:
    """A panel that shows ten events and follows them."""
    fill(session, BOOK, 10)
    panel = make_panel()
    panel.show_stream(BOOK, "The Hobbit")
    qtbot.waitUntil(lambda: bool(session.tails) and panel.revision == 9)
    return panel


def asked_revisions(session: FakeHistory) -> list[int]:
    return [query.revision for query in session.asked if isinstance(query, GetInspection)]


def test_a_panel_without_a_stream_says_what_to_do(make_panel: Make, session: FakeHistory) -> None:
    panel = make_panel()
    assert panel.message.isVisible()
    assert panel.message.text() == "Select a book to see its history."
    assert not session.asked


def test_a_book_s_history_comes_from_the_read_model_and_begins_at_the_newest_event(
    panel: HistoryPanel, session: FakeHistory
) -> None:
    assert panel.canvas.isVisible()
    assert panel.model.rowCount() == 10
    assert panel.header.title.text() == "The Hobbit"
    assert panel.header.state.text() == "10 events, revisions 0 to 9"
    assert not [query for query in session.asked if isinstance(query, GetStreamPage) and query.limit == PAGE]
    assert (session.tail.source.stream, session.tail.after) == (BOOK, 9)


def test_a_mark_is_drawn_once_for_each_ground_that_it_is_seen_on(
    make_panel: Make, session: FakeHistory, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = Mock(wraps=mark_icon)
    monkeypatch.setattr("desk.gui.widgets.axis.style.mark_icon", draw)
    fill(session, BOOK, 10)
    panel = make_panel()
    assert draw.call_count == 0
    panel.show_stream(BOOK)
    qtbot.waitUntil(lambda: panel.revision == 9)
    panel.table.grab()
    assert 0 < draw.call_count <= 2 * len(panel.legend.entries()), "in the table and in the legend"


def test_canvas_and_table_have_one_selection(panel: HistoryPanel) -> None:
    panel.canvas.grab()
    mark = panel.canvas.scene.marks[3]
    click(panel.canvas, QPoint(round(mark.x), 60))
    assert panel.table.currentIndex().row() == 3
    panel.table.setCurrentIndex(panel.model.index(7, 0))
    assert panel.canvas.current == 7
    assert panel.revision == 7


def test_the_table_has_the_keys_of_the_timeline_and_its_own(panel: HistoryPanel) -> None:
    seen = []
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_End):
        press_key(panel.table, key)
        seen.append(panel.revision)
    assert seen == [8, 7, 0, 1, 2, 9]


def test_the_inspector_shows_change_state_and_event_of_the_selected_event(panel: HistoryPanel, qtbot: QtBot) -> None:
    press_key(panel.canvas, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: fact(panel, "revision") == "8")
    changes = panel.inspector.tab_of(ChangeTab).table.fields
    panel.inspector.show_tab(TABS.index("change"))
    assert [cell.text for cell in changes.rows[1]] == ["Copy 1: state", "—", "available", ""]
    assert changes.headerData(3, Qt.Orientation.Horizontal) == "Set before by"
    panel.inspector.show_tab(TABS.index("state"))
    first = panel.inspector.tab_of(StateTab).tree.topLevelItem(0)
    assert first is not None
    assert (first.text(0), first.text(1)) == ("title", "The Hobbit, or There and Back Again")
    issued, stored = clocks(panel)
    both = panel.inspector.tab_of(EventTab).clocks
    both.setFixedWidth(200)
    assert both.heightForWidth(200) > both.fontMetrics().height(), "both are read also where there is little room"
    assert issued.endswith(" by ada")
    assert issued.removeprefix("Issued ")[:19] == stored[:19]
    assert fact(panel, "revision") == "8"
    assert fact(panel, "data", "copyNo") == "1"
    assert len(fact(panel, "metadata", "$correlationId").strip('"')) == 36


def clocks(panel: HistoryPanel) -> tuple[str, str]:
    """When, by the sender's clock and by the store's."""
    issued, _, stored = panel.inspector.tab_of(EventTab).clocks.text().partition(", stored ")
    return issued, stored


def place(panel: HistoryPanel, *names: str) -> QModelIndex:
    """The row of a place in the Event tab's tree; invalid where there is none."""
    panel.inspector.show_tab(TABS.index("event"))
    model, index = panel.inspector.tab_of(EventTab).json.model, QModelIndex()
    for name in names:
        inside = (model.index(row, NAME, index) for row in range(model.rowCount(index)))
        index = next((each for each in inside if each.data() == name), QModelIndex())
    return index


def fact(panel: HistoryPanel, *names: str) -> str:
    """What the Event tab says at a place in its tree; empty where there is none."""
    return str(place(panel, *names).siblingAtColumn(VALUE).data() or "")


def test_what_differs_between_two_texts_is_marked(panel: HistoryPanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(panel.inspector.tab_of(ChangeTab).table.fields.rows))
    _, before, after, _ = panel.inspector.tab_of(ChangeTab).table.fields.rows[0]
    assert "".join(piece.text for piece in before.pieces) == before.text
    assert "Hobbit" not in [piece.text for piece in after.pieces if piece.differs]
    assert "b" in [piece.text for piece in after.pieces if piece.differs]


def test_the_event_and_the_paths_in_it_can_be_copied(panel: HistoryPanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: fact(panel, "id") != "")
    tab, clipboard = panel.inspector.tab_of(EventTab), QApplication.clipboard()
    panel.inspector.setCurrentWidget(tab)
    buttons = {button.text().replace("&", ""): button for button in tab.findChildren(QToolButton)}
    buttons["JSON"].click()
    assert json.loads(clipboard.text())["data"] == {"copyNo": 1}
    tab.json.tree.setCurrentIndex(place(panel, "data", "copyNo"))
    tab.json.copy_path()
    assert clipboard.text() == "$.data.copyNo"


def test_new_events_arrive_and_the_playhead_at_the_head_goes_with_them(
    panel: HistoryPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    session.streams[BOOK].append(recorded(BOOK, 10, "CopyReturned"))
    session.tail.say(recorded(BOOK, 10, "CopyReturned"))
    qtbot.waitUntil(lambda: panel.revision == 10)
    assert panel.model.type_name(10) == "CopyReturned"
    assert not panel.header.newest.isVisible()


def test_new_events_move_neither_selection_nor_scroll_of_whoever_looks_at_the_past(
    panel: HistoryPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    panel.canvas.select(2)
    panel.canvas.zoom(6.0, 0.0)
    panel.table.scrollToTop()
    place, scrolled = panel.canvas.view.x_of(2), panel.table.verticalScrollBar().value()
    session.tail.say(*(recorded(BOOK, revision) for revision in range(10, 40)))
    qtbot.waitUntil(lambda: panel.model.rowCount() == 40)
    assert panel.revision == 2
    assert panel.canvas.view.x_of(2) == pytest.approx(place)
    assert panel.table.verticalScrollBar().value() == scrolled
    assert panel.header.newest.text() == "30 new"
    panel.header.newest.click()
    assert panel.revision == 39
    assert not panel.header.newest.isVisible()


def test_an_event_that_comes_twice_is_shown_once(panel: HistoryPanel, session: FakeHistory, qtbot: QtBot) -> None:
    session.tail.say(recorded(BOOK, 9), recorded(BOOK, 10))
    session.tail.say(recorded(BOOK, 10), recorded(BOOK, 11))
    qtbot.waitUntil(lambda: panel.model.rowCount() == 12)
    assert list(panel.model.history.revisions) == list(range(12))


def test_many_batches_reach_the_model_as_few(panel: HistoryPanel, session: FakeHistory, qtbot: QtBot) -> None:
    inserted: list[int] = []

    def note(_parent: QModelIndex, first: int, last: int) -> None:
        inserted.append(last - first + 1)

    panel.model.rowsInserted.connect(note)
    for revision in range(10, 210):
        session.tail.say(recorded(BOOK, revision))
    qtbot.waitUntil(lambda: panel.model.rowCount() == 210)
    assert sum(inserted) == 200
    assert len(inserted) <= 3


def test_the_state_of_the_tail_is_said(panel: HistoryPanel, session: FakeHistory, qtbot: QtBot) -> None:
    session.tail.tell(TailState(live=True))
    qtbot.waitUntil(lambda: panel.header.state.text() == "10 events, revisions 0 to 9 · live")
    session.tail.tell(TailState(live=False, problem="the store is away"))
    qtbot.waitUntil(lambda: panel.header.state.text() == "10 events, revisions 0 to 9 · the store is away")


def test_another_stream_ends_the_tail_and_what_it_still_says_is_dropped(
    panel: HistoryPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    first = session.tail
    fill(session, "book-2", 3)
    first.say(recorded(BOOK, 10))
    panel.show_stream("book-2")
    assert first.stopped
    first.say(recorded(BOOK, 11))
    qtbot.waitUntil(lambda: len(session.living) == 1 and session.living[0].source.stream == "book-2")
    assert list(panel.model.history.revisions) == [0, 1, 2]


def test_an_answer_that_comes_after_the_next_question_is_dropped(
    make_panel: Make, session: FakeHistory, qtbot: QtBot
) -> None:
    fill(session, "book-1", 5)
    fill(session, "book-2", 3)
    panel = make_panel()
    session.held = True
    panel.show_stream("book-1")
    panel.show_stream("book-2")
    session.waiting.reverse()
    session.release()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 3)
    QApplication.processEvents()
    assert panel.model.history.stream == "book-2"


def test_a_stream_that_the_read_model_does_not_know_is_read_backwards_page_by_page(
    make_panel: Make, session: FakeHistory, qtbot: QtBot
) -> None:
    count = 2 * PAGE + 7
    fill(session, "sensor-7", count, known=False)
    panel = make_panel()
    session.held = True
    panel.show_stream("sensor-7")
    session.release()
    session.held = True
    qtbot.waitUntil(lambda: bool(session.waiting))
    session.release()
    qtbot.waitUntil(lambda: panel.model.rowCount() > 0)
    assert panel.revision == count - 1
    qtbot.waitUntil(lambda: panel.model.rowCount() == count)
    assert panel.revision == count - 1
    assert list(panel.model.history.revisions) == list(range(count))
    pages = [query for query in session.asked if isinstance(query, GetStreamPage)]
    assert [page.before for page in pages] == [None, PAGE + 7, 7]
    qtbot.waitUntil(lambda: bool(session.tails))
    assert session.tail.after == count - 1


def test_a_stream_that_does_not_exist_is_said_to_be_missing_and_appears_when_it_does(
    make_panel: Make, session: FakeHistory, qtbot: QtBot
) -> None:
    panel = make_panel()
    panel.show_stream("book-none")
    qtbot.waitUntil(lambda: bool(session.tails))
    assert panel.message.text() == "There is no book-none."
    assert session.tail.after is None
    session.add("book-none", recorded("book-none", 0), known=False)
    session.tail.say(recorded("book-none", 0))
    qtbot.waitUntil(lambda: panel.canvas.isVisible())
    assert panel.revision == 0


def test_a_failure_is_said_in_the_panel_and_coming_back_tries_again(
    make_panel: Make, session: FakeHistory, qtbot: QtBot
) -> None:
    fill(session, BOOK, 4)
    session.failures.append(StoreUnavailable("The store is away."))
    panel = make_panel()
    panel.show_stream(BOOK)
    qtbot.waitUntil(lambda: panel.message.text() == "The store is away.")
    panel.hide()
    panel.show()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 4)


def test_a_hidden_panel_reads_nothing_and_goes_on_where_it_was(
    panel: HistoryPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    panel.hide()
    assert not session.living
    panel.canvas.select(4)
    panel.show()
    qtbot.waitUntil(lambda: len(session.living) == 1)
    assert session.tail.after == 9
    assert panel.revision == 4
    panel.hide()
    fill(session, "book-2", 2)
    panel.show_stream("book-2")
    assert not session.living
    panel.show()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 2)


def test_walking_quickly_asks_for_the_last_event_only(panel: HistoryPanel, session: FakeHistory, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(panel.inspector.tab_of(ChangeTab).table.fields.rows))
    panel.notes.stop()  # which ask about the newest event
    session.asked.clear()
    session.held = True
    for _ in range(8):
        press_key(panel.canvas, Qt.Key.Key_Left)
    assert asked_revisions(session) == [8]
    session.release()
    qtbot.waitUntil(lambda: fact(panel, "revision") == "1")
    assert asked_revisions(session) == [8, 1]
    press_key(panel.canvas, Qt.Key.Key_End)
    assert fact(panel, "revision") == "9"
    assert asked_revisions(session) == [8, 1]


def test_an_inspection_that_fails_says_why(panel: HistoryPanel, session: FakeHistory, qtbot: QtBot) -> None:
    session.failures.append(StoreUnavailable("The store is away."))
    panel.canvas.select(0)
    qtbot.waitUntil(lambda: not panel.inspector.tab_of(ChangeTab).table.fields.rows)
    notes = [label.text() for label in panel.inspector.findChildren(QLabel)]
    assert "The store is away." in notes


def test_walking_through_books_follows_only_the_one_that_stays(
    make_panel: Make, session: FakeHistory, qtbot: QtBot
) -> None:
    panel = make_panel()
    panel.loader._settle.setInterval(2000)  # a busy machine takes its time between two books
    for number in range(12):
        fill(session, f"book-{number}", 2)
        panel.show_stream(f"book-{number}")
        QApplication.processEvents()
    qtbot.waitUntil(lambda: bool(session.living))
    assert [tail.source.stream for tail in session.tails] == ["book-11"]


def test_events_of_a_year_apart_and_of_one_millisecond_can_be_walked(
    make_panel: Make, session: FakeHistory, qtbot: QtBot
) -> None:
    early, late = datetime(2024, 5, 1, tzinfo=UTC), datetime(2025, 5, 1, tzinfo=UTC)
    moments = [early] * 5 + [late] * 5
    session.add("book-1", *(recorded("book-1", n, at=moment) for n, moment in enumerate(moments)))
    panel = make_panel()
    panel.show_stream("book-1")
    qtbot.waitUntil(lambda: panel.revision == 9)
    for mode in Mode:
        panel.header.modes[mode].click()
        panel.canvas.select(9)
        for expected in range(8, -1, -1):
            press_key(panel.canvas, Qt.Key.Key_Left)
            assert panel.revision == expected
            panel.canvas.grab()
    assert panel.model.since(5) == "+1 year"
    assert panel.model.since(4) == "at once"


def test_the_same_stream_is_not_read_again(panel: HistoryPanel, session: FakeHistory) -> None:
    panel.show_stream(BOOK, "The Hobbit, or There and Back Again")
    assert len([query for query in session.asked if isinstance(query, GetActivity)]) == 1
    assert panel.header.title.toolTip().startswith("The Hobbit, or There and Back Again\n10 events")


def test_every_part_that_can_be_reached_has_a_name(panel: HistoryPanel) -> None:
    for widget in panel.findChildren(QWidget):
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            assert widget.accessibleName() or text, widget


def test_scale_sizes_of_the_parts_and_the_one_that_is_shown_are_remembered(panel: HistoryPanel) -> None:
    panel.header.modes[Mode.REVISION].click()
    panel.whole.below.setSizes([400, 700])
    panel.whole.choose(panel.table)
    saved = panel.save_state()
    sizes = panel.whole.below.sizes()
    panel.header.modes[Mode.TIME].click()
    panel.whole.below.setSizes([700, 400])
    panel.whole.choose(panel.canvas)
    panel.restore_state(saved)
    assert panel.canvas.view.mode is Mode.REVISION
    assert panel.parts.chosen is panel.whole.below
    assert panel.whole.below.sizes() == sizes
    panel.restore_state(QByteArray(b"{}"))
    assert panel.canvas.view.mode is Mode.REVISION


def test_on_another_ground_the_event_that_is_looked_at_is_still_whole(
    panel: HistoryPanel, theme: Theme, qtbot: QtBot
) -> None:
    table = panel.table
    panel.resize(1100, 480)
    table.scrollTo(table.currentIndex())

    def is_whole() -> bool:
        return table.viewport().rect().contains(table.visualRect(table.currentIndex()))

    qtbot.waitUntil(is_whole)
    try:
        theme.set_mode(ThemeMode.DARK)
        panel.grab()
        qtbot.waitUntil(is_whole)
    finally:
        theme.set_mode(ThemeMode.LIGHT)


def test_where_the_playhead_was_left_is_remembered_but_at_the_newest_event_it_goes_on_with_what_comes(
    panel: HistoryPanel,
) -> None:
    panel.workspace.look_at(BOOK)
    panel.controller.go(0)
    panel.stop()
    assert panel.workspace.place == StreamPlace(BOOK, 0)
    panel.controller.go(panel.controller.last)
    panel.stop()
    assert panel.workspace.place == StreamPlace(BOOK)


def test_the_inspector_is_put_at_the_right_of_axis_and_table_which_is_remembered(panel: HistoryPanel) -> None:
    below = panel.save_state()
    assert top_of(panel.inspector) == top_of(panel.table) > top_of(panel.canvas)
    panel.move_inspector()
    panel.whole.setSizes([500, 400])
    sizes = panel.whole.sizes()
    assert top_of(panel.inspector) < top_of(panel.table)
    assert left_of(panel.inspector) >= left_of(panel.canvas) + panel.canvas.width()
    assert panel.inspector.isVisible()
    right = panel.save_state()
    panel.restore_state(below)
    assert top_of(panel.inspector) == top_of(panel.table)
    panel.restore_state(right)
    assert panel.whole.sizes() == sizes
    assert top_of(panel.inspector) < top_of(panel.table)
    panel.move_inspector()
    assert top_of(panel.inspector) == top_of(panel.table)


def top_of(widget: QWidget) -> int:
    return widget.mapToGlobal(QPoint()).y()


def left_of(widget: QWidget) -> int:
    return widget.mapToGlobal(QPoint()).x()


def test_a_tab_that_is_asked_for_is_seen_where_there_is_room_for_the_axis_only(
    panel: HistoryPanel, qtbot: QtBot
) -> None:
    panel.resize(700, 330)
    qtbot.waitUntil(lambda: not panel.inspector.isVisible())
    qtbot.keyClick(panel.canvas, Qt.Key.Key_S)
    assert panel.inspector.isVisible()
    assert TABS[panel.inspector.currentIndex()] == "state"
    qtbot.keyClick(panel.focusProxy(), Qt.Key.Key_Home)
    assert panel.controller.row == 0
    assert not panel.show_page("nowhere")
    assert panel.show_page("revision"), "events of one moment stand apart"
    assert panel.canvas.view.mode is Mode.REVISION


def test_what_failed_without_the_store_is_asked_again_when_it_is_back(
    make_panel: Make, session: FakeHistory, bridge: GuiBridge, qtbot: QtBot
) -> None:
    fill(session, "sensor-7", PAGE + 5, known=False)
    panel = make_panel()
    away = StoreUnavailable("The store is away.")
    session.held = True
    panel.show_stream("sensor-7")
    session.release()
    session.failures.append(away)
    qtbot.waitUntil(lambda: panel.message.text() == "The store is away.")
    session.failures.append(away)
    bridge.connection_changed.emit(Connection(Light.AMBER, "connecting"))
    assert len(session.failures) == 1
    session.failures.clear()
    bridge.connection_changed.emit(Connection(Light.GREEN, "live"))
    qtbot.waitUntil(lambda: panel.model.rowCount() == PAGE + 5)
    qtbot.waitUntil(lambda: bool(panel.inspector.tab_of(ChangeTab).table.fields.rows))
    session.failures.append(away)
    panel.canvas.select(3)
    qtbot.waitUntil(lambda: not panel.inspector.tab_of(ChangeTab).table.fields.rows)
    bridge.connection_changed.emit(Connection(Light.GREEN, "live"))
    qtbot.waitUntil(lambda: fact(panel, "revision") == "3")
    qtbot.waitUntil(lambda: len(session.living) == 1)


def test_rows_and_the_stored_event_are_copied_from_the_history(
    panel: HistoryPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    said: list[str] = []
    panel.workspace.said.connect(said.append)
    session.add("book-1", *(recorded("book-1", revision) for revision in range(6)))
    panel.show_stream("book-1")
    qtbot.waitUntil(lambda: panel.model.rowCount() == 6)
    panel.table.setFocus()
    panel.table.select(1)
    for _ in range(4):
        press_key(panel.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    press_key(panel.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: said == ["5 rows were copied."])
    cells = [line.split("\t") for line in QApplication.clipboard().text().splitlines()]
    assert cells[0] == ["Revision", "Type", "When", "After", "By"]
    assert [row[0] for row in cells[1:]] == ["1", "2", "3", "4", "5"]
    assert cells[1][3] == "+1 day", "after the event before it, though that is not selected"
    panel.table.select(4)
    panel.row_actions.as_json.trigger()
    qtbot.waitUntil(lambda: len(said) == 2)
    told = json.loads(QApplication.clipboard().text())
    assert (told["revision"], told["data"]) == (4, {"copyNo": 1})
    session.failures.append(StoreUnavailable("The store is away."))
    panel.row_actions.as_json.trigger()
    qtbot.waitUntil(lambda: said[2:] == ["Nothing was copied: The store is away."])


def test_no_moment_of_the_table_is_cut_also_none_that_is_out_of_sight(panel: HistoryPanel) -> None:
    room = panel.table.fontMetrics().horizontalAdvance("0000-00-00 00:00:00")
    assert panel.model.longest(WHEN) == "0000-00-00 00:00:00"
    assert panel.table.columnWidth(WHEN) > room
