"""Moving through a history: buttons, fields, keys, the mark, playing; and the form that brings a value back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from desk.application.queries import GetInspection
from desk.cqrs.store import Recorded
from desk.domain.streams import book_stream
from desk.gui.frame.workspace import BookCorrection
from desk.gui.timeline.panel import HistoryPanel
from desk.gui.timeline.playback import PACES, PlayPace
from desk.gui.timeline.tabs.change import ChangeTab
from desk.gui.timeline.tabs.event import EventTab
from desk.gui.timeline.tabs.state import StateTab
from desk.gui.widgets.flash import Flash
from tests.gui.timeline.fake_history import BEGIN, FakeHistory, recorded
from tests.gui.timeline.hands import click, leave, point, press_key

BOOK = book_stream(uuid4())
Make = Callable[[], HistoryPanel]
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def panel(make_panel: Make, session: FakeHistory, qtbot: QtBot) -> HistoryPanel:
    """A panel that shows ten events, a day apart, and follows them."""
    session.add(BOOK, *(recorded(BOOK, revision) for revision in range(10)))
    panel = make_panel()
    panel.workspace.look_at(BOOK, title="The Hobbit")
    qtbot.waitUntil(lambda: bool(session.tails) and panel.revision == 9)
    return panel


def type_into(panel: HistoryPanel, field: str, text: str) -> None:
    edit = getattr(panel.transport, field)
    edit.setFocus()
    edit.setText(text)
    press_key(edit, Qt.Key.Key_Return)


def test_the_buttons_move_the_playhead_and_know_where_there_is_nothing_more(panel: HistoryPanel) -> None:
    bar = panel.transport
    assert not bar.next.isEnabled()
    assert not bar.last.isEnabled()
    bar.previous.click()
    assert panel.revision == 8
    bar.first.click()
    assert panel.revision == 0
    assert not bar.first.isEnabled()
    assert not bar.previous.isEnabled()
    bar.next.click()
    assert panel.revision == 1
    bar.last.click()
    assert panel.revision == 9
    assert bar.count.text() == "of 9"


def test_a_revision_can_be_typed_and_a_bad_one_gets_a_sentence_beside_it(panel: HistoryPanel) -> None:
    type_into(panel, "revision", "4")
    assert panel.revision == 4
    type_into(panel, "revision", "44")
    assert panel.revision == 4
    assert panel.transport.revision.text() == "44", "what was typed stays"
    assert panel.transport.remark.toolTip() == "There is no revision 44 here. Type a number from 0 to 9."
    assert panel.transport.remark.text().startswith("There is no revision 44")
    type_into(panel, "revision", "5")
    assert panel.transport.remark.text() == ""


def test_a_moment_can_be_typed_and_means_the_last_event_at_or_before_it(panel: HistoryPanel) -> None:
    local = BEGIN.astimezone() + timedelta(days=3, hours=2)
    type_into(panel, "moment", local.strftime("%Y-%m-%d %H:%M"))
    assert panel.revision == 3
    assert panel.transport.moment.text().startswith((BEGIN.astimezone() + timedelta(days=3)).strftime("%Y-%m-%d %H:"))
    type_into(panel, "moment", "some day")
    assert panel.transport.remark.toolTip().startswith("“some day” is no moment.")
    type_into(panel, "moment", "2020-01-01")
    assert panel.transport.remark.toolTip().startswith("The stream begins later: 2025-09-03")
    assert panel.revision == 3
    type_into(panel, "moment", "now")
    assert panel.revision == 9


def test_the_playhead_follows_what_is_new_unless_that_was_switched_off(
    panel: HistoryPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    assert panel.transport.follow.isChecked()
    press_key(panel.canvas, Qt.Key.Key_F)
    assert not panel.transport.follow.isChecked()
    session.tail.say(recorded(BOOK, 10))
    qtbot.waitUntil(lambda: panel.model.rowCount() == 11)
    assert panel.revision == 9
    assert panel.header.newest.text() == "1 new"
    press_key(panel.canvas, Qt.Key.Key_F)
    assert panel.revision == 10
    panel.controller.go(3)
    assert not panel.transport.follow.isChecked()


@pytest.mark.parametrize("where", ["canvas", "table"])
def test_the_letters_work_on_axis_and_table_alike(panel: HistoryPanel, where: str, qtbot: QtBot) -> None:
    widget = getattr(panel, where)
    widget.setFocus()
    for key, revision in ((Qt.Key.Key_J, 8), (Qt.Key.Key_K, 9), (Qt.Key.Key_Home, 0), (Qt.Key.Key_End, 9)):
        press_key(widget, key)
        assert panel.revision == revision
    for key, kind in ((Qt.Key.Key_S, StateTab), (Qt.Key.Key_E, EventTab), (Qt.Key.Key_D, ChangeTab)):
        press_key(widget, key)
        assert panel.inspector.tab_of(kind).isVisible()
    press_key(widget, Qt.Key.Key_G)
    assert panel.focusWidget() is panel.transport.revision


def test_ctrl_and_an_arrow_walk_from_command_to_command(make_panel: Make, session: FakeHistory, qtbot: QtBot) -> None:
    events = [recorded(BOOK, revision) for revision in range(6)]
    same = [events[0], events[1], *(_as_one(events[1], event) for event in events[2:4]), *events[4:]]
    session.add(BOOK, *same)
    panel = make_panel()
    panel.show_stream(BOOK)
    qtbot.waitUntil(lambda: panel.revision == 5)
    seen = []
    for _ in range(4):
        press_key(panel.canvas, Qt.Key.Key_Left, CTRL)
        seen.append(panel.revision)
    assert seen == [4, 1, 0, 0]
    press_key(panel.canvas, Qt.Key.Key_Right, CTRL)
    press_key(panel.canvas, Qt.Key.Key_Right, CTRL)
    assert panel.revision == 4


def _as_one(first: Recorded, event: Recorded) -> Recorded:
    """The event as one of the other's command."""
    return replace(event, metadata=first.metadata)


