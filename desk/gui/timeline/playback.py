"""Playing a history: so many steps a second, or its own time made faster with long pauses cut; both ways, and round."""

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from desk.gui.timeline.controller import HistoryController
from desk.gui.widgets.axis.wording import duration
from desk.records import dataclass

LONGEST_PAUSE: Final = 1.5
"""Seconds that a pause takes at most when played; what is left of it is skipped."""


@dataclass(frozen=True, slots=True)
class PlayPace:
    """How fast: ``steps`` events in a second, or, where that is 0, time ``factor`` times as fast as it was."""

    steps: float = 0.0
    factor: float = 0.0


PACES: Final = (
    *(PlayPace(steps=steps) for steps in (0.5, 1.0, 2.0, 5.0, 10.0, 20.0)),
    *(PlayPace(factor=factor) for factor in (0.25, 1.0, 10.0, 60.0, 1000.0)),
)


class Playback(QObject):
    """Moves the controller's playhead.

    Signals:
        changed: it plays now or no longer, or at another pace, another way, or round.
        skipped: a pause was cut (str, what is said of it; empty once it is over).
    """

    changed = Signal()
    skipped = Signal(str)

    def __init__(self, controller: HistoryController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.pace = PACES[1]
        self.backwards = self.loops = False
        self._fixed: tuple[int, int] | None = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._step)
        controller.model.modelReset.connect(self.stop)

    @property
    def plays(self) -> bool:
        """Whether it plays."""
        return self._timer.isActive()

    @Slot()
    def toggle(self) -> None:
        """Play or stop; from the end it begins anew."""
        if self.plays:
            self.stop()
            return
        if self._next() is None:
            self._controller.go(self._ends()[1 if self.backwards else 0])
        self._wait()
        self.changed.emit()

    @Slot()
    def stop(self) -> None:
        """Stay where the playhead is."""
        if self.plays:
            self._timer.stop()
            self.skipped.emit("")
            self.changed.emit()

    def set_pace(self, pace: PlayPace) -> None:
        """Faster or slower, at once."""
        self.pace = pace
        if self.plays:
            self._wait()
        self.changed.emit()

    def change_pace(self, by: int) -> None:
        """The next faster pace of its kind (1), or the next slower one (-1)."""
        at = PACES.index(self.pace) + by
        if 0 <= at < len(PACES) and bool(PACES[at].steps) == bool(self.pace.steps):
            self.set_pace(PACES[at])

    def toggle_direction(self) -> None:
        """Towards the first event from now on, or towards the last."""
        self.backwards = not self.backwards
        if self.plays:
            self._wait()
        self.changed.emit()

    def toggle_loop(self) -> None:
        """Begin anew at the end, between mark and where the playhead was, or of all; or no longer."""
        self.loops = not self.loops
        self._fixed = self._bounds() if self.loops else None
        self.changed.emit()

    def _bounds(self) -> tuple[int, int]:
        """The rows between which it plays: from the mark to the playhead, or all."""
        controller = self._controller
        mark = None if controller.mark is None else controller.row_of(controller.mark)
        row = controller.row
        if mark is None or row is None or mark == row:
            return 0, controller.last
        return min(mark, row), max(mark, row)

    def _ends(self) -> tuple[int, int]:
        return self._fixed if self._fixed is not None else (0, self._controller.last)

    def _next(self) -> int | None:
        """The row to go to; None at the end."""
        first, last = self._ends()
        row = self._controller.row
        if row is None:
            return last if self.backwards else first
        after = row + (-1 if self.backwards else 1)
        if first <= after <= last:
            return after
        if not self.loops:
            return None
        return last if self.backwards else first

    def _wait(self) -> None:
        """Until the next step."""
        after, row = self._next(), self._controller.row
        if after is None:
            self._timer.stop()
            self.changed.emit()
            return
        if self.pace.steps:
            self._timer.start(round(1000 / self.pace.steps))
            return
        times = self._controller.model.history.times
        gap = abs(times[after] - times[row]) if row is not None else 0.0
        wait = gap / self.pace.factor
        self.skipped.emit(self.tr("skipping {time}").format(time=duration(gap)) if wait > LONGEST_PAUSE else "")
        self._timer.start(round(1000 * min(wait, LONGEST_PAUSE)))

    @Slot()
    def _step(self) -> None:
        after = self._next()
        if after is not None:
            self._controller.go(after)
            self._wait()
