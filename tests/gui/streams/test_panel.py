"""The Streams place: the explorer at the left, and tabs that can be torn off and are remembered."""

import csv
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from PySide6.QtCore import QByteArray, QPoint, Qt
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from desk.application.books_by_name import FoundBook, GetBooksByName, GetTitles
from desk.application.catalogue import Announcement
from desk.application.event_links import EventAddress, read_address
from desk.application.event_search import ChosenBy, FoundEvents
from desk.application.queries import Source
from desk.application.ranking import Match
from desk.application.session import Connection, Light
from desk.cqrs.errors import StoreUnavailable
from desk.cqrs.store import Recorded
from desk.gui.frame.text_size import NORMAL
from desk.gui.frame.theme import Theme
from desk.gui.frame.workspace import ConnectionWish, StreamPlace
from desk.gui.streams.compare_tab import CompareTab
from desk.gui.streams.explorer import LISTED
from desk.gui.streams.export import ExportDialog
from desk.gui.streams.filter_bar import FilterChip
from desk.gui.streams.lanes_tab import LanesTab
from desk.gui.streams.panel import StreamsPanel
from desk.gui.streams.schema_tab import SchemaTab
from desk.gui.streams.story_tab import StoryTab
from desk.gui.streams.stream_tree import children_of
from desk.gui.widgets.background import GuiBridge
from tests.gui.timeline.fake_history import FakeHistory, recorded
from tests.gui.timeline.hands import click, point, press_key

CONTROL = Qt.KeyboardModifier.ControlModifier
STORY_ID = UUID("11111111-2222-3333-4444-555555555555")


def texts(section: QTreeWidgetItem) -> list[str]:
    children = [section.child(row) for row in range(section.childCount())]
    return [" ".join(filter(None, (child.text(0), child.text(1)))) for child in children if child is not None]


def put(session: FakeHistory, *names: str) -> None:
    at = 1000 * (len(session.streams) + 1)
    for number, name in enumerate(names):
        session.add(name, recorded(name, 0, position=at + number), known=False)


def read_again(panel: StreamsPanel, qtbot: QtBot, streams: int) -> None:
    panel.explorer.read()
    qtbot.waitUntil(lambda: panel.explorer.state.text().startswith(f"{streams:,} stream"))


