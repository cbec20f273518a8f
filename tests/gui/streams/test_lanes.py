"""Streams side by side: how they are chosen, what the lanes and the table show, and how far nothing can be missing."""

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from uuid import UUID

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from desk.application.books_by_name import FoundBook, GetBooksByName
from desk.application.event_index import CatalogueMoment
from desk.application.queries import GetStreamPage, Source
from desk.application.ranking import Match
from desk.application.session import TailState
from desk.application.swim_lanes import PAGE
from desk.cqrs.errors import StoreUnavailable
from desk.cqrs.store import Recorded
from desk.domain.streams import book_stream
from desk.gui.frame.theme import Theme, ThemeMode
from desk.gui.frame.workspace import StreamPlace
from desk.gui.streams.detail import ABOUT
from desk.gui.streams.lanes_dialog import LanesDialog
from desk.gui.streams.lanes_tab import LanesTab
from desk.gui.streams.panel import StreamsPanel
from tests.gui.timeline.fake_history import FakeHistory, recorded
from tests.gui.timeline.hands import click, press_key

MORNING = datetime(2026, 3, 4, 9, tzinfo=UTC)
MOMENT = CatalogueMoment(30, MORNING)


def at(stream: str, revision: int, second: int) -> Recorded:
    return recorded(stream, revision, "OrderPlaced", at=MORNING + timedelta(seconds=second), position=second)


def fill(session: FakeHistory) -> None:
    for event in (at("order-1", 0, 10), at("payment-1", 0, 20), at("order-1", 1, 30), at("gauge-1", 0, 40)):
        session.add(event.stream, event, known=False)


@pytest.fixture
def lanes(panel: StreamsPanel, session: FakeHistory, qtbot: QtBot) -> LanesTab:
    fill(session)
    panel.show_lanes((Source("order-1"), Source("payment-1")))
    tab = panel.tabs.currentWidget()
    assert isinstance(tab, LanesTab)
    qtbot.waitUntil(lambda: len(tab.lanes.events) == 3 and not tab.reader.busy)
    return tab


def rows(tab: LanesTab) -> list[str]:
    return [str(tab.model.index(row, 0).data()) for row in range(tab.model.rowCount())]


def test_the_table_has_all_events_by_time_and_the_lanes_one_for_each_stream(lanes: LanesTab) -> None:
    assert rows(lanes) == ["0@order-1", "0@payment-1", "1@order-1"]
    table, columns = lanes.table, range(lanes.model.columnCount())
    head, beside = table.horizontalHeader(), table.width() - table.viewport().width()
    needed = sum(max(table.sizeHintForColumn(column), head.sectionSizeHint(column)) for column in columns) + beside
    lanes.below.setSizes([needed + 32, lanes.below.width() - needed - 32])
    for column in columns:
        assert table.sizeHintForColumn(column) <= table.columnWidth(column), "nothing is cut without need"
    lanes.canvas.repaint()
    assert [lane.name for lane in lanes.canvas.scene.lanes] == ["order-1", "payment-1"]
    heights = {mark.y for mark in lanes.canvas.scene.marks}
    assert len(heights) == 2


def test_it_says_in_words_before_when_nothing_can_be_missing_and_draws_it(lanes: LanesTab) -> None:
    """The store was at the gauge's event when both streams were read: nothing of them can come before that."""
    until = (MORNING + timedelta(seconds=40)).astimezone()
    assert f"Nothing can be missing before {until:%Y-%m-%d %H:%M:%S}" in lanes.said.text()
    lanes.canvas.repaint()
    complete = lanes.canvas.scene.complete
    assert complete is not None
    assert complete[0] == 0.0
    assert complete[1] > max(mark.x for mark in lanes.canvas.scene.marks)


def test_when_the_store_goes_on_both_streams_are_read_and_the_horizon_moves(
    lanes: LanesTab, session: FakeHistory, qtbot: QtBot
) -> None:
    late, unrelated = at("payment-1", 1, 50), at("gauge-1", 1, 60)
    for event in (late, unrelated):
        session.add(event.stream, event, known=False)
    tail = next(tail for tail in session.living if tail.after == 40)
    tail.say(late, unrelated)
    until = (MORNING + timedelta(seconds=60)).astimezone()
    qtbot.waitUntil(lambda: f"before {until:%Y-%m-%d %H:%M:%S}" in lanes.said.text())
    assert rows(lanes)[-1] == "1@payment-1"
    assert lanes.canvas.current == 3


