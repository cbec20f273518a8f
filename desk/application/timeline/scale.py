"""Three scales with the same methods: by revision, by time, and by time with long pauses folded. Pure, no Qt.

``x`` is in pixels from the first event. A coordinate is what a scale is linear in: the number of an event for the
first, seconds since 1970 for the other two. The number of an event is its index in the stream as loaded.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from enum import Enum
from itertools import accumulate
from operator import sub
from typing import Final, TypeAlias

from desk.application.timeline.gaps import Gaps
from desk.records import dataclass

BREAK: Final = 48.0
"""Pixels that stand for a folded pause, however long it was."""

MOST_PER_EVENT: Final = 160.0
"""The deepest zoom: the two events nearest to each other are so many pixels apart."""

MOST_PER_SECOND: Final = 48_000.0


class Mode(Enum):
    """How the axis runs."""

    REVISION = "revision"
    TIME = "time"
    FOLDED = "folded"


@dataclass(frozen=True, slots=True)
class Break:
    """A folded pause: its left edge, and the seconds between which nothing happened."""

    x: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class RevisionScale:
    """Events at even distances: best for teaching, and for many events in one millisecond.

    ``zoom`` is pixels per event, or per second.
    """

    count: int
    zoom: float

    @property
    def length(self) -> float:
        """The last event's x."""
        return max(self.count - 1, 0) * self.zoom

    def to_x(self, index: int) -> float:
        """Where an event is."""
        return index * self.zoom

    def to_index(self, x: float) -> int:
        """The event nearest to ``x``; the first of those at the same place."""
        return min(max(round(x / self.zoom), 0), self.count - 1)

    def edge(self, x: float) -> int:
        """How many events lie left of ``x``."""
        return min(max(-int(-x // self.zoom), 0), self.count)

    def at(self, x: float) -> float:
        """The coordinate at ``x``."""
        return x / self.zoom

    def x_at(self, coordinate: float) -> float:
        """The inverse of :meth:`at`."""
        return coordinate * self.zoom

    def breaks(self, left: float, right: float) -> list[Break]:
        """Folded pauses that show between two places."""
        return []


class TimeScale:
    """Events by their time. With folds, each of these pauses takes :data:`BREAK` pixels instead of its length."""

    def __init__(self, times: "array[float]", zoom: float, folds: Sequence[tuple[float, float]] = ()) -> None:
        self.zoom = zoom
        self._times = times
        self._origin = times[0] if times else 0.0
        self._starts, self._ends = array("d", [start for start, _ in folds]), array("d", [end for _, end in folds])
        lines = map(sub, self._starts, (self._origin, *self._ends))  # between one pause and the next
        rights: list[float] = list(accumulate([line * zoom + BREAK for line in lines]))
        self._lefts = array("d", [right - BREAK for right in rights])
        last = self._ends[-1] if folds else self._origin
        self.length = (rights[-1] if folds else 0.0) + (times[-1] - last) * zoom if times else 0.0

    def to_x(self, index: int) -> float:
        return self.x_at(self._times[index])

    def to_index(self, x: float) -> int:
        times = self._times
        after = min(bisect_left(times, self.at(x)), len(times) - 1)
        before = bisect_left(times, times[after - 1], 0, after) if after else 0
        return before if x - self.to_x(before) <= self.to_x(after) - x else after

    def edge(self, x: float) -> int:
        return bisect_left(self._times, self.at(x))

    def at(self, x: float) -> float:
        last = bisect_right(self._lefts, x) - 1
        if last < 0:
            return self._origin + x / self.zoom
        inside = x - self._lefts[last]
        start, end = self._starts[last], self._ends[last]
        if inside < BREAK:
            return start + inside / BREAK * (end - start)
        return end + (inside - BREAK) / self.zoom

    def x_at(self, coordinate: float) -> float:
        last = bisect_right(self._starts, coordinate) - 1
        if last < 0:
            return (coordinate - self._origin) * self.zoom
        start, end = self._starts[last], self._ends[last]
        if coordinate < end:
            return self._lefts[last] + BREAK * (coordinate - start) / (end - start)
        return self._lefts[last] + BREAK + (coordinate - end) * self.zoom

    def breaks(self, left: float, right: float) -> list[Break]:
        first = bisect_right(self._lefts, left - BREAK)
        last = bisect_left(self._lefts, right)
        return [Break(self._lefts[i], self._starts[i], self._ends[i]) for i in range(first, last)]


Scale: TypeAlias = RevisionScale | TimeScale
"""Events to pixels and back; see :class:`RevisionScale` for what each method says."""


def fitting_zoom(mode: Mode, times: "array[float]", gaps: Gaps, width: float) -> float:
    """The zoom at which everything fills ``width`` pixels; less for few events, which would else lie far apart."""
    count = len(times)
    span = times[-1] - times[0] if count else 0.0
    if mode is Mode.REVISION:
        return min(width / max(count - 1, 1), MOST_PER_EVENT)
    if span <= 0:
        return 1.0
    zoom = width / span
    if mode is Mode.FOLDED:
        zoom = _fitting_with_folds(gaps, span, width)
    return min(zoom, deepest_zoom(mode, gaps))


def _fitting_with_folds(gaps: Gaps, span: float, width: float) -> float:
    """Fold the longest pause as long as it is over the limit; each fold leaves more room, and so lowers the limit."""
    zoom, left, room = width / span, span, width
    for gap in gaps.longest():
        if gap <= gaps.limit(zoom, width) or left - gap <= 0 or room <= BREAK:
            break
        left -= gap
        room -= BREAK
        zoom = room / left
    return zoom


def deepest_zoom(mode: Mode, gaps: Gaps) -> float:
    """Nobody needs to go nearer than this."""
    if mode is Mode.REVISION or not gaps.shortest:
        return MOST_PER_EVENT
    return min(MOST_PER_EVENT / gaps.shortest, MOST_PER_SECOND)


def make_scale(mode: Mode, times: "array[float]", gaps: Gaps, zoom: float, width: float) -> Scale:
    """The scale of a mode at a zoom, in a view of ``width`` pixels."""
    if mode is Mode.REVISION:
        return RevisionScale(len(times), zoom)
    return TimeScale(times, zoom, gaps.folds(zoom, width) if mode is Mode.FOLDED else ())
