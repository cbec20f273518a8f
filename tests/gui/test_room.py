"""The window stays as large as it is asked to be, at every text size, and all that is in it can be reached."""

from collections.abc import Callable
from functools import partial
from itertools import product

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFontInfo
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QDockWidget,
    QLabel,
    QMainWindow,
    QMenu,
    QTabBar,
    QToolBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desk.application.catalogue import SortKey
from desk.application.timeline.rows import row_of
from desk.domain.streams import book_stream
from desk.gui.books.rows import COLUMNS, header
from desk.gui.books.view import ROW_HEIGHT
from desk.gui.desk_places import desk_companions
from desk.gui.frame.settings import Settings
from desk.gui.frame.text_size import NORMAL, STEPS, scaled
from desk.gui.frame.theme import Theme
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.streams.panel import StreamsPanel
from desk.gui.timeline.overflow import Overflow
from desk.gui.timeline.panel import HistoryPanel
from desk.gui.timeline.tabs.event import EventTab
from tests.gui.fake_session import FakeSession
from tests.gui.timeline.fake_history import recorded
from tests.gui.workspaces import frame_of
from tests.rounds import few_or_all

Makes = Callable[[Settings], WorkspaceView]
STATE = COLUMNS.index(SortKey.STATE)
SIZES = ((880, 540), (1366, 768), (1920, 1080))
"""The first is a screen of 900x600 without the frame of a window and the bar of a system."""


@pytest.fixture
def window(kept: WorkspaceView) -> WorkspaceView:
    """One for all tests but those of a window's first arrangement."""
    return kept


@pytest.fixture
def session(kept_session: FakeSession) -> FakeSession:
    return kept_session


def look_at_a_book(window: WorkspaceView, session: FakeSession, qtbot: QtBot) -> HistoryPanel:
    book = next(iter(session.shelf), None) or session.add("The Hobbit", "9780261102217")
    session.announce(book, arrived=True)
    qtbot.waitUntil(lambda: window.part.model.rowCount() == 1)
    window.part.view.choose(book)
    history = window.places["history"]
    assert isinstance(history, HistoryPanel)
    qtbot.waitUntil(lambda: window.part.chosen.card is not None)
    stream = book_stream(book)
    qtbot.waitUntil(lambda: history.loader.state.stream == stream and not history.loader.state.busy)
    history._arrive(tuple(row_of(recorded(stream, revision)) for revision in range(12)))
    history.table.selectRow(history.model.rowCount() - 1)
    assert history.table.isVisible() or history.canvas.isVisible()
    return history


def scrolls(widget: QWidget) -> bool:
    """Whether what does not fit into the widget can be scrolled to."""
    area = widget.parentWidget()
    return isinstance(area, QAbstractScrollArea) and area.viewport() is widget


def cut_off(window: WorkspaceView) -> list[str]:
    """Visible widgets that lie partly outside of their parent, and buttons that are smaller than their words."""
    found, behind = [], docks_behind(window)
    for widget in window.findChildren(QWidget):
        parent = widget.parentWidget()
        if parent is None or not widget.isVisible() or widget.isWindow() or scrolls(parent):
            continue
        if any(dock is widget or dock.isAncestorOf(widget) for dock in behind):
            continue
        outside = not parent.rect().contains(widget.geometry())
        squeezed = (
            isinstance(widget, QAbstractButton)
            and bool(widget.text())
            and (widget.width() < widget.minimumSizeHint().width())
        )
        if outside or squeezed:
            name = widget.accessibleName() or widget.objectName()
            found.append(
                f"{type(widget).__name__} {name} {widget.geometry()} in {type(parent).__name__} {parent.rect()}"
            )
    return found


def docks_behind(window: WorkspaceView) -> list[QDockWidget]:
    """Those of the strip of which another tab is shown; they are laid out once they are."""
    docks = window.findChildren(QDockWidget)
    return [dock for dock in docks if dock.isVisible() and dock.visibleRegion().isEmpty()]


def nothing_is_cut_off(window: WorkspaceView, place: str) -> None:
    assert cut_off(window) == [], place


def unreachable(bar: QToolBar) -> list[str]:
    """Actions of a tool bar that are neither on it nor in its menu."""
    more = bar.findChild(QToolButton, "qt_toolbar_ext_button")
    if more is not None and more.isVisible() and bar.rect().contains(more.geometry()):
        return []
    shown = [(action, bar.widgetForAction(action)) for action in bar.actions() if action.text()]
    return [
        action.text()
        for action, widget in shown
        if not widget.isVisible() or not bar.rect().contains(widget.geometry())
    ]


