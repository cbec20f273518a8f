"""The Streams place: the explorer at the left, and tabs that can be torn off and are remembered."""

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QPoint, Qt
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from desk.cqrs.errors import StoreUnavailable
from desk.gui.streams.explorer import LISTED
from desk.gui.streams.panel import StreamsPanel
from tests.gui.timeline.fake_history import FakeHistory, recorded

CONTROL = Qt.KeyboardModifier.ControlModifier


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
    read_again(panel, qtbot, 7)
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
    read_again(panel, qtbot, 7)
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
    assert first.table.currentIndex().row() == 7
    qtbot.keyClick(first.table, Qt.Key.Key_W, CONTROL)
    assert names_of(panel) == ["rain"]
    panel.close_tab(0)
    assert names_of(panel) == ["New tab"]
    assert panel.view.name == ""


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


def test_favourites_and_open_tabs_are_kept_by_store(panel: StreamsPanel, session: FakeHistory, qtbot: QtBot) -> None:
    session.add("weather", recorded("weather", 0), known=False)
    panel.open_source("weather")
    panel.open_beside("book-*")
    panel.kept.set_favourite("weather", favourite=True)
    assert texts(panel.explorer.favourites) == ["weather"]
    assert texts(panel.explorer.looked_at) == ["book-*", "weather"]
    saved = panel.save_state()
    other = StreamsPanel(panel.workspace)
    qtbot.addWidget(other)
    other.restore_state(saved)
    assert sorted(view.name for view in other.views) == ["book-*", "weather"]
    assert other.kept.favourites == ["weather"]
    other.restore_state(QByteArray(b"nonsense"))
    assert other.kept.favourites == ["weather"]
    other.stop()
    elsewhere = QByteArray(bytes(saved.data()).replace(b'"embedded"', b'"elsewhere:2113"'))
    third = StreamsPanel(panel.workspace)
    qtbot.addWidget(third)
    third.restore_state(elsewhere)
    assert third.kept.favourites == []
    assert b"elsewhere:2113" in bytes(third.save_state().data())
    third.stop()


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
