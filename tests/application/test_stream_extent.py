"""How far a stream reaches, what hides a part of it, and where something stands in it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from desk.application.event_question import UnreadableQuestion
from desk.application.queries import GetStreamPage, Source
from desk.application.stream_extent import (
    PAGE,
    PAGES,
    GetStreamExtent,
    LocateEvent,
    StreamExtents,
    read_goal,
)
from desk.application.streampages import StreamPages, place_of
from desk.cqrs.store import NO_STREAM, NewEvent
from tests.memory_store import STRIDE, MemoryStore

STREAM = Source("weather")


def fill(store: MemoryStore, stream: str, count: int, data: bytes = b"{}", type_name: str = "Measured") -> None:
    events = tuple(NewEvent(uuid4(), type_name, data, b"") for _ in range(count))
    store.append(stream, NO_STREAM, events, timeout=1)


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    fill(store, "other", 3)
    fill(store, "weather", 50)
    return store


def test_a_stream_reaches_from_its_first_to_its_last_event_and_its_metadata_say_why(store: MemoryStore) -> None:
    ask = StreamExtents(store).extent
    assert (ask(GetStreamExtent("weather")).first, ask(GetStreamExtent("weather")).count) == (0, 50)
    fill(store, "$$weather", 1, b'{"$maxCount": 10, "$maxAge": 3600, "$acl": {"$r": "ops"}, "room": 7, "$tb": "odd"}')
    metadata = ask(GetStreamExtent("weather")).metadata
    assert metadata is not None
    assert (metadata.max_count, metadata.max_age, metadata.truncate_before) == (10, 3600, None)
    assert (metadata.acl, metadata.custom) == ({"$r": "ops"}, {"room": 7})
    nothing = ask(GetStreamExtent("nowhere"))
    assert (nothing.first, nothing.last, nothing.metadata, nothing.count) == (None, None, None, 0)
    store.tombstone("other")
    assert ask(GetStreamExtent("other")).first is None


def test_a_revision_is_where_it_is_or_said_not_to_be_there(store: MemoryStore) -> None:
    locate = StreamExtents(store).locate
    assert locate(LocateEvent(STREAM, 17)).place == 17
    assert "revision 49" in locate(LocateEvent(STREAM, 50)).why_not
    assert "no stream" in locate(LocateEvent(Source("nowhere"), 1)).why_not


def test_a_position_or_moment_leads_to_the_nearest_event(store: MemoryStore) -> None:
    locate = StreamExtents(store).locate
    first = next(iter(store.read_stream("weather")))
    assert locate(LocateEvent(STREAM, first.position + 20 * STRIDE + 1, by_position=True)).place == 20
    assert locate(LocateEvent(STREAM, 0, by_position=True)).place == 0
    events = list(store.read_stream("weather"))
    for event in (events[0], events[31], events[49]):
        assert event.created is not None
        place = locate(LocateEvent(STREAM, event.created)).place
        assert place is not None
        assert events[place].created == event.created
    assert locate(LocateEvent(STREAM, datetime(2100, 1, 1, tzinfo=UTC))).place == 49


def test_an_id_is_looked_for_from_the_newest_event_backwards_in_steps(store: MemoryStore) -> None:
    locate = StreamExtents(store).locate
    events = list(store.read_stream("weather"))
    assert locate(LocateEvent(STREAM, events[3].id)).place == 3
    assert locate(LocateEvent(Source(), events[3].id)).place == events[3].position
    nothing = locate(LocateEvent(STREAM, uuid4()))
    assert (nothing.place, nothing.looked) == (None, 50)
    assert nothing.why_not
    fill(store, "long", PAGE * PAGES + 5)
    first = next(iter(store.read_stream("long")))
    step = locate(LocateEvent(Source("long"), first.id))
    assert (step.place, step.why_not, step.looked) == (None, "", PAGE * PAGES)
    assert locate(LocateEvent(Source("long"), first.id, before=step.before)).place == 0


def test_what_is_typed_is_read_or_said_how_it_is_written() -> None:
    every = Source()
    assert read_goal(" 4,901 ", STREAM) == LocateEvent(STREAM, 4901)
    assert read_goal("4901@weather", STREAM) == LocateEvent(STREAM, 4901)
    assert read_goal("4901", every) == LocateEvent(every, 4901, by_position=True)
    assert read_goal("position 81920", STREAM) == LocateEvent(STREAM, 81920, by_position=True)
    event_id = uuid4()
    assert read_goal(str(event_id), STREAM) == LocateEvent(STREAM, event_id)
    moment = read_goal("2026-03-04 15:30", STREAM).goal
    assert isinstance(moment, datetime)
    assert moment - datetime(2026, 3, 4, 15, 30).astimezone(UTC) == timedelta(0)
    with pytest.raises(UnreadableQuestion, match="is no revision"):
        read_goal("yesterday-ish", STREAM)


def test_a_link_that_leads_nowhere_stays_in_the_page_as_a_link(store: MemoryStore) -> None:
    for number, goal in enumerate((b"7@weather", b"99@weather", b"0@nowhere", b"8@weather")):
        store.append("links", number - 1, (NewEvent(uuid4(), "$>", goal, b""),), timeout=1)
    page = StreamPages(store).page(GetStreamPage(Source("links")))
    assert [(event.type, event.stream, event.revision) for event in page.events] == [
        ("Measured", "weather", 7),
        ("$>", "links", 1),
        ("$>", "links", 2),
        ("Measured", "weather", 8),
    ]
    older = StreamPages(store).page(GetStreamPage(Source("links"), before=3, limit=2))
    assert [event.data for event in older.events] == [b"99@weather", b"0@nowhere"]
    as_stored = StreamPages(store).page(GetStreamPage(Source("links", resolve_links=False)))
    assert {event.type for event in as_stored.events} == {"$>"}


@pytest.mark.parametrize("source", [STREAM, Source(), Source(category="order")])
def test_the_page_around_a_place_has_half_of_it_before_and_half_after(store: MemoryStore, source: Source) -> None:
    fill(store, "order-1", 20)
    every = [place_of(source, event) for event in StreamPages(store).page(GetStreamPage(source)).events]
    for middle, expected in ((10, every[6:16]), (0, every[:10]), (len(every) - 2, every[-6:])):
        around = StreamPages(store).page(GetStreamPage(source, around=every[middle], limit=10))
        places = [place_of(source, event) for event in around.events]
        assert places == expected
        assert (around.older, around.newer) == (places[0] > every[0], places[-1] < every[-1])
