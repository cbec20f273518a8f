"""The pauses between a stream's events, and which of them are long enough to be folded away. Pure, no Qt."""

from array import array
from bisect import bisect_right, insort
from collections.abc import Iterator
from operator import itemgetter, sub
from typing import Final

MOST_FOLDS: Final = 4096
"""So many of the longest pauses can be folded; the others of a long stream stay as they are."""

MEDIANS: Final = 8.0
"""A pause is folded when it lasts so many times the median..."""

SHARE: Final = 0.06
"""...and takes more than this share of what is visible."""

LEAST_PIXELS: Final = 72.0
"""Never fold what is hardly wider than the break that would stand for it."""


class Gaps:
    """The pauses of a growing stream: median, shortest, and the longest ones with the time at which each begins.

    Times are seconds, ascending. A full count costs some 40 ms for 100,000 events, so that growing by a little only
    looks at the new pauses; the median follows when the stream has grown by a quarter.
    """

    def __init__(self, times: "array[float]") -> None:
        self._times = times
        self._count()

    def _count(self) -> None:
        times = self._times
        self._counted = len(times)
        gaps = array("d", map(sub, times[1:], times))
        ordered = sorted(gaps)
        positive = bisect_right(ordered, 0.0)
        self.median = ordered[(positive + len(ordered)) // 2] if positive < len(ordered) else 0.0
        self.shortest = ordered[positive] if positive < len(ordered) else 0.0
        least = ordered[max(positive, len(ordered) - MOST_FOLDS)] if self.median else 0.0
        kept = [pause for pause in zip(gaps, times, times[1:], strict=False) if pause[0] >= least and pause[0] > 0]
        self._longest = sorted(kept)[-MOST_FOLDS:]
        self._order()

    def _order(self) -> None:
        # Every step of a zoom asks for the folds, growing is rare.
        self._in_order = sorted(self._longest, key=itemgetter(1))

    def grown(self, first: int, last: int) -> None:
        """The events from index ``first`` up to, not including, ``last`` are new, at the front or at the back."""
        if len(self._times) > self._counted * 1.25 or len(self._times) < 256:
            self._count()
            return
        times = self._times
        for index in range(max(first - 1, 0), min(last, len(times) - 1)):
            gap = times[index + 1] - times[index]
            if gap > 0:
                self.shortest = min(self.shortest, gap) if self.shortest else gap
                insort(self._longest, (gap, times[index], times[index + 1]))
        del self._longest[:-MOST_FOLDS]
        self._order()

    def limit(self, zoom: float, width: float) -> float:
        """Seconds beyond which a pause is folded in a view of ``width`` pixels at ``zoom`` pixels a second.

        What fills the whole view and more is folded even where all pauses are alike: nobody wants to pan through
        nothing. The limit falls as the zoom rises.
        """
        view = width / zoom
        return max(max(width * SHARE, LEAST_PIXELS) / zoom, min(MEDIANS * self.median, view))

    def longest(self) -> Iterator[float]:
        """Lengths of the foldable pauses, longest first."""
        return (gap for gap, _, _ in reversed(self._longest))

    def folds(self, zoom: float, width: float) -> list[tuple[float, float]]:
        """Beginning and end of every pause that is folded at this zoom, in order of time."""
        limit = self.limit(zoom, width)
        return [(start, end) for gap, start, end in self._in_order if gap > limit]
