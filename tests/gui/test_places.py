"""Places and companions follow the workspace, lead to each other, and remember how they looked."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton, QToolBar
from pytestqt.qtbot import QtBot

from desk.application.queries import Source
from desk.domain.streams import book_stream
from desk.gui.books.invitation import WAYS_ON
from desk.gui.frame.settings import Settings
from desk.gui.frame.window import FIRST_SIZE
from desk.gui.frame.workspace import StreamPlace
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.streams.lanes_tab import LanesTab
from desk.gui.streams.panel import StreamsPanel
from desk.gui.timeline.panel import HistoryPanel
from tests.gui.fake_session import FakeSession
from tests.gui.workspaces import frame_of

Makes = Callable[[Settings], WorkspaceView]


def with_a_book(window: WorkspaceView, session: FakeSession, qtbot: QtBot) -> WorkspaceView:
    """On a catalogue with one book, beside which there are companions."""
    if not session.shelf:
        session.announce(session.add("The Hobbit", "9780261102217"), arrived=True)
    qtbot.waitUntil(lambda: not window.places.dock("history").isHidden())
    return window


@pytest.fixture
def full_window(kept: WorkspaceView, kept_session: FakeSession, qtbot: QtBot) -> WorkspaceView:
    """One for all tests that leave it open."""
    return with_a_book(kept, kept_session, qtbot)


@pytest.fixture
def own_window(window: WorkspaceView, session: FakeSession, qtbot: QtBot) -> WorkspaceView:
    return with_a_book(window, session, qtbot)


def hidden(window: WorkspaceView) -> tuple[bool, bool]:
    """Whether the card and the history are."""
    return window.places.dock("card").isHidden(), window.places.dock("history").isHidden()


def buttons_seen(window: WorkspaceView) -> list[bool]:
    """Whether all of each of the invitation's buttons is seen."""
    buttons = [window.part.view.invitation.findChild(QPushButton, f"invite.{name}") for name in WAYS_ON]
    return [button.visibleRegion().boundingRect() == button.rect() for button in buttons if button is not None]


def test_an_empty_catalogue_invites_with_all_its_buttons_and_companions_come_with_the_first_book(
    window: WorkspaceView, session: FakeSession, qtbot: QtBot
) -> None:
    frame_of(window).resize(FIRST_SIZE)
    assert hidden(window) == (True, True)
    qtbot.waitUntil(lambda: buttons_seen(window) == [True, True, True])
    frame_of(window).resize(900, 600)
    qtbot.wait(30)
    qtbot.waitUntil(lambda: buttons_seen(window) == [True, True, True])
    window.places.show("streams")
    assert hidden(window) == (True, True), "so low a window has no room for it there"
    window.places.show("catalogue")
    assert hidden(window) == (True, True)
    session.announce(session.add("The Hobbit", "9780261102217"), arrived=True)
    qtbot.waitUntil(lambda: hidden(window) == (False, False))
    assert window.part.view.table.isVisible()


def test_a_companion_that_is_opened_beside_an_empty_catalogue_stays(window: WorkspaceView, qtbot: QtBot) -> None:
    window.actions_by_name["go.card"].trigger()
    assert hidden(window) == (False, True)
    for size in ((900, 500), (1320, 860)):  # into the strip of tabs, and out of it
        frame_of(window).resize(*size)
        qtbot.wait(30)
        assert hidden(window) == (False, True)
    window.places.show("operations")
    window.places.show("catalogue")
    assert hidden(window) == (False, True)
    window.actions_by_name["show.card"].trigger()
    frame_of(window).resize(900, 500)
    qtbot.waitUntil(lambda: hidden(window) == (True, True))


def test_companions_that_were_hidden_before_the_catalogue_was_empty_are_so_afterwards(
    own_window: WorkspaceView, make_window: Makes, settings: Settings, qtbot: QtBot
) -> None:
    own_window.places.dock("card").hide()
    with qtbot.waitSignal(frame_of(own_window).gone):
        frame_of(own_window).close()
    empty = FakeSession()
    first = make_window(settings)
    first.open(empty.session)
    qtbot.waitUntil(lambda: hidden(first) == (True, True))
    with qtbot.waitSignal(frame_of(first).gone):
        frame_of(first).close()
    second = make_window(settings)
    second.open(empty.session)
    qtbot.waitUntil(lambda: hidden(second) == (True, True))
    empty.announce(empty.add("Emma", "9780141439587"), arrived=True)
    qtbot.waitUntil(lambda: hidden(second) == (True, False))


