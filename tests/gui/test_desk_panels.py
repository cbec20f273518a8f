"""The panels follow the chosen book, lead to each other, and remember how they looked."""

from pytestqt.qtbot import QtBot

from desk.domain.streams import book_stream
from desk.gui.background import Bridge
from desk.gui.desk_panels import desk_panels
from desk.gui.icons import Icons
from desk.gui.main_window import MainWindow
from desk.gui.settings import Settings
from desk.gui.streams.panel import StreamsPanel
from desk.gui.theme import Theme
from desk.gui.timeline.panel import HistoryPanel
from tests.gui.fake_session import FakeSession


def test_the_history_is_that_of_the_chosen_book_or_of_the_stream_that_is_wanted(
    qtbot: QtBot, bridge: Bridge, theme: Theme, icons: Icons, settings: Settings, session: FakeSession
) -> None:
    book = session.add("The Hobbit", "9780261102217")
    window = MainWindow(bridge, theme, icons, settings, desk_panels())
    window.show()
    window.open(session.session)
    history, streams = window.docks["history"].widget(), window.docks["streams"].widget()
    assert isinstance(history, HistoryPanel)
    assert isinstance(streams, StreamsPanel)
    assert history.stream == ""
    window.part.view.choose(book)
    assert history.stream == book_stream(book)
    qtbot.waitUntil(lambda: history._title == "The Hobbit")
    streams.open_history.emit("order-17")
    assert history.stream == "order-17"
    session.announce(book)
    qtbot.waitUntil(lambda: window.part.chosen.card is not None)
    assert history.stream == "order-17", "news of the chosen book do not take the wanted stream away"
    with qtbot.waitSignal(window.gone):
        window.close()
    assert not settings.panel_state("history").isEmpty()
    assert not settings.panel_state("streams").isEmpty()
    window.deleteLater()
