"""Which part of a stream is in sight, and how it moves: zoom at a point, pan, fit, follow. Pure, no Qt.

Places given to and got from a view are pixels from its left edge.
"""

from array import array
from typing import Final

from desk.application.timeline.gaps import Gaps
from desk.application.timeline.scale import Mode, Scale, deepest_zoom, fitting_zoom, make_scale

MARGIN: Final = 32.0
"""An event that is walked to keeps this distance from the edges."""


class View:
    """A window of ``width`` pixels on a stream's times; ``fitted`` as long as it shows all of it."""

    def __init__(self, times: "array[float]", mode: Mode = Mode.FOLDED, width: float = 800.0) -> None:
        self.width = width
        self.mode = mode
        self.show(times)

    def show(self, times: "array[float]", gaps: Gaps | None = None) -> None:
        """Look at another stream, all of it; ``gaps`` are its pauses where they are known already."""
        self.times = times
        self.gaps = gaps or Gaps(times)
        self.fit()

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

    def _put(self, offset: float) -> None:
        spare = self.scale.length - self.width
        self.offset = min(max(offset, 0.0), spare) if spare > 0 else 0.0

    @property
    def at_end(self) -> bool:
        """Whether the newest event is in sight."""
        return self.offset + self.width >= self.scale.length - 1.0

    def x_of(self, index: int) -> float:
        """Where an event is in the view; outside of it where it is out of sight."""
        return self.scale.to_x(index) - self.offset

    def index_at(self, x: float) -> int:
        """The event nearest to a place."""
        return self.scale.to_index(x + self.offset)

    def visible(self, beyond: float = 0.0) -> tuple[int, int]:
        """First and one past the last event in sight, and those so many pixels outside."""
        first = self.scale.edge(self.offset - beyond)
        return first, self.scale.edge(self.offset + self.width + beyond + 1e-6)

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
        self._put(self.scale.length if at_end else self.scale.x_at(left))

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
        left, ended = self.scale.at(self.offset), self.at_end
        self.gaps.grown(0, front) if front else None
        self.gaps.grown(len(self.times) - back, len(self.times)) if back else None
        if self.mode is Mode.REVISION:
            left += front
        self._again(left, at_end=ended and bool(back))
