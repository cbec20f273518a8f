"""Who consumes, and to whom of them an event goes: the four strategies. Knows neither a clock nor gRPC."""

import hashlib
from collections import deque
from collections.abc import Iterator
from typing import Final

from desk.node.groups.definition import PINNED, PINNED_BY_CORRELATION, ROUND_ROBIN
from desk.records import dataclass


@dataclass(slots=True, eq=False)
class Consumer:
    """One consumer. ``slots``: how many events it takes before it answers the first.

    ``congested``: what was sent to it has not left the node yet.
    """

    slots: int
    in_flight: int = 0
    congested: bool = False

    @property
    def has_room(self) -> bool:
        """Whether it takes another event now."""
        return self.in_flight < self.slots and not self.congested


class InTurn:
    """One after the other, or the same one for as long as it has room.

    ``may_overtake``: an event that has to wait does not hold up the next.
    """

    may_overtake = False

    def __init__(self, *, each: bool) -> None:
        self._queue: deque[Consumer] = deque()
        self._each = each

    def __iter__(self) -> Iterator[Consumer]:
        return iter(self._queue)

    def join(self, consumer: Consumer) -> None:
        """A consumer joins, behind the others."""
        self._queue.append(consumer)

    def leave(self, consumer: Consumer) -> None:
        """A consumer leaves."""
        self._queue.remove(consumer)

    def choose(self, _pin: str) -> Consumer | None:
        """Who gets the next event: the first with room, None if nobody has any; those that are full go behind."""
        for _ in range(len(self._queue)):
            consumer = self._queue[0]
            if not consumer.has_room:
                self._queue.rotate(-1)
                continue
            if self._each:
                self._queue.rotate(-1)
            return consumer
        return None


class Pinned:
    """Events with the same pin go to the same consumer, as long as the consumers stay the same."""

    may_overtake = True
    _PINS_REMEMBERED: Final = 4096

    def __init__(self) -> None:
        self._consumers: dict[Consumer, int] = {}
        self._joined = 0
        self._chosen: dict[str, Consumer] = {}

    def __iter__(self) -> Iterator[Consumer]:
        return iter(self._consumers)

    def join(self, consumer: Consumer) -> None:
        """A consumer joins; it takes over some of the pins of each of the others."""
        self._joined += 1
        self._consumers[consumer] = self._joined
        self._chosen.clear()

    def leave(self, consumer: Consumer) -> None:
        """A consumer leaves; its pins are shared out among the others."""
        del self._consumers[consumer]
        self._chosen.clear()

    def choose(self, pin: str) -> Consumer | None:
        """Who gets the next event: whoever the pin, which keeps events together, belongs to, if there is room."""
        consumer = self._chosen.get(pin)
        if consumer is None:
            if not self._consumers:
                return None
            if len(self._chosen) >= self._PINS_REMEMBERED:
                self._chosen.clear()
            # Whoever scores highest: when one comes or goes, only its own pins move.
            consumer = self._chosen[pin] = max(self._consumers, key=lambda each: _score(self._consumers[each], pin))
        return consumer if consumer.has_room else None


Consumers = InTurn | Pinned
"""A group's consumers, and a strategy."""


def _score(number: int, pin: str) -> bytes:
    return hashlib.blake2b(f"{number} {pin}".encode(), digest_size=8).digest()


def consumers_of(strategy: str) -> Consumers:
    """Nobody yet, for one of the four strategies."""
    if strategy in (PINNED, PINNED_BY_CORRELATION):
        return Pinned()
    return InTurn(each=strategy == ROUND_ROBIN)
