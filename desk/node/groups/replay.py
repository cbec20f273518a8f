"""Parked messages are sent again: read a few at a time, while there is room for them."""

import asyncio
import logging
from collections.abc import Callable

from desk.node.groups.delivery import GroupDelivery
from desk.node.groups.memory_budget import BudgetShare
from desk.node.groups.message import GroupMessage
from desk.node.groups.message_encoder import MessageEncoder
from desk.node.pages import LogPages, StreamEnd
from desk.node.readers import Readers
from desk.node.records import LogError

_log = logging.getLogger(__name__)


class Replay:
    """Replays of one group. ``count`` is how many are read at once; ``queued`` is called when some can be sent."""

    def __init__(
        self,
        readers: Readers,
        stream: str,
        delivery: GroupDelivery,
        encoder: MessageEncoder,
        count: int,
        share: BudgetShare,
        queued: Callable[[], None],
    ) -> None:
        self._readers = readers
        self._stream = stream
        self._delivery = delivery
        self._encoder = encoder
        self._count = count
        self._share = share
        self._queued = queued
        self._room = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether there are some that were not read yet."""
        return self._task is not None

    async def begin(self, stop: int) -> None:
        """Begins with the oldest, up to the number before this one; one replay at a time. Raises LogError."""
        if self._task is not None:
            return
        end = await self._readers.read(lambda pages: pages.end_of(self._stream))
        start, stop = self.first(end), min(stop, end.last + 1)
        if self._task is None and start < stop:
            self._task = asyncio.ensure_future(self._run(start, stop))

    def first(self, end: StreamEnd) -> int:
        """The number of the first that is parked and not being replayed."""
        return end.last + 1 if end.missing else max(end.first, self._delivery.replays.last + 1)

    def go_on(self) -> None:
        """There may be room for more."""
        self._room.set()

    async def stop(self) -> None:
        """Those that were not sent again stay parked."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self, start: int, stop: int) -> None:
        try:
            while start < stop:
                while (count := self._wanted()) <= 0:
                    self._room.clear()
                    await self._room.wait()
                start = await self._read(start, min(count, stop - start), stop)
        except LogError as error:
            _log.warning("Parked events of %s could not be read: %s Replay them again.", self._stream, error)
        finally:
            self._task = None

    def _wanted(self) -> int:
        """How many are to be read now."""
        return min(self._count - self._delivery.retrying, self._share.room)

    async def _read(self, start: int, count: int, stop: int) -> int:
        def read(pages: LogPages) -> tuple[int, tuple[GroupMessage, ...]]:
            page = pages.stream_events(self._stream, start, count)
            found = (self._encoder.replayed(pages, event) for event in page.events if event.revision < stop)
            return stop if page.next is None else page.next, tuple(found)

        following, messages = await self._readers.read(read)
        self._delivery.replay(messages)
        self._delivery.replays.passed(min(following, stop) - 1)
        self._queued()
        return following