@pytest.mark.parametrize(
    "cells",
    few_or_all(
        [((SIZES[0], 100), (SIZES[0], 250), (SIZES[1], 200))],
        [tuple(product([size], (100, 150, 200, 250))) for size in SIZES],
    ),
)
def test_nothing_is_cut_off_and_the_window_is_as_large_as_asked(
    make_window: Makes, settings: Settings, theme: Theme, qtbot: QtBot, cells: tuple[tuple[tuple[int, int], int], ...]
) -> None:
    session = FakeSession()
    window = make_window(settings)
    window.open(session.session)
    look_at_a_book(window, session, qtbot)
    frame = frame_of(window)

    def is_as_asked() -> bool:
        frame.resize(*size)
        return (frame.width(), frame.height()) == size

    for size, percent in cells:
        theme.set_text_size(percent)
        qtbot.waitUntil(is_as_asked)  # once all within has its new size
        look_at_all_places(window, size, qtbot)


def look_at_all_places(window: WorkspaceView, size: tuple[int, int], qtbot: QtBot) -> None:
    frame = frame_of(window)
    for place, ribbon in product(("catalogue", "streams", "flow", "operations"), (False, True)):
        window.places.show(place)
        if ribbon:
            window.past.ribbon.say("The catalogue as of yesterday", "9 events were stored since", "Return to now")
        else:
            window.past.ribbon.end()
        qtbot.wait(30)
        assert (frame.width(), frame.height()) == size, place
        needed = QMainWindow.minimumSizeHint(window)  # what all within needs, whatever the view asks for
        assert (needed.width() <= size[0], needed.height() <= size[1]) == (True, True), (place, ribbon, needed)
        qtbot.waitUntil(partial(nothing_is_cut_off, window, place))
        for dock in docks_behind(window):
            dock.raise_()
            qtbot.waitUntil(lambda dock=dock: not dock.visibleRegion().isEmpty())  # type: ignore[misc]
            qtbot.waitUntil(partial(nothing_is_cut_off, window, place))
        for bar in window.findChildren(QToolBar):
            assert not bar.isVisible() or unreachable(bar) == [], place


def test_the_history_shows_six_rows_of_its_table_in_a_window_of_1280_by_800(
    window: WorkspaceView, session: FakeSession, qtbot: QtBot
) -> None:
    frame_of(window).resize(1280, 800)
    history = look_at_a_book(window, session, qtbot)
    qtbot.waitUntil(lambda: history.parts.has_room_for_both)
    table = history.table
    qtbot.waitUntil(table.isVisible)
    qtbot.waitUntil(lambda: table.viewport().visibleRegion().boundingRect().height() >= 6 * table.rowHeight(0))


def test_a_streams_events_and_what_one_has_in_it_are_seen_above_the_history_on_a_small_screen(
    make_window: Makes, settings: Settings, qtbot: QtBot
) -> None:
    session = FakeSession()
    window = make_window(settings)
    frame_of(window).resize(1320, 740)  # the first window on a screen of 1366x768, with room around it
    window.open(session.session)
    streams = window.places["streams"]
    assert isinstance(streams, StreamsPanel)
    window.places.show("streams")
    assert not window.places.dock("history").isHidden()
    detail, table = streams.view.detail, streams.view.table
    streams.view.model.show([recorded("order-1", number) for number in range(30)])
    streams.view._pages.setCurrentIndex(1)
    table.select(0)
    tree = detail.data_view.tree
    qtbot.waitUntil(lambda: tree.isVisible() and tree.visibleRegion().boundingRect().height() >= 3 * table.rowHeight(0))
    assert table.visibleRegion().boundingRect().height() >= 6 * table.rowHeight(0)
    assert table.horizontalScrollBar().maximum() == 0, "every column is seen"


def test_in_a_low_window_streams_has_its_place_for_itself_until_somebody_wants_the_history(
    window: WorkspaceView, qtbot: QtBot
) -> None:
    frame_of(window).resize(880, 540)
    qtbot.waitUntil(lambda: window.height() == 540)
    window.places.show("streams")
    assert window.places.dock("history").isHidden()
    window.actions_by_name["go.history"].trigger()
    assert not window.places.dock("history").isHidden()


