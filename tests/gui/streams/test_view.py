"""One open stream: any stream, pages both ways, live, and payloads of every sort."""

import json
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from uuid import uuid4

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QInputDialog, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from desk.application.event_search import ChosenBy
from desk.application.queries import GetStreamPage, Source
from desk.application.session import Connection, Light, TailState
from desk.application.stream_extent import Located, LocateEvent
from desk.cqrs.errors import StoreUnavailable
from desk.gui.frame.theme import Theme
from desk.gui.frame.workspace import StreamPlace
from desk.gui.streams.detail import ABOUT, METADATA, RAW
from desk.gui.streams.filter_bar import FilterChip
from desk.gui.streams.model import KEPT, PLACE, SIZE, TYPE, WHEN, StreamTableModel
from desk.gui.streams.reading import PAGE
from desk.gui.streams.view import StreamTab
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.hex_view import HexView
from desk.gui.widgets.json_tree import JsonTree
from desk.gui.widgets.json_tree_model import VALUE
from tests.gui.timeline.fake_history import FakeHistory, recorded
from tests.gui.timeline.hands import double_click, press_key

CONTROL = Qt.KeyboardModifier.ControlModifier


def fill(session: FakeHistory, stream: str, count: int, first: int = 0) -> None:
    session.add(stream, *(recorded(stream, revision) for revision in range(first, first + count)), known=False)


def show(view: StreamTab, text: str, qtbot: QtBot) -> None:
    """Type a name and press Enter."""
    view.bar.field.setText(text)
    press_key(view.bar.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not view.reader.state.busy)


def revisions(view: StreamTab) -> tuple[int, int]:
    events = view.model.events
    return events[0].revision, events[-1].revision


def text_of(view: StreamTab, row: int, column: int) -> str:
    return str(view.model.index(row, column).data())


