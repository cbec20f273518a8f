"""What is measured of a group and of each of its consumers: how many messages, how fast they are answered."""

from collections import deque
from typing import Final

from desk.records import dataclass

_LATENCIES_REMEMBERED: Final = 1000
_PER_MILLISECOND: Final = 1000

_SHARES: Final = {
    "Median": 0.5,
    "Fastest": 0.0,
    "Quintile 1": 0.2,
    "Quintile 2": 0.4,
    "Quintile 3": 0.6,
    "Quintile 4": 0.8,
    "Quintile 5": 1.0,
    "90%": 0.9,
    "95%": 0.95,
    "99%": 0.99,
    "99.5%": 0.995,
    "99.9%": 0.999,
    "Highest": 1.0,
}


@dataclass(frozen=True, slots=True)
class Rate:
    """``since_last``: how many since the last time somebody asked."""

    per_second: int
    total: int
    since_last: int


class Measured:
    """Counts messages; ``started`` in seconds of the same clock as every ``now``."""

    def __init__(self, started: float, *, latencies: bool) -> None:
        self.total = 0
        self._told = 0
        self._told_at = started
        self._latencies: deque[float] | None = deque(maxlen=_LATENCIES_REMEMBERED) if latencies else None

    def count(self) -> None:
        """A message was sent."""
        self.total += 1

    def answered(self, seconds: float) -> None:
        """A message was acknowledged after so long."""
        if self._latencies is not None:
            self._latencies.append(seconds)

    def rate(self, now: float) -> Rate:
        """How many there were, and how many a second since the last time that somebody asked."""
        since, seconds = self.total - self._told, now - self._told_at
        self._told, self._told_at = self.total, now
        return Rate(round(since / seconds) if seconds > 0 else 0, self.total, since)

    @property
    def observed(self) -> list[tuple[str, int]]:
        """How long answers took, in milliseconds; nothing where that is not measured."""
        if self._latencies is None:
            return []
        ordered = sorted(self._latencies) or [0.0]
        last = len(ordered) - 1
        found = [("Mean", round(sum(ordered) / len(ordered) * _PER_MILLISECOND))]
        for name, share in _SHARES.items():
            found.append((name, round(ordered[round(share * last)] * _PER_MILLISECOND)))
        return found
