"""What every event store promises to Desk; each kind of store has a class of tests that inherits this one.

A store may hold events of other tests, and of itself: names are fresh in each test, and nothing is counted from 0.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import cast
from uuid import uuid4

import pytest

from desk.cqrs.errors import Conflict, StoreError, StoreUnavailable, StreamIsGone, StreamNotFound, TooLarge
from desk.cqrs.store import LARGEST_APPEND, NO_STREAM, Checkpoint, EventStore, Filter, NewEvent, Receipt, Recorded
from tests.store.listening import Listener, listening, new_events


def fresh(category: str = "thing") -> str:
    return f"{category}-{uuid4().hex}"


def put(store: EventStore, stream: str, expected: int, events: tuple[NewEvent, ...]) -> Receipt:
    return store.append(stream, expected, events, timeout=5.0)


def revisions(events: list[Recorded]) -> list[int]:
    return [event.revision for event in events]


class StoreContract:
    """Needs the fixtures ``store``, ``foreign`` (another client of the same server) and ``tombstone``."""

    # Appending

    def test_a_receipt_tells_revision_and_position_of_the_last_event(self, store: EventStore) -> None:
        events = new_events(3)
        receipt = put(store, stream := fresh(), NO_STREAM, events)
        read = list(store.read_stream(stream))
        assert revisions(read) == [0, 1, 2]
        assert receipt == Receipt(stream, 2, read[-1].position, tuple(event.id for event in events))

    def test_events_come_back_as_they_were_appended(self, store: EventStore) -> None:
        stream = fresh("Bücher ☃")
        data, metadata = '{"title":"Pippi Långstrump"}'.encode(), b""
        event = NewEvent(uuid4(), "BookRegistered", data, metadata)
        put(store, stream, NO_STREAM, (event,))
        (read,) = store.read_stream(stream)
        assert (read.id, read.stream, read.type) == (event.id, stream, "BookRegistered")
        assert (read.data, read.metadata, read.is_json, read.link) == (data, metadata, True, None)
        assert read.created is not None
        assert abs(read.created - datetime.now(UTC)) < timedelta(minutes=5)

    @pytest.mark.parametrize("count", [1, 3])
    @pytest.mark.parametrize("expected", [NO_STREAM, 0, 2, 7])
    def test_any_other_than_the_exact_revision_is_a_conflict_that_stores_nothing(
        self, store: EventStore, expected: int, count: int
    ) -> None:
        put(store, stream := fresh(), NO_STREAM, new_events(2))
        with pytest.raises(Conflict) as caught:
            put(store, stream, expected, new_events(count))
        assert (caught.value.stream, caught.value.expected, caught.value.actual) == (stream, expected, 1)
        assert revisions(list(store.read_stream(stream))) == [0, 1]

    @pytest.mark.parametrize("count", [1, 3])
    def test_expecting_a_revision_of_a_new_stream_is_a_conflict(self, store: EventStore, count: int) -> None:
        with pytest.raises(Conflict) as caught:
            put(store, fresh(), 0, new_events(count))
        assert caught.value.actual == NO_STREAM

    @pytest.mark.parametrize("count", [1, 3])
    def test_t06_repeating_an_append_succeeds_with_the_same_receipt_and_stores_nothing(
        self, store: EventStore, count: int
    ) -> None:
        put(store, stream := fresh(), NO_STREAM, new_events())
        first = put(store, stream, 0, events := new_events(count))
        put(store, stream, count, new_events())
        assert put(store, stream, 0, events) == first
        assert revisions(list(store.read_stream(stream))) == list(range(count + 2))

    def test_a_mixture_of_stored_and_new_events_is_a_conflict(self, store: EventStore) -> None:
        put(store, stream := fresh(), NO_STREAM, events := new_events(2))
        with pytest.raises(Conflict):
            put(store, stream, NO_STREAM, (*events, *new_events()))
        with pytest.raises(Conflict):
            put(store, stream, NO_STREAM, (events[0], *new_events()))
        assert revisions(list(store.read_stream(stream))) == [0, 1]

    def test_of_many_writers_at_one_revision_exactly_one_wins(self, store: EventStore) -> None:
        stream, ends = fresh(), list[str]()

        def write() -> None:
            try:
                put(store, stream, NO_STREAM, new_events(2))
            except Conflict as conflict:
                ends.append(conflict.code)
            else:
                ends.append("won")

        writers = [threading.Thread(target=write) for _ in range(6)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert sorted(ends) == ["Conflict"] * 5 + ["won"]
        assert revisions(list(store.read_stream(stream))) == [0, 1]

    def test_t15_an_iterator_of_events_is_refused(self, store: EventStore) -> None:
        for wrong in (iter(new_events(2)), list(new_events(2)), (b"{}",)):
            with pytest.raises(TypeError):
                put(store, stream := fresh(), NO_STREAM, cast("tuple[NewEvent, ...]", wrong))
            with pytest.raises(StreamNotFound):
                next(store.read_stream(stream))

    def test_an_append_of_nothing_or_at_no_exact_revision_is_refused(self, store: EventStore) -> None:
        with pytest.raises(ValueError, match="at least one"):
            put(store, fresh(), NO_STREAM, ())
        for wrong in (-2, True, None):
            with pytest.raises(ValueError, match="exactly one revision"):
                put(store, fresh(), cast("int", wrong), new_events())

    def test_an_append_has_at_most_half_a_mebibyte(self, store: EventStore) -> None:
        room = LARGEST_APPEND - len(new_events()[0].metadata)
        put(store, stream := fresh(), NO_STREAM, new_events(data=b"x" * room))
        with pytest.raises(TooLarge):
            put(store, stream, 0, new_events(data=b"x" * (room + 1)))
        assert revisions(list(store.read_stream(stream))) == [0]

    def test_a_tombstoned_stream_is_gone(self, store: EventStore, tombstone: Callable[[str], None]) -> None:
        put(store, stream := fresh(), NO_STREAM, new_events())
        tombstone(stream)
        for count in (1, 2):
            with pytest.raises(StreamIsGone):
                put(store, stream, 0, new_events(count))
        with pytest.raises(StreamIsGone):
            next(store.read_stream(stream))
        with pytest.raises(StreamIsGone):
            next(iter(store.follow_stream(stream)))

    # Reading

    @pytest.mark.parametrize(
        ("start", "backwards", "limit", "expected"),
        [
            (None, False, None, [0, 1, 2, 3, 4]),
            (0, False, 2, [0, 1]),
            (3, False, None, [3, 4]),
            (9, False, None, []),
            (None, True, None, [4, 3, 2, 1, 0]),
            (None, True, 1, [4]),
            (2, True, None, [2, 1, 0]),
            (0, True, 5, [0]),
            (9, True, 2, [4, 3]),
            (None, False, 0, []),
        ],
    )
    def test_a_stream_is_read_both_ways_from_a_revision_included(
        self, store: EventStore, start: int | None, backwards: bool, limit: int | None, expected: list[int]
    ) -> None:
        put(store, stream := fresh(), NO_STREAM, new_events(5))
        assert revisions(list(store.read_stream(stream, start=start, backwards=backwards, limit=limit))) == expected

    def test_a_missing_stream_is_found_missing_at_the_first_event(self, store: EventStore) -> None:
        reading = store.read_stream(fresh())
        with pytest.raises(StreamNotFound):
            next(reading)

    def test_all_is_read_forwards_from_a_position_included(self, store: EventStore) -> None:
        put(store, stream := fresh(), NO_STREAM, new_events(3))
        first, second, third = store.read_stream(stream)
        assert list(store.read_all(start=first.position)) == [first, second, third]
        assert list(store.read_all(start=second.position, limit=1)) == [second]

    def test_all_is_read_backwards_from_before_a_position(self, store: EventStore) -> None:
        put(store, stream := fresh(), NO_STREAM, new_events(3))
        first, second, third = store.read_stream(stream)
        assert list(islice(store.read_all(backwards=True), 3)) == [third, second, first]
        assert list(store.read_all(start=third.position, backwards=True, limit=2)) == [second, first]

    def test_positions_rise_over_all_streams(self, store: EventStore) -> None:
        receipts = [put(store, fresh(), NO_STREAM, new_events(2)) for _ in range(3)]
        start = next(store.read_stream(receipts[0].stream)).position
        positions = [event.position for event in store.read_all(start=start)]
        assert positions == sorted(set(positions))
        assert positions[1::2] == [receipt.position for receipt in receipts]

    def test_a_store_is_called_the_same_each_time_or_has_no_id(self, store: EventStore) -> None:
        assert store.store_id() == store.store_id()
        put(store, fresh(), NO_STREAM, new_events(2))
        assert store.store_id() == store.store_id()

    def test_a_position_at_which_no_event_begins_has_none(self, store: EventStore) -> None:
        receipt = put(store, fresh(), NO_STREAM, new_events(2))
        head = store.head()
        assert head is not None
        assert store.event_at(head + 10**6) is None
        assert [event.position for event in [store.event_at(receipt.position)] if event] == [receipt.position]

    def test_the_head_is_the_last_position_and_holds_that_event(self, store: EventStore) -> None:
        receipt = put(store, stream := fresh(), NO_STREAM, new_events(2))
        assert store.head() == receipt.position
        assert store.event_at(receipt.position) == list(store.read_stream(stream))[-1]
        assert store.event_at(receipt.position + 1) is None

    def test_a_link_is_resolved_where_asked_and_keeps_its_own_position(self, store: EventStore) -> None:
        put(store, target := fresh(), NO_STREAM, new_events(2))
        link = NewEvent(uuid4(), "$>", f"1@{target}".encode(), b"")
        broken = NewEvent(uuid4(), "$>", f"7@{target}".encode(), b"")
        receipt = put(store, stream := fresh("links"), NO_STREAM, (broken, link))
        (resolved,) = store.read_stream(stream, resolve_links=True)
        assert (resolved.stream, resolved.revision, resolved.position) == (target, 1, receipt.position)
        assert resolved.link is not None
        assert (resolved.link.id, resolved.link.stream, resolved.link.revision) == (link.id, stream, 1)
        assert [event.id for event in store.read_stream(stream)] == [broken.id, link.id]

    # Filters

    def test_t16_a_filter_matches_the_own_categories_only(self, store: EventStore) -> None:
        mark = uuid4().hex
        names = [f"book{mark}-1", f"isbn{mark}-2", f"other-isbn{mark}-3", f"book{mark}", f"book{mark}x-4"]
        for name in names:
            put(store, name, NO_STREAM, new_events())
        start = next(store.read_stream(names[0])).position

        def matching(pattern: str) -> list[str]:
            """Without the streams that a server's own projections name after ours."""
            streams = [event.stream for event in store.read_all(start=start, only=Filter(pattern))]
            return [stream for stream in streams if not stream.startswith("$")]

        for pattern in (f"^(?:book|isbn){mark}-", f"^book{mark}-|^isbn{mark}-"):
            assert matching(pattern) == names[:2]
        assert matching(f"isbn{mark}") == names[1:3]
        assert matching(f"book{mark}$") == [names[3]]

    def test_a_filter_by_type_reads_both_ways_and_counts_matches(self, store: EventStore) -> None:
        wanted = f"Type{uuid4().hex}"
        put(store, stream := fresh(), NO_STREAM, new_events(2))
        put(store, stream, 1, new_events(3, type_name=wanted))
        put(store, stream, 4, new_events(2, type_name="Not" + wanted))
        only = Filter(f"^{wanted}$", by_type=True)
        assert revisions(list(store.read_all(only=only, limit=2))) == [2, 3]
        assert revisions(list(store.read_all(only=only, backwards=True))) == [4, 3, 2]

    # Feeds

    def test_a_feed_from_the_start_delivers_all_then_catches_up_then_goes_on(
        self, store: EventStore, foreign: EventStore
    ) -> None:
        put(store, stream := fresh(), NO_STREAM, new_events(3))
        with listening(store.follow_all()) as listener:
            listener.until(lambda: listener.caught_up)
            assert revisions([e for e in listener.events if e.stream == stream]) == [0, 1, 2]
            receipt = put(foreign, stream, 2, new_events(2))
            listener.until(lambda: any(event.position == receipt.position for event in listener.events))
        assert listener.error is None
        # A server may write links behind the events, at any time.
        delivered = [event.position for event in listener.events if event.type != "$>"]
        assert delivered == [event.position for event in store.read_all() if event.type != "$>"]

    def test_t11_after_nothing_and_after_the_first_event_are_two_things(self, store: EventStore) -> None:
        put(store, stream := fresh("nought"), NO_STREAM, new_events(2))
        first, second = islice(store.read_all(), 2)
        for position, start in ((None, first), (first.position, second)):
            with listening(store.follow_all(after=position)) as listener:
                listener.until(lambda: listener.caught_up)
            assert listener.events[0] == start
        for after, expected in ((None, [0, 1]), (0, [1])):
            with listening(store.follow_stream(stream, after=after)) as listener:
                listener.until(lambda: listener.caught_up)
            assert revisions(listener.events) == expected

    def test_a_feed_resumes_after_the_position_of_an_event(self, store: EventStore) -> None:
        put(store, stream := fresh(), NO_STREAM, new_events(4))
        third = list(store.read_stream(stream))[2]
        with listening(store.follow_all(after=third.position)) as listener:
            listener.until(lambda: listener.caught_up)
        assert [(e.stream, e.revision) for e in listener.events] == [(stream, 3)]

    def test_a_feed_behind_the_last_event_delivers_only_what_is_new(self, store: EventStore) -> None:
        put(store, stream := fresh(), NO_STREAM, new_events(2))
        for expected in (1, 2):
            feeds = (store.follow_all(after=store.head()), store.follow_stream(stream, after=expected))
            with listening(feeds[expected - 1]) as listener:
                listener.until(lambda: listener.caught_up)
                put(store, stream, expected, new_events())
                listener.until(lambda: bool(listener.events))
            assert revisions(listener.events) == [expected + 1]

    def test_a_feed_of_a_stream_that_is_yet_to_come_waits_for_it(self, store: EventStore) -> None:
        stream = fresh()
        with listening(store.follow_stream(stream)) as listener:
            put(store, stream, NO_STREAM, new_events(2))
            listener.until(lambda: len(listener.events) == 2)
        assert revisions(listener.events) == [0, 1]

    def test_a_filtered_feed_sees_its_own_events_and_checkpoints_never_ahead_of_the_log(
        self, store: EventStore
    ) -> None:
        mark = uuid4().hex
        with listening(store.follow_all(only=Filter(f"^own{mark}-"), after=store.head())) as listener:
            listener.until(lambda: listener.caught_up)
            put(store, f"own{mark}-1", NO_STREAM, new_events(2))
            last = put(store, fresh("foreign"), NO_STREAM, new_events(400))
            listener.until(lambda: any(isinstance(item, Checkpoint) for item in listener.items))
        assert [event.stream for event in listener.events] == [f"own{mark}-1"] * 2
        assert all(item.position <= last.position for item in listener.items if isinstance(item, Checkpoint))

    def test_stopping_a_feed_ends_its_iteration_without_an_error(self, store: EventStore) -> None:
        feed = store.follow_all(after=store.head())
        listener = Listener(feed)
        listener.until(lambda: listener.caught_up)
        feed.stop()
        listener.end()
        assert listener.error is None
        assert list(feed) == []

    def test_a_feed_stopped_before_it_was_read_never_starts(self, store: EventStore) -> None:
        feed = store.follow_all()
        feed.stop()
        assert list(feed) == []

    # Closing

    def test_closing_ends_feeds_and_makes_later_calls_fail(self, store: EventStore) -> None:
        listener = Listener(store.follow_all(after=store.head()))
        listener.until(lambda: listener.caught_up)
        store.close()
        listener.end()
        assert listener.error is None
        calls: tuple[Callable[[], object], ...] = (
            store.head,
            lambda: store.event_at(1),
            lambda: next(store.read_all()),
            lambda: next(iter(store.follow_all())),
            lambda: put(store, fresh(), NO_STREAM, new_events()),
        )
        for call in calls:
            with pytest.raises(StoreUnavailable) as caught:
                call()
            assert isinstance(caught.value, StoreError)