def test_a_click_on_a_mark_shows_its_event_and_one_beside_it_that_of_the_same_lane(lanes: LanesTab) -> None:
    lanes.canvas.repaint()
    first, mark = (next(mark for mark in lanes.canvas.scene.marks if mark.first == index) for index in (0, 1))
    click(lanes.canvas, QPoint(round(mark.x), round(mark.y)))
    assert lanes.detail.where.text().startswith("0@payment-1 · ")
    assert lanes.table.currentIndex().row() == 1
    click(lanes.canvas, QPoint(round(first.x), round(first.y)))
    assert lanes.canvas.current == 0
    click(lanes.canvas, QPoint(round(first.x), round(mark.y)))
    assert lanes.canvas.current == 1, "where the other lane has a mark"


def test_there_is_one_playhead_for_the_lanes_and_for_what_is_looked_at_elsewhere(
    lanes: LanesTab, panel: StreamsPanel, qtbot: QtBot
) -> None:
    lanes.table.select(1)
    qtbot.waitUntil(lambda: panel.workspace.place == StreamPlace("payment-1", 0))
    panel.workspace.look_at("order-1", 0)
    assert lanes.canvas.current == 0
    panel.workspace.move_to(1, MOMENT, on_purpose=True)
    assert lanes.canvas.current == 2
    assert lanes.detail.where.text().startswith("1@order-1 · ")
    panel.workspace.look_at("elsewhere", 0)
    assert lanes.canvas.current == 2, "what has no lane here changes nothing"
    panel.show_open()
    assert panel.workspace.place == StreamPlace("order-1", 1), "what is in front is looked at"
    assert lanes.model.says_time == "time stored"


def test_enter_opens_the_event_in_its_stream(lanes: LanesTab, panel: StreamsPanel, qtbot: QtBot) -> None:
    lanes.table.select(1)
    press_key(lanes.table, Qt.Key.Key_Return)
    assert panel.tabs.currentWidget() is panel.view
    assert panel.view.name == "payment-1"


def test_in_a_small_window_the_sentence_is_short_and_an_event_is_whole_or_scrolls(
    lanes: LanesTab, panel: StreamsPanel, qtbot: QtBot
) -> None:
    panel.resize(787, 540)  # what a window of 900 by 600 leaves
    detail = lanes.detail
    qtbot.waitUntil(lambda: lanes.below.orientation() is Qt.Orientation.Vertical)
    assert panel.minimumSizeHint().width() <= 787
    assert lanes.said.height() <= 2 * lanes.fontMetrics().lineSpacing()
    lines = [detail.title, detail.where, detail.when, detail.origin]

    def are_whole() -> bool:
        if not detail.isAncestorOf(detail.where):
            return False
        tops = [line.mapTo(detail, QPoint()).y() for line in lines]
        beside = all(top + line.height() <= below for line, (top, below) in zip(lines, pairwise(tops), strict=False))
        return beside and all(line.height() >= line.heightForWidth(line.width()) for line in lines)

    qtbot.waitUntil(lambda: lanes.sides[0].isVisible())
    assert lanes.canvas.isVisible()
    lanes.sides[1].click()
    assert lanes.table.isVisible()
    assert not detail.isVisible()
    lanes.sides[2].click()
    assert not lanes.table.isVisible()
    qtbot.waitUntil(are_whole)
    panel.resize(1200, 900)
    qtbot.waitUntil(lambda: not detail.tabs.isTabVisible(ABOUT) and lanes.canvas.isVisible() and are_whole())
    panel.resize(1200, 290)  # too low for the values below whichever event is chosen
    qtbot.waitUntil(lambda: detail.tabs.isTabVisible(ABOUT) and not lanes.canvas.isVisible())
    values, line = detail.data_view.tree.viewport(), detail.fontMetrics().height()
    qtbot.waitUntil(lambda: values.isVisible() and values.height() > 2 * line)
    detail.tabs.setCurrentIndex(ABOUT)
    qtbot.waitUntil(are_whole)
    detail.copy.click()
    assert QApplication.clipboard().text().startswith(detail.where.text())
    lanes.sides[0].click()
    assert not lanes.table.isVisible()
    panel.workspace.look_at("order-1", 0)
    assert lanes.canvas.current == 0, "there is one playhead, also without the table"


