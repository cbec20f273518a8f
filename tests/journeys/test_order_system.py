"""A store that Desk did not write: an order is found by its customer's city, followed, compared, and exported."""

import json
import shutil
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidgetItem

from desk.application.event_index import IndexPart, PartPhase, phase_of
from desk.application.queries import Source
from desk.cqrs.store import NO_STREAM, NewEvent
from desk.gui.streams.compare_tab import CompareTab
from desk.gui.streams.export import ExportDialog
from desk.gui.streams.filter_bar import CHANGED, PATH, STREAM, STREAM_HAS, TYPE, TYPE_HAS
from desk.gui.streams.lanes_tab import LanesTab
from desk.gui.streams.model import BASE_COLUMNS
from desk.gui.streams.panel import StreamsPanel
from desk.gui.streams.story_tab import StoryTab
from desk.gui.streams.view import StreamTab
from tests import order_system as orders
from tests.journeys.conftest import Windows
from tests.journeys.window import PATIENCE, RealWindow

ORDER = orders.order_name(orders.FOLLOWED)
LOOKING = PATIENCE * max(1, orders.ORDERS * 20 // orders.WHOLE)
"""Milliseconds that a look at every event may take: it is as long as the store."""


@pytest.fixture
def desk(shared: Windows, order_system: Path, tmp_path_factory: pytest.TempPathFactory) -> RealWindow:
    """A window on a copy of the order system, in which no stream is open."""
    if shared.sound:
        panel = streams_of(shared.sound)
        for number in reversed(range(panel.tabs.count())):
            panel.close_tab(number)
        return shared.sound
    window = opened(shared, order_system, tmp_path_factory)
    window.until_live()
    return window


def opened(shared: Windows, order_system: Path, tmp_path_factory: pytest.TempPathFactory) -> RealWindow:
    """A window that is still opening, on a copy of the order system."""
    return shared.without_waiting(shutil.copytree(order_system, tmp_path_factory.mktemp("copied") / "orders"))


def streams_of(desk: RealWindow) -> StreamsPanel:
    desk.trigger("go.streams")
    panel = desk.window.places["streams"]
    assert isinstance(panel, StreamsPanel)
    desk.until(panel.isVisible)
    return panel


def types(view: StreamTab) -> list[str]:
    return [event.type for event in view.model.events]


def items(story: StoryTab) -> list[QTreeWidgetItem]:
    return story.tree.findItems("", Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive)


def says(view: StreamTab, why: str) -> bool:
    return why in view.detail.link.text()


def shows(view: StreamTab, data: bytes) -> bool:
    return [one.data for one in view.model.events] == [data] and view.detail.data_view.raw == data


def test_a_link_leads_to_its_event_also_while_the_window_is_still_opening(
    shared: Windows, order_system: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The other tests go on with this window."""
    desk = opened(shared, order_system, tmp_path_factory)
    desk.window.go_to(f"desk://open?stream={ORDER}&revision=4")
    desk.until_live()
    panel = streams_of(desk)
    desk.until(lambda: panel.view.detail.event_shown is not None and panel.view.detail.event_shown.revision == 4)
    assert panel.view.name == ORDER


def test_an_order_is_found_by_a_city_and_followed_to_its_shipment(desk: RealWindow, tmp_path: Path) -> None:
    panel = streams_of(desk)
    view = panel.open_source("order-*")
    desk.until(lambda: len(view.model.events) == 100)
    view.filtering.put(PATH, f'$.customer.city = "{orders.CITY}"')
    desk.until(lambda: [event.stream for event in view.model.events] == [ORDER], LOOKING)
    view.table.select(0)
    desk.until(lambda: "story:" in view.detail.origin.text())
    view.detail.origin.linkActivated.emit(f"story:{orders.correlation_of(orders.FOLLOWED)}")
    story = panel.tabs.currentWidget()
    assert isinstance(story, StoryTab)
    desk.until(lambda: "in 4 streams" in story.said.text())
    delivered = [item for item in items(story) if item.text(0) == "ShipmentDelivered"]
    assert len(delivered) == 1
    story.tree.itemDoubleClicked.emit(delivered[0], 0)
    shipment = panel.view
    desk.until(lambda: types(shipment)[-1:] == ["ShipmentDelivered"])
    assert shipment.name == f"shipment-{orders.FOLLOWED:06}"


def test_two_states_of_an_order_are_compared_and_what_changed_a_path_is_told(desk: RealWindow) -> None:
    panel = streams_of(desk)
    view = panel.open_source(ORDER)
    desk.until(lambda: types(view)[-1:] == ["OrderCompleted"])
    desk.until(lambda: view.bar.state.text() == "1-16 of 16")
    panel.mark(view.model.events[0])
    panel.compare((view.model.events[-1], True))
    tab = panel.tabs.currentWidget()
    assert isinstance(tab, CompareTab)
    desk.until(lambda: "differ" in tab.said.text())
    found = {item.text(1): (item.text(2), item.text(3)) for item in map(tab.tree.topLevelItem, range(20)) if item}
    assert found["$.state"] == ("", '"confirmed"')
    assert found["$.payment.method"] == ("", '"card"')
    panel.open_source(ORDER)
    view.filtering.put(CHANGED, "$.state")
    desk.until(lambda: types(view) == ["OrderConfirmed"])


def test_a_filtered_category_is_exported_as_it_is_found(desk: RealWindow, tmp_path: Path) -> None:
    panel = streams_of(desk)
    view = panel.open_source("payment-*")
    desk.until(lambda: len(view.model.events) == 100)
    view.filtering.put(TYPE, "PaymentReceived")
    desk.until(lambda: view.filtering.reader.state.by is not None and not view.filtering.reader.state.busy, LOOKING)
    said: list[str] = []
    desk.window.workspace.said.connect(said.append)
    source = view.reader.state.source
    assert source is not None
    ExportDialog(desk.window.workspace, source, view.filtering.reader.wanted, view).begin(tmp_path / "paid.ndjson")
    desk.until(lambda: any("exported" in text for text in said), LOOKING)
    lines = [json.loads(line) for line in (tmp_path / "paid.ndjson").read_text().splitlines()]
    assert len(lines) == orders.ORDERS
    assert {line["type"] for line in lines} == {"PaymentReceived"}
    assert all(line["data"]["state"] == "paid" for line in lines)


def test_streams_and_types_are_chosen_by_the_server_and_both_together_by_whoever_can(desk: RealWindow) -> None:
    view = streams_of(desk).open_source("$all")
    desk.until(lambda: len(view.model.events) == 100)
    said = view.filtering.bar.said
    view.filtering.put(STREAM_HAS, r"^(order|payment)-00000[0-3]$")
    desk.until(lambda: "chosen by the server" in said.text() and said.text().endswith("these are all"), LOOKING)
    assert {event.stream for event in view.model.events} == {
        f"{category}-{number:06}" for category in ("order", "payment") for number in range(4)
    }
    view.filtering.put(TYPE_HAS, "(?i)^orderplaced$")
    desk.until(lambda: types(view) == ["OrderPlaced"] * 4, LOOKING)
    view.filtering.put(STREAM, "shipment 000002")
    desk.until(lambda: said.text().startswith("4 events found") and "looking" not in said.text(), LOOKING)
    assert "chosen by the server" not in said.text()
    view.filtering.bar.take_away(view.filtering.bar.chips[1])
    desk.until(lambda: "chosen by the server" in said.text() and said.text().endswith("these are all"), LOOKING)
    assert "shipment-000002" in {event.stream for event in view.model.events}


def test_links_limits_deletions_and_hostile_events_are_shown_for_what_they_are(desk: RealWindow) -> None:
    panel = streams_of(desk)
    view = panel.open_source(orders.WATCHED)
    desk.until(lambda: len(view.model.events) == 6)
    assert [event.stream for event in view.model.events[:3]] == [orders.order_name(number) for number in orders.LINKED]
    for row, why in ((3, "was deleted"), (4, "never was"), (5, "begins with revision 30 now")):
        view.table.select(row)
        desk.until(partial(says, view, why))
    panel.open_source(orders.GAUGE)
    desk.until(lambda: len(view.model.events) == 10)
    desk.until(lambda: "30 earlier events cannot be read any more: only the newest 10" in view.limits.text())
    desk.until(lambda: view.bar.state.text() == "1-10 of 10")
    panel.open_source(orders.TOMBSTONED)
    desk.until(lambda: "tombstoned" in view.message.text())
    for stream, event in orders.hostile_events():
        panel.open_source(stream)
        desk.until(partial(shows, view, event.data))


def test_four_streams_of_an_order_stand_side_by_side_and_the_horizon_goes_on_with_the_store(desk: RealWindow) -> None:
    """Also where another stream is written to: then nothing can be missing of these up to that."""
    panel = streams_of(desk)
    names = [f"{category}-{orders.FOLLOWED:06}" for category in ("order", "payment", "shipment", "customer")]
    panel.show_lanes(map(Source.parse, names))
    tab = panel.tabs.currentWidget()
    assert isinstance(tab, LanesTab)
    desk.until(lambda: tab.lanes.complete is not None and not tab.reader.busy)
    before = tab.lanes.complete
    assert before is not None
    assert before[0] is None, "all of them was read"
    assert {event.stream for event in tab.lanes.events} == set(names)
    positions = [event.position for event in tab.lanes.events]
    assert positions == sorted(positions)
    assert "Nothing can be missing before" in tab.said.text()
    count = len(positions)
    beside = NewEvent(UUID(int=1), "Measured", b"{}", b"")
    written = desk.store.append("gauge-beside", NO_STREAM, (beside,), timeout=60)
    desk.until(lambda: tab.lanes.mark is not None and tab.lanes.mark.position >= written.position)
    assert tab.lanes.complete is not None
    assert tab.lanes.complete[1] > before[1]
    assert len(tab.lanes.events) == count
    last = max(event.revision for event in tab.lanes.events if event.stream == names[1])
    refund = NewEvent(UUID(int=2), "PaymentRefunded", b"{}", b"")
    desk.store.append(names[1], last, (refund,), timeout=60)
    desk.until(lambda: [event.type for event in tab.lanes.events[count:]] == ["PaymentRefunded"])
    assert tab.detail.title.text() == "PaymentRefunded", "who is at the newest goes with what comes"


def test_a_value_is_pinned_as_a_column_and_its_filter_asks_the_index(desk: RealWindow) -> None:
    panel = streams_of(desk)
    view = panel.open_source("order-*")
    desk.until(lambda: len(view.model.events) == 100)
    search = desk.session.search
    index = desk.session.index
    assert search is not None
    assert index is not None
    desk.until(lambda: phase_of(index.parts(), IndexPart.EVENTS) is PartPhase.READY, LOOKING)
    view.columns.add("$.customer.city", pinned=True)
    desk.until(lambda: "$.customer.city" in panel.kept.pinned)
    assert [str(path) for path in search.pinned()] == ["$.customer.city"]
    view.filtering.put(PATH, f'$.customer.city = "{orders.CITY}"')
    desk.until(lambda: [event.stream for event in view.model.events] == [ORDER], LOOKING)
    desk.until(lambda: view.model.index(0, BASE_COLUMNS).data() == orders.CITY)
    view.columns.remove("$.customer.city")
    desk.until(lambda: search.pinned() == ())