def test_the_catalogue_keeps_its_rows_beside_a_history_and_the_ribbon_takes_none_for_good(
    make_window: Makes, settings: Settings, qtbot: QtBot
) -> None:
    session = FakeSession()
    window = make_window(settings)
    frame_of(window).resize(1320, 708)  # the first window on a screen of 1366x768
    window.open(session.session)
    qtbot.waitUntil(lambda: window.status.known.complete)
    history = look_at_a_book(window, session, qtbot)
    table, dock = window.part.view.table, window.places.dock("history")
    qtbot.waitUntil(lambda: table.viewport().height() >= 5 * ROW_HEIGHT)
    assert table.horizontalScrollBar().maximum() == 0, "every column is seen"
    isbn = COLUMNS.index(SortKey.ISBN)
    widest = table.fontMetrics().horizontalAdvance(f"978{'4' * 10}") + 22  # the style's padding and the text's margin
    assert table.columnWidth(isbn) >= widest, "also the widest digits are seen whole"
    assert history.table.viewport().visibleRegion().boundingRect().height() >= 4 * history.table.rowHeight(0)
    before, above = dock.height(), table.viewport().height()
    window.past.ribbon.say("The catalogue as of yesterday", "9 events were stored since", "Return to now")
    qtbot.waitUntil(lambda: dock.height() + table.viewport().height() > before + above)  # in the place of the tools
    qtbot.waitUntil(lambda: history.parts.has_room_for_both)
    state = window.saveState()
    window.past.ribbon.end()
    qtbot.waitUntil(lambda: (dock.height(), table.viewport().height()) == (before, above))
    window.restoreState(state)
    assert window.past.ribbon.isHidden(), "it is no part of an arrangement that is remembered"


def test_the_history_gives_way_instead_of_scrolling_sideways_and_a_menu_has_what_is_left_out(
    window: WorkspaceView, session: FakeSession, qtbot: QtBot
) -> None:
    frame = frame_of(window)
    frame.resize(900, 600)
    history = look_at_a_book(window, session, qtbot)
    dock, bar, head = window.places.dock("history"), history.transport, history.header
    qtbot.waitUntil(lambda: history.width() <= dock.width() and cut_off(window) == [])
    window.actions_by_name["go.history"].trigger()
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_T)
    assert window.focusWidget() is bar.moment
    bar.moment.setText("2026-04-21 09:46:00")
    qtbot.wait(30)
    needed = bar.moment.fontMetrics().horizontalAdvance(bar.moment.text())
    assert bar.rect().contains(bar.moment.geometry())
    assert bar.moment.cursorRect().right() <= bar.moment.contentsRect().right()
    assert bar.moment.contentsRect().width() - needed >= 8, "a field has a margin at either side"
    bar.moment.clearFocus()
    pace_before = bar.pace.currentIndex()
    mode_before, mode = sorted(head.modes.values(), key=lambda button: not button.isChecked())[:2]
    assert not bar.first.isVisible()
    assert not mode.isVisible()
    choose(bar.overflow, bar.first.accessibleName())
    assert history.revision == 0
    choose(bar.overflow, bar.pace.itemText(bar.pace.count() - 1))
    assert bar.pace.currentIndex() == bar.pace.count() - 1
    choose(head.overflow, mode.text())
    assert mode.isChecked()
    frame.resize(1920, 1080)
    qtbot.waitUntil(lambda: bar.first.isVisible() and mode.isVisible() and bar.pace.isVisible())
    assert (bar.overflow.isVisible(), head.overflow.isVisible()) == (False, False)
    mode_before.click()
    bar.pace.setCurrentIndex(pace_before)


def choose(overflow: Overflow, words: str) -> None:
    """Press the button, and choose the entry of its menu or of a menu within that says this."""
    overflow.click()
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    inner = [within for action in menu.actions() if isinstance(within := action.menu(), QMenu)]
    (action,) = (each for one in (menu, *inner) for each in one.actions() if each.text() == words)
    action.trigger()
    menu.close()


def strips(window: WorkspaceView) -> list[QTabBar]:
    """Tabs of companions that are seen."""
    return [tabs for tabs in window.findChildren(QTabBar) if tabs.parent() is window and tabs.isVisible()]