def test_the_history_is_that_of_what_the_workspace_looks_at(
    window: WorkspaceView, session: FakeSession, qtbot: QtBot, settings: Settings
) -> None:
    book = session.add("The Hobbit", "9780261102217")
    history = window.places["history"]
    assert isinstance(history, HistoryPanel)
    assert history.stream == ""
    window.part.view.choose(book)
    assert history.stream == book_stream(book)
    qtbot.waitUntil(lambda: history._title == "The Hobbit")
    window.workspace.look_at("order-17", 3)
    assert history.stream == "order-17"
    session.announce(book)
    qtbot.waitUntil(lambda: window.part.chosen.card is not None)
    assert history.stream == "order-17", "news of the chosen book do not take the wanted stream away"
    assert isinstance(window.places["streams"], StreamsPanel)
    with qtbot.waitSignal(frame_of(window).gone):
        frame_of(window).close()
    assert not settings.panel_state("history").isEmpty()
    assert not settings.panel_state("streams").isEmpty()


def test_back_and_forward_lead_over_books_and_streams(
    window: WorkspaceView, session: FakeSession, qtbot: QtBot
) -> None:
    hobbit, emma = session.add("The Hobbit", "9780261102217"), session.add("Emma", "9780141439587")
    session.announce(hobbit, emma, arrived=True)
    qtbot.waitUntil(lambda: window.part.model.rowCount() == 2)
    back, forward = window.actions_by_name["go.back"], window.actions_by_name["go.forward"]
    assert not back.isEnabled()
    window.part.view.choose(hobbit)
    window.part.view.choose(emma)
    window.workspace.look_at("order-17")
    back.trigger()
    assert window.workspace.selection.book_id == emma
    back.trigger()
    assert window.workspace.selection.book_id == hobbit
    assert not back.isEnabled()
    forward.trigger()
    forward.trigger()
    place = window.workspace.place
    assert place is not None
    assert (place.stream, window.workspace.selection.book_id) == ("order-17", emma)
    assert not forward.isEnabled()


