"""Places and companions follow the workspace, lead to each other, and remember how they looked."""

from collections.abc import Callable

from pytestqt.qtbot import QtBot

from desk.domain.streams import book_stream
from desk.gui.frame.settings import Settings
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.streams.panel import StreamsPanel
from desk.gui.timeline.panel import HistoryPanel
from tests.gui.fake_session import FakeSession
from tests.gui.workspaces import frame_of

Makes = Callable[[Settings], WorkspaceView]


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


def test_a_place_fills_the_window_and_has_its_own_companions(window: WorkspaceView, qtbot: QtBot) -> None:
    card, history = window.places.dock("card"), window.places.dock("history")
    assert (card.isHidden(), history.isHidden()) == (False, False)
    window.actions_by_name["go.streams"].trigger()
    assert window.places["streams"].isVisible()
    assert (card.isHidden(), history.isHidden()) == (True, False)
    assert not window.actions_by_name["show.card"].isEnabled()
    window.actions_by_name["go.operations"].trigger()
    assert (card.isHidden(), history.isHidden()) == (True, True)
    window.actions_by_name["go.card"].trigger()
    assert window.places.current == "catalogue"
    assert (card.isHidden(), history.isHidden()) == (False, False)


def test_each_place_remembers_its_arrangement_and_is_put_back_alone(
    window: WorkspaceView, make_window: Makes, session: FakeSession, settings: Settings, qtbot: QtBot
) -> None:
    window.places.dock("history").hide()
    window.places.show("streams")
    assert not window.places.dock("history").isHidden()
    window.places.show("catalogue")
    assert window.places.dock("history").isHidden()
    with qtbot.waitSignal(frame_of(window).gone):
        frame_of(window).close()
    again = make_window(settings)
    again.open(session.session)
    assert again.places.dock("history").isHidden()
    again.actions_by_name["view.reset"].trigger()
    assert not again.places.dock("history").isHidden()


def test_f6_walks_through_the_place_and_its_companions(window: WorkspaceView, qtbot: QtBot) -> None:
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
    window: WorkspaceView,
) -> None:
    window.workspace.say("Emma is healed.")
    assert window.status.said.text() == window.status.said.accessibleName() == "Emma is healed."
