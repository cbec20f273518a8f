"""Read your writes: futures that the read model's progress completes. Nobody's thread waits, nothing polls."""

import heapq
import threading
import time
from collections.abc import Collection, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager, suppress
from itertools import count
from typing import NamedTuple

from desk.cqrs.errors import WiringError
from desk.cqrs.messages import GateResult


class _Waiting(NamedTuple):
    """Who waits: ordered by position, and among equals by the order of asking."""

    position: int
    number: int
    stream: str
    future: "Future[GateResult]"


class ReadModelGate:
    """Knows how far the read model is, and who waits for it to get further."""

    def __init__(self) -> None:
        self._position = -1
        self._parked: frozenset[str] = frozenset()
        self._waiting: list[_Waiting] = []
        self._deadlines: list[tuple[float, int, Future[GateResult]]] = []
        self._order = count()
        self._feeding: set[int] = set()
        self._paused = False
        self._changed = threading.Condition()
        self._closed = False
        self._timer: threading.Thread | None = None  # started when somebody has to wait for the first time

    def when(self, position: int, time_limit: float, stream: str = "") -> "Future[GateResult]":
        """Completes with REACHED once the read model holds ``position``, with LATE after ``time_limit`` seconds.

        With PARKED where it came past an event of ``stream`` without taking it in; with PAUSED, not LATE, where
        somebody holds it back.
        """
        future: Future[GateResult] = Future()
        with self._changed:
            if position <= self._position or self._closed:
                future.set_result(GateResult.LATE if self._closed else self._result_for(stream))
                return future
            number = next(self._order)
            heapq.heappush(self._waiting, _Waiting(position, number, stream, future))
            heapq.heappush(self._deadlines, (time.monotonic() + time_limit, number, future))
            if self._timer is None:
                self._timer = threading.Thread(target=self._expire, name="read-model-gate")
                self._timer.start()
            self._changed.notify()
        return future

    @contextmanager
    def feed_thread(self) -> Iterator[None]:
        """Marks the present thread as one that a feed runs on: waiting for the read model here would deadlock."""
        thread = threading.get_ident()
        fresh = thread not in self._feeding
        self._feeding.add(thread)
        try:
            yield
        finally:
            if fresh:
                self._feeding.discard(thread)

    def refuse_on_feed_threads(self) -> None:
        """Raises WiringError on a thread that a feed runs on."""
        if threading.get_ident() in self._feeding:
            raise WiringError("the thread of a feed cannot wait for the read model: it would deadlock")

    def reached(self, position: int, parked: Collection[str] = ()) -> None:
        """The read model has moved to ``position``, past the events of those streams that are ``parked``.

        It may be lower than before: a read model that is built anew, or for another store, does not hold what the old
        one did.
        """
        done = []
        with self._changed:
            self._position, self._parked = position, frozenset(parked)
            while self._waiting and self._waiting[0].position <= position:
                here = heapq.heappop(self._waiting)
                done.append((here.future, self._result_for(here.stream)))
        for future, result in done:
            _complete(future, result)

    def set_paused(self, *, paused: bool) -> None:
        """Whether the read model takes nothing in at present, as somebody wants it so."""
        with self._changed:
            self._paused = paused

    def _result_for(self, stream: str) -> GateResult:
        return GateResult.PARKED if stream in self._parked else GateResult.REACHED

    def close(self) -> None:
        """Let everybody go who still waits, as late."""
        with self._changed:
            self._closed = True
            self._changed.notify()
            timer = self._timer
        if timer is not None:
            timer.join()

    def _expire(self) -> None:
        while True:
            with self._changed:
                now = time.monotonic()
                late = []
                result = GateResult.PAUSED if self._paused and not self._closed else GateResult.LATE
                while self._deadlines and (self._closed or self._deadlines[0][0] <= now):
                    late.append(heapq.heappop(self._deadlines)[2])
                if not late:
                    if self._closed:
                        return
                    self._changed.wait(self._deadlines[0][0] - now if self._deadlines else None)
            for future in late:
                _complete(future, result)


def _complete(future: "Future[GateResult]", result: GateResult) -> None:
    with suppress(InvalidStateError):  # the other way of ending was quicker, or nobody wants to know any more
        future.set_result(result)
