"""Collects cyclic garbage on the window's thread only.

Python collects on whichever thread happens to allocate. A QObject in a cycle, as a closed form is, would then end on a
worker's thread, its timers would stay behind, and the window would crash at the next tick of one of them.
"""

import gc
import time

from PySide6.QtCore import QObject, QTimer, Slot

LOOK_EVERY = 250
"""Milliseconds between two looks at how much there may be to collect."""
WHOLE_EVERY = 10.0
"""Seconds at least between two collections of everything, which take the longest."""


class GarbageCollection(QObject):
    """From now on, and until :meth:`close`, nothing is collected but here. One for a process.

    A program never closes it: while it ends, Python may collect in the middle of the end of one of Qt's objects, for
    which Qt holds a lock, and another that ended there could wait for the same lock for ever.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._whole_at = time.monotonic()
        self._was_on = gc.isenabled()
        gc.disable()
        gc.freeze()  # what is loaded by now stays, and needs no looking through
        self._timer = QTimer(self, interval=LOOK_EVERY)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    @Slot()
    def look(self) -> None:
        """Collect the generations that Python itself would collect by now."""
        counts, limits = gc.get_count(), gc.get_threshold()
        if counts[0] <= limits[0]:
            return
        now = time.monotonic()
        if counts[2] > limits[2] and now - self._whole_at > WHOLE_EVERY:
            self._whole_at = now
            gc.collect()
        else:
            gc.collect(1 if counts[1] > limits[1] else 0)

    def close(self) -> None:
        """Leave it to Python again, with nothing left to collect."""
        self._timer.stop()
        gc.collect()  # what was loaded before has none
        gc.unfreeze()
        if self._was_on:
            gc.enable()
