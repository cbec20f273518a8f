"""Group commit: writes that wait together share one commit, on one thread.

Other jobs of that thread, such as those of a scavenge, have their turn between two groups.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from functools import partial
from typing import Final, TypeVar

from desk.node.log import Committed, Log, Outcome
from desk.node.records import StoredEvent, Write, WriteResult, size_of

LARGEST_GROUP: Final = 1024
LARGEST_GROUP_BYTES: Final = 8 << 20
"""What one commit takes: enough to share its cost, little enough that nobody waits long for the others."""

Answer = Callable[[Outcome | Exception], None]
"""What is done on the event loop with the outcome of a write."""

T = TypeVar("T")

_Waiting = tuple[Write, Answer]


_WriterJob = Callable[[], None]


class Commits:
    """Hands writes to the log in groups, and answers each when its commit is durable.

    ``committed`` is called on the event loop with the events of each group, after its writers were answered.
    """

    def __init__(self, log: Log, committed: Callable[[Sequence[StoredEvent]], None]) -> None:
        self._log = log
        self._committed = committed
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[_Waiting | _WriterJob | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="log writer")
        self._thread.start()

    def submit(self, write: Write, answer: Answer) -> None:
        """Queues a write; ``answer`` is called with its outcome when its commit is durable, or has failed."""
        self._queue.put((write, answer))

    async def write(self, write: Write) -> WriteResult:
        """A write that stands. Raises what the log refuses it with, and LogError."""
        written: asyncio.Future[Outcome | Exception] = self._loop.create_future()

        def answer(outcome: Outcome | Exception) -> None:
            if not written.done():  # unless the caller has gone
                written.set_result(outcome)

        self.submit(write, answer)
        outcome = await written
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def run(self, job: Callable[[Log], T]) -> T:
        """What a job does with the log between two groups; it should be short. Raises what the job raises."""
        done: Future[T] = Future()

        def run() -> None:
            try:
                result = job(self._log)
            except Exception as error:  # noqa: BLE001 -- whatever it is, who waits is to hear of it
                end = partial(done.set_exception, error)
            else:
                end = partial(done.set_result, result)
            with suppress(InvalidStateError):  # the caller has gone
                end()

        self._queue.put(run)
        return await asyncio.wrap_future(done)

    async def close(self) -> None:
        """Commits what waits, answers it, and ends the thread."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        following = self._queue.get()
        while following is not None:
            if callable(following):
                following()
                following = self._queue.get()
            else:
                group, following = self._group(following)
                self._commit(group)
                following = following or self._queue.get()

    def _commit(self, group: Sequence[_Waiting]) -> None:
        try:
            result: Committed | Exception = self._log.commit([write for write, _ in group])
        except Exception as error:  # noqa: BLE001 -- whatever it is, those who wait are to hear of it
            result = error
        self._loop.call_soon_threadsafe(self._answer, group, result)

    def _group(self, first: _Waiting) -> tuple[list[_Waiting], _WriterJob | None]:
        """Whoever waits behind the first, as far as one commit takes them, and the job behind them."""
        group = [first]
        size = size_of(first[0])
        while len(group) < LARGEST_GROUP and size < LARGEST_GROUP_BYTES:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                break
            if waiting is None:
                self._queue.put(None)
                break
            if callable(waiting):
                return group, waiting
            group.append(waiting)
            size += size_of(waiting[0])
        return group, None

    def _answer(self, group: Sequence[_Waiting], result: Committed | Exception) -> None:
        if isinstance(result, Exception):
            for _, answer in group:
                answer(result)
            return
        for (_, answer), outcome in zip(group, result.outcomes, strict=True):
            answer(outcome)
        self._committed(result.events)
