"""What only the twin can do: fail on purpose, and be compared with a plain list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.cqrs.errors import Conflict, OutcomeUnknown, StoreUnavailable
from desk.cqrs.store import NO_STREAM, NewEvent
from tests.memory_store import MemoryStore
from tests.store.contract import fresh, put, revisions
from tests.store.listening import Listener, listening, new_events


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


def test_planned_failures_come_in_order_and_store_nothing(store: MemoryStore) -> None:
    stream, events = fresh(), new_events()
    store.fail_next(StoreUnavailable("The disk is full."))
    store.fail_next(Conflict(stream, NO_STREAM))
    with pytest.raises(StoreUnavailable, match="disk is full"):
        put(store, stream, NO_STREAM, events)
    with pytest.raises(Conflict):
        put(store, stream, NO_STREAM, events)
    assert store.head() is None
    assert put(store, stream, NO_STREAM, events).revision == 0


def test_a_lost_answer_leaves_the_events_and_a_repeat_settles_it(store: MemoryStore) -> None:
    stream, events = fresh(), new_events(2)
    store.lose_next_answer()
    with pytest.raises(OutcomeUnknown):
        put(store, stream, NO_STREAM, events)
    assert put(store, stream, NO_STREAM, events).revision == 1
    assert revisions(list(store.read_stream(stream))) == [0, 1]


def test_a_store_that_goes_away_drops_feeds_until_it_is_back(store: MemoryStore) -> None:
    listener = Listener(store.follow_all())
    listener.until(lambda: listener.caught_up)
    store.go_away("Nobody is at home.")
    listener.end()
    assert str(listener.error) == "Nobody is at home."
    with pytest.raises(StoreUnavailable, match="at home"):
        store.head()
    with pytest.raises(StoreUnavailable):
        put(store, fresh(), NO_STREAM, new_events())
    store.come_back()
    with listening(store.follow_all()) as again:
        receipt = put(store, fresh(), NO_STREAM, new_events())
        again.until(lambda: bool(again.events))
    assert again.events[-1].position == receipt.position


def test_a_dropped_feed_can_be_resumed_without_a_gap(store: MemoryStore) -> None:
    put(store, stream := fresh(), NO_STREAM, new_events(2))
    listener = Listener(store.follow_all())
    listener.until(lambda: listener.caught_up)
    store.drop_feeds()
    listener.end()
    assert isinstance(listener.error, StoreUnavailable)
    put(store, stream, 1, new_events())
    with listening(store.follow_all(after=listener.events[-1].position)) as again:
        again.until(lambda: again.caught_up)
    assert revisions(again.events) == [2]


def test_no_time_means_nothing_stored(store: MemoryStore) -> None:
    with pytest.raises(StoreUnavailable):
        store.append(fresh(), NO_STREAM, new_events(), timeout=0.0)
    assert store.head() is None


POOL = new_events(4)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b"]),
            st.integers(-1, 4),
            st.lists(st.sampled_from(POOL), min_size=1, max_size=3, unique_by=lambda event: event.id),
        ),
        max_size=12,
    )
)
def test_the_twin_does_what_a_plain_list_says(appends: list[tuple[str, int, list[NewEvent]]]) -> None:
    store, model = MemoryStore(), dict[str, list[NewEvent]](a=[], b=[])
    for stream, expected, events in appends:
        held = model[stream]
        there = held[expected + 1 : expected + 1 + len(events)]
        if expected == len(held) - 1:
            held.extend(events)
        elif there != events:
            with pytest.raises(Conflict):
                put(store, stream, expected, tuple(events))
            continue
        assert put(store, stream, expected, tuple(events)).revision == expected + len(events)
    for stream, held in model.items():
        read = [event.id for event in store.read_all() if event.stream == stream]
        assert read == [event.id for event in held]