def test_where_text_leaves_little_room_companions_share_a_strip_and_come_back_as_they_stood(
    window: WorkspaceView, theme: Theme, session: FakeSession, qtbot: QtBot
) -> None:
    history = look_at_a_book(window, session, qtbot)
    card, below = window.places.dock("card"), window.places.dock("history")
    assert window.tabifiedDockWidgets(card) == []
    theme.set_text_size(200)
    frame_of(window).resize(900, 600)
    qtbot.waitUntil(lambda: window.tabifiedDockWidgets(card) == [below])
    for place in ("streams", "catalogue"):
        window.places.show(place)
    assert strips(window), "the tabs are there again where one comes back"
    window.actions_by_name["go.history"].trigger()
    qtbot.waitUntil(history.canvas.isVisible)
    assert not history.table.isVisible()
    history.header.table.click()
    assert history.table.isVisible()
    assert not history.canvas.isVisible()
    window.actions_by_name["go.history"].trigger()
    assert window.focusWidget() is history.table
    assert not history.inspector.isVisible()
    qtbot.keyClick(history.table, Qt.Key.Key_S)
    assert (history.inspector.isVisible(), history.table.isVisible()) == (True, False)
    assert history.header.details.isChecked()
    before, within = history.revision, window.focusWidget()
    qtbot.keyClick(within, Qt.Key.Key_Left)
    assert history.revision == (before or 0) - 1, "one walks on from there"
    qtbot.keyClick(within, Qt.Key.Key_D)
    assert history.inspector.currentIndex() == 0
    choose(history.header.overflow, history.header.axis.text())
    window.actions_by_name["show.card"].trigger()
    assert card.isHidden()
    frame_of(window).resize(1400, 900)
    theme.set_text_size(100)
    qtbot.waitUntil(lambda: window.dockWidgetArea(below) is Qt.DockWidgetArea.BottomDockWidgetArea)
    assert card.isHidden()
    assert not below.isHidden()
    assert not strips(window)
    qtbot.waitUntil(lambda: history.canvas.isVisible() and history.table.isVisible())


def test_text_is_made_larger_and_smaller_in_steps_that_are_remembered_and_all_follows_it(
    window: WorkspaceView, theme: Theme, session: FakeSession, qtbot: QtBot
) -> None:
    history = look_at_a_book(window, session, qtbot)
    act, table, label = window.actions_by_name, window.part.view.table, window.part.card.title
    assert [key.toString() for key in act["view.larger"].shortcuts()] == ["Ctrl++", "Ctrl+="]
    assert [act[name].shortcut().toString() for name in ("view.smaller", "view.normal")] == ["Ctrl+-", "Ctrl+0"]
    title = window.places.dock("history").titleBarWidget()
    words = title.findChild(QLabel)
    assert words is not None

    def measures() -> list[float]:
        fonts = [QFontInfo(shown.font()).pointSizeF() for shown in (label, words)]
        return [*fonts, window.places.rail.iconSize().width(), table.columnWidth(STATE)]

    normal, title_height = measures(), title.height()
    tree = history.inspector.tab_of(EventTab).json.tree
    act["view.larger"].trigger()
    assert theme.text_size == STEPS[STEPS.index(NORMAL) + 1] == 110
    qtbot.waitUntil(lambda: title.height() > title_height)
    marks_are_found_where_they_are_seen(history, 1.1, qtbot)
    theme.set_text_size(few_or_all(STEPS[-2], NORMAL))
    for _ in few_or_all(STEPS[:2], STEPS):
        act["view.larger"].trigger()
    assert theme.text_size == window.settings.text_size == STEPS[-1] == 250
    assert not act["view.larger"].isEnabled()
    assert table.rowHeight(0) == ROW_HEIGHT * 2.5
    assert measures() == pytest.approx([2.5 * number for number in normal], rel=0.04)
    assert tree.fontInfo().pointSizeF() == pytest.approx(25, rel=0.03)
    assert history.canvas.minimumHeight() == 265
    theme.set_text_size(few_or_all(STEPS[1], STEPS[-1]))
    for _ in few_or_all(STEPS[:1], STEPS):
        act["view.smaller"].trigger()
    assert theme.text_size == window.settings.text_size == 80
    assert not act["view.smaller"].isEnabled()
    act["view.normal"].trigger()
    assert window.settings.text_size == 100
    assert measures() == pytest.approx(normal, abs=1.5)


def marks_are_found_where_they_are_seen(history: HistoryPanel, times: float, qtbot: QtBot) -> None:
    canvas = history.canvas
    canvas.grab()
    mark = canvas.scene.marks[-2]  # what is taken for another place is nearer to another mark
    canvas.select(0)
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(mark.x * times), canvas.height() // 3))
    assert canvas.current == mark.last
    assert QRect(QPoint(0, 0), canvas.size()).contains(QPoint(round(mark.x * times), 1))


