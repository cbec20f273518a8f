"""What the model of deliveries leaves out: replays, responses that are held, pins, progress and figures."""

from desk.node.groups.consumers import Consumer, Pinned, consumers_of
from desk.node.groups.definition import DISPATCH_TO_SINGLE, PINNED
from desk.node.groups.delivery import GroupDelivery, NackAction
from desk.node.groups.message import GroupMessage
from desk.node.groups.progress import DeliveryProgress
from desk.node.groups.statistics import Measured


def message(number: int, *, replayed: bool = False, pin: str = "") -> GroupMessage:
    id = bytes([replayed, *number.to_bytes(15, "big")])
    return GroupMessage(id, number, number, pin, b"four", replayed)


def delivery(slots: int = 100, strategy: str = DISPATCH_TO_SINGLE) -> GroupDelivery:
    made = GroupDelivery(consumers_of(strategy), after=-1, max_retries=1, timeout=10)
    made.consumers.join(Consumer(slots))
    return made


def test_replayed_messages_come_behind_those_that_are_retried_and_before_new_ones() -> None:
    group = delivery(slots=2)
    group.add([message(number) for number in range(4)])
    first = group.push(0)
    group.replay([message(0, replayed=True), message(1, replayed=True)])
    group.refuse([first[1].id], NackAction.RETRY, "")
    group.acknowledge([first[0].id])
    order = []
    while pushed := group.push(0):
        order += [(each.replayed, each.place) for each in pushed]
        group.acknowledge(each.id for each in pushed)
    assert order == [(False, 1), (True, 0), (True, 1), (False, 2), (False, 3)]


def test_replayed_messages_are_done_in_their_own_order_and_move_no_checkpoint() -> None:
    group = delivery()
    group.replay([message(number, replayed=True) for number in range(3)])
    zero, one, two = group.push(0)
    group.acknowledge([zero.id, two.id])
    assert group.replays.reached == 0
    group.refuse([one.id], NackAction.PARK, "")
    assert group.replays.reached == 0
    group.parked(group.take_parks())
    assert group.replays.reached == 2
    assert group.progress.reached == -1


def test_what_waits_gives_back_what_it_holds_when_nobody_consumes() -> None:
    group = delivery(slots=1)
    group.add([message(number) for number in range(3)])
    group.push(0)
    assert group.held == 8
    group.forget_responses()
    assert group.held == 0
    assert group.waiting == 2


def test_a_congested_consumer_is_given_nothing() -> None:
    group = delivery()
    (consumer,) = group.consumers
    consumer.congested = True
    group.add([message(0)])
    assert group.push(0) == []
    consumer.congested = False
    assert len(group.push(0)) == 1


def test_pinned_messages_overtake_those_whose_consumer_is_full() -> None:
    group = delivery(slots=1, strategy=PINNED)
    group.consumers.join(Consumer(100))
    group.add([message(number, pin=str(number % 10)) for number in range(100)])
    sent = group.push(0)
    full = next(consumer for consumer in group.consumers if consumer.slots == 1)
    assert [each.place for each in sent if each.consumer is full] != []
    assert len(sent) > 1
    assert [each.place for each in sent] == sorted(each.place for each in sent)
    assert group.waiting == 100 - len(sent)


def test_a_new_consumer_takes_over_some_pins_and_the_others_stay() -> None:
    consumers = Pinned()
    old = [Consumer(1), Consumer(1)]
    for consumer in old:
        consumers.join(consumer)
    pins = [str(number) for number in range(200)]
    before = {pin: consumers.choose(pin) for pin in pins}
    new = Consumer(1)
    consumers.join(new)
    after = {pin: consumers.choose(pin) for pin in pins}
    moved = [pin for pin in pins if after[pin] is not before[pin]]
    assert 20 < len(moved) < 120
    assert all(after[pin] is new for pin in moved)
    consumers.leave(new)
    assert {pin: consumers.choose(pin) for pin in pins} == before


def test_progress_stops_before_what_is_open_and_passes_what_nobody_wants() -> None:
    progress = DeliveryProgress(after=9)
    first, second = message(12), message(15)
    progress.begin(first)
    progress.begin(second)
    progress.passed(20)
    assert (progress.reached, progress.count) == (9, 0)
    progress.done(second)
    assert (progress.reached, progress.count) == (9, 0)
    progress.done(first)
    assert (progress.reached, progress.count) == (20, 2)


def test_figures_are_since_somebody_last_asked() -> None:
    measured = Measured(10.0, latencies=True)
    for milliseconds in range(1, 101):
        measured.count()
        measured.answered(milliseconds / 1000)
    assert (measured.rate(12.0).per_second, measured.rate(13.0).since_last) == (50, 0)
    observed = dict(measured.observed)
    assert (observed["Fastest"], observed["Highest"], observed["90%"]) == (1, 100, 90)
    assert observed["Median"] in (50, 51)
    assert Measured(0.0, latencies=False).observed == []
