"""What of a history is shown: kinds that are left out, a pinned field, lanes; the legend says and does it."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from pytestqt.qtbot import QtBot

from desk.application.command_events import ChangeKind
from desk.application.timeline.lanes import LaneBy
from desk.gui.timeline.panel import HistoryPanel
from desk.gui.timeline.tabs.change import ChangeTab
from tests.gui.timeline.fake_history import FakeHistory, recorded
from tests.gui.timeline.hands import press_key

TYPES = ("BookCreated", "CopyAdded", "CopyLent", "CopyReturned")
STREAM = "book-1"


def shown(qtbot: QtBot, session: FakeHistory, make_panel: Callable[[], HistoryPanel], count: int = 12) -> HistoryPanel:
    """A panel that shows so many events, with the playhead at the newest."""
    session.add(STREAM, *(recorded(STREAM, number, TYPES[number % 4]) for number in range(count)))
    session.touches = {"title": (0, 4, 8), "copies/1/state": (1, 2, 3), "copies/1/due_on": (2,), "holds/x/state": (5,)}
    panel = make_panel()
    panel.show_stream(STREAM)
    qtbot.waitUntil(lambda: bool(session.tails) and panel.revision == count - 1)
    return panel


def revisions(panel: HistoryPanel) -> list[int]:
    return panel.model.history.revisions.tolist()


def test_the_legend_says_how_often_each_kind_occurs_and_a_click_leaves_it_out(
    qtbot: QtBot, session: FakeHistory, make_panel: Callable[[], HistoryPanel]
) -> None:
    panel = shown(qtbot, session, make_panel)
    legend = panel.legend
    assert legend.accessibleDescription() == "Created 3, Added 3, Lent 3, Returned 3"
    assert [kind for kind in ChangeKind if not legend.kinds[kind].isHidden()] == [
        ChangeKind.CREATED, ChangeKind.ADDED, ChangeKind.LENT, ChangeKind.RETURNED,
    ]  # fmt: skip
    legend.kinds[ChangeKind.RETURNED].click()
    assert revisions(panel) == [0, 1, 2, 4, 5, 6, 8, 9, 10]
    assert panel.table.model().rowCount() == 9
    assert panel.revision == 10, "the playhead goes to the event shown before it"
    assert "9 of 12 events" in panel.header.state.text()
    assert legend.accessibleDescription() == "Created 3, Added 3, Lent 3, Returned 3"
    assert legend.kinds[ChangeKind.RETURNED].font().strikeOut()
    assert not legend.kinds[ChangeKind.LENT].font().strikeOut()
    panel.canvas.grab()
    assert sum(mark.count for mark in panel.canvas.scene.marks) == 9
    legend.kinds[ChangeKind.RETURNED].click()
    assert len(revisions(panel)) == 12
    legend.setFixedWidth(legend.lanes.sizeHint().width() + legend.field.sizeHint().width() + 4 * 28 + 18)
    QCoreApplication.sendPostedEvents()
    assert legend.lanes.width() >= legend.lanes.sizeHint().width(), "shapes give way, words do not"


def test_where_all_kinds_are_left_out_the_axis_is_empty_and_comes_back(
    qtbot: QtBot, session: FakeHistory, make_panel: Callable[[], HistoryPanel]
) -> None:
    panel = shown(qtbot, session, make_panel)
    kinds = (ChangeKind.CREATED, ChangeKind.ADDED, ChangeKind.LENT, ChangeKind.RETURNED)
    for kind in kinds:
        panel.legend.kinds[kind].click()
    panel.canvas.grab()
    assert revisions(panel) == []
    assert panel.parts.isVisible(), "the legend is still there, to show them again"
    for kind in kinds:
        panel.legend.kinds[kind].click()
    assert len(revisions(panel)) == 12


def test_what_arrives_while_kinds_are_left_out_is_shown_if_it_is_of_another_kind(
    qtbot: QtBot, session: FakeHistory, make_panel: Callable[[], HistoryPanel]
) -> None:
    panel = shown(qtbot, session, make_panel)
    panel.legend.kinds[ChangeKind.RETURNED].click()
    session.tail.say(recorded(STREAM, 12, "CopyReturned"), recorded(STREAM, 13, "CopyLent"))
    qtbot.waitUntil(lambda: len(panel.model.full) == 14)
    assert revisions(panel)[-2:] == [10, 13]
    panel.legend.kinds[ChangeKind.RETURNED].click()
    assert revisions(panel)[-3:] == [11, 12, 13]


def test_a_pinned_field_leaves_the_events_that_touched_it_and_n_walks_through_them(
    qtbot: QtBot, session: FakeHistory, make_panel: Callable[[], HistoryPanel]
) -> None:
    panel = shown(qtbot, session, make_panel)
    panel.filter.pin("copies/1")
    qtbot.waitUntil(lambda: revisions(panel) == [1, 2, 3])
    assert panel.legend.field.text() == "Copy 1"
    for key, modifier, revision in (
        (Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier, 2),
        (Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier, 1),
        (Qt.Key.Key_N, Qt.KeyboardModifier.NoModifier, 2),
    ):
        press_key(panel.canvas, key, modifier)
        assert panel.revision == revision
    panel.filter.pin("title")
    qtbot.waitUntil(lambda: revisions(panel) == [0, 4, 8])
    assert panel.revision == 0, "where one was, or before it"
    session.touches["title"] = (0, 4, 8, 12)
    session.tail.say(recorded(STREAM, 12, "BookDetailsCorrected"))
    qtbot.waitUntil(lambda: revisions(panel) == [0, 4, 8, 12])
    panel.filter.pin("")
    assert len(revisions(panel)) == 13


def test_a_field_that_nothing_touched_is_said_and_nothing_is_hidden(
    qtbot: QtBot, session: FakeHistory, make_panel: Callable[[], HistoryPanel]
) -> None:
    panel = shown(qtbot, session, make_panel)
    said: list[str] = []
    panel.workspace.said.connect(said.append)
    panel.filter.pin("publisher")
    qtbot.waitUntil(lambda: bool(said))
    assert said == ["No event of this stream touched that field."]
    assert len(revisions(panel)) == 12
    press_key(panel.canvas, Qt.Key.Key_N)
    assert said[-1].startswith("No field is pinned")


def test_the_menu_of_fields_offers_those_that_were_touched(
    qtbot: QtBot, session: FakeHistory, make_panel: Callable[[], HistoryPanel]
) -> None:
    panel = shown(qtbot, session, make_panel)
    menu = panel.legend.field.menu()
    menu.aboutToShow.emit()
    qtbot.waitUntil(lambda: [action.text() for action in menu.actions()][2:] == ["title", "Copy 1", "Holds"])
    menu.actions()[3].trigger()
    qtbot.waitUntil(lambda: revisions(panel) == [1, 2, 3])


def test_another_stream_is_shown_whole(
    qtbot: QtBot, session: FakeHistory, make_panel: Callable[[], HistoryPanel]
) -> None:
    panel = shown(qtbot, session, make_panel)
    panel.legend.kinds[ChangeKind.LENT].click()
    session.add("book-2", *(recorded("book-2", number, "CopyLent") for number in range(4)))
    panel.show_stream("book-2")
    qtbot.waitUntil(lambda: panel.model.full.stream == "book-2" and len(panel.model.history) == 4)
    assert not panel.legend.kinds[ChangeKind.LENT].font().strikeOut()


def test_older_pages_come_in_front_while_kinds_are_left_out(
    qtbot: QtBot, session: FakeHistory, make_panel: Callable[[], HistoryPanel]
) -> None:
    session.add(STREAM, *(recorded(STREAM, number, TYPES[number % 4]) for number in range(1100)), known=False)
    panel = make_panel()
    panel.show_stream(STREAM)
    qtbot.waitUntil(lambda: panel.model.full.stream == STREAM)
    assert len(panel.model.full) < 1100
    panel.filter.toggle(ChangeKind.LENT)
    qtbot.waitUntil(lambda: len(panel.model.full) == 1100 and not panel.loader.state.busy)
    assert revisions(panel) == [
        number for number in range(1100) if number % 4 != 2 or ChangeKind.LENT not in panel.filter.hidden
    ]


def test_lanes_are_chosen_by_menu_and_remembered(
    qtbot: QtBot, session: FakeHistory, make_panel: Callable[[], HistoryPanel]
) -> None:
    panel = shown(qtbot, session, make_panel)
    panel.legend.lane_actions[LaneBy.FIELD].trigger()
    panel.canvas.grab()
    assert [lane.name for lane in panel.canvas.scene.lanes] == ["catalogue", "copies", "loans"]
    assert panel.legend.lanes.text() == "Lanes by field"
    state = panel.save_state()
    other = make_panel()
    other.restore_state(state)
    assert other.canvas.wish.lanes is LaneBy.FIELD


def test_p_in_the_tab_of_changes_leaves_the_events_that_touched_the_chosen_field_and_again_shows_all(
    qtbot: QtBot, session: FakeHistory, make_panel: Callable[[], HistoryPanel]
) -> None:
    panel = shown(qtbot, session, make_panel)
    changes = panel.inspector.tab_of(ChangeTab).table
    qtbot.waitUntil(lambda: changes.fields.rowCount() == 2)
    changes.setFocus()
    changes.selectRow(1)
    qtbot.keyClick(changes, Qt.Key.Key_P)
    qtbot.waitUntil(lambda: panel.filter.pinned == "copies/1/state")
    assert revisions(panel) == [1, 2, 3]
    qtbot.keyClick(panel.canvas, Qt.Key.Key_P)
    qtbot.waitUntil(lambda: len(panel.model.history) == 12)
    menu = panel.inspector.tab_of(ChangeTab).menu_at(0)
    menu.actions()[-1].trigger()
    qtbot.waitUntil(lambda: panel.filter.pinned == "title")
    assert revisions(panel) == [0, 4, 8]
