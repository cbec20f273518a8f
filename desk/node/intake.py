"""What all appends of a node hold together, from when they are received until they are answered: bounded.

While it is too much nothing more is received; what clients send meanwhile waits with them.
"""

import asyncio
from collections import deque
from typing import Final

from desk.node.status import too_busy

MOST_BYTES: Final = 8 << 20
EVENT_BYTES: Final = 500
"""What an event takes beside its data."""

_REMEMBERED: Final = 16
"""The typical size is the mean of about so many recent events; as many waiting calls are let in as fit by it."""
_NEXT_LOOK: Final = 0.02
"""Seconds until more calls are let in; by then those let in before have sent what they have."""
_PATIENCE: Final = 10.0
"""Seconds after which a call that finds no room is told so."""


class Intake:
    """Knows how much is held; everything happens on the event loop."""

    def __init__(self) -> None:
        self._held = 0
        self._typical = 0.0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._look: asyncio.TimerHandle | None = None

    @property
    def full(self) -> bool:
        """Whether nothing more is to be received for now."""
        return self._held >= MOST_BYTES

    def take(self, size: int) -> None:
        """An event of so many bytes more is held."""
        self._held += size
        self._typical += (size - self._typical) / _REMEMBERED

    def give_back(self, size: int) -> None:
        """So many bytes fewer are held."""
        self._held -= size

    async def room(self) -> None:
        """Waits while it is full. Raises Failure when that takes too long."""
        if self._held < MOST_BYTES // 2 or not (self.full or self._waiting):
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        if self._look is None:
            self._look = asyncio.get_running_loop().call_later(_NEXT_LOOK, self._let_in)
        try:
            async with asyncio.timeout(_PATIENCE):
                await waiter
        except TimeoutError as error:
            raise too_busy() from error

    def _let_in(self) -> None:
        """Lets in some of the calls that wait, in their order."""
        self._look = None
        room = 0 if self.full else max(1, int((MOST_BYTES - self._held) / max(1.0, self._typical)))
        while self._waiting and room > 0:
            waiter = self._waiting.popleft()
            if not waiter.done():  # unless its call has ended
                waiter.set_result(None)
                room -= 1
        if self._waiting:
            self._look = asyncio.get_running_loop().call_later(_NEXT_LOOK, self._let_in)
