"""Several streams merged in the store's order, and the horizon below which nothing of them can be missing."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from desk.application.queries import GetStreamPage, Source, StreamPage
from desk.application.swim_lanes import KEPT, PAGE, StoreMark, SwimLanes, lane_event, mark_of
from desk.cqrs.metadata import Metadata, encode_metadata
from desk.cqrs.store import Recorded
from tests.gui.timeline.fake_history import BEGIN, FakeHistory, recorded

STORY = UUID("11111111-2222-3333-4444-555555555555")
OTHER = UUID("99999999-2222-3333-4444-555555555555")


def at(stream: str, revision: int, position: int, correlation: UUID | None = None) -> Recorded:
    """An event whose time goes with its position, as the store's does."""
    metadata = encode_metadata(Metadata(correlation_id=correlation)) if correlation else b""
    moment = BEGIN + timedelta(seconds=position)
    return recorded(stream, revision, at=moment, position=position, metadata=metadata)


class Reading:
    """Lanes over a store in memory, read round by round."""

    def __init__(self, *sources: str) -> None:
        self.store = FakeHistory()
        self.lanes = SwimLanes(map(Source.parse, sources))

    def add(self, *events: Recorded) -> None:
        for event in events:
            self.store.add(event.stream, event, known=False)

    @property
    def newest(self) -> Recorded:
        return max((event for stream in self.store.streams.values() for event in stream), key=lambda e: e.position)

    def read(self) -> None:
        """One round: where the store is, and then what each source has."""
        mark = mark_of(self.newest)
        self.ask(dict(enumerate(self.lanes.newer())))
        self.lanes.reached(mark)

    def ask(self, questions: dict[int, GetStreamPage]) -> None:
        found = []
        for number, asked in questions.items():
            question: GetStreamPage | None = asked
            while question is not None:
                page: StreamPage = self.store.ask(question).result()
                question = self.lanes.take(number, question, page)
            found += [lane_event(event, number) for event in page.events]
        self.lanes.put(self.lanes.fresh(found))

    def order(self) -> list[tuple[str, int]]:
        return [(event.stream, event.revision) for event in self.lanes.events]


def seconds(position: int) -> float:
    return (BEGIN + timedelta(seconds=position, milliseconds=3)).timestamp()


def test_events_of_two_streams_stand_in_the_order_of_the_store() -> None:
    reading = Reading("order-1", "payment-1")
    reading.add(at("order-1", 0, 10), at("payment-1", 0, 20), at("order-1", 1, 30), at("payment-1", 1, 40))
    reading.read()
    assert reading.order() == [("order-1", 0), ("payment-1", 0), ("order-1", 1), ("payment-1", 1)]
    assert list(reading.lanes.streams.numbers) == [0, 1, 0, 1]
    assert list(reading.lanes.history.positions) == [10, 20, 30, 40]


def test_a_quiet_stream_does_not_hold_the_horizon_back() -> None:
    """Where the store was is asked before the streams are: of a stream without news nothing can be missing either."""
    reading = Reading("order-1", "payment-1")
    reading.add(at("order-1", 0, 10), at("payment-1", 0, 20))
    reading.read()
    assert reading.lanes.complete == (None, seconds(20))
    reading.add(at("payment-1", 1, 30), at("gauge", 0, 50))
    reading.read()
    assert reading.lanes.complete == (None, seconds(50))
    assert reading.order()[-1] == ("payment-1", 1)


def test_before_all_were_read_nothing_is_said_of_what_is_complete() -> None:
    reading = Reading("order-1", "payment-1")
    reading.add(at("order-1", 0, 10), at("payment-1", 0, 20))
    assert reading.lanes.complete is None
    reading.ask({0: reading.lanes.newer()[0]})
    assert reading.lanes.complete is None


def test_what_has_not_been_read_yet_bounds_it_from_below_until_older_pages_are_there() -> None:
    reading = Reading("order-1", "payment-1")
    reading.add(*(at("order-1", number, 10 * number + 1) for number in range(PAGE + 20)))
    reading.add(at("payment-1", 0, 5))
    reading.read()
    begin, end = reading.lanes.complete or (None, 0.0)
    assert begin == seconds(10 * 20 + 1)
    assert end == seconds(10 * (PAGE + 19) + 1)
    assert reading.lanes.older() == {0: GetStreamPage(Source("order-1"), before=20, limit=PAGE)}
    reading.ask(reading.lanes.older())
    assert reading.lanes.complete == (None, end)
    assert reading.lanes.older() == {}
    assert reading.order()[:3] == [("order-1", 0), ("payment-1", 0), ("order-1", 1)]