def test_the_explorer_says_how_little_it_knows_and_shows_it_by_category(
    panel: StreamsPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    put(session, "order-1", "order-2", "gauge", "payment-1", "$ce-order", "$$order-1", "$stats")
    read_again(panel, qtbot, 4)
    assert "3 streams of the system are not counted" in panel.explorer.state.toolTip()
    explorer = panel.explorer
    assert "of the newest 500 events" in explorer.state.text()
    assert "nothing is known" in explorer.state.toolTip()
    assert texts(explorer.categories) == ["order 2", "payment 1"]
    assert texts(explorer.recent) == ["payment-1", "gauge", "order-2", "order-1"]
    assert texts(explorer.single) == ["gauge"]
    assert texts(explorer.system) == ["$$order 1", "$ce 1", "$stats"]
    assert not explorer.system.isExpanded()
    orders = explorer.categories.child(0)
    assert orders is not None
    orders.setExpanded(True)
    assert texts(orders) == ["order-2", "order-1"]
    read_again(panel, qtbot, 4)
    assert orders.isExpanded()


def test_names_are_found_by_any_part_and_enter_opens_the_best(
    panel: StreamsPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    put(session, *(f"order-{number}" for number in range(LISTED + 100)))
    read_again(panel, qtbot, LISTED + 100)
    explorer = panel.explorer
    qtbot.keyClicks(explorer.box, "order 17")
    qtbot.waitUntil(lambda: texts(explorer.found)[:1] == ["order-17"])
    assert explorer.categories.isHidden()
    qtbot.keyClick(explorer.box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.view.model.rowCount() == 1)
    assert panel.view.bar.field.text() == "order-17"
    explorer.box.setText("order")
    qtbot.waitUntil(lambda: texts(explorer.found)[-1] == "… 100 more: type a part of the name")
    explorer.box.setText("nowhere")
    qtbot.waitUntil(lambda: "No stream that is known" in explorer.found.text(0))
    explorer.box.clear()
    assert not explorer.categories.isHidden()


def test_of_very_many_categories_the_first_are_listed_and_the_rest_is_counted(
    panel: StreamsPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    put(session, *(f"c{number:04}-1" for number in range(LISTED + 5)))
    for _ in range(2):
        read_again(panel, qtbot, LISTED + 5)
        lines = texts(panel.explorer.categories)
        assert len(lines) == LISTED + 1
        assert lines[-1] == "… 5 more: type a part of the name"


def test_a_store_that_is_away_is_not_shown_as_one_without_streams(
    panel: StreamsPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    session.failures.append(StoreUnavailable("The store is away."))
    panel.explorer.read()
    qtbot.waitUntil(lambda: panel.explorer.state.text() == "The store is away.")


def test_what_is_written_meanwhile_comes_to_the_top(panel: StreamsPanel, session: FakeHistory, qtbot: QtBot) -> None:
    put(session, "order-1", "order-2")
    read_again(panel, qtbot, 2)
    qtbot.waitUntil(lambda: len(session.living) == 1)
    put(session, "order-9")
    session.tail.say(recorded("order-1", 1, position=9000), recorded("order-9", 0, position=9001))
    qtbot.waitUntil(lambda: texts(panel.explorer.recent) == ["order-9", "order-1", "order-2"])
    qtbot.waitUntil(lambda: texts(panel.explorer.categories) == ["order 3"])
    panel.hide()
    assert not session.living


def names_of(panel: StreamsPanel) -> Sequence[str]:
    return [panel.tabs.tabText(number) for number in range(panel.tabs.count())]


def test_streams_stand_in_tabs_each_with_its_own_place(panel: StreamsPanel, session: FakeHistory, qtbot: QtBot) -> None:
    for name in ("weather", "rain"):
        session.add(name, *(recorded(name, revision) for revision in range(150)), known=False)
    panel.open_source("weather")
    qtbot.waitUntil(lambda: panel.view.model.rowCount() == 100)
    first = panel.view
    first.table.select(7)
    panel.open_beside("rain")
    qtbot.waitUntil(lambda: panel.view.model.rowCount() == 100)
    assert names_of(panel) == ["weather", "rain"]
    panel.open_source("weather")
    assert panel.view is first
    assert panel.workspace.place == StreamPlace("weather"), "what History shows is that of the tab in front"
    assert first.table.currentIndex().row() == 7
    qtbot.keyClick(first.table, Qt.Key.Key_W, CONTROL)
    assert names_of(panel) == ["rain"]
    panel.close_tab(0)
    assert names_of(panel) == ["New tab"]
    assert panel.view.name == ""


def test_a_tab_alone_leaves_nothing_of_the_bar(panel: StreamsPanel) -> None:
    picture = panel.tabs.grab().toImage()
    edge = [picture.pixelColor(x, y) for x in range(picture.width() - 80, picture.width()) for y in range(4)]
    assert len({color.name() for color in edge}) == 1


def test_where_nothing_is_open_the_stream_that_is_looked_at_elsewhere_is(
    panel: StreamsPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    for name in ("weather", "rain"):
        session.add(name, *(recorded(name, revision) for revision in range(9)), known=False)
    panel.hide()
    panel.workspace.look_at("rain", 4)
    panel.show()
    qtbot.waitUntil(lambda: panel.view.table.currentIndex().row() == 4)
    assert panel.view.name == "rain"
    panel.hide()
    panel.workspace.look_at("weather")
    panel.show()
    assert panel.view.name == "rain", "what is open stays"


def test_a_tab_that_is_torn_off_is_found_again_and_comes_back(
    panel: StreamsPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    session.add("weather", recorded("weather", 0), known=False)
    panel.open_source("weather")
    qtbot.waitUntil(lambda: panel.view.model.rowCount() == 1)
    view = panel.view
    panel.tear_off(0)
    assert view.window() is not panel.window()
    assert view.isVisible()
    assert names_of(panel) == ["New tab"]
    panel.open_source("weather")
    assert panel.view.name == "", "it is shown where it is"
    view.window().close()
    assert names_of(panel) == ["New tab", "weather"]
    assert view.window() is panel.window()


def test_down_leads_from_the_box_to_the_first_stream_and_to_no_heading(
    panel: StreamsPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    put(session, "order-1", "order-2", "gauge")
    read_again(panel, qtbot, 3)
    explorer = panel.explorer
    press_key(explorer.box, Qt.Key.Key_Down)
    item = explorer.tree.currentItem()
    assert item is not None
    assert item.text(0) == "gauge", "what was written last"
    explorer.box.setText("order")
    qtbot.waitUntil(lambda: len(texts(explorer.found)) == 2)
    press_key(explorer.box, Qt.Key.Key_Down)
    item = explorer.tree.currentItem()
    assert item is not None
    assert item.parent() is explorer.found
    press_key(explorer.tree, Qt.Key.Key_Return)
    assert panel.view.name == item.text(0)


def test_no_row_shifts_under_the_pointer_and_a_menu_leaves_the_highlight_at_the_stream_in_front(
    panel: StreamsPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    put(session, "order-1", "order-2", "order-3")
    read_again(panel, qtbot, 3)
    explorer = panel.explorer
    tree, rows = explorer.tree, (0, 1, 2)

    def middle(row: int) -> QPoint:
        return tree.visualItemRect(children_of(explorer.recent)[row]).center()

    point(tree.viewport(), middle(0))
    tops = [middle(row) for row in rows]
    for row in (1, 2):
        click(tree.viewport(), tops[row])
        assert panel.view.name == texts(explorer.recent)[row]
        session.tail.say(recorded(f"new-{row}", 0, position=9000 + row))
        qtbot.waitUntil(partial(explorer._recent.__contains__, f"new-{row}"))
        assert [middle(row) for row in rows] == tops
    tree.setCurrentItem(children_of(explorer.recent)[0])
    explorer._open_menu(tops[0])
    menu = explorer.findChildren(QMenu)[-1]
    menu.close()
    assert [item.text(0) for item in tree.selectedItems()] == ["order-1"]
    panel.hide()
    panel.show()
    qtbot.waitUntil(lambda: texts(explorer.looked_at) == ["order-1", "order-2"])
    point(panel.tabs, panel.tabs.rect().center())
    assert texts(explorer.recent)[:2] == ["new-2", "new-1"]


def test_with_large_text_in_a_small_window_names_can_be_read_and_nothing_scrolls_sideways(
    panel: StreamsPanel, session: FakeHistory, theme: Theme, qtbot: QtBot
) -> None:
    put(session, "payment-000017", "order-1", "order-2")
    session.add("weather", *(recorded("weather", number) for number in range(8)), known=False)
    read_again(panel, qtbot, 4)
    panel.open_source("weather")
    qtbot.waitUntil(lambda: panel.view.model.rowCount() == 8)
    wide = panel.explorer.width()
    theme.set_text_size(200)
    try:
        panel.resize(815, 450)  # what a window of 900 by 600 leaves
        qtbot.waitUntil(lambda: panel.minimumSizeHint().width() <= 815)
        tree = panel.explorer.tree
        qtbot.waitUntil(lambda: panel.tabs.isVisible() and not tree.isVisible())
        press_key(panel.view.bar.field, Qt.Key.Key_P, CONTROL)
        assert (tree.isVisible(), panel.tabs.isVisible()) == (True, False)
        assert panel.explorer.box.hasFocus()
        qtbot.waitUntil(lambda: tree.columnWidth(0) >= 0.8 * tree.viewport().width())
        longest = tree.fontMetrics().horizontalAdvance("payment…17")
        assert tree.columnWidth(0) - 2 * tree.indentation() >= longest
        panel.explorer.wanted.emit("order-1")
        view = panel.view
        assert (tree.isVisible(), view.isVisible()) == (False, True), "what was found is shown"
        panel.open_source("weather")
        qtbot.waitUntil(lambda: view.model.rowCount() == 8)
        panel.finding.click()
        panel.reading.click()
        qtbot.waitUntil(lambda: view.bar.live.mapTo(view, view.bar.live.rect().bottomRight()).x() <= view.width())
        assert view.table.columnWidth(0) >= view.table.fontMetrics().horizontalAdvance("7@weather")
    finally:
        theme.set_text_size(NORMAL)
    panel.resize(1300, 450)
    qtbot.waitUntil(lambda: wide <= panel.explorer.width() <= 1.1 * wide)


def test_the_explorer_grows_with_the_window_until_names_are_whole_unless_somebody_gave_it_a_width(
    panel: StreamsPanel, qtbot: QtBot
) -> None:
    name = f"book-{uuid4()}"
    panel.kept.look_at(name)
    needed = panel.explorer.tree.fontMetrics().horizontalAdvance(name)
    panel.resize(780, 500)
    assert panel.explorer.width() < 230
    panel.resize(1700, 800)
    tree = panel.explorer.tree
    qtbot.waitUntil(lambda: tree.columnWidth(0) - 2 * tree.indentation() >= needed)
    panel.parts.setSizes([400, 1300])
    panel.parts.splitterMoved.emit(400, 1)
    other = StreamsPanel(panel.workspace)
    qtbot.addWidget(other)
    other.resize(1700, 800)
    other.restore_state(panel.save_state())
    other.show()
    qtbot.waitUntil(lambda: abs(other.explorer.width() - panel.explorer.width()) < 8)
    other.stop()


def test_favourites_and_open_tabs_are_kept_by_store(panel: StreamsPanel, session: FakeHistory, qtbot: QtBot) -> None:
    session.add("weather", recorded("weather", 0), known=False)
    panel.open_source("weather")
    panel.open_beside("book-*")
    panel.show_lanes((Source("weather"), Source(category="book")), by_correlation=True)
    panel.tabs.tabBar().moveTab(2, 1)
    panel.kept.set_favourite("weather", favourite=True)
    assert texts(panel.explorer.favourites) == ["weather"]
    assert texts(panel.explorer.looked_at) == ["book-*", "weather"]
    saved = panel.save_state()
    other = StreamsPanel(panel.workspace)
    qtbot.addWidget(other)
    other.restore_state(saved)
    assert sorted(view.name for view in other.views) == ["book-*", "weather"]
    assert {*names_of(other)} > {"book-*", "weather"}, "also those that nobody has looked at yet"
    assert other.kept.favourites == ["weather"]
    lanes = other.tabs.currentWidget()
    assert isinstance(lanes, LanesTab), "and the one in front, also where it is no stream"
    assert {str(source) for source in lanes.lanes.sources} == {"weather", "book-*"}
    assert other.tabs.currentIndex() == 1
    assert lanes.by_correlation
    assert lanes.canvas.wish.lanes is lanes.lanes.correlations
    other.restore_state(QByteArray(b"nonsense"))
    assert other.kept.favourites == ["weather"]
    other.stop()
    elsewhere = QByteArray(bytes(saved.data()).replace(b'"embedded"', b'"elsewhere:2113"'))
    third = StreamsPanel(panel.workspace)
    qtbot.addWidget(third)
    third.restore_state(elsewhere)
    assert third.kept.favourites == []
    panel.workspace.settings.set_panel_state("streams", elsewhere)  # the workspace of that store ended in between
    assert json.loads(bytes(third.save_state().data()))["stores"]["elsewhere:2113"]["favourites"] == ["weather"]
    panel.workspace.settings.set_panel_state("streams", QByteArray())
    third.stop()


def test_a_filter_is_remembered_and_asked_of_all_streams_in_a_tab_of_its_own(
    panel: StreamsPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    session.add("weather", recorded("weather", 0, "Moved"), recorded("weather", 1, "Measured"), known=False)
    panel.open_source("weather")
    panel.view.filtering.put("type", "Moved")
    panel.view.filtering.put("since", "2000-01-01")
    panel.view.filtering.everywhere.click()
    assert names_of(panel) == ["weather", "$all"]
    qtbot.waitUntil(lambda: len(panel.view.model.events) == 1)
    chips = (FilterChip("type", "Moved"), FilterChip("since", "2000-01-01"))
    other = StreamsPanel(panel.workspace)
    qtbot.addWidget(other)
    other.restore_state(panel.save_state())
    assert [view.filtering.chips for view in other.views] == [chips, chips]
    assert other.view.name == "$all", "the tab in front is it again"
    again = StreamsPanel(panel.workspace)
    qtbot.addWidget(again)
    again.restore_state(other.save_state())
    assert [view.filtering.chips for view in again.views] == [chips, chips], "also of tabs that nobody has seen"
    again.resize(1300, 600)
    again.show()
    qtbot.waitUntil(lambda: [event.type for event in again.view.model.events] == ["Moved"])
    assert again.view.filtering.bar.kind.currentData() == "since", "one goes on by what the last chip is about"
    other.stop()
    again.stop()


def test_the_stream_of_a_book_is_called_by_its_title_wherever_it_stands_and_found_by_it(
    panel: StreamsPanel, session: FakeHistory, bridge: GuiBridge, qtbot: QtBot
) -> None:
    emma, other = f"book-{STORY_ID}", "order-1"
    put(session, emma, other)
    session.answers[GetTitles] = {emma: "Emma"}
    session.answers[GetBooksByName] = (FoundBook(STORY_ID, "Emma", "", Match((0, 0, 0))),)
    read_again(panel, qtbot, 2)
    qtbot.waitUntil(lambda: texts(panel.explorer.recent) == [other, "Emma"])
    panel.explorer.box.setText("emm")
    qtbot.waitUntil(lambda: texts(panel.explorer.found) == ["Emma"])
    press_key(panel.explorer.box, Qt.Key.Key_Return)
    assert (panel.view.name, names_of(panel)) == (emma, ["Emma"])
    called: list[str] = []
    panel.workspace.place_changed.connect(lambda place: called.append(place.title))
    qtbot.waitUntil(lambda: panel.workspace.place == StreamPlace(emma, None, "Emma"))
    assert called[-1] == "Emma", "History calls it so, too"
    panel.show_lanes((Source(emma), Source(other)))
    lanes = panel.tabs.currentWidget()
    assert isinstance(lanes, LanesTab)
    assert names_of(panel)[1] == "Side by side: Emma, order-1"
    qtbot.waitUntil(lambda: len(lanes.lanes.events) == 2)
    assert {str(lanes.model.index(row, 0).data()) for row in (0, 1)} == {"0@Emma", "0@order-1"}
    session.answers[GetTitles] = {emma: "Emma, a Novel"}
    bridge.tell(Announcement(9000, streams=frozenset({emma})))
    qtbot.waitUntil(lambda: names_of(panel)[0] == "Emma, a Novel")
    assert lanes.lanes.streams.names == ["Emma, a Novel", other]


def test_the_middle_button_opens_beside(panel: StreamsPanel, session: FakeHistory, qtbot: QtBot) -> None:
    put(session, "order-1")
    read_again(panel, qtbot, 1)
    tree, item = panel.explorer.tree, panel.explorer.recent.child(0)
    assert item is not None
    at: QPoint = tree.visualItemRect(item).center()
    qtbot.mouseClick(tree.viewport(), Qt.MouseButton.MiddleButton, pos=at)
    assert names_of(panel) == ["New tab", "order-1"]
    qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert panel.tabs.count() == 2


def stored_by(session: FakeHistory, stream: str, *types: str, at: int = 0, data: bytes = b"{}") -> list[Recorded]:
    """Events of one story, each caused by the one before."""
    events: list[Recorded] = []
    for revision, name in enumerate(types):
        metadata = {"$correlationId": str(STORY_ID)}
        if events:
            metadata["$causationId"] = str(events[-1].id)
        stored = json.dumps(metadata).encode()
        events.append(recorded(stream, revision, name, position=at + revision, data=data, metadata=stored))
    session.add(stream, *events, known=False)
    return events


def test_the_links_of_an_event_lead_to_its_story_and_from_there_to_each_event(
    panel: StreamsPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    events = stored_by(session, "order-1", "Placed", "Paid", "Shipped")
    session.story = FoundEvents(tuple(events), None, ChosenBy.SERVER)
    panel.open_source("order-1")
    qtbot.waitUntil(lambda: panel.view.model.rowCount() == 3)
    origin = panel.view.detail.origin.text()
    assert f"story:{STORY_ID}#{events[1].id}" in origin
    assert f"stream:$bc-{STORY_ID}" in origin
    next(one for one in panel.view.table.actions() if "c&ause" in one.text()).trigger()
    story = panel.tabs.currentWidget()
    assert isinstance(story, StoryTab)
    qtbot.waitUntil(lambda: story.said.text() == "3 events · in 1 stream · by the server's own stream $bc-…")
    top = story.tree.topLevelItem(0)
    assert top is not None
    lines = [item.text(0) for item in map(story.tree.topLevelItem, range(story.tree.topLevelItemCount())) if item]
    assert lines == ["Placed", "Paid", "Shipped"], "a chain is not indented"
    story.resize(1500, 400)
    QApplication.processEvents()
    for column in range(4):
        assert story.tree.columnWidth(column) >= story.tree.sizeHintForColumn(column), "nothing is cut beside free room"
    current = story.tree.currentItem()
    assert current is not None
    assert current.text(0) == "Paid"
    story.tree.itemDoubleClicked.emit(top, 0)
    assert panel.tabs.currentWidget() is panel.view
    qtbot.waitUntil(lambda: panel.view.table.currentIndex().row() == 0)
    panel.view.detail.origin.linkActivated.emit(f"stream:$bc-{STORY_ID}")
    assert panel.view.name == f"$bc-{STORY_ID}"


def test_two_events_are_compared_value_by_value(panel: StreamsPanel, session: FakeHistory, qtbot: QtBot) -> None:
    session.add("order-1", recorded("order-1", 0, data=b'{"total": 1, "same": 2}', metadata=b"{}"), known=False)
    session.add("order-1", recorded("order-1", 1, data=b'{"total": 3, "same": 2}'), known=False)
    panel.open_source("order-1")
    qtbot.waitUntil(lambda: panel.view.model.rowCount() == 2)
    said: list[str] = []
    panel.workspace.said.connect(said.append)
    panel.view.compared.emit((panel.view.model.events[1], False))
    assert "Mark an event first" in said[-1]
    offers = {action.text().replace("&", ""): action for action in panel.view.table.actions()}
    compare = offers["Compare with the marked event"]
    panel.view.table.select(0)
    assert not compare.isEnabled()
    assert not offers["Go to its cause"].isEnabled(), "its metadata name none"
    offers["Mark for comparison"].trigger()
    panel.view.table.select(1)
    compare.trigger()
    tab = panel.tabs.currentWidget()
    assert isinstance(tab, CompareTab)
    qtbot.waitUntil(lambda: "differ" in tab.said.text())
    lines = [[top.text(column) for column in range(4)] for top in map(tab.tree.topLevelItem, range(3)) if top]
    assert ["≠", "$.data.total", "1", "3"] in lines
    assert not any("same" in line[1] for line in lines)
    tab.only.setChecked(False)
    assert tab.tree.topLevelItemCount() == 6
    panel.close_tab(panel.tabs.currentIndex())
    assert panel.tabs.count() == 1


def export_to(panel: StreamsPanel, file: Path) -> ExportDialog:
    dialog = ExportDialog(panel.workspace, Source("order-1"), panel.view.filtering.reader.wanted, panel.view)
    dialog.begin(file)
    return dialog


def test_a_stream_is_exported_line_by_line_and_a_file_that_cannot_be_written_is_said(
    panel: StreamsPanel, session: FakeHistory, qtbot: QtBot, tmp_path: Path
) -> None:
    session.add("order-1", *(recorded("order-1", revision) for revision in range(1200)), known=False)
    panel.open_source("order-1")
    said: list[str] = []
    panel.workspace.said.connect(said.append)
    export_to(panel, tmp_path / "a.ndjson")
    qtbot.waitUntil(lambda: bool(said))
    assert said[-1].startswith("1,200 events were exported")
    lines = [json.loads(line) for line in (tmp_path / "a.ndjson").read_text().splitlines()]
    assert [line["revision"] for line in lines] == list(range(1200))
    assert [path.name for path in tmp_path.iterdir()] == ["a.ndjson"]
    dialog = export_to(panel, tmp_path / "none" / "b.ndjson")
    qtbot.waitUntil(lambda: "could not be written: No such file" in said[-1])
    assert "could not be written" in dialog.labelText()
    session.held = True
    stopped = export_to(panel, tmp_path / "c.ndjson")
    stopped.stop()
    session.release()
    qtbot.waitUntil(lambda: "was stopped" in said[-1])
    assert [path.name for path in tmp_path.iterdir()] == ["a.ndjson"]


def test_rows_are_copied_as_lines_csv_and_links(panel: StreamsPanel, session: FakeHistory, qtbot: QtBot) -> None:
    events = [recorded("order-1", revision, data=b'{\n"n": 1}') for revision in range(3)]
    session.add("order-1", *events, known=False)
    panel.open_source("order-1")
    qtbot.waitUntil(lambda: panel.view.model.rowCount() == 3)
    panel.view.table.selectAll()
    panel.view.copying.lines(0)
    assert [json.loads(line)["revision"] for line in QApplication.clipboard().text().splitlines()] == [0, 1, 2]
    panel.view.copying.csv(0)
    qtbot.waitUntil(lambda: QApplication.clipboard().text().startswith("Event,"))
    rows = list(csv.reader(QApplication.clipboard().text().splitlines()))
    assert [row[0] for row in rows] == ["Event", "0@order-1", "1@order-1", "2@order-1"]
    panel.view.copying.link(1)
    assert read_address(QApplication.clipboard().text()) == EventAddress("order-1", 1, events[1].id)


def test_a_link_that_leads_nowhere_says_what_it_names_and_why(
    panel: StreamsPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    session.add("gauge", recorded("gauge", 30, position=1), known=False)
    session.add("links", recorded("links", 0, "$>", data=b"3@gauge", position=2), known=False)
    panel.open_source("links")
    link = panel.view.detail.link
    qtbot.waitUntil(lambda: "It leads nowhere: gauge begins with revision 30 now" in link.text())
    assert "3@gauge" in link.text()


def test_the_schema_of_a_type_shows_what_comes_and_goes_and_a_sample(
    panel: StreamsPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    for revision, data in enumerate((b'{"a": 1, "old": 2}', b'{"a": "x"}', b'{"a": 1, "new": 3}')):
        session.add("order-1", recorded("order-1", revision, "Placed", data=data), known=False)
    panel.open_source("order-1")
    qtbot.waitUntil(lambda: panel.view.model.rowCount() == 3)
    panel.view.schema_wanted.emit("Placed")
    schema = panel.tabs.currentWidget()
    assert isinstance(schema, SchemaTab)
    qtbot.waitUntil(lambda: schema.said.text() == "3 events looked at · 3 shapes · these are all")
    fields = schema.tree.topLevelItem(0)
    assert fields is not None
    lines = {child.text(0): (child.text(1), child.text(2)) for child in map(fields.child, range(3)) if child}
    assert lines == {
        "a": ("number 2, text 1", "always there"),
        "new": ("number 1", "came later"),
        "old": ("number 1", "vanished"),
    }
    schema.tree.itemDoubleClicked.emit(fields.child(2), 0)
    qtbot.waitUntil(lambda: panel.view.table.currentIndex().row() == 0)


def test_a_link_waits_for_a_store_that_is_away(
    panel: StreamsPanel, session: FakeHistory, qtbot: QtBot, bridge: GuiBridge
) -> None:
    session.add("order-1", *(recorded("order-1", revision) for revision in range(9)), known=False)
    session.failures.append(StoreUnavailable("The event store is not started yet."))
    said: list[str] = []
    panel.workspace.said.connect(said.append)
    panel.workspace.source_wanted.emit("desk://open?stream=order-1&revision=7")
    qtbot.waitUntil(lambda: any("as soon as the store answers" in text for text in said))
    assert not boxes(panel)
    assert panel.view.name == ""
    bridge.connection_changed.emit(Connection(Light.AMBER, "connecting"))
    bridge.connection_changed.emit(Connection(Light.GREEN, "live"))
    qtbot.waitUntil(lambda: panel.view.detail.event_shown is not None and panel.view.detail.event_shown.revision == 7)


def boxes(panel: StreamsPanel) -> list[QMessageBox]:
    return [box for box in panel.findChildren(QMessageBox) if box.isVisible()]


def test_a_link_leads_to_just_its_event(panel: StreamsPanel, session: FakeHistory, qtbot: QtBot) -> None:
    events = [recorded("order-1", revision) for revision in range(150)]
    session.add("order-1", *events, known=False)
    panel.view.bar.field.setText(str(EventAddress("order-1", 7, events[7].id)))
    qtbot.keyClick(panel.view.bar.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.view.detail.event_shown is not None and panel.view.detail.event_shown.revision == 7)
    assert panel.view.bar.field.text() == "order-1"
    panel.workspace.source_wanted.emit("desk://open?stream=order-1")
    assert not boxes(panel)


@pytest.mark.parametrize(
    ("link", "said"),
    [
        (f"desk://open?stream=order-1&revision=0&id={STORY_ID}", "has another event at revision 0"),
        ("desk://open?stream=order-1&revision=99", "has no event of revision 99"),
        ("desk://open?stream=order-1&revision=0&store=elsewhere%3A2113", "in the store at elsewhere:2113"),
        ("desk://open?revision=0", "names no stream"),
    ],
)
def test_another_event_or_store_is_said_and_never_shown_in_its_place(
    panel: StreamsPanel, session: FakeHistory, qtbot: QtBot, link: str, said: str
) -> None:
    session.add("order-1", recorded("order-1", 0), known=False)
    panel.workspace.source_wanted.emit(link)
    qtbot.waitUntil(lambda: bool(boxes(panel)))
    box = boxes(panel)[0]
    assert said in box.text()
    assert panel.view.name == ""
    if "store=" in link:
        wishes: list[ConnectionWish] = []
        panel.workspace.connection_wanted.connect(wishes.append)
        next(button for button in box.buttons() if button.text() == "Connect to it…").click()
        assert wishes == [ConnectionWish("elsewhere:2113", "desk://open?stream=order-1&revision=0")]
    box.close()
