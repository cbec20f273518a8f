"""Read your writes: futures that the read model's progress completes. Nobody's thread waits, nothing polls."""

import heapq
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager, suppress
from itertools import count
from typing import TypeVar

from desk.cqrs.errors import WiringError
from desk.cqrs.messages import GateResult

A = TypeVar("A")


class ReadModelGate:
    """Knows how far the read model is, and who waits for it to get further."""

    def __init__(self) -> None:
        self._position = -1
        self._waiting: list[tuple[int, int, Future[GateResult]]] = []
        self._deadlines: list[tuple[float, int, Future[GateResult]]] = []
        self._order = count()
        self._feeding: set[int] = set()
        self._changed = threading.Condition()
        self._closed = False
        self._timer = threading.Thread(target=self._expire, name="read-model-gate")
        self._timer.start()

    def when(self, position: int, time_limit: float) -> "Future[GateResult]":
        """Completes with REACHED once the read model holds ``position``, with LATE after ``time_limit`` seconds."""
        future: Future[GateResult] = Future()
        with self._changed:
            if position <= self._position or self._closed:
                future.set_result(GateResult.LATE if self._closed else GateResult.REACHED)
                return future
            number = next(self._order)
            heapq.heappush(self._waiting, (position, number, future))
            heapq.heappush(self._deadlines, (time.monotonic() + time_limit, number, future))
            self._changed.notify()
        return future

    @contextmanager
    def feed_thread(self) -> Iterator[None]:
        """The present thread works off a feed: whoever waited for the read model here might wait for himself."""
        thread = threading.get_ident()
        fresh = thread not in self._feeding
        self._feeding.add(thread)
        try:
            yield
        finally:
            if fresh:
                self._feeding.discard(thread)

    def on_feed_thread(self, work: Callable[[A], None]) -> Callable[[A], None]:
        """``work``, as what it is when a feed calls it."""

        def working(given: A) -> None:
            with self.feed_thread():
                work(given)

        return working

    def refuse_on_feed_threads(self) -> None:
        """Raises WiringError on a thread that works off a feed."""
        if threading.get_ident() in self._feeding:
            raise WiringError("on the thread of a feed nobody waits for the read model: he might wait for himself")

    def reached(self, position: int) -> None:
        """The read model holds everything up to ``position``."""
        done = []
        with self._changed:
            self._position = max(self._position, position)
            while self._waiting and self._waiting[0][0] <= self._position:
                done.append(heapq.heappop(self._waiting)[2])
        for future in done:
            _complete(future, GateResult.REACHED)

    def reset(self) -> None:
        """The read model begins anew."""
        with self._changed:
            self._position = -1

    def close(self) -> None:
        """Let everybody go who still waits, as late."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._timer.join()

    def _expire(self) -> None:
        while True:
            with self._changed:
                now = time.monotonic()
                late = []
                while self._deadlines and (self._closed or self._deadlines[0][0] <= now):
                    late.append(heapq.heappop(self._deadlines)[2])
                if not late:
                    if self._closed:
                        return
                    self._changed.wait(self._deadlines[0][0] - now if self._deadlines else None)
            for future in late:
                _complete(future, GateResult.LATE)


def _complete(future: "Future[GateResult]", result: GateResult) -> None:
    with suppress(InvalidStateError):  # the other way of ending was quicker, or nobody wants to know any more
        future.set_result(result)