def test_lanes_by_correlation_have_one_for_each_story(lanes: LanesTab) -> None:
    lanes.by[1].click()
    lanes.canvas.repaint()
    assert len(lanes.canvas.scene.lanes) == 3  # each of these events has a correlation of its own


def test_what_came_in_between_does_not_move_the_playhead(lanes: LanesTab, session: FakeHistory, qtbot: QtBot) -> None:
    """An event of the other stream with a lower position than the newest that is shown stands before it."""
    lanes.table.select(0)
    between = at("payment-1", 1, 25)
    session.add("payment-1", between, known=False)
    tail = next(tail for tail in session.living if tail.after == 40)
    tail.say(at("gauge-1", 1, 60))
    qtbot.waitUntil(lambda: len(lanes.lanes.events) == 4)
    assert rows(lanes) == ["0@order-1", "0@payment-1", "1@payment-1", "1@order-1"]
    assert lanes.detail.where.text().startswith("0@order-1 · ")
    assert lanes.canvas.current == 0


def test_older_events_are_read_when_somebody_asks(panel: StreamsPanel, session: FakeHistory, qtbot: QtBot) -> None:
    for number in range(PAGE + 5):
        session.add("order-1", at("order-1", number, 10 * number), known=False)
    session.add("payment-1", at("payment-1", 0, 1), known=False)
    panel.show_lanes((Source("order-1"), Source("payment-1")))
    tab = panel.tabs.currentWidget()
    assert isinstance(tab, LanesTab)
    qtbot.waitUntil(lambda: len(tab.lanes.events) == PAGE + 1 and not tab.reader.busy)
    assert "Nothing can be missing from " in tab.said.text()
    assert tab.older.isVisible()
    tab.older.click()
    qtbot.waitUntil(lambda: len(tab.lanes.events) == PAGE + 6 and not tab.reader.busy)
    assert "Nothing can be missing before " in tab.said.text()
    assert not tab.older.isVisible()


def test_without_a_store_it_says_so_and_claims_nothing(panel: StreamsPanel, session: FakeHistory, qtbot: QtBot) -> None:
    session.failures.append(StoreUnavailable("The store does not answer."))
    panel.show_lanes((Source("order-1"), Source("payment-1")))
    tab = panel.tabs.currentWidget()
    assert isinstance(tab, LanesTab)
    qtbot.waitUntil(lambda: "The store does not answer." in tab.said.text())
    assert "not known" in tab.said.text()
    assert "Nothing can be missing" not in tab.said.text()