def test_a_stream_that_desk_knows_nothing_about_is_shown_from_its_newest_page_on(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    assert "$all" in view.message.text()
    fill(session, "weather", 250)
    show(view, "weather", qtbot)
    assert revisions(view) == (150, 249)
    assert view.table.currentIndex().row() == PAGE - 1
    assert text_of(view, 0, PLACE) == "150", "the field above names the stream"
    assert text_of(view, 0, TYPE) == "CopyLent"
    assert text_of(view, 0, SIZE) == "12 B"
    qtbot.waitUntil(lambda: view.bar.state.text() == "151-250 of 250")


def test_pages_go_both_ways_and_to_both_ends_by_button_and_by_key(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    fill(session, "weather", 250)
    show(view, "weather", qtbot)
    seen = []
    for go in (view.bar.older, view.bar.older, view.bar.newer, view.bar.newest, view.bar.oldest):
        go.click()
        qtbot.waitUntil(lambda: not view.reader.state.busy)
        seen.append(revisions(view))
    assert seen == [(50, 149), (0, 49), (50, 149), (150, 249), (0, 99)]
    seen = []
    for key in (Qt.Key.Key_PageDown, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_Home):
        press_key(view.table, key, CONTROL)
        qtbot.waitUntil(lambda: not view.reader.state.busy)
        seen.append(revisions(view))
    assert seen == [(100, 199), (150, 249), (50, 149), (0, 99)]
    for key, first, row in ((Qt.Key.Key_Down, 100, 0), (Qt.Key.Key_Up, 0, 99)):
        view.table.select(99 - row)
        press_key(view.table, key)
        qtbot.waitUntil(lambda first=first: view.model.events[0].revision == first)  # type: ignore[misc]
        assert view.table.currentIndex().row() == row, "the arrows go on beyond a page"
    assert not view.bar.older.isEnabled()
    assert view.bar.newer.isEnabled()
    assert view.model.rowCount() == PAGE


def test_a_category_and_all_streams_are_paged_by_position(view: StreamTab, session: FakeHistory, qtbot: QtBot) -> None:
    for number in range(150):
        session.add(f"book-{number}", recorded(f"book-{number}", 0, position=number * 100), known=False)
        session.add(f"isbn-{number}", recorded(f"isbn-{number}", 0, position=number * 100 + 50), known=False)
    show(view, "book-*", qtbot)
    assert {event.stream.split("-")[0] for event in view.model.events} == {"book"}
    said = said_by(view)
    view.go_to(149 * 100 + 20)
    qtbot.waitUntil(lambda: any("14,920" in text and "no event" in text for text in said))
    view.bar.older.click()
    qtbot.waitUntil(lambda: view.model.events[-1].stream == "book-99")
    question = session.asked[-1]
    assert isinstance(question, GetStreamPage)
    assert question.before == 100 * 100
    view.go_to(75 * 100)
    qtbot.waitUntil(lambda: view.model.events[0].stream == "book-26")
    assert view.model.events[-1].stream == "book-125", "what came later is seen as well"
    assert view.model.events[view.table.currentIndex().row()].stream == "book-75"
    show(view, "$all", qtbot)
    assert text_of(view, 99, PLACE) == "0@isbn-149"


def test_a_missing_stream_is_said_plainly_and_so_is_a_store_that_is_away(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    show(view, "nobody", qtbot)
    assert view.message.isVisible()
    assert view.message.text() == "There is no nobody."
    session.failures.append(StoreUnavailable("The store is away."))
    show(view, "anything", qtbot)
    assert view.message.text() == "The store is away."


def test_a_late_answer_to_the_question_before_is_dropped(view: StreamTab, session: FakeHistory, qtbot: QtBot) -> None:
    fill(session, "first", 5)
    fill(session, "second", 3)
    session.held = True
    view.open_source("first")
    view.open_source("second")
    session.waiting.reverse()
    session.release()
    qtbot.waitUntil(lambda: view.model.rowCount() == 3)
    QApplication.processEvents()
    assert view.model.events[0].stream == "second"


def has_new(view: StreamTab, count: int) -> bool:
    return view.reader.state.new == count


def go_live(view: StreamTab, session: FakeHistory, qtbot: QtBot, stream: str = "weather") -> None:
    show(view, stream, qtbot)
    view.bar.live.click()
    qtbot.waitUntil(lambda: len(session.living) == 1)


def test_live_shows_what_comes_and_stays_at_the_end(view: StreamTab, session: FakeHistory, qtbot: QtBot) -> None:
    fill(session, "weather", 120)
    go_live(view, session, qtbot)
    assert (session.tail.source.stream, session.tail.after) == ("weather", 119)
    session.tail.tell(TailState(live=True))
    session.tail.say(recorded("weather", 120), recorded("weather", 121))
    qtbot.waitUntil(lambda: revisions(view) == (20, 121))
    assert view.table.at_bottom
    assert view.table.currentIndex().row() == 99
    qtbot.waitUntil(lambda: "live" in view.bar.state.text())
    view.bar.live.click()
    assert not session.living


def test_what_comes_while_one_reads_elsewhere_is_counted_and_moves_nothing(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    fill(session, "weather", 120)
    go_live(view, session, qtbot)
    view.table.select(5)
    view.table.scrollToTop()
    shown = view.detail.event_shown
    session.tail.say(*(recorded("weather", revision) for revision in range(120, 150)))
    qtbot.waitUntil(lambda: view.bar.new.text() == "30 new")
    assert view.table.verticalScrollBar().value() == 0
    assert view.table.currentIndex().row() == 5
    assert view.detail.event_shown is shown
    view.bar.new.click()
    assert view.table.at_bottom
    assert view.detail.event_shown is view.model.events[-1]
    assert not view.bar.new.isVisible()


def test_what_comes_while_an_older_page_is_shown_is_only_counted(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    fill(session, "weather", 250)
    go_live(view, session, qtbot)
    view.bar.older.click()
    qtbot.waitUntil(lambda: revisions(view) == (50, 149))
    fill(session, "weather", 7, first=250)
    session.tail.say(*session.streams["weather"][-7:])
    qtbot.waitUntil(lambda: view.bar.new.text() == "7 new")
    assert revisions(view) == (50, 149)
    view.bar.new.click()
    qtbot.waitUntil(lambda: revisions(view) == (157, 256))
    assert not view.bar.new.isVisible()
    assert session.tail.after == 256


def test_the_row_that_is_looked_at_stays_in_sight_where_there_is_less_room_or_larger_text(
    view: StreamTab, session: FakeHistory, theme: Theme, qtbot: QtBot
) -> None:
    fill(session, "weather", 100)
    show(view, "weather", qtbot)
    qtbot.waitUntil(lambda: view.table.at_bottom)
    view.resize(view.width(), view.height() - 120)
    table, last = view.table, view.table.currentIndex()

    def in_sight() -> bool:
        return table.viewport().rect().contains(table.visualRect(last).center())

    qtbot.waitUntil(in_sight)
    try:
        for percent in (110, 150, 100):
            theme.set_text_size(percent)
            table.hide()  # as where there is no room for it beside the axis
            table.setFixedHeight(0)
            table.show()
            QApplication.processEvents()
            table.setFixedHeight(150)
            qtbot.waitUntil(in_sight)
    finally:
        theme.set_text_size(100)


def test_table_and_history_have_one_playhead(view: StreamTab, session: FakeHistory, qtbot: QtBot) -> None:
    put_cities(session, 6)
    view.workspace.look_at("weather", 2)
    show(view, "weather", qtbot)
    assert view.table.currentIndex().row() == 2, "it begins where it is looked"
    view.workspace.look_at("weather", 4)
    assert view.table.currentIndex().row() == 4
    view.table.select(1)
    qtbot.waitUntil(lambda: view.workspace.place == StreamPlace("weather", 1))
    view.filtering.put("type", "Moved")
    qtbot.waitUntil(lambda: view.filtering.is_on and 0 < len(view.model.events) < 6)
    assert view.workspace.place == StreamPlace("weather", 1)
    view.workspace.look_at("weather", view.model.events[0].revision)
    assert view.table.currentIndex().row() == 0


def test_a_flood_keeps_the_newest_thousand_and_the_detail_that_is_read(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    fill(session, "weather", 100)
    go_live(view, session, qtbot)
    shown = view.detail.event_shown
    for first in range(100, 2100, 500):
        session.tail.say(*(recorded("weather", revision) for revision in range(first, first + 500)))
    qtbot.waitUntil(lambda: revisions(view)[1] == 2099)
    assert revisions(view) == (2100 - KEPT, 2099)
    assert view.table.at_bottom
    assert view.detail.event_shown is shown


def test_a_table_that_follows_goes_on_when_something_above_takes_room_of_it(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    fill(session, "weather", 100)
    go_live(view, session, qtbot)
    session.tail.say(*(recorded("weather", revision) for revision in range(100, 400)))
    qtbot.waitUntil(lambda: revisions(view)[1] == 399 and view.table.at_bottom)
    high = view.table.viewport().height()
    view.resize(view.width(), view.height() - 90)
    qtbot.waitUntil(lambda: view.table.viewport().height() < high)
    assert view.table.at_bottom
    session.tail.say(*(recorded("weather", revision) for revision in range(400, 1600)))
    qtbot.waitUntil(lambda: revisions(view)[1] == 1599)


def test_a_flood_while_one_reads_further_up_stops_filling_the_table_and_counts(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    fill(session, "weather", 100)
    go_live(view, session, qtbot)
    view.table.scrollToTop()
    for first in (100, 700):
        session.tail.say(*(recorded("weather", revision) for revision in range(first, first + 600)))
        qtbot.waitUntil(partial(has_new, view, first + 500))
    assert revisions(view) == (0, 699)
    assert view.table.verticalScrollBar().value() == 0
    fill(session, "weather", 1200, first=100)
    view.bar.new.click()
    qtbot.waitUntil(lambda: revisions(view) == (1200, 1299))


def test_a_hidden_panel_reads_nothing_and_goes_on_with_what_came_meanwhile(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    fill(session, "weather", 10)
    go_live(view, session, qtbot)
    session.tail.say(recorded("weather", 10))
    qtbot.waitUntil(lambda: view.model.rowCount() == 11)
    view.hide()
    assert not session.living
    view.show()
    assert session.living[0].after == 10
    view.hide()
    asked = len(session.asked)
    view.open_source("other")
    assert len(session.asked) == asked
    view.show()
    qtbot.waitUntil(lambda: view.message.text() == "There is no other.")


def test_a_resolved_link_is_shown_as_one_and_paged_by_its_own_revision(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    links = [
        recorded("book-1", 40 + n, position=5000 + n, link=recorded("$ce-book", n, "$>", position=5000 + n))
        for n in range(130)
    ]
    session.add("$ce-book", *links, known=False)
    show(view, "$ce-book", qtbot)
    assert text_of(view, 99, PLACE) == "169@book-1  ←  129"
    assert view.detail.link.text() == "by the link 129@$ce-book"
    view.bar.older.click()
    qtbot.waitUntil(lambda: view.model.rowCount() == 30)
    assert view.model.events[0].link is not None
    show(view, "nobody", qtbot)
    assert not view.detail.link.isVisible()


@pytest.mark.parametrize(
    ("data", "shown", "note"),
    [
        (b'{"title":"Matilda"}', "Matilda", ""),
        (b'{"title": "unfini', "7b 22 74", "no JSON"),
        (b"", "", "no data"),
        (bytes(range(256)), "00 01 02", "no JSON"),
        (json.dumps({"text": "x" * (1 << 20)}).encode(), "xxxx", ""),
    ],
    ids=["JSON", "broken JSON", "nothing", "bytes", "a mebibyte"],
)
def test_a_payload_is_shown_as_what_it_is_and_copied_whole(
    view: StreamTab, session: FakeHistory, qtbot: QtBot, data: bytes, shown: str, note: str
) -> None:
    session.add("odd", replace(recorded("odd", 0), data=data, metadata=b""), known=False)
    tree = view.detail.data_view
    with qtbot.waitSignal(tree.shown) if data else nullcontext():
        show(view, "odd", qtbot)
    texts = [str(tree.model.index(0, VALUE).data()), str(tree.hex.lines.index(0).data())]
    assert any(shown in text for text in texts)
    assert note in tree.note.text()
    view.detail.tabs.setCurrentIndex(METADATA)
    metadata = view.detail.tabs.page(METADATA)
    assert isinstance(metadata, JsonTree)
    assert "no data" in metadata.note.text()
    view.detail.tabs.setCurrentIndex(RAW)
    raw = view.detail.tabs.page(RAW)
    assert isinstance(raw, HexView)
    assert data[:2].hex(" ") in str(raw.lines.index(0).data() or "")
    view.detail.copy.click()
    assert QApplication.clipboard().text() == data.hex()


def test_a_double_click_or_enter_asks_for_the_history(view: StreamTab, session: FakeHistory, qtbot: QtBot) -> None:
    fill(session, "book-1", 3)
    show(view, "book-1", qtbot)
    wanted: list[object] = []
    view.workspace.companion_wanted.connect(lambda name: wanted.append((name, view.workspace.place)))
    row = view.table.visualRect(view.model.index(1, TYPE)).center()
    double_click(view.table.viewport(), QPoint(row))
    press_key(view.table, Qt.Key.Key_Return)
    assert wanted == [("history", StreamPlace("book-1", 1))] * 2


def test_what_was_looked_at_is_offered(view: StreamTab, session: FakeHistory, qtbot: QtBot) -> None:
    for name in ("weather", "book-*", "weather"):
        show(view, name, qtbot)
    completer = view.bar.field.completer()
    completer.setCompletionPrefix("eath")
    assert completer.currentCompletion() == "weather"
    assert completer.completionCount() == 1


def test_the_table_model_drops_the_oldest_rows_first() -> None:
    model = StreamTableModel()
    model.show([recorded("weather", revision) for revision in range(KEPT)])
    model.append([recorded("weather", KEPT), recorded("weather", KEPT + 1)])
    assert model.rowCount() == KEPT
    assert (model.events[0].revision, model.events[-1].revision) == (2, KEPT + 1)
    model.append([recorded("weather", revision) for revision in range(5000)])
    assert (model.events[0].revision, model.events[-1].revision) == (4000, 4999)


def test_every_part_that_can_be_reached_has_a_name(view: StreamTab, session: FakeHistory, qtbot: QtBot) -> None:
    fill(session, "weather", 3)
    show(view, "weather", qtbot)
    for widget in view.findChildren(QWidget):
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget is not view.bar.field:
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            assert widget.accessibleName() or text, widget


def test_what_failed_without_the_store_is_asked_again_when_it_is_back(
    view: StreamTab, session: FakeHistory, bridge: GuiBridge, qtbot: QtBot
) -> None:
    fill(session, "weather", 250)
    show(view, "weather", qtbot)
    session.failures.append(StoreUnavailable("The store is away."))
    view.bar.older.click()
    qtbot.waitUntil(lambda: "The store is away." in view.bar.state.text())
    assert revisions(view) == (150, 249)
    bridge.connection_changed.emit(Connection(Light.GREEN, "live"))
    qtbot.waitUntil(lambda: revisions(view) == (50, 149))
    assert view.bar.state.text() == "51-150 of 250"


@pytest.mark.parametrize("is_seen", [True, False])
def test_a_filter_that_failed_without_the_store_is_asked_again_when_it_is_back(
    view: StreamTab, session: FakeHistory, bridge: GuiBridge, qtbot: QtBot, is_seen: bool
) -> None:
    put_cities(session, 4)
    show(view, "weather", qtbot)
    session.failures.append(StoreUnavailable("The store is away."))
    view.filtering.put("type", "Moved")
    qtbot.waitUntil(lambda: view.filtering.bar.said.text() == "The store is away.")
    assert not view.filtering.everywhere.isVisible()
    view.setVisible(is_seen)
    bridge.connection_changed.emit(Connection(Light.GREEN, "live"))
    view.show()
    qtbot.waitUntil(lambda: len(view.model.events) == 2)


def test_nothing_is_cut_beside_free_room(view: StreamTab, session: FakeHistory, qtbot: QtBot) -> None:
    large = recorded("weather", 0, "AmountOfRainWasMeasuredAgain", data=b"x" * (1024 * 1024 - 1))
    session.add("weather", large, known=False)
    show(view, "weather", qtbot)
    for column in (PLACE, TYPE, WHEN, SIZE):
        assert view.table.sizeHintForColumn(column) <= view.table.columnWidth(column)


def said_by(view: StreamTab) -> list[str]:
    said: list[str] = []
    view.workspace.said.connect(said.append)
    return said


def test_rows_an_event_and_a_streams_name_are_copied_by_key_and_menu(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    said = said_by(view)
    assert not any(action.isEnabled() for action in view.table.actions()), "nothing is selected"
    fill(session, "weather", 5)
    show(view, "weather", qtbot)
    view.table.setFocus()
    press_key(view.table, Qt.Key.Key_A, CONTROL)
    press_key(view.table, Qt.Key.Key_C, CONTROL)
    qtbot.waitUntil(lambda: said == ["5 rows were copied."])
    lines = QApplication.clipboard().text().splitlines()
    assert [line.split("\t")[0] for line in lines] == ["Event", *(f"{revision}@weather" for revision in range(5))]
    view.table.select(2)
    view.row_actions.as_json.trigger()
    qtbot.waitUntil(lambda: len(said) == 2)
    assert json.loads(QApplication.clipboard().text())["revision"] == 2
    view.row_actions.stream_name.trigger()
    assert QApplication.clipboard().text() == "weather"
    assert said[1:] == ["The event was copied as JSON.", "The stream's name was copied."]


def test_the_menu_of_a_row_leads_to_the_history_of_its_stream(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    fill(session, "weather", 5)
    show(view, "weather", qtbot)
    names = [action.text().replace("&", "") for action in view.table.actions()]
    assert names[:4] == ["Copy rows", "Copy as JSON", "Copy the stream's name", "Copy rows as NDJSON"]
    view.table.select(2)
    with qtbot.waitSignal(view.workspace.companion_wanted):
        view.table.actions()[names.index("Open its history")].trigger()
    assert view.workspace.place is not None
    assert (view.workspace.place.stream, view.workspace.place.revision) == ("weather", 2)


def test_what_is_copied_is_what_was_selected_though_newer_events_come_meanwhile(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    fill(session, "weather", 3)
    show(view, "weather", qtbot)
    texts = view.model.texts()
    view.model.append([recorded("weather", revision) for revision in range(3, KEPT + 3)])
    assert view.model.events[0].revision == 3
    assert [row[PLACE] for row in next(texts.read([range(3)]))] == ["0@weather", "1@weather", "2@weather"]


def type_goal(view: StreamTab, qtbot: QtBot, text: str) -> None:
    view.activateWindow()  # no window manager does it here
    qtbot.waitUntil(view.isActiveWindow)
    view.table.setFocus()
    press_key(view.table, Qt.Key.Key_G, CONTROL)
    qtbot.waitUntil(view.asking.isVisible)
    view.asking.field.setText(text)
    press_key(view.asking.field, Qt.Key.Key_Return)


def test_going_to_a_revision_shows_its_page_with_the_event_selected(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    fill(session, "weather", 5000)
    show(view, "weather", qtbot)
    session.located = Located(4321)
    type_goal(view, qtbot, "4,321")
    qtbot.waitUntil(lambda: revisions(view) == (4272, 4371))
    assert not view.asking.isVisible()
    assert view.model.events[view.table.currentIndex().row()].revision == 4321
    assert session.asked[-2] == LocateEvent(Source("weather"), 4321)
    assert view.bar.state.text() == "4,273-4,372 of 5,000"
    session.located = Located(3)
    type_goal(view, qtbot, "3")
    qtbot.waitUntil(lambda: revisions(view) == (0, 99))
    assert view.model.events[view.table.currentIndex().row()].revision == 3


def test_where_nothing_can_be_gone_to_the_dialog_says_why_and_stays(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    fill(session, "weather", 5)
    show(view, "weather", qtbot)
    type_goal(view, qtbot, "yesterday-ish")
    assert "is no revision" in view.asking.said.text()
    session.located = Located(why_not="The newest event of this stream has revision 4.")
    view.asking.field.setText("9")
    press_key(view.asking.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.asking.said.text() == "The newest event of this stream has revision 4.")
    assert view.asking.isVisible()
    assert revisions(view) == (0, 4)


def test_a_long_search_says_how_far_it_looked_and_ends_when_the_dialog_does(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    fill(session, "weather", 5)
    show(view, "weather", qtbot)
    session.located = Located(before=2, looked=10_000)
    type_goal(view, qtbot, str(uuid4()))
    qtbot.waitUntil(lambda: "events so far" in view.asking.said.text())
    view.asking.reject()
    QApplication.processEvents()
    asked = len(session.asked)
    QApplication.processEvents()
    assert len(session.asked) == asked


def test_a_stream_that_grows_is_counted_anew(view: StreamTab, session: FakeHistory, qtbot: QtBot) -> None:
    fill(session, "weather", 120)
    go_live(view, session, qtbot)
    session.tail.say(recorded("weather", 120))
    qtbot.waitUntil(lambda: view.bar.state.text().startswith("21-121 of 121"))


def test_where_there_is_little_room_the_event_stands_below_the_table_with_a_head_that_is_whole(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    assert view.parts.orientation() is Qt.Orientation.Horizontal
    stream = f"book-{uuid4()}"
    linked = recorded(stream, 7, position=40, link=recorded("$ce-book", 1650, "$>", position=40))
    session.add("$ce-book", linked, known=False)
    show(view, "$ce-book", qtbot)
    view.resize(560, 480)
    qtbot.waitUntil(lambda: view.parts.orientation() is Qt.Orientation.Vertical)
    qtbot.waitUntil(lambda: view.detail.height() > view.table.height())
    detail = view.detail
    assert detail.data_view.tree.viewport().height() > 3 * detail.fontMetrics().height()
    assert not view.table.horizontalScrollBar().isVisible()
    detail.tabs.setCurrentIndex(ABOUT)
    for line in (detail.title, detail.where, detail.when, detail.link, detail.origin):
        assert line.isHidden() or line.height() >= line.heightForWidth(line.width()), line.text()


def put_cities(session: FakeHistory, count: int) -> None:
    for revision in range(count):
        city = b"Oslo" if revision % 500 == 0 else b"Bath"
        data = b'{"city": "' + city + b'"}'
        name = "Moved" if revision % 2 == 0 else "Measured"
        session.add("weather", recorded("weather", revision, name, data=data), known=False)


def type_filter(view: StreamTab, kind: str, text: str) -> None:
    bar = view.filtering.bar
    bar.kind.setCurrentIndex(bar.kind.findData(kind))
    bar.field.setText(text)
    press_key(bar.field, Qt.Key.Key_Return)


def chips(view: StreamTab) -> list[str]:
    return [button.text() for button in view.filtering.bar.findChildren(QToolButton) if button.isVisible()]


def test_filters_are_chips_and_what_they_find_is_shown_in_place_of_pages(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    put_cities(session, 2500)
    show(view, "weather", qtbot)
    view.bar.filter.click()
    assert set(view.filtering.bar.field.placeholderText().split(", ")) == {"Moved", "Measured"}, "what occurs here"
    type_filter(view, "path", '$.city = "Oslo"')
    qtbot.waitUntil(lambda: "these are all" in view.filtering.bar.said.text())
    assert [event.revision for event in view.model.events] == [0, 500, 1000, 1500, 2000]
    assert view.filtering.bar.said.text().startswith("5 events found · 2,500 looked at")
    assert view.model.events[view.table.currentIndex().row()].revision == 2000
    type_filter(view, "since", "2030-01-01")
    qtbot.waitUntil(lambda: view.filtering.bar.said.text().startswith("0 events found"))
    qtbot.waitUntil(lambda: view.message.text() == "Nothing in weather is what the filter wants.")
    qtbot.waitUntil(lambda: len(chips(view)) == 2)
    view.filtering.bar.take_away(view.filtering.bar.chips[1])
    qtbot.waitUntil(lambda: len(view.model.events) == 5)
    view.bar.filter.click()
    qtbot.waitUntil(lambda: revisions(view) == (2400, 2499))
    assert not view.filtering.bar.isVisible()


@pytest.mark.parametrize("where", ["field", "table"])
def test_esc_takes_back_what_is_typed_and_then_one_condition_after_the_other(
    view: StreamTab, session: FakeHistory, qtbot: QtBot, where: str
) -> None:
    put_cities(session, 4)
    go_live(view, session, qtbot)
    view.bar.filter.click()
    bar = view.filtering.bar
    type_filter(view, "type", "Moved")
    qtbot.waitUntil(lambda: len(view.model.events) == 2)
    type_filter(view, "text", "Bergen")
    bar.field.setText("Meas")
    press_key(bar.field, Qt.Key.Key_Escape)
    assert (bar.field.text(), len(bar.chips)) == ("", 2)
    press_key(bar.field if where == "field" else view.table, Qt.Key.Key_Escape)
    assert [chip.text for chip in bar.chips] == ["Moved"], "the newest goes first"
    assert bar.isVisible()
    qtbot.waitUntil(lambda: len(view.model.events) == 2)
    press_key(bar.field if where == "field" else view.table, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert not view.filtering.is_on
    qtbot.waitUntil(lambda: revisions(view) == (0, 3))


def test_where_nothing_is_found_it_says_in_which_stream_and_offers_all_of_them(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    put_cities(session, 3)
    show(view, "weather", qtbot)
    assert view.filtering.ask_for_text()
    assert "this stream only" in view.filtering.bar.field.placeholderText()
    type_filter(view, "text", "Nowhere")
    qtbot.waitUntil(lambda: view.filtering.everywhere.isVisible())
    assert view.message.text() == "Nothing in weather is what the filter wants."
    assert "0 events found" in view.filtering.bar.said.text()
    wanted: list[object] = []
    view.filtering.everywhere_wanted.connect(wanted.append)
    view.filtering.everywhere.click()
    assert wanted == [(FilterChip("text", "Nowhere"),)]
    show(view, "nowhere", qtbot)
    qtbot.waitUntil(lambda: "nowhere" in view.message.text())
    assert not view.filtering.everywhere.isVisible(), "where nothing is looked for"
    show(view, "$all", qtbot)
    assert view.filtering.ask_for_text()
    assert "only" not in view.filtering.bar.field.placeholderText()
    type_filter(view, "text", "Nowhere")
    qtbot.waitUntil(lambda: view.message.text() == "Nothing in $all is what the filter wants.")
    assert not view.filtering.everywhere.isVisible()


def test_a_long_name_shows_its_front_and_a_long_sentence_is_whole(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    name = "warehouse-0f0c2a0e-6d3c-4c62-8c58-000000000001-of-the-north"
    session.add(name, recorded(name, 0), known=False)
    view.resize(420, 420)
    show(view, name, qtbot)
    assert (view.bar.field.cursorPosition(), view.bar.field.toolTip()) == (0, name)
    view.bar.filter.click()
    view.filtering.bar.say("5 events found · 2,500 looked at, from the newest backwards · these are all · " * 2)
    said = view.filtering.bar.said
    qtbot.waitUntil(lambda: said.height() >= said.heightForWidth(said.width()) > 2 * said.fontMetrics().height())


def test_streams_and_expressions_are_chips_and_the_view_says_who_chose(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    for stream in ("order-17", "order-18", "invoice-17"):
        session.add(
            stream, recorded(stream, 0, "Placed"), recorded(stream, 1, "Paid", data=b'{"to": "Oslo"}'), known=False
        )
    show(view, "$all", qtbot)
    view.bar.filter.click()
    said, session.chosen_by = view.filtering.bar.said, ChosenBy.SERVER
    type_filter(view, "stream", "order-*")
    qtbot.waitUntil(lambda: said.text() == "4 events found · chosen by the server · these are all")
    type_filter(view, "stream expression", "^inv.*7$")
    qtbot.waitUntil(lambda: said.text().startswith("6 events found · chosen by the server"))
    session.chosen_by = ChosenBy.NARROWED
    type_filter(view, "type expression", "(?i)^PA")
    qtbot.waitUntil(lambda: said.text().startswith("3 events found · 6 that the server chose looked at"))
    assert {(event.stream, event.type) for event in view.model.events} == {
        (stream, "Paid") for stream in ("order-17", "order-18", "invoice-17")
    }
    shown = ["Stream: order-*  ✕", "Stream matches: ^inv.*7$  ✕", "Type matches: (?i)^PA  ✕"]
    qtbot.waitUntil(lambda: set(shown) <= set(chips(view)))


def test_an_index_counts_all_hits_behind_the_first_page(view: StreamTab, session: FakeHistory, qtbot: QtBot) -> None:
    put_cities(session, 900)
    session.add("other", recorded("other", 0, "Moved"), known=False)
    session.chosen_by = ChosenBy.INDEX
    show(view, "$all", qtbot)
    view.filtering.put("type", "Moved")
    said = view.filtering.bar.said
    qtbot.waitUntil(lambda: said.text() == "100 of 451 events found · found in the index")
    view.filtering.bar.more.click()
    qtbot.waitUntil(lambda: said.text().startswith("200 of 451 events found"))
    view.filtering.bar.put(FilterChip("type expression", "^Other$"))
    view.filtering.bar.put(FilterChip("since", "2999-01-01"))
    qtbot.waitUntil(lambda: said.text().startswith("0 events found"))


def test_many_hits_come_a_hundred_at_a_time_and_a_hidden_view_looks_no_further(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    put_cities(session, 2500)
    show(view, "weather", qtbot)
    view.filtering.put("type", "Moved")
    qtbot.waitUntil(lambda: len(view.model.events) == 100 and not view.filtering.reader.state.busy)
    assert revisions(view) == (2300, 2498)
    assert view.filtering.bar.more.isVisible()
    view.bar.older.click()
    qtbot.waitUntil(lambda: len(view.model.events) == 200)
    assert revisions(view) == (2100, 2498)
    session.held = True
    view.filtering.bar.more.click()
    assert view.filtering.bar.stop.isVisible()
    view.hide()
    session.release()
    QApplication.processEvents()
    assert len(view.model.events) == 200
    view.show()
    qtbot.waitUntil(lambda: len(view.model.events) == 300)


def test_types_have_marks_that_stay_and_names_that_somebody_gives(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    put_cities(session, 3)
    show(view, "weather", qtbot)
    icon = view.model.index(0, TYPE).data(Qt.ItemDataRole.DecorationRole)
    other = view.model.index(1, TYPE).data(Qt.ItemDataRole.DecorationRole)
    assert not icon.isNull()
    assert icon.pixmap(16).toImage() != other.pixmap(16).toImage()
    view.copying.rename(0)
    asking = view.findChild(QInputDialog)
    assert isinstance(asking, QInputDialog)
    asking.setTextValue("Went elsewhere")
    asking.accept()
    assert text_of(view, 0, TYPE) == "Went elsewhere"
    assert text_of(view, 1, TYPE) == "Measured"
    chips = legend_of(view, qtbot, 2)
    assert [chip.text() for chip in chips] == ["Went elsewhere 2", "Measured 1"]
    chips[0].click()
    qtbot.waitUntil(lambda: [event.revision for event in view.model.events] == [0, 2])


def legend_of(view: StreamTab, qtbot: QtBot, count: int) -> list[QToolButton]:
    qtbot.waitUntil(lambda: sum(chip.isVisible() for chip in view.legend.buttons) == count)
    return view.legend.buttons


def test_the_legend_shows_one_type_alone_then_others_too_and_then_all(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    events = [recorded("weather", number, ("Moved", "Measured", "Closed")[number % 3]) for number in range(9)]
    session.add("weather", *events[:8], known=False)
    show(view, "weather", qtbot)
    moved, measured, closed = legend_of(view, qtbot, 3)
    assert moved.text() in ("Moved 3", "Measured 3")
    first, second = moved.text().split()[0], measured.text().split()[0]

    def places() -> list[QPoint]:
        QApplication.processEvents()
        return [chip.mapTo(view, QPoint()) for chip in (moved, measured, closed)]

    before = places()
    moved.click()
    qtbot.waitUntil(lambda: {event.type for event in view.model.events} == {first})
    qtbot.waitUntil(lambda: moved.isChecked() and not measured.isChecked())
    assert "these are all" in view.filtering.bar.said.text(), "it says by whom, and how far"
    assert measured.isVisible(), "what is left out can be taken in again"
    assert view.filtering.bar.isVisible()
    assert places() == before, "nothing moves from under the pointer"
    measured.click()
    qtbot.waitUntil(lambda: {event.type for event in view.model.events} == {first, second})
    moved.click()
    measured.click()
    qtbot.waitUntil(lambda: len(view.model.events) == 8)
    assert not view.filtering.bar.isVisible()


def test_a_double_click_on_the_legend_renames_a_type_and_filters_nothing(
    view: StreamTab, session: FakeHistory, qtbot: QtBot
) -> None:
    put_cities(session, 3)
    show(view, "weather", qtbot)
    chip = legend_of(view, qtbot, 2)[0]
    double_click(chip, chip.rect().center())
    asking = view.findChild(QInputDialog)
    assert isinstance(asking, QInputDialog)
    asking.setTextValue("Went elsewhere")
    asking.accept()
    qtbot.waitUntil(lambda: chip.text() == "Went elsewhere 2")
    assert text_of(view, 0, TYPE) == "Went elsewhere"
    qtbot.waitUntil(lambda: len(view.model.events) == 3)
    assert not view.filtering.is_on


def test_types_for_which_there_is_no_room_are_in_a_menu(view: StreamTab, session: FakeHistory, qtbot: QtBot) -> None:
    events = [recorded("weather", number, f"SomethingOfKind{number}Happened") for number in range(30)]
    session.add("weather", *events, known=False)
    show(view, "weather", qtbot)
    qtbot.waitUntil(lambda: view.legend.more.isVisible())
    seen = [chip for chip in view.legend.buttons if chip.isVisible()]
    assert len(seen) + len(view.legend.others.actions()) == 30
    assert all(view.legend.rect().contains(chip.geometry()) for chip in seen)
    view.legend.others.actions()[-1].trigger()
    qtbot.waitUntil(lambda: len(view.model.events) == 1)


def test_what_comes_live_is_filtered_too(view: StreamTab, session: FakeHistory, qtbot: QtBot) -> None:
    put_cities(session, 10)
    go_live(view, session, qtbot)
    view.filtering.put("type", "Moved")
    qtbot.waitUntil(lambda: len(view.model.events) == 5)
    session.tail.say(recorded("weather", 10, "Moved"), recorded("weather", 11, "Measured"))
    qtbot.waitUntil(lambda: revisions(view) == (0, 10))
    assert len(view.model.events) == 6


@pytest.mark.parametrize(
    ("source", "kind", "text", "said"),
    [
        ("weather", "path", "city is Oslo", "is no condition"),
        ("weather", "since", "soon", "is no moment"),
        ("$all", "stream", "^order-.*7$", "choose Stream matches for it"),
        ("$all", "type", "^Order", "choose Type matches for it"),
        ("$all", "type expression", "^Order(", "is no regular expression: missing ), unterminated subpattern"),
        ("$all", "stream expression", "(a+)+", "can take for ever"),
        ("book-*", "changed", "$.city", "within one stream only"),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_is_filtered(
    view: StreamTab, session: FakeHistory, qtbot: QtBot, source: str, kind: str, text: str, said: str
) -> None:
    put_cities(session, 3)
    session.add("book-1", recorded("book-1", 0), known=False)
    show(view, source, qtbot)
    view.bar.filter.click()
    type_filter(view, kind, text)
    assert said in view.filtering.bar.said.text()
    assert not view.filtering.is_on
    assert view.filtering.bar.field.text() == text
