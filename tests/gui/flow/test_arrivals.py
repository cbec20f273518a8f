"""Where nothing of ours runs, Flow shows what arrives in the store, by stream and type."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desk.application.queries import GetStreamPage, Source, StreamPage
from desk.application.session import TailState
from desk.cqrs.store import Recorded
from desk.gui.flow.panel import FlowPanel
from desk.gui.frame.theme import Theme
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.masking import set_masked
from tests.gui.flow.told_stories import StoryTeller
from tests.gui.timeline.fake_history import recorded
from tests.gui.workspaces import workspace_of


class Elsewhere(StoryTeller):
    """A store of other people, with one event in it."""

    def __init__(self) -> None:
        super().__init__()
        self.elsewhere = "store.example:2113"
        self.sinks: list[tuple[int | None, Callable[[tuple[Recorded, ...]], None]]] = []

    def _answer(self, query: object) -> object:
        if isinstance(query, GetStreamPage):
            return StreamPage(Source(), (recorded("order-1", 7),), older=True, newer=False)
        return super()._answer(query)

    def follow(self, source: Source, *, after: int | None, sink: Any, on_state: Any) -> "Elsewhere":
        self.sinks.append((after, sink))
        on_state(TailState(live=True))
        return self


@pytest.fixture
def teller() -> Iterator[Elsewhere]:
    teller = Elsewhere()
    yield teller
    teller.desk.close()


def test_events_arrive_by_stream_and_type(qtbot: QtBot, bridge: GuiBridge, theme: Theme, teller: Elsewhere) -> None:
    panel = FlowPanel(workspace_of(teller.session, bridge, theme))
    qtbot.addWidget(panel)
    panel.resize(1200, 600)
    panel.show()
    arrivals = panel.arrivals
    assert arrivals.isVisible()
    qtbot.waitUntil(lambda: len(teller.sinks) == 1)
    after, sink = teller.sinks[0]
    assert after == recorded("order-1", 7).position, "what was there before is no arrival"
    sink((recorded("order-2", 0), recorded("order-2", 1), recorded("order-3", 0)))
    qtbot.waitUntil(lambda: arrivals.total == 3)
    assert dict(arrivals.streams) == {"order-2": 2, "order-3": 1}
    newest, by_stream = arrivals.events.topLevelItem(0), arrivals.by_stream.topLevelItem(0)
    assert newest is not None
    assert newest.text(0) == "order-3"
    assert by_stream is not None
    assert (by_stream.text(0), by_stream.text(1)) == ("order-2", "2")
    assert "3 events" in arrivals.state.text()
    asked: list[str] = []
    panel._workspace.source_wanted.connect(asked.append)
    arrivals.by_stream.setCurrentItem(by_stream)
    qtbot.keyClick(arrivals.by_stream, Qt.Key.Key_Return)
    assert asked == ["order-2"], "Enter reads the stream in Streams"
    set_masked(masked=True)
    try:
        sink((recorded("order-1b4e28ba-2fa1-11d2-883f-0016d3cca427", 0),))
        qtbot.waitUntil(lambda: newest.text(0) == "order-1b4e…")
    finally:
        set_masked(masked=False)
    panel.stop()


def test_a_command_of_ours_is_shown_on_its_way_in_a_store_elsewhere_too(
    qtbot: QtBot, bridge: GuiBridge, theme: Theme, teller: Elsewhere
) -> None:
    teller.listed()
    panel = FlowPanel(workspace_of(teller.session, bridge, theme))
    qtbot.addWidget(panel)
    panel.show()
    assert panel.arrivals.isVisible()
    teller.lend()
    qtbot.waitUntil(panel.picture.isVisible)
    assert not panel.arrivals.isVisible()
    panel.stop()