def test_a_broken_tail_is_said_and_hidden_lanes_read_nothing(
    lanes: LanesTab, panel: StreamsPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    tail = next(tail for tail in session.living if tail.after == 40)
    tail.tell(TailState(live=True))
    qtbot.waitUntil(lambda: lanes.said.text().endswith("live"))
    tail.tell(TailState(live=False, problem="It is gone."))
    qtbot.waitUntil(lambda: lanes.said.text().endswith("It is gone."))
    panel.tabs.setCurrentIndex(0)
    assert tail.stopped
    asked = len(session.asked)
    panel.tabs.setCurrentWidget(lanes)
    qtbot.waitUntil(lambda: GetStreamPage(Source(), limit=1) in session.asked[asked:] and not lanes.reader.busy)


# Choosing


def dialog_of(panel: StreamsPanel) -> LanesDialog:
    return panel.findChildren(LanesDialog)[-1]


def test_the_dialog_has_the_open_tabs_checked_and_takes_one_that_is_typed(
    panel: StreamsPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    fill(session)
    panel.open_source("order-1")
    panel.ask_lanes()
    dialog = dialog_of(panel)
    assert not dialog.go.isEnabled(), "one stream alone is not side by side"
    for typed, enough in (("order-*", True), ("order-1", False), ("", False), ("payment-1", True)):
        dialog.field.setText(typed)
        assert dialog.go.isEnabled() == enough, typed
    dialog.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    dialog.field.setText("order-*")
    assert dialog.go.isEnabled(), "a category alone has lanes by correlation"
    dialog.reject()
    panel.open_beside("payment-1")
    panel.ask_lanes()
    dialog = dialog_of(panel)
    assert dialog.names == ["order-1", "payment-1"]
    dialog.field.setText("gauge-*")
    press_key(dialog.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.names == ["order-1", "payment-1", "gauge-*"])
    assert dialog.isVisible(), "it was added, and one more can be typed"
    press_key(dialog.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: isinstance(panel.tabs.currentWidget(), LanesTab))
    tab = panel.tabs.currentWidget()
    assert isinstance(tab, LanesTab)
    assert [str(source) for source in tab.lanes.sources] == ["order-1", "payment-1", "gauge-*"]
    qtbot.waitUntil(lambda: len(tab.lanes.events) == 4)


def test_the_dialog_says_which_name_is_no_stream_and_takes_the_title_of_a_book(
    panel: StreamsPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    fill(session)
    dialog = LanesDialog(panel.workspace, ["order-1"], [], panel)
    dialog.open()
    sent: list[object] = []
    dialog.chosen.connect(sent.append)
    one, two = (FoundBook(UUID(int=number), title, "", Match((0, 0, 0))) for number, title in enumerate(("Em", "Ems")))
    for typed, books, said in (
        ("order1", (), "There is no order1."),
        ("nothing-*", (), "There is no nothing-*."),
        ("e", (one, two), "Several books are called so: type more of it."),
    ):
        session.answers[GetBooksByName] = books
        dialog.field.setText(typed)
        press_key(dialog.field, Qt.Key.Key_Return)
        qtbot.waitUntil(partial(lambda said: dialog.said.text() == said, said))
    dialog.field.setText("em")
    assert dialog.said.text() == "", "what is said is of what was typed"
    dialog.go.click()
    qtbot.waitUntil(lambda: sent == [(Source("order-1"), Source(book_stream(one.book_id)))])


def test_in_the_dark_the_box_of_a_stream_that_is_not_chosen_is_seen(panel: StreamsPanel, theme: Theme) -> None:
    theme.set_mode(ThemeMode.DARK)
    try:
        dialog = LanesDialog(panel.workspace, [], ["order-1"], panel)
        dialog.show()
        place = dialog.list.visualItemRect(dialog.list.item(0))
        picture, ground = dialog.list.grab(place).toImage(), dialog.palette().base().color().lightness()
        across = [picture.pixelColor(x, picture.height() // 2).lightness() - ground for x in range(16)]
        assert max(across) >= 20, across
        dialog.reject()
    finally:
        theme.set_mode(ThemeMode.LIGHT)


def test_a_tabs_menu_offers_it_with_the_tab_in_front(panel: StreamsPanel, session: FakeHistory, qtbot: QtBot) -> None:
    fill(session)
    panel.open_source("order-1")
    panel.open_beside("payment-1")
    panel.open_beside("gauge-1")
    panel.tabs.setCurrentIndex(1)
    bar = panel.tabs.tabBar()
    bar.customContextMenuRequested.emit(bar.tabRect(0).center())
    menu = next(menu for menu in panel.tabs.findChildren(QMenu) if menu.isVisible())
    next(action for action in menu.actions() if "ide by side" in action.text()).trigger()
    menu.close()
    QApplication.processEvents()
    assert dialog_of(panel).names == ["order-1", "payment-1"]


def test_the_explorers_menu_offers_it(panel: StreamsPanel, session: FakeHistory) -> None:
    fill(session)
    panel.open_source("order-1")
    offers = dict(panel.explorer._offers("payment-1"))
    offers["&Side by side with…"]()
    assert dialog_of(panel).names == ["payment-1", "order-1"]
