"""The event bus: order, faults, queues; and the source that feeds it from the store only."""

import threading
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest

from desk.cqrs.errors import WiringError
from desk.cqrs.events import Delivery, EventBus
from desk.cqrs.faults import Fault, FaultLog
from desk.cqrs.known_store import KnownStore
from desk.cqrs.source import MessageSource, SourceBridge
from desk.cqrs.store import Filter, NewEvent, Recorded
from tests.cqrs.happenings import Rained, Snowed, append, rain, registry
from tests.memory_store import MemoryStore
from tests.moments import REAL
from tests.remembered import RememberedInMemory
from tests.waiting import until

WEATHER = Filter("^weather-")


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    opened = MemoryStore()
    yield opened
    opened.close()


@pytest.fixture
def faults() -> FaultLog:
    return FaultLog(REAL)


@pytest.fixture
def bus(faults: FaultLog) -> Iterator[EventBus]:
    opened = EventBus(registry(), faults)
    yield opened
    opened.close()


class Bridged:
    """A store bridged to a bus, on a thread."""

    def __init__(
        self, store: MemoryStore, bus: EventBus, faults: FaultLog, positions: RememberedInMemory | None = None
    ) -> None:
        source = MessageSource(store, WEATHER, faults)
        positions = positions or RememberedInMemory()
        self.bridge = SourceBridge("Weather", source, bus.publish, KnownStore(store, positions, REAL), positions)
        self.thread = threading.Thread(target=self.bridge.run)

    def __enter__(self) -> "Bridged":
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.bridge.stop()
        self.thread.join(60)
        assert not self.thread.is_alive()


def recorded(number: int, data: bytes | None = None, kind: str = "Rained") -> Recorded:
    payload = b'{"mm":%d}' % number if data is None else data
    return Recorded(uuid4(), "weather-here", number, number, kind, payload, b"{}", None)


def test_t13_a_slow_handler_gets_ten_thousand_events_in_order_and_delays_nobody(bus: EventBus) -> None:
    slow: list[int] = []
    quick: list[int] = []

    def slowly(delivery: Delivery) -> None:
        if delivery.event.mm % 500 == 0:
            time.sleep(0.005)
        slow.append(delivery.event.mm)

    bus.subscribe((Rained,), slowly, name="slow")
    bus.subscribe((Rained,), lambda delivery: quick.append(delivery.event.mm), name="quick")
    for number in range(10_000):
        bus.publish(recorded(number))
    until(lambda: len(slow) == len(quick) == 10_000)
    assert slow == quick == list(range(10_000))


def test_t13_a_handler_that_stands_still_delays_nobody(bus: EventBus) -> None:
    go_on = threading.Event()
    others: list[int] = []

    def stand(_delivery: Delivery) -> None:
        go_on.wait(60)

    bus.subscribe((Rained,), stand, name="standing")
    bus.subscribe((Rained,), lambda delivery: others.append(delivery.event.mm), name="other")
    for number in range(100):
        bus.publish(recorded(number))
    until(lambda: len(others) == 100)
    assert bus.listeners()[0].waiting == 100
    go_on.set()


def test_a_handler_hears_of_its_own_classes_only(bus: EventBus) -> None:
    heard: list[object] = []
    bus.subscribe((Snowed,), lambda delivery: heard.append(delivery.event), name="winter")
    bus.publish(recorded(1))
    bus.publish(recorded(2, b'{"cm":7}', "Snowed"))
    until(lambda: bool(heard))
    assert heard == [Snowed(7)]


def test_a_handler_that_throws_is_recorded_and_stops_nobody_else(bus: EventBus, faults: FaultLog) -> None:
    """P27: nothing is only logged."""
    heard: list[int] = []

    def throw(delivery: Delivery) -> None:
        raise ValueError(f"no {delivery.event.mm}")

    bus.subscribe((Rained,), throw, name="broken")
    bus.subscribe((Rained,), lambda delivery: heard.append(delivery.event.mm), name="sound")
    bus.publish(recorded(1))
    bus.publish(recorded(2))
    until(lambda: len(heard) == 2 and len(faults.faults()) == 2)
    first = faults.faults()[0]
    assert (first.source, first.message, first.is_bug) == ("broken", "Rained", True)
    assert "Traceback" in first.details
    until(lambda: bus.listeners()[0].failed == 2)


def test_a_full_queue_misses_what_comes_and_says_so_once(bus: EventBus, faults: FaultLog) -> None:
    go_on, begun = threading.Event(), threading.Event()
    heard: list[int] = []

    def handle(delivery: Delivery) -> None:
        begun.set()
        go_on.wait(60)
        heard.append(delivery.event.mm)

    one = bus.subscribe((Rained,), handle, name="slow", capacity=2)
    bus.publish(recorded(0))
    assert begun.wait(60)
    for number in range(1, 6):
        bus.publish(recorded(number))
    assert one.state().missed == 3
    assert len(faults.faults()) == 1
    go_on.set()
    until(lambda: heard == [0, 1, 2])


def test_an_unknown_event_is_passed_over_and_a_broken_one_is_a_fault(bus: EventBus, faults: FaultLog) -> None:
    heard: list[int] = []
    bus.subscribe((Rained,), lambda delivery: heard.append(delivery.event.mm), name="one")
    bus.publish(recorded(1, kind="Hailed"))
    bus.publish(recorded(2, b"{}"))
    bus.publish(recorded(3))
    until(lambda: heard == [3])
    assert [fault.source for fault in faults.faults()] == ["Event bus"]