def test_a_mark_has_every_tab_show_what_lies_between(panel: HistoryPanel, session: FakeHistory, qtbot: QtBot) -> None:
    panel.controller.go(6)
    press_key(panel.canvas, Qt.Key.Key_C)
    panel.controller.go(2)
    asked = [query for query in session.asked if isinstance(query, GetInspection)]
    qtbot.waitUntil(lambda: GetInspection(BOOK, 6, 2) in session.asked)
    assert asked
    assert panel.transport.compared.text().startswith("r2 … r6")
    assert panel.canvas.grab()
    press_key(panel.canvas, Qt.Key.Key_C)
    assert panel.controller.mark == 2
    assert not panel.transport.compared.isVisible()
    press_key(panel.canvas, Qt.Key.Key_C)
    assert panel.controller.mark is None
    assert not panel.workspace.escape(), "nothing is left to end"
    press_key(panel.canvas, Qt.Key.Key_C)
    assert panel.workspace.escape()
    assert panel.controller.mark is None


def test_shift_and_a_click_set_the_mark_and_shift_and_an_arrow_grow_what_is_compared(panel: HistoryPanel) -> None:
    panel.canvas.grab()
    mark = panel.canvas.scene.marks[3]
    QTest.mouseClick(panel.canvas, Qt.MouseButton.LeftButton, SHIFT, QPoint(round(mark.x), 60))
    assert (panel.controller.mark, panel.revision) == (3, 9)
    panel.controller.set_mark(None)
    panel.controller.go(5)
    press_key(panel.canvas, Qt.Key.Key_Right, SHIFT)
    press_key(panel.canvas, Qt.Key.Key_Right, SHIFT)
    span = panel.controller.span
    assert span is not None
    assert (span.since, span.revision) == (5, 7)


def test_escape_takes_back_playing_then_the_mark_then_the_past_and_then_nothing(panel: HistoryPanel) -> None:
    panel.controller.go(4)
    panel.controller.toggle_mark()
    panel.controller.go(5)
    panel.playback.toggle()
    press_key(panel.canvas, Qt.Key.Key_Escape)
    assert not panel.playback.plays
    press_key(panel.canvas, Qt.Key.Key_Escape)
    assert panel.controller.mark is None
    assert panel.revision == 5
    press_key(panel.canvas, Qt.Key.Key_Escape)
    assert panel.revision == 9
    assert panel._go_back() is False


