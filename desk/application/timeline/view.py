"""Which part of a stream is in sight, and how it moves: zoom at a point, pan, fit, follow. Pure, no Qt.

Places given to and got from a view are pixels from its left edge.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from typing import Final

from desk.application.timeline.gaps import Gaps
from desk.application.timeline.scale import Mode, Scale, deepest_zoom, fitting_zoom, make_scale

MARGIN: Final = 32.0
"""An event that is walked to keeps this distance from the edges."""


class View:
    """A window of ``width`` pixels on a stream's times; ``fitted`` as long as it shows all of it.

    What is still to come has places behind the last event (:meth:`expect`); ``times`` are those of the events and,
    behind them, of these.
    """

    def __init__(self, times: "array[float]", mode: Mode = Mode.FOLDED, width: float = 800.0) -> None:
        self.width = width
        self.mode = mode
        self._beyond: tuple[float, ...] = ()
        self.show(times)

    def show(self, times: "array[float]", gaps: Gaps | None = None) -> None:
        """Look at another stream, all of it; ``gaps`` are its pauses where they are known already."""
        self._events, self._beyond = times, ()
        self.times = times
        self.gaps = gaps or Gaps(times)
        self.fit()

    def shows(self, times: "array[float]") -> bool:
        """Whether these are the events' times: they may have become others since."""
        return times is self._events

    def expect(self, moments: Iterable[float]) -> None:
        """Have places for what is still to come, as far as it lies behind the last event; replaces what was."""
        self._count_again(tuple(sorted(set(moments))), 0)

    def _count_again(self, moments: tuple[float, ...], front: int) -> None:
        left, ended = self.scale.at(self.offset), self.at_end
        left += front if self.mode is Mode.REVISION else 0
        last = self._events[-1] if self._events else float("inf")
        self._beyond = moments
        ahead = [moment for moment in moments if moment > last]
        self.times = self._events + array("d", ahead) if ahead else self._events
        self.gaps = Gaps(self.times)
        self._again(left, at_end=ended)

    @property
    def count(self) -> int:
        """How many events there are."""
        return len(self._events)

    def x_of_time(self, moment: float) -> float:
        """Where a moment is in the view; on a scale by revision between the events before and after it."""
        if self.mode is not Mode.REVISION:
            return self.scale.x_at(moment) - self.offset
        index = bisect_left(self.times, moment)
        exact = index < len(self.times) and self.times[index] == moment
        return self.scale.x_at(index if exact else index - 0.5) - self.offset

    def fit(self) -> None:
        """Show everything."""
        self.fitted = True
        self._use(self.least_zoom())
        self._put(0.0)

    def least_zoom(self) -> float:
        """The zoom at which everything fits."""
        return fitting_zoom(self.mode, self.times, self.gaps, self.width)

    def _use(self, zoom: float) -> None:
        self.scale: Scale = make_scale(self.mode, self.times, self.gaps, zoom, self.width)
        # Of the last event as the scale knows it: others are there already when this is asked for.
        self._end = self.scale.to_x(self.count - 1) if self.count else 0.0

    def _put(self, offset: float) -> None:
        spare = self.scale.length - self.width
        self.offset = min(max(offset, 0.0), spare) if spare > 0 else 0.0

    @property
    def at_end(self) -> bool:
        """Whether the newest event is in sight."""
        return self.offset + self.width >= self._end - 1.0

    def x_of(self, index: int) -> float:
        """Where an event is in the view; outside of it where it is out of sight."""
        return self.scale.to_x(index) - self.offset

    def index_at(self, x: float) -> int:
        """The event nearest to a place."""
        return min(self.scale.to_index(x + self.offset), self.count - 1)

    def visible(self, beyond: float = 0.0) -> tuple[int, int]:
        """First and one past the last event in sight, and those so many pixels outside."""
        first = self.scale.edge(self.offset - beyond)
        last = self.scale.edge(self.offset + self.width + beyond + 1e-6)
        return min(first, self.count), min(last, self.count)

    def resize(self, width: float) -> None:
        """The widget has another width now."""
        if width == self.width or width <= 0:
            return
        left, ended = self.scale.at(self.offset), self.at_end
        self.width = width
        self._again(left, at_end=ended)

    def set_mode(self, mode: Mode) -> None:
        """Another scale; begins with all of it."""
        self.mode = mode
        self.fit()

    def _again(self, left: float, *, at_end: bool) -> None:
        if self.fitted:
            self.fit()
            return
        self._use(max(self.scale.zoom, self.least_zoom()))
        if at_end and self.count:
            self._put(self._end - self.width * (0.75 if self._beyond else 1.0))
        else:
            self._put(self.scale.x_at(left))

    def zoom(self, factor: float, x: float) -> None:
        """Nearer (factor above 1) or farther, so that what is at ``x`` stays there."""
        least = self.least_zoom()
        wanted = min(max(self.scale.zoom * factor, least), max(least, deepest_zoom(self.mode, self.gaps)))
        if wanted <= least:
            self.fit()
            return
        held = self.scale.at(self.offset + x)
        self.fitted = False
        self._use(wanted)
        self._put(self.scale.x_at(held) - x)

    def pan(self, pixels: float) -> None:
        """Move the window over the stream, to the right where positive."""
        self._put(self.offset + pixels)

    def window(self) -> tuple[float, float]:
        """Coordinates of both edges."""
        return self.scale.at(self.offset), self.scale.at(self.offset + min(self.width, self.scale.length))

    def move_to(self, coordinate: float) -> None:
        """Put the left edge at a coordinate."""
        self._put(self.scale.x_at(coordinate))

    def show_window(self, begin: float, end: float) -> None:
        """Have these coordinates at both edges, as nearly as the scale lets that be."""
        for _ in range(3):  # nearer, other pauses are folded
            wide = self.scale.x_at(end) - self.scale.x_at(begin)
            if wide > 0:
                self.zoom(self.width / wide, 0.0)
        self.move_to(begin)

    def zoom_to(self, first: int, last: int) -> None:
        """Show the events from ``first`` to ``last`` and little more; used for opening a crowd."""
        begin, end = self.scale.at(self.scale.to_x(first)), self.scale.at(self.scale.to_x(last))
        if end > begin:
            self.zoom(self.width * 0.6 / (end - begin) / self.scale.zoom, self.x_of(first))
            self._put((self.scale.to_x(first) + self.scale.to_x(last) - self.width) / 2)

    def reveal(self, index: int) -> None:
        """Bring an event into sight with as little movement as that takes; from far away, into the middle."""
        x = self.x_of(index)
        margin = min(MARGIN, self.width / 4)
        if -self.width < x < margin:
            self.pan(x - margin)
        elif self.width - margin < x < 2 * self.width:
            self.pan(x - self.width + margin)
        elif not 0 <= x <= self.width:
            self.pan(x - self.width / 2)

    def grown(self, *, front: int, back: int) -> None:
        """So many events were added at either end of the times; what is in sight stays, or follows the end."""
        if self._beyond:
            self._count_again(self._beyond, front)
            return
        left, ended = self.scale.at(self.offset), self.at_end
        self.gaps.grown(0, front) if front else None
        self.gaps.grown(len(self.times) - back, len(self.times)) if back else None
        if self.mode is Mode.REVISION:
            left += front
        self._again(left, at_end=ended and bool(back))
