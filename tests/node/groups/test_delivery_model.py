"""What becomes of a group's messages, against a model of it that is a few lists, with any strategy.

Each event is delivered at least once; acknowledged ones never again; those that are sent again come first and in
their order; none is delivered more often than its retries allow, but for consumers that left; parked are exactly those
that ran out of retries or that a consumer parked; and the checkpoint is never ahead of what was dealt with.
"""

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from desk.node.groups.consumers import Consumer, consumers_of
from desk.node.groups.definition import DISPATCH_TO_SINGLE, PINNED, ROUND_ROBIN
from desk.node.groups.delivery import GroupDelivery, NackAction
from desk.node.groups.message import GroupMessage, Park

TIMEOUT = 10
SOME = st.lists(st.integers(0, 7), max_size=4)


@dataclass
class Model:
    """Numbers of events in lists: never sent, to be sent again, with a consumer, being parked, parked, done."""

    waiting: list[int] = field(default_factory=list)
    retrying: list[int] = field(default_factory=list)
    held: dict[int, tuple[Consumer, int]] = field(default_factory=dict)
    parking: list[int] = field(default_factory=list)
    parked: list[int] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    retries: dict[int, int] = field(default_factory=dict)
    sent: dict[int, int] = field(default_factory=dict)
    pardoned: dict[int, int] = field(default_factory=dict)

    def again(self, number: int) -> None:
        self.retries[number] = self.retries.get(number, 0) + 1
        self.retrying = sorted([*self.retrying, number])

    def fail(self, number: int, most: int) -> None:
        del self.held[number]
        if self.retries.get(number, 0) >= most:
            self.parking.append(number)
        else:
            self.again(number)

    def answerable(self, numbers: list[int]) -> list[int]:
        """Of those that were sent and not parked, the chosen ones."""
        known = sorted([*self.held, *(number for number in self.retrying if number in self.sent)])
        return sorted({known[number] for number in numbers if number < len(known)})


def id_of(number: int) -> bytes:
    return number.to_bytes(16, "big")