def test_listening_to_what_is_no_event_or_under_a_name_that_is_taken_is_a_wiring_error(bus: EventBus) -> None:
    bus.subscribe((Rained,), lambda _delivery: None, name="one")
    with pytest.raises(WiringError, match="already"):
        bus.subscribe((Rained,), lambda _delivery: None, name="one")
    with pytest.raises(WiringError, match="str"):
        bus.subscribe((str,), lambda _delivery: None, name="two")
    with pytest.raises(WiringError, match="nothing"):
        bus.subscribe((), lambda _delivery: None, name="three")


def test_a_handler_may_end_its_own_subscription(bus: EventBus) -> None:
    heard: list[int] = []

    def once(delivery: Delivery) -> None:
        heard.append(delivery.event.mm)
        one.stop()

    one = bus.subscribe((Rained,), once, name="once")
    bus.publish(recorded(1))
    bus.publish(recorded(2))
    until(lambda: one.state().stopped)
    assert heard == [1]


def test_t08_an_event_of_a_foreign_client_reaches_handlers(store: MemoryStore, bus: EventBus, faults: FaultLog) -> None:
    """P8: the bus is fed by the store, so it does not matter who wrote."""
    heard: list[int] = []
    bus.subscribe((Rained,), lambda delivery: heard.append(delivery.event.mm), name="one")
    with Bridged(store, bus, faults):
        append(store, "weather-there", rain(3, 4))
        append(store, "other-there", rain(5))
        append(store, "weather-here", rain(6))
        until(lambda: heard == [3, 4, 6])


def test_a_bridge_goes_on_after_a_dropped_feed_with_the_next_event(
    store: MemoryStore, bus: EventBus, faults: FaultLog
) -> None:
    heard: list[int] = []
    bus.subscribe((Rained,), lambda delivery: heard.append(delivery.event.mm), name="one")
    with Bridged(store, bus, faults):
        append(store, "weather-here", rain(1))
        until(lambda: heard == [1])
        store.drop_feeds()
        append(store, "weather-here", rain(2), 0)
        until(lambda: heard == [1, 2])


def test_t11_a_bridge_tells_a_checkpoint_at_zero_from_none(store: MemoryStore, bus: EventBus, faults: FaultLog) -> None:
    """P20: the first event is at position 0; with a checkpoint there it does not come again."""
    heard: list[int] = []
    positions = RememberedInMemory()
    bus.subscribe((Rained,), lambda delivery: heard.append(delivery.event.mm), name="one")
    append(store, "weather-here", rain(1))
    with Bridged(store, bus, faults, positions):
        until(lambda: heard == [1])
    assert positions.kept["Weather"][0] == 0
    append(store, "weather-here", rain(2), 0)
    with Bridged(store, bus, faults, positions):
        until(lambda: 2 in heard)
    assert heard == [1, 2]


def test_a_checkpoint_of_another_store_counts_as_none(store: MemoryStore, bus: EventBus, faults: FaultLog) -> None:
    """P48."""
    heard: list[int] = []
    positions = RememberedInMemory()
    positions.kept["Weather"] = (12_345, uuid4())
    bus.subscribe((Rained,), lambda delivery: heard.append(delivery.event.mm), name="one")
    append(store, "weather-here", rain(1))
    with Bridged(store, bus, faults, positions):
        until(lambda: heard == [1])


def test_a_sink_that_throws_is_recorded_and_the_next_event_follows(store: MemoryStore, faults: FaultLog) -> None:
    given: list[int] = []

    def sink(event: Recorded) -> None:
        given.append(event.revision)
        if event.revision == 0:
            raise ValueError("not this one")
        follower.stop()

    append(store, "weather-here", rain(1, 2))
    follower = MessageSource(store, WEATHER, faults).bridge_events_to(sink, after=lambda: None)
    follower.follow()
    assert given == [0, 1]
    assert [fault.message for fault in faults.faults()] == ["Rained"]


def test_faults_are_kept_up_to_a_number_and_told_to_one_channel() -> None:
    told: list[Fault] = []
    log = FaultLog(REAL, told.append, remember=2)
    story = uuid4()
    for message in ("one", "two", "three"):
        log.failed("Somebody", message, ValueError("no"), correlation_id=story)
    assert [fault.message for fault in log.faults()] == ["two", "three"]
    assert [fault.message for fault in told] == ["one", "two", "three"]
    assert told[0].correlation_id == story


def test_new_events_of_another_kind_of_stream_are_filtered_by_the_store(
    store: MemoryStore, bus: EventBus, faults: FaultLog
) -> None:
    """T16's half of the bus: a stream whose name only contains the category is not the category's."""
    heard: list[str] = []
    bus.subscribe((Rained,), lambda delivery: heard.append(delivery.recorded.stream), name="one")
    stranger: tuple[NewEvent, ...] = rain(1)
    append(store, "foreign-weather-1", stranger)
    append(store, "weather-1", rain(2))
    with Bridged(store, bus, faults):
        until(lambda: heard == ["weather-1"])
