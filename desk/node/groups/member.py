"""Hop 6: one consumer's call: what it is sent, in order, and no faster than it takes it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from itertools import islice
from typing import Final

from desk.node.groups.consumers import Consumer
from desk.node.groups.message import GroupMessage, MessageState
from desk.node.groups.statistics import Measured
from desk.node.groups.wire import delivered
from desk.node.reads import Send
from desk.records import dataclass

ReadAgain = Callable[[Sequence[GroupMessage]], Awaitable[None]]

MOST_UNSENT: Final = 1000
MOST_UNSENT_BYTES: Final = 256 << 10
"""How much may wait to be sent to one consumer; beyond it the consumer is given nothing more."""

_LOADED_TOGETHER: Final = 100


@dataclass(frozen=True, slots=True)
class ConsumerIdentity:
    """Who consumes: a login, and what the connection calls itself."""

    user: str
    connection: str


class Member:
    """A consumer on its call. ``unsent_bytes``: of events that wait to leave the node."""

    def __init__(
        self, identity: ConsumerIdentity, consumer: Consumer, measured: Measured, *, structured_ids: bool
    ) -> None:
        self.identity = identity
        self.consumer = consumer
        self.measured = measured
        self.joined = False
        self._structured_ids = structured_ids
        self._unsent: deque[tuple[GroupMessage, int, int]] = (
            deque()
        )  # which time it is sent, and how many bytes it holds
        self.unsent_bytes = 0
        self._ready = asyncio.Event()
        self._failure: Exception | None = None

    def put(self, message: GroupMessage) -> None:
        """A message is to be sent."""
        self.measured.count()
        size = len(message.response or b"")
        self._unsent.append((message, message.sent, size))
        self.unsent_bytes += size
        full = len(self._unsent) >= MOST_UNSENT or self.unsent_bytes >= MOST_UNSENT_BYTES
        self.consumer.congested = self.consumer.congested or full
        self._ready.set()

    def end(self, failure: Exception) -> None:
        """The call ends."""
        self._failure = failure
        self._ready.set()

    async def send_all(self, send: Send, load: ReadAgain, drained: Callable[[], None]) -> None:
        """Sends until the call ends. Raises what it was ended with, LogError, and what sending raises.

        ``load`` reads the responses of some that do not hold them any more, of the first at least, unless it has to go;
        ``drained`` is called when a congested consumer has taken everything.
        """
        while True:
            while self._unsent and self._failure is None:
                await self._send_next(send, load)
            if self._failure is not None:
                raise self._failure
            if self.consumer.congested:
                self.consumer.congested = False
                drained()
                continue
            self._ready.clear()
            await self._ready.wait()

    async def _send_next(self, send: Send, load: ReadAgain) -> None:
        if self._unsent[0][0].response is None and (lacking := self._without_response()):
            await load(lacking)
        message, number, size = self._unsent.popleft()
        self.unsent_bytes -= size
        response = message.response
        if response is not None and self._still_has(message, number):
            message.response = None
            await send(delivered(response, message.retries, structured_ids=self._structured_ids))

    def _without_response(self) -> list[GroupMessage]:
        first = islice(self._unsent, _LOADED_TOGETHER)
        return [each for each, number, _ in first if each.response is None and self._still_has(each, number)]

    def _still_has(self, message: GroupMessage, number: int) -> bool:
        """It may have been taken back before it was sent, and even been given again."""
        return message.state is MessageState.IN_FLIGHT and message.consumer is self.consumer and message.sent == number
