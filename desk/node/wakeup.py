"""Tells waiting subscribers that the log grew, and holds its latest events for them.

All of it happens on the event loop. A subscriber takes what is new at its own pace: one that falls behind the events
held here reads the log again, so that nobody is buffered for and a slow one costs the others nothing.
"""

import asyncio
from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Final

from desk.node.records import StoredEvent
from desk.node.status import closing

MOST_EVENTS: Final = 2048
MOST_BYTES: Final = 8 << 20
TAKEN_BYTES: Final = 64 << 10
"""What a subscriber takes at once: one that then stops reading keeps no more than this in memory."""


class LatestEvents:
    """The log's latest events. ``position`` is that of the last one."""

    def __init__(self, position: int) -> None:
        self.position = position
        self._before = position
        self._events: deque[StoredEvent] = deque()
        self._bytes = 0

    def extend(self, events: Sequence[StoredEvent]) -> None:
        """The log grew by these."""
        for event in events:
            self._events.append(event)
            self._bytes += len(event.response)
        if events:
            self.position = events[-1].position
        while len(self._events) > MOST_EVENTS or self._bytes > MOST_BYTES:
            oldest = self._events.popleft()
            self._bytes -= len(oldest.response)
            self._before = oldest.position

    def after(self, position: int) -> tuple[StoredEvent, ...] | None:
        """The next events after a position, all or the first of them; None when some are no longer held."""
        if position >= self.position:
            return ()
        if position < self._before:
            return None
        start = bisect_right(self._events, position, key=lambda event: event.position)
        taken: list[StoredEvent] = []
        size = 0
        for event in islice(self._events, start, None):
            taken.append(event)
            size += len(event.response)
            if size >= TAKEN_BYTES:
                break
        return tuple(taken)


class Wakeups:
    """Who waits for a stream, or for anything at all, to grow."""

    def __init__(self, position: int) -> None:
        self.tail = LatestEvents(position)
        self._waiting: dict[str | None, set[asyncio.Future[None]]] = {}
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(len(waiters) for waiters in self._waiting.values())

    def committed(self, events: Sequence[StoredEvent]) -> None:
        """Wakes everyone for whom there is something new."""
        if not events:
            return
        self.tail.extend(events)
        for name in {None, *(event.stream for event in events)}:
            for waiter in self._waiting.pop(name, ()):
                if not waiter.done():
                    waiter.set_result(None)

    async def after(self, position: int, stream: str | None) -> tuple[StoredEvent, ...] | None:
        """As of ``LatestEvents``; where there are none they are waited for. Raises Failure when the node closes."""
        while (events := self.tail.after(position)) == ():
            await self.wait(stream)
        return events

    async def wait(self, stream: str | None) -> None:
        """Sleeps until the stream, or with None the log, grows. Raises Failure when the node closes."""
        if self._closed:
            raise closing()
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(stream, set()).add(waiter)
        try:
            await waiter
        finally:
            if waiters := self._waiting.get(stream):
                waiters.discard(waiter)
                if not waiters:
                    del self._waiting[stream]

    def close(self) -> None:
        """Ends every wait."""
        self._closed = True
        for waiters in self._waiting.values():
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_exception(closing())
        self._waiting.clear()