def widths(window: WorkspaceView) -> dict[str, tuple[int, int]]:
    docks = ((name, window.places.dock(name)) for name in ("card", "history"))
    return {name: (dock.width(), dock.height()) for name, dock in docks}


def has_its_share(window: WorkspaceView) -> bool:
    history = next(spec for spec in desk_companions() if spec.name == "history")
    most = window.height() * dict(history.less)["catalogue"] // 100
    return window.places.dock("history").height() == min(history.size, most)


@pytest.mark.parametrize("percent", [100, 200])
def test_a_window_that_was_small_for_a_while_has_its_arrangement_again(
    window: WorkspaceView, session: FakeSession, theme: Theme, qtbot: QtBot, percent: int
) -> None:
    look_at_a_book(window, session, qtbot)
    frame = frame_of(window)
    frame.resize(1366, 900)
    qtbot.waitUntil(partial(has_its_share, window))
    before = widths(window)
    frame.resize(900, 600)
    theme.set_text_size(percent)
    qtbot.waitUntil(lambda: widths(window) != before)
    theme.set_text_size(100)
    frame.resize(1366, 900)
    qtbot.waitUntil(lambda: widths(window) == before)


def test_room_that_somebody_gives_a_companion_is_remembered_for_the_next_time(
    make_window: Makes, settings: Settings, qtbot: QtBot
) -> None:
    session = FakeSession()
    first = make_window(settings)
    first.open(session.session)
    first.resizeDocks([first.places.dock("card")], [460], Qt.Orientation.Horizontal)
    qtbot.waitUntil(lambda: first.places.dock("card").width() == 460)
    qtbot.mouseRelease(first, Qt.MouseButton.LeftButton)  # of the line beside it
    frame_of(first).resize(900, 600)
    qtbot.wait(50)
    frame_of(first).close()
    qtbot.waitUntil(lambda: not frame_of(first).isVisible())
    second = make_window(settings)
    second.open(session.session)
    frame_of(second).resize(1400, 860)
    qtbot.waitUntil(lambda: second.places.dock("card").width() == 460)


def test_the_entries_of_the_rail_stay_where_they_are_when_another_place_is_shown(
    window: WorkspaceView, theme: Theme, qtbot: QtBot
) -> None:
    rail = window.places.rail
    entry = rail.widgetForAction(window.actions_by_name["go.flow"])
    for percent in (100, 125):
        theme.set_text_size(percent)
        window.places.go("catalogue")
        qtbot.wait(20)
        before = entry.mapTo(window, QPoint())
        for place in ("streams", "flow", "operations"):
            window.places.go(place)
            qtbot.waitUntil(lambda before=before: abs(entry.mapTo(window, QPoint()).y() - before.y()) <= 1)  # type: ignore[misc]
        assert entry.mapTo(window, QPoint()).x() == before.x()


def test_titles_of_books_can_be_read_however_narrow_the_table_is_and_what_has_no_room_is_left_out(
    window: WorkspaceView, session: FakeSession, theme: Theme, qtbot: QtBot
) -> None:
    look_at_a_book(window, session, qtbot)
    columns, table = window.part.view.columns, window.part.view.table
    head = table.horizontalHeader()

    def shown(width: int, percent: int) -> list[str]:
        theme.set_text_size(percent)
        frame_of(window).resize(width, 700)
        qtbot.waitUntil(lambda: frame_of(window).width() == width)
        qtbot.waitUntil(lambda: head.sectionSize(0) >= scaled(170) and head.length() == table.viewport().width())
        qtbot.waitUntil(lambda: table.horizontalScrollBar().maximum() == 0)
        return [header(key) for number, key in enumerate(COLUMNS) if not head.isSectionHidden(number)]

    everything = shown(1600, 100)
    kept, widths = columns.save(), [head.sectionSize(number) for number in range(1, head.count())]
    assert shown(900, 100) == ["Title", "State", "Copies"]
    assert shown(1366, 150) == ["Title", "Authors", "State", "Copies"]
    table.showColumn(COLUMNS.index(SortKey.ISBN))
    frame_of(window).resize(910, 700)
    qtbot.waitUntil(lambda: frame_of(window).width() == 910)
    assert not table.isColumnHidden(COLUMNS.index(SortKey.ISBN)), "somebody asked for it"
    columns.restore(columns.save())
    assert shown(1600, 100) == everything
    assert [head.sectionSize(number) for number in range(1, head.count())] == widths
    assert columns.save() == kept