def test_a_click_on_who_set_a_field_goes_there_and_back_leads_back(panel: HistoryPanel, qtbot: QtBot) -> None:
    table = panel.inspector.tab_of(ChangeTab).table
    qtbot.waitUntil(lambda: table.model().rowCount() == 2)
    assert table.model().index(0, 3).data() == "r0 ben"
    rect = table.visualRect(table.model().index(0, 3))
    click(table.viewport(), rect.center())
    assert panel.revision == 0
    panel.workspace.go_back()
    assert panel.revision == 9


def test_an_earlier_value_is_wanted_back_and_of_copies_it_is_said_which_command_would_change_them(
    panel: HistoryPanel, qtbot: QtBot
) -> None:
    wanted: list[object] = []
    said: list[str] = []
    panel.workspace.correction_wanted.connect(wanted.append)
    panel.workspace.said.connect(said.append)
    table = panel.inspector.tab_of(ChangeTab).table
    qtbot.waitUntil(lambda: table.model().rowCount() == 2)
    menu: QMenu = panel.inspector.tab_of(ChangeTab).menu_at(0)
    menu.actions()[0].trigger()
    (correction,) = wanted
    assert isinstance(correction, BookCorrection)
    assert book_stream(correction.book_id) == BOOK
    assert dict(correction.values) == {"title": "The Hobit, or there and back"}
    panel.inspector.value_wanted.emit("copies/2/state", "available")
    assert said == ["Copies change by commands of their own: Return would make copy 2 available."]
    assert len(wanted) == 1


def test_the_state_folds_what_an_event_left_alone_and_keeps_what_was_unfolded(
    panel: HistoryPanel, qtbot: QtBot
) -> None:
    tree = panel.inspector.tab_of(StateTab).tree
    panel.inspector.setCurrentIndex(1)
    qtbot.waitUntil(lambda: tree.topLevelItemCount() == 3)
    tops = [tree.topLevelItem(number) for number in range(3)]
    assert [item.text(0) for item in tops if item] == ["title", "Copy 1: state", "Unchanged (2)"]
    folded = tops[2]
    assert folded is not None
    assert not folded.isExpanded()
    folded.setExpanded(True)
    panel.controller.go(4)
    qtbot.waitUntil(lambda: tree.topLevelItemCount() == 3)
    again = tree.topLevelItem(2)
    assert again is not None
    assert again.isExpanded()
    title, state = tree.topLevelItem(0), tree.topLevelItem(1)
    assert title is not None
    assert state is not None
    tree.setCurrentItem(title)
    assert panel.inspector.tab_of(StateTab).back.isVisible()
    tree.setCurrentItem(state)
    assert not panel.inspector.tab_of(StateTab).back.isVisible()
    assert "Return would make copy 1 available" in panel.inspector.tab_of(StateTab).why.text()


def test_pointing_at_an_event_says_what_it_changed_and_moves_nothing(
    panel: HistoryPanel, session: FakeHistory, qtbot: QtBot
) -> None:

    def says_more() -> bool:
        panel.canvas.grab()
        mark = panel.canvas.scene.marks[2]  # what is still to come makes room for itself when it is known
        point(panel.canvas, QPoint(round(mark.x), round(mark.y)))
        return panel.canvas._overlay().said != ()

    qtbot.waitUntil(says_more)
    said = panel.canvas._overlay().said
    assert said[0].startswith("title: The Hobit, or there and back → The Hobbit")
    assert panel.revision == 9
    panel.canvas.grab()
    leave(panel.canvas)
    assert panel.canvas._overlay().said == ()


def test_playing_steps_to_the_end_and_stops_and_from_the_end_begins_anew(panel: HistoryPanel, qtbot: QtBot) -> None:
    panel.playback.set_pace(PlayPace(steps=20.0))
    panel.controller.go(7)
    seen: list[int | None] = []
    panel.controller.moved.connect(lambda: seen.append(panel.revision))
    press_key(panel.canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not panel.playback.plays)
    assert seen == [8, 9]
    press_key(panel.canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: len(seen) >= 4)
    assert seen[2:4] == [0, 1]
    press_key(panel.canvas, Qt.Key.Key_Space)
    assert not panel.playback.plays