def test_more_news_than_a_page_is_not_read_one_by_one_and_the_hole_is_not_called_complete() -> None:
    reading = Reading("order-1", "payment-1")
    reading.add(at("order-1", 0, 1), at("payment-1", 0, 2))
    reading.read()
    reading.add(*(at("order-1", number, 10 * number) for number in range(1, PAGE + 50)))
    reading.read()
    assert len(reading.lanes.events) == PAGE + 2
    assert (reading.lanes.complete or (None, 0.0))[0] == seconds(10 * 50)
    reading.ask(reading.lanes.older())
    assert reading.lanes.complete is not None
    assert reading.lanes.complete[0] is None
    assert len(reading.lanes.events) == PAGE + 51


def test_of_too_many_events_the_oldest_go_and_that_is_not_called_complete() -> None:
    reading = Reading("order-1", "payment-1")
    reading.add(at("payment-1", 0, 0))
    for first in range(0, 9 * PAGE, PAGE):
        reading.add(*(at("order-1", number, number + 1) for number in range(first, first + PAGE)))
        reading.read()
    assert len(reading.lanes.events) == KEPT
    begin = reading.lanes.events[0]
    assert (reading.lanes.complete or (None, 0.0))[0] == seconds(begin.position)
    assert reading.lanes.older() == {}


def test_an_event_that_two_sources_have_is_there_once_on_the_lane_of_the_narrower() -> None:
    reading = Reading("$all", "order-*", "order-1")
    reading.add(at("order-1", 0, 10), at("order-2", 0, 20), at("gauge", 0, 30))
    reading.read()
    assert [str(source) for source in reading.lanes.sources] == ["order-1", "order-*", "$all"]
    assert reading.order() == [("order-1", 0), ("order-2", 0), ("gauge", 0)]
    assert list(reading.lanes.streams.numbers) == [0, 1, 2]


def test_lanes_by_correlation_begin_with_the_stories_that_lead_through_most_streams() -> None:
    reading = Reading("order-1", "payment-1")
    reading.add(
        at("order-1", 0, 10, OTHER),
        at("order-1", 1, 20, OTHER),
        at("order-1", 2, 30, STORY),
        at("payment-1", 0, 40, STORY),
        at("payment-1", 1, 50),
    )
    reading.read()
    assert reading.lanes.correlations.names == ["11111111", "99999999", "no correlation"]
    assert list(reading.lanes.correlations.numbers) == [1, 1, 0, 0, 2]


def test_streams_whose_shortened_names_are_alike_have_a_lane_each() -> None:
    lanes = SwimLanes(map(Source.parse, ("order-abc-1", "order-xyz-1")), lambda name: f"{name[:5]}…{name[-2:]}")
    assert lanes.streams.names == ["order…-1", "order…-1 (2)"]


def test_a_stream_that_is_not_there_yet_is_read_when_it_is() -> None:
    reading = Reading("order-1", "payment-1")
    reading.add(at("order-1", 0, 10))
    reading.read()
    assert reading.lanes.complete == (None, seconds(10))
    reading.add(at("payment-1", 0, 20))
    reading.read()
    assert reading.order() == [("order-1", 0), ("payment-1", 0)]


@given(st.lists(st.sampled_from(["order-1", "payment-1", "gauge"]), min_size=1, max_size=40), st.data())
def test_at_or_below_the_horizon_nothing_is_ever_missing(streams: Sequence[str], data: st.DataObject) -> None:
    """Whatever is stored between two questions of one round: all that the horizon covers has been read."""
    reading = Reading("order-1", "payment-1")
    counts = dict.fromkeys(streams, 0)
    queue = []
    for number, stream in enumerate(streams):
        queue.append(at(stream, counts[stream], number))
        counts[stream] += 1
    reading.add(queue.pop(0))
    while queue:
        mark = mark_of(reading.newest)
        for number, question in enumerate(reading.lanes.newer()):
            for _ in range(data.draw(st.integers(0, min(3, len(queue))))):
                reading.add(queue.pop(0))
            reading.ask({number: question})
        reading.lanes.reached(mark)
        covered = [e for s in ("order-1", "payment-1") for e in reading.store.streams.get(s, ())]
        missing = [e for e in covered if e.position <= mark.position and e not in reading.lanes.events]
        assert missing == []
        assert reading.lanes.events == sorted(reading.lanes.events, key=lambda e: e.position)
        if not data.draw(st.booleans()):
            reading.add(*queue[:1])
            queue = queue[1:]
    assert isinstance(reading.lanes.mark, StoreMark | None)
