"""What becomes of a group's messages: sent, acknowledged, sent again, parked. Knows neither a clock nor gRPC.

The rules are EventStoreDB's, but for two. Messages with the same id are never under way at the same time, as an
answer could not tell them apart. And a message that is being parked, or was replayed from those that were, counts as
dealt with only once that is durable, so that a crash loses none.
"""

from bisect import insort
from collections import deque
from collections.abc import Iterable, Sequence
from enum import Enum

from desk.node.groups.consumers import Consumer, Consumers
from desk.node.groups.message import GroupMessage, MessageState, Park
from desk.node.groups.progress import DeliveryProgress


class NackAction(Enum):
    """What a consumer wants done with a message that it does not acknowledge."""

    RETRY = "retry"
    PARK = "park"
    SKIP = "skip"


class GroupDelivery:
    """A group's messages and consumers. ``after`` is the place after which it begins; times are in seconds.

    ``parks`` are to be parked; ``held`` is how many bytes the messages hold that were never sent.
    """

    def __init__(self, consumers: Consumers, *, after: int, max_retries: int, timeout: float) -> None:
        self.consumers = consumers
        self.progress = DeliveryProgress(after)
        self.replays = DeliveryProgress(-1)
        self._max_retries = max_retries
        self._timeout = timeout
        self._waiting: deque[GroupMessage] = deque()
        self._retrying: list[GroupMessage] = []
        self._in_flight: dict[GroupMessage, None] = {}  # in the order in which they were sent
        self._outstanding: dict[bytes, GroupMessage] = {}
        self.parks: list[Park] = []
        self.held = 0

    @property
    def waiting(self) -> int:
        """How many messages were never sent."""
        return len(self._waiting)

    @property
    def under_way(self) -> int:
        """How many messages there are, wherever each of them is."""
        return self.progress.under_way + self.replays.under_way

    @property
    def retrying(self) -> int:
        """How many are to be sent again."""
        return len(self._retrying)

    @property
    def in_flight(self) -> int:
        """How many are with consumers."""
        return len(self._in_flight)

    # -- what comes in -----------------------------------------------------------------------

    def add(self, messages: Iterable[GroupMessage]) -> None:
        """Messages from the source, in its order."""
        for message in messages:
            self.progress.begin(message)
            self._waiting.append(message)
            self.held += len(message.response or b"")

    def replay(self, messages: Iterable[GroupMessage]) -> None:
        """Parked messages that are to be sent again, the oldest first."""
        for message in messages:
            self.replays.begin(message)
            message.state = MessageState.RETRYING
            insort(self._retrying, message, key=_rank)

    def forget_responses(self) -> None:
        """While nobody consumes, what waits takes little room."""
        for message in self._waiting:
            message.response = None
        self.held = 0

    def leave(self, consumer: Consumer) -> None:
        """A consumer goes; what it had is for the others, however often it was sent."""
        self.consumers.leave(consumer)
        for message in [each for each in self._in_flight if each.consumer is consumer]:
            self._take_back(message)
            self._send_again(message)

    # -- what goes out ------------------------------------------------------------------------

    def push(self, now: float) -> Sequence[GroupMessage]:
        """Gives messages to consumers that have room: first those that are sent again."""
        sent: list[GroupMessage] = []
        if not any(consumer.has_room for consumer in self.consumers):
            return sent
        kept: list[GroupMessage] = []
        queue = deque(self._retrying)
        if self._push(queue, kept, sent, now):
            self._retrying = kept
            kept = []
            self._push(self._waiting, kept, sent, now)
            self._waiting.extendleft(reversed(kept))
        else:
            self._retrying = [*kept, *queue]
        return sent

    def _push(self, queue: deque[GroupMessage], kept: list[GroupMessage], sent: list[GroupMessage], now: float) -> bool:
        """Whether the next queue has its turn."""
        while queue:
            message = queue[0]
            consumer = self._consumer_for(message)
            if consumer is not None:
                self._send(queue.popleft(), consumer, now)
                sent.append(message)
            elif self.consumers.may_overtake:
                kept.append(queue.popleft())
            else:
                return False
        return True

    def _consumer_for(self, message: GroupMessage) -> Consumer | None:
        if self._outstanding.get(message.id, message) is not message:
            return None
        return self.consumers.choose(message.pin)

    def _send(self, message: GroupMessage, consumer: Consumer, now: float) -> None:
        if message.state is MessageState.WAITING:
            self.held -= len(message.response or b"")
        message.state = MessageState.IN_FLIGHT
        message.consumer = consumer
        message.since = now
        message.sent += 1
        consumer.in_flight += 1
        self._in_flight[message] = None
        self._outstanding[message.id] = message

    # -- answers ---------------------------------------------------------------------------------

    def acknowledge(self, ids: Iterable[bytes]) -> Sequence[tuple[Consumer, GroupMessage]]:
        """These were dealt with; tells which of them were with which consumer."""
        answered = []
        for message in self._answerable(ids):
            if message.consumer is not None:
                answered.append((message.consumer, message))
            self._withdraw(message)
            self._finish(message)
        return answered

    def refuse(self, ids: Iterable[bytes], action: NackAction, reason: str) -> None:
        """These were not dealt with, and this is to be done with them."""
        for message in self._answerable(ids):
            if action is NackAction.SKIP:
                self._withdraw(message)
                self._finish(message)
            elif action is NackAction.PARK:
                self._withdraw(message)
                self._park(message, f"Client explicitly NAK'ed message.\n{reason}")
            elif message.state is MessageState.IN_FLIGHT:
                self._retry(message)

    def expire(self, now: float) -> None:
        """Whatever was not answered in time is sent again."""
        late = []
        for message in self._in_flight:
            if now - message.since < self._timeout:
                break
            late.append(message)
        for message in late:
            self._retry(message)

    def _answerable(self, ids: Iterable[bytes]) -> Iterable[GroupMessage]:
        for id in ids:
            message = self._outstanding.get(id)
            if message is not None and message.state is not MessageState.PARKING:
                yield message

    def _retry(self, message: GroupMessage) -> None:
        self._take_back(message)
        if message.retries >= self._max_retries:
            self._park(message, f"Reached retry count of {self._max_retries}")
        else:
            self._send_again(message)

    def _send_again(self, message: GroupMessage) -> None:
        message.retries += 1
        message.state = MessageState.RETRYING
        insort(self._retrying, message, key=_rank)

    def _withdraw(self, message: GroupMessage) -> None:
        """From wherever it is: an answer may come when it is already to be sent again."""
        if message.state is MessageState.IN_FLIGHT:
            self._take_back(message)
        else:
            self._retrying.remove(message)

    def _take_back(self, message: GroupMessage) -> None:
        del self._in_flight[message]
        if message.consumer is not None:
            message.consumer.in_flight -= 1
            message.consumer = None

    # -- what has to be durable -------------------------------------------------------------------

    def _park(self, message: GroupMessage, reason: str) -> None:
        message.state = MessageState.PARKING
        self.parks.append(Park(message, reason))

    def take_parks(self) -> Sequence[Park]:
        """What is to be parked; ``parked`` or ``not_parked`` tells what came of it."""
        parks, self.parks = self.parks, []
        return parks

    def parked(self, parks: Iterable[Park]) -> None:
        """These are durably parked."""
        for park in parks:
            self._finish(park.message)

    def not_parked(self, parks: Sequence[Park]) -> None:
        """These could not be parked, and are still to be."""
        self.parks = [*parks, *self.parks]

    def _finish(self, message: GroupMessage) -> None:
        message.state = MessageState.DONE
        message.response = None
        del self._outstanding[message.id]
        (self.replays if message.replayed else self.progress).done(message)


def _rank(message: GroupMessage) -> tuple[bool, int]:
    return message.rank