def test_a_place_fills_the_window_and_has_its_own_companions(full_window: WorkspaceView) -> None:
    window = full_window
    card, history = window.places.dock("card"), window.places.dock("history")
    assert (card.isHidden(), history.isHidden()) == (False, False)
    rail = window.places.rail.grab().toImage()
    edge = rail.pixelColor(rail.width() // 2, rail.height() - 1)
    assert edge == rail.pixelColor(rail.width() // 2, rail.height() - 4), "no line below the rail alone"
    window.actions_by_name["go.streams"].trigger()
    assert window.places["streams"].isVisible()
    assert (card.isHidden(), history.isHidden()) == (True, False)
    assert not window.actions_by_name["show.card"].isEnabled()
    window.actions_by_name["go.operations"].trigger()
    assert (card.isHidden(), history.isHidden()) == (True, True)
    window.actions_by_name["go.card"].trigger()
    assert window.places.current == "catalogue"
    assert (card.isHidden(), history.isHidden()) == (False, False)


def test_find_searches_what_is_shown_and_where_nothing_can_be_searched_the_catalogue(
    full_window: WorkspaceView, qtbot: QtBot
) -> None:
    window, find = full_window, full_window.actions_by_name["catalogue.find"]
    window.actions_by_name["go.streams"].trigger()
    streams = window.places["streams"]
    assert isinstance(streams, StreamsPanel)
    streams.open_source("$all")
    tab = streams.view
    qtbot.waitUntil(lambda: tab.reader.state.source is not None)
    find.trigger()
    assert window.focusWidget() is tab.filtering.bar.field
    window.actions_by_name["go.flow"].trigger()
    find.trigger()
    assert window.places.current == "catalogue"
    assert window.focusWidget() is window.part.view.search
    window.actions_by_name["go.flow"].trigger()
    window.actions_by_name["past.ever"].trigger()
    assert window.places.current == "catalogue"


def test_a_key_that_acts_on_the_chosen_book_leaves_the_place_only_where_the_search_hides_the_book(
    full_window: WorkspaceView, qtbot: QtBot
) -> None:
    window = full_window
    book = window.part.model.book_at(0)
    assert book is not None
    window.part.view.choose(book.book_id)
    qtbot.waitUntil(window.actions_by_name["book.correct"].isEnabled)
    window.actions_by_name["go.flow"].trigger()
    window.actions_by_name["book.correct"].trigger()
    assert window.places.current == "flow", "what comes of the form is shown there"
    assert [form.isVisible() for form in window.part.forms] == [True]
    window.discard_forms()
    window.part.view.search.setText("nothing is called so")
    qtbot.waitUntil(lambda: window.part.model.rowCount() == 0)
    window.actions_by_name["book.correct"].trigger()
    assert window.places.current == "catalogue", "where the search is that hides it"
    for box in window.findChildren(QMessageBox):
        box.reject()


def test_a_place_that_is_chosen_before_the_session_is_open_is_shown_once_it_is(
    make_window: Makes, settings: Settings, session: FakeSession
) -> None:
    window = make_window(settings)
    window.actions_by_name["go.streams"].trigger()
    window.open(session.session)
    assert window.places["streams"].isVisible()
    assert window.places.current == "streams"


def history_of(window: WorkspaceView) -> HistoryPanel:
    panel = window.places["history"]
    assert isinstance(panel, HistoryPanel)
    return panel


def test_each_place_remembers_its_arrangement_and_is_put_back_alone(
    own_window: WorkspaceView, make_window: Makes, session: FakeSession, settings: Settings, qtbot: QtBot
) -> None:
    window = own_window
    assert not history_of(window).whole.is_right
    history_of(window).move_inspector()
    window.places.dock("history").hide()
    window.places.show("streams")
    assert not window.places.dock("history").isHidden()
    streams = window.places["streams"]
    assert isinstance(streams, StreamsPanel)
    streams.open_source("weather")
    streams.show_lanes((Source("weather"), Source("rain")))
    window.workspace.look_at("order-17", 3, "Order")
    window.places.show("catalogue")
    assert window.places.dock("history").isHidden()
    window.places.show("streams")
    with qtbot.waitSignal(frame_of(window).gone):
        frame_of(window).close()
    again = make_window(settings)
    again.open(session.session)
    assert again.workspace.place == StreamPlace("order-17", 3, "Order"), "what was looked at in each place, too"
    streams = again.places["streams"]
    assert isinstance(streams, StreamsPanel)
    assert isinstance(streams.tabs.currentWidget(), LanesTab), "and no tab behind the one in front is looked at"
    again.places.show("catalogue")
    assert again.places.dock("history").isHidden()
    assert history_of(again).whole.is_right
    again.actions_by_name["view.reset"].trigger()
    assert not again.places.dock("history").isHidden()
    assert not history_of(again).whole.is_right


def test_at_900_pixels_no_tool_is_hidden_and_shift_f10_opens_the_menu_of_a_row(
    full_window: WorkspaceView, qtbot: QtBot
) -> None:
    window, table = full_window, full_window.part.view.table
    frame_of(window).resize(900, 600)
    (tools,) = [bar for bar in window.findChildren(QToolBar) if bar.objectName() == "tools"]
    assert 600 < tools.sizeHint().width() <= 900
    frame_of(window).resize(800, 600)
    qtbot.waitUntil(lambda: tools.sizeHint().width() < 600)
    frame_of(window).resize(900, 600)
    frame_of(window).activateWindow()
    qtbot.waitUntil(lambda: frame_of(window).isActiveWindow())
    window.part.view.walk()
    qtbot.waitUntil(table.hasFocus)
    qtbot.keyClick(table, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    assert window.part.view.menu.isVisible()
    window.part.view.menu.close()


def test_f6_walks_through_the_place_and_its_companions(full_window: WorkspaceView, qtbot: QtBot) -> None:
    window = full_window
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    seen = []
    for _ in range(3):
        window.actions_by_name["go.next"].trigger()
        focus = window.focusWidget()
        stops = [window.places.stack, window.places.dock("card"), window.places.dock("history")]
        seen += [number for number, stop in enumerate(stops) if focus is not None and stop.isAncestorOf(focus)]
    assert sorted(seen) == [0, 1, 2]


def test_what_a_place_says_stands_in_the_status_bar_and_is_the_name_that_screen_readers_hear(
    kept: WorkspaceView,
) -> None:
    kept.workspace.say("Emma is healed.")
    assert kept.status.said.text() == kept.status.said.accessibleName() == "Emma is healed."