class DeliveryMachine(RuleBasedStateMachine):
    """Does the same with both, and compares."""

    @initialize(strategy=st.sampled_from((DISPATCH_TO_SINGLE, ROUND_ROBIN, PINNED)), most=st.integers(0, 2))
    def begin(self, strategy: str, most: int) -> None:
        self.most = most
        self.pinned = strategy == PINNED
        self.delivery = GroupDelivery(consumers_of(strategy), after=-1, max_retries=most, timeout=TIMEOUT)
        self.model = Model()
        self.consumers: list[Consumer] = []
        self.owners: dict[str, Consumer] = {}
        self.parks: list[Park] = []
        self.written = 0
        self.now = 0

    @rule(count=st.integers(1, 5))
    def events_are_written(self, count: int) -> None:
        numbers = range(self.written, self.written + count)
        self.delivery.add(GroupMessage(id_of(number), number, number, str(number % 3), b"x") for number in numbers)
        self.model.waiting += numbers
        self.written += count
        self.push()

    @precondition(lambda self: len(self.consumers) < 3)
    @rule(slots=st.integers(0, 4))
    def a_consumer_comes(self, slots: int) -> None:
        consumer = Consumer(slots)
        self.consumers.append(consumer)
        self.delivery.consumers.join(consumer)
        self.owners.clear()
        self.push()

    @precondition(lambda self: self.consumers)
    @rule(which=st.integers(0, 2))
    def a_consumer_leaves(self, which: int) -> None:
        consumer = self.consumers.pop(which % len(self.consumers))
        self.delivery.leave(consumer)
        for number in [number for number, (holder, _) in self.model.held.items() if holder is consumer]:
            del self.model.held[number]
            self.model.pardoned[number] = self.model.pardoned.get(number, 0) + 1
            self.model.again(number)
        self.owners.clear()
        self.push()

    @rule(chosen=SOME)
    def some_are_acknowledged(self, chosen: list[int]) -> None:
        numbers = self.model.answerable(chosen)
        self.delivery.acknowledge([*map(id_of, numbers), id_of(10**6)])
        for number in numbers:
            self.finish(number)
        self.push()

    @rule(chosen=SOME, action=st.sampled_from(NackAction))
    def some_are_refused(self, chosen: list[int], action: NackAction) -> None:
        numbers = self.model.answerable(chosen)
        self.delivery.refuse(map(id_of, numbers), action, "because")
        for number in numbers:
            if action is NackAction.SKIP:
                self.finish(number)
            elif action is NackAction.PARK:
                self.finish(number)
                self.model.done.remove(number)
                self.model.parking.append(number)
            elif number in self.model.held:
                self.model.fail(number, self.most)
        self.push()

    @rule(seconds=st.integers(1, 12))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds
        self.delivery.expire(self.now)
        for number, (_, since) in list(self.model.held.items()):
            if self.now - since >= TIMEOUT:
                self.model.fail(number, self.most)
        self.push()

    @rule(durable=st.booleans())
    def what_ran_out_is_parked_or_not(self, durable: bool) -> None:
        parks = self.delivery.take_parks()
        assert sorted(park.message.place for park in parks) == sorted(self.model.parking)
        if durable:
            self.delivery.parked(parks)
            self.model.parked += self.model.parking
            self.model.parking.clear()
        else:
            self.delivery.not_parked(parks)

    def finish(self, number: int) -> None:
        self.model.held.pop(number, None)
        if number in self.model.retrying:
            self.model.retrying.remove(number)
        self.model.done.append(number)

    def push(self) -> None:
        """The first of the two lists, as far as there is room for them."""
        room = {consumer: consumer.slots - consumer.in_flight for consumer in self.consumers}
        queue = [*self.model.retrying, *self.model.waiting]
        sent = self.delivery.push(self.now)
        numbers = [message.place for message in sent]
        for message in sent:
            assert message.consumer is not None
            room[message.consumer] -= 1
            self.model.held[message.place] = (message.consumer, self.now)
            self.model.sent[message.place] = self.model.sent.get(message.place, 0) + 1
            assert message.retries == self.model.retries.get(message.place, 0)
            if self.pinned:
                assert self.owners.setdefault(message.pin, message.consumer) is message.consumer
        assert all(left >= 0 for left in room.values())
        if self.pinned:
            assert numbers == [number for number in queue if number in set(numbers)]
            left_behind = {str(number % 3) for number in queue if number not in numbers}
            assert all(room[self.owners[pin]] == 0 for pin in left_behind if pin in self.owners)
        else:
            free = sum(max(0, left) for left in room.values())
            assert numbers == queue[: len(numbers)]
            assert len(numbers) == len(queue) or free == 0
        self.model.retrying = [number for number in self.model.retrying if number not in numbers]
        self.model.waiting = [number for number in self.model.waiting if number not in numbers]

    @invariant()
    def both_have_the_same_numbers(self) -> None:
        assert self.delivery.waiting == len(self.model.waiting)
        assert self.delivery.held == len(self.model.waiting)
        assert self.delivery.retrying == len(self.model.retrying)
        assert self.delivery.in_flight == len(self.model.held)
        for consumer in self.consumers:
            assert consumer.in_flight == sum(holder is consumer for holder, _ in self.model.held.values())

    @invariant()
    def nothing_is_sent_too_often(self) -> None:
        for number, sent in self.model.sent.items():
            assert sent <= self.most + 1 + self.model.pardoned.get(number, 0)

    @invariant()
    def the_checkpoint_is_before_the_first_that_is_not_dealt_with(self) -> None:
        settled = {*self.model.done, *self.model.parked}
        reached = next((number for number in range(self.written) if number not in settled), self.written)
        assert self.delivery.progress.reached == reached - 1
        assert self.delivery.progress.count == reached

    def teardown(self) -> None:
        """In the end somebody takes all that is left, and then each was sent and is done, or parked."""
        for consumer in list(self.consumers):
            self.consumers.remove(consumer)
            self.delivery.leave(consumer)
            for number in [number for number, (holder, _) in self.model.held.items() if holder is consumer]:
                del self.model.held[number]
                self.model.again(number)
        self.a_consumer_comes(10**6)
        self.some_are_acknowledged(list(range(self.written)))
        self.what_ran_out_is_parked_or_not(durable=True)
        assert sorted([*self.model.done, *self.model.parked]) == list(range(self.written))
        assert sorted(self.model.sent) == list(range(self.written))


DeliveryMachine.TestCase.settings = settings(stateful_step_count=30)
TestDeliveryAgainstAModel = DeliveryMachine.TestCase