def test_playing_goes_round_between_the_mark_and_the_playhead_both_ways(panel: HistoryPanel, qtbot: QtBot) -> None:
    panel.playback.set_pace(PlayPace(steps=20.0))
    panel.controller.go(3)
    panel.controller.toggle_mark()
    panel.controller.go(5)
    press_key(panel.canvas, Qt.Key.Key_L)
    seen: list[int | None] = []
    panel.controller.moved.connect(lambda: seen.append(panel.revision))
    panel.playback.toggle()
    qtbot.waitUntil(lambda: len(seen) >= 5)
    panel.playback.toggle_direction()
    seen.clear()
    qtbot.waitUntil(lambda: len(seen) >= 4)
    panel.playback.stop()
    assert set(seen) <= {3, 4, 5}
    assert set(pairwise(seen)) <= {(5, 4), (4, 3), (3, 5)}


def test_time_is_played_faster_and_a_long_pause_is_cut_and_said(panel: HistoryPanel, qtbot: QtBot) -> None:
    said: list[str] = []
    panel.playback.skipped.connect(said.append)
    panel.controller.go(2)
    panel.playback.set_pace(PlayPace(factor=1000.0))
    panel.playback.toggle()
    assert said == ["skipping 1 day"]
    assert panel.playback._timer.interval() == 1500
    assert panel.transport.remark.text() == "skipping 1 day"
    panel.playback.stop()
    assert panel.transport.remark.text() == ""


def test_the_pace_goes_from_half_a_step_to_twenty_in_a_second(panel: HistoryPanel) -> None:
    for _ in range(20):
        press_key(panel.canvas, Qt.Key.Key_Comma)
    assert panel.playback.pace == PACES[0] == PlayPace(steps=0.5)
    for _ in range(20):
        press_key(panel.canvas, Qt.Key.Key_Period)
    assert panel.playback.pace == PlayPace(steps=20.0)
    assert panel.transport.pace.currentText() == "20/s"


def test_another_stream_ends_playing_and_takes_the_mark_away(
    panel: HistoryPanel, session: FakeHistory, qtbot: QtBot
) -> None:
    panel.controller.go(2)
    panel.controller.toggle_mark()
    panel.playback.toggle()
    session.add("book-2", recorded("book-2", 0))
    panel.show_stream("book-2")
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1)
    assert not panel.playback.plays
    assert panel.controller.mark is None
    assert panel.controller.follows


def test_what_is_played_is_tinted_for_a_moment_in_table_and_tab_and_told_to_the_card(
    panel: HistoryPanel, qtbot: QtBot
) -> None:
    told: list[object] = []
    panel.workspace.fields_changed.connect(told.append)
    panel.controller.go(2)
    qtbot.wait(50)
    assert not told, "who walks sees for himself what changed"
    panel.playback.set_pace(PlayPace(steps=2.0))
    panel.playback.toggle()
    tinted = (panel.table.viewport(), panel.inspector.tab_of(ChangeTab).table.viewport())
    qtbot.waitUntil(lambda: all(widget.findChildren(Flash) for widget in tinted))
    assert told[0] == {"title", "copies/1/state"}
    panel.playback.stop()
    qtbot.waitUntil(lambda: not any(widget.findChildren(Flash) for widget in tinted))


def test_with_reduced_motion_the_tint_stands_still_and_goes(panel: HistoryPanel, qtbot: QtBot) -> None:
    still = Flash(panel.table, still=True)
    before = still._strength
    qtbot.wait(200)
    assert still._strength == before
    qtbot.waitUntil(lambda: not panel.table.findChildren(Flash))


def test_in_little_room_the_line_leaves_out_what_matters_least_and_keys_bring_its_fields_back(
    panel: HistoryPanel, qtbot: QtBot
) -> None:
    bar = panel.transport
    assert bar.minimumSizeHint().width() <= 200
    bar.setFixedWidth(300)
    qtbot.waitUntil(lambda: not bar.pace.isVisible())
    assert bar.play.isVisible()
    assert bar.revision.isVisible()
    assert not bar.moment.isVisible()
    panel.setFocus()
    press_key(panel.canvas, Qt.Key.Key_T)
    assert bar.moment.isVisible()
    assert bar.moment.hasFocus()
    bar.setFixedWidth(900)
    qtbot.waitUntil(lambda: bar.pace.isVisible() and bar.moment.isVisible())
