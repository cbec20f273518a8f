"""Hop 2: counts and times of every type of message since the program began."""

import threading
import time
from collections import Counter, deque
from dataclasses import field
from typing import Any

from desk.cqrs.errors import Conflict
from desk.cqrs.messages import Envelope, Outcome
from desk.cqrs.pipeline import Proceed
from desk.records import dataclass

REMEMBERED = 1000
"""Durations kept of each type of message, for the percentiles."""


@dataclass(frozen=True, slots=True)
class MessageStatistics:
    """What was counted for one type of message since the program began; times in milliseconds.

    ``failures`` has the number of each failure by its code.
    """

    name: str
    count: int
    failures: dict[str, int]
    in_flight: int
    p50: float
    p95: float
    slowest: float
    retries: int


@dataclass(slots=True)
class _Tally:
    count: int = 0
    in_flight: int = 0
    retries: int = 0
    slowest: float = 0.0
    failures: Counter[str] = field(default_factory=Counter)
    durations: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))


class Monitoring:
    """The plugin that counts."""

    name = "Monitoring"
    in_dry_runs = False

    def __init__(self) -> None:
        self.enabled = True
        self._tallies: dict[str, _Tally] = {}
        self._lock = threading.Lock()

    def __call__(self, env: Envelope[Any], proceed: Proceed) -> Any:
        tally = self._begin(type(env.message).__name__)
        started = time.perf_counter()
        failure, retries = "", 0
        try:
            answer = proceed(env)
            retries = answer.attempts - 1 if isinstance(answer, Outcome) else 0
            return answer
        except Exception as error:
            retries = error.attempts - 1 if isinstance(error, Conflict) else 0
            failure = str(getattr(error, "code", type(error).__name__))
            raise
        finally:
            self._end(tally, (time.perf_counter() - started) * 1e3, failure, retries)

    def _begin(self, name: str) -> _Tally:
        with self._lock:
            tally = self._tallies.setdefault(name, _Tally())
            tally.in_flight += 1
            return tally

    def _end(self, tally: _Tally, milliseconds: float, failure: str, retries: int) -> None:
        with self._lock:
            tally.in_flight -= 1
            tally.count += 1
            tally.retries += retries
            tally.durations.append(milliseconds)
            tally.slowest = max(tally.slowest, milliseconds)
            if failure:
                tally.failures[failure] += 1

    def statistics(self) -> tuple[MessageStatistics, ...]:
        """A snapshot, by name of message."""
        with self._lock:
            return tuple(_snapshot(name, tally) for name, tally in sorted(self._tallies.items()))


def _snapshot(name: str, tally: _Tally) -> MessageStatistics:
    durations = sorted(tally.durations)
    return MessageStatistics(
        name=name,
        count=tally.count,
        failures=dict(tally.failures),
        in_flight=tally.in_flight,
        p50=_percentile(durations, 0.50),
        p95=_percentile(durations, 0.95),
        slowest=tally.slowest,
        retries=tally.retries,
    )


def _percentile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
