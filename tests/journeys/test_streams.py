"""Journey 6: any stream, a category or all, page by page and live; streams that Desk knows nothing about."""

from uuid import uuid4

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desk.cqrs.store import NO_STREAM, NewEvent
from desk.gui.streams.panel import StreamsPanel
from desk.gui.streams.view import StreamTab
from tests.journeys.books import put_books
from tests.journeys.conftest import Windows
from tests.journeys.window import RealWindow


@pytest.fixture
def desk(shared: Windows) -> RealWindow:
    """One window for all of them: each looks at a stream of its own."""
    return shared.again()


def panel(desk: RealWindow) -> StreamTab:
    desk.trigger("go.streams")
    widget: QWidget | None = desk.window.places["streams"]
    assert isinstance(widget, StreamsPanel)
    desk.until(widget.isVisible)
    return widget.view


def look_at(desk: RealWindow, name: str) -> StreamTab:
    """Type a name into the panel's field and press Enter."""
    streams = panel(desk)
    streams.bar.field.clear()
    desk.qtbot.keyClicks(streams.bar.field, name)
    desk.qtbot.keyClick(streams.bar.field, Qt.Key.Key_Return)
    return streams


def append(desk: RealWindow, stream: str, count: int, data: bytes = b'{"n": 1}') -> None:
    events = tuple(NewEvent(uuid4(), "Measured", data, b"") for _ in range(count))
    desk.store.append(stream, NO_STREAM, events, timeout=10)


def revisions(streams: StreamTab) -> list[int]:
    return [event.revision for event in streams.model.events]


def test_a_stream_that_desk_knows_nothing_about_is_paged_both_ways(desk: RealWindow) -> None:
    append(desk, "weather-berlin", 250)
    streams = look_at(desk, "weather-berlin")
    desk.until(lambda: revisions(streams) == list(range(150, 250)))
    desk.qtbot.mouseClick(streams.bar.older, Qt.MouseButton.LeftButton)
    desk.until(lambda: revisions(streams) == list(range(50, 150)))
    desk.qtbot.mouseClick(streams.bar.oldest, Qt.MouseButton.LeftButton)
    desk.until(lambda: revisions(streams) == list(range(100)))
    desk.qtbot.mouseClick(streams.bar.newer, Qt.MouseButton.LeftButton)
    desk.until(lambda: revisions(streams) == list(range(100, 200)))


def test_a_category_holds_only_its_streams(desk: RealWindow) -> None:
    put_books(desk)
    streams = look_at(desk, "isbn-*")
    desk.until(lambda: len(streams.model.events) == 4)
    assert all(event.stream.startswith("isbn-") for event in streams.model.events)


def test_a_live_tail_shows_what_comes(desk: RealWindow) -> None:
    append(desk, "weather-rome", 3)
    streams = look_at(desk, "weather-rome")
    desk.until(lambda: revisions(streams) == [0, 1, 2])
    if not streams.bar.live.isChecked():
        desk.qtbot.mouseClick(streams.bar.live, Qt.MouseButton.LeftButton)
    more = (NewEvent(uuid4(), "Measured", b"{}", b""),)
    desk.store.append("weather-rome", 2, more, timeout=10)
    desk.until(lambda: revisions(streams) == [0, 1, 2, 3])


def test_all_streams_and_payloads_that_are_no_json(desk: RealWindow) -> None:
    append(desk, "odd", 1, b"\xff\xfe not json")
    streams = look_at(desk, "$all")
    desk.until(lambda: any(event.stream == "odd" for event in streams.model.events))


def test_a_stream_that_is_not_there_is_said_to_be_so(desk: RealWindow) -> None:
    streams = look_at(desk, "nothing-here")
    desk.until(lambda: "nothing-here" in streams.message.text())
