"""The order system that other tests stand on is what it says it is."""

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.cqrs.errors import StreamIsGone, StreamNotFound
from desk.cqrs.metadata import parse_metadata
from desk.store.eventstoredb import EventStoreDB
from tests import order_system
from tests.node.processes import start_node


@pytest.fixture
def store(order_system: Path, tmp_path: Path) -> Iterator[EventStoreDB]:
    shutil.copytree(order_system, tmp_path / "copy")
    node = start_node(tmp_path / "copy")
    store = EventStoreDB(node.uri)
    yield store
    store.close()
    node.stop()


def test_it_has_its_orders_links_limits_and_ends_and_its_hostile_events(store: EventStoreDB) -> None:
    events = [event for event in store.read_all() if not event.stream.startswith("$")]
    categories = Counter(event.stream.split("-")[0] for event in events)
    orders = order_system.ORDERS
    assert set(order_system.CATEGORIES) < set(categories)
    ordered = [event for event in events if event.stream.split("-")[-1].isdigit()]
    assert len({event.stream for event in ordered}) == orders * order_system.STREAMS_OF_AN_ORDER
    assert len(ordered) == orders * order_system.EVENTS_OF_AN_ORDER
    correlation = order_system.correlation_of(order_system.FOLLOWED)
    story = [event for event in ordered if parse_metadata(event.metadata).correlation_id == correlation]
    assert len({event.stream for event in story}) == 4
    assert [event.stream for event in store.read_stream(order_system.WATCHED, resolve_links=True)] == [
        order_system.order_name(number) for number in order_system.LINKED
    ]
    assert len(list(store.read_stream(order_system.WATCHED))) == 6
    assert [event.revision for event in store.read_stream(order_system.GAUGE)] == list(range(30, 40))
    with pytest.raises(StreamNotFound):
        list(store.read_stream(order_system.DELETED))
    with pytest.raises(StreamIsGone):
        list(store.read_stream(order_system.TOMBSTONED))
    for stream, event in order_system.hostile_events():
        assert [stored.data for stored in store.read_stream(stream)] == [event.data]
