"""Which streams there are: by the newest events, the server's list, and whoever knows more; found by any part."""

from unittest.mock import create_autospec

import pytest

from desk.application.event_search import EventIndexReader
from desk.application.stream_names import (
    Extent,
    GetKnownStreams,
    KnownStreams,
    KnownStreamsHandler,
    StreamFinder,
    StreamSummary,
    category_of,
)
from desk.cqrs.errors import StoreUnavailable
from desk.cqrs.store import NO_STREAM, NewEvent
from tests.counting import counting_calls
from tests.memory_store import MemoryStore
from tests.moments import REAL


def append(store: MemoryStore, stream: str, data: bytes = b"{}", expected: int = NO_STREAM) -> None:
    store.append(stream, expected, (NewEvent(REAL.new_id(), "Happened", data, b""),), timeout=1)


def names(known: KnownStreams) -> list[str]:
    return [stream.name for stream in known.streams]


def finder(*given: str) -> StreamFinder:
    return StreamFinder([StreamSummary(name) for name in given])


def test_without_an_index_the_newest_events_tell_and_say_how_much_that_is() -> None:
    store = MemoryStore()
    for number in range(3):
        append(store, f"order-{number}")
    append(store, "order-0", expected=0)
    known = KnownStreamsHandler(store)(GetKnownStreams())
    assert names(known) == ["order-0", "order-2", "order-1"]
    assert known.streams[0].revision == 1
    assert known.extent is Extent.NEWEST_EVENTS


def test_the_servers_list_adds_names_and_only_its_new_part_is_read_again() -> None:
    store = MemoryStore()
    for number in range(600):
        append(store, "busy", expected=number - 1)
    append(store, "$streams", b"0@long-ago")
    ask = KnownStreamsHandler(store)
    known = ask(GetKnownStreams())
    assert known.extent is Extent.LIST_OF_STREAMS
    assert names(known) == ["busy", "long-ago"]
    assert known.streams[1].written is None
    append(store, "$streams", b"0@newer", expected=0)
    assert set(names(ask(GetKnownStreams()))) == {"busy", "long-ago", "newer"}


def test_an_index_answers_first_and_one_that_does_not_know_yet_is_passed_over() -> None:
    store, index = MemoryStore(), create_autospec(EventIndexReader)
    append(store, "order-1")
    ask = KnownStreamsHandler(store, index)
    index.known_streams.return_value = None
    assert names(ask(GetKnownStreams())) == ["order-1"]
    index.known_streams.return_value = KnownStreams((StreamSummary("all-of-them", events=7),), Extent.EVERYTHING)
    assert ask(GetKnownStreams()) is index.known_streams.return_value


def test_a_store_that_is_away_is_not_taken_for_an_empty_one() -> None:
    store = MemoryStore()
    store.close()
    with pytest.raises(StoreUnavailable):
        KnownStreamsHandler(store)(GetKnownStreams())


def test_words_are_found_in_any_place_and_beginnings_come_first() -> None:
    found, count = finder("reorder-9", "payment-17", "order-170", "order-17", "a-order-2017").find("order 17")
    assert [stream.name for stream in found] == ["order-17", "order-170", "a-order-2017"]
    assert count == 3
    padded = finder("order-000170", "order-001017", "order-000017").find("order 17")[0]
    assert padded[0].name == "order-000017"
    assert finder("Order-1").find("oRDER")[1] == 1


def test_a_star_is_the_whole_name() -> None:
    streams = finder("a-2026-01", "2026", "b-2025", "x-2026")
    assert [stream.name for stream in streams.find("*-2026*")[0]] == ["a-2026-01", "x-2026"]
    assert [stream.name for stream in streams.find("2026*")[0]] == ["2026"]


def test_categories_are_counted_as_a_server_sees_them() -> None:
    assert category_of("order-17-b") == "order"
    assert category_of("gauge") == ""
    streams = finder("order-1", "order-2", "payment-1", "gauge", "order-3")
    assert dict(streams.categories) == {"order": 3, "payment": 1}
    assert [stream.name for stream in streams.of_category("order", 2)] == ["order-1", "order-2"]


@pytest.mark.parametrize("typed", ["order 17", "*-2026*", "o", "shipment 099 5"])
def test_of_many_names_few_are_looked_at_one_by_one(typed: str) -> None:
    """A plain look at each name is two calls a name, and ranking it some ten."""
    categories = ("order", "payment", "shipment", "customer", "stock")
    names = [f"{categories[n % 5]}-{2020 + n % 9}-{n:06}" for n in range(50_000)]
    streams = finder(*names)
    with counting_calls() as calls:
        found, _ = streams.find(typed)
    assert found
    assert calls.number < len(names)
