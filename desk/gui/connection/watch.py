"""How the way to the store is at every moment, with the seconds to the next attempt counting down."""

import math
import time
from functools import partial

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal, Slot

from desk.application.session import Connection, Light
from desk.gui.widgets.background import GuiBridge

_tr = partial(QCoreApplication.translate, "Connection")

SECOND = 1000


class ConnectionWatch(QObject):
    """Hears of the connection from the beginning, so that whoever is opened later knows how long ago it was told.

    Signals:
        changed: :attr:`connection` is another one.
        ticked: a second has passed, and :attr:`seconds_left` is another one.
    """

    changed = Signal()
    ticked = Signal()

    def __init__(self, bridge: GuiBridge, parent: QObject) -> None:
        super().__init__(parent)
        self.connection = Connection(Light.AMBER, self.tr("Opening the catalogue…"))
        self._due: float | None = None
        # A coarse one leaves seconds out.
        self._clock = QTimer(self, interval=SECOND, timerType=Qt.TimerType.PreciseTimer)
        self._clock.timeout.connect(self._tick)
        bridge.connection_changed.connect(self._take)

    @property
    def seconds_left(self) -> int | None:
        """Seconds to the next attempt; 0 while it is made, None where none is planned."""
        return None if self._due is None else max(0, math.ceil(self._due - time.monotonic()))

    def stop(self) -> None:
        """Count no more."""
        self._clock.stop()

    @Slot(object)
    def _take(self, connection: Connection) -> None:
        self.connection = connection
        self._due = None if connection.retry_in is None else time.monotonic() + connection.retry_in
        if self._due is None:
            self._clock.stop()
        else:
            self._clock.start()
        self.changed.emit()

    @Slot()
    def _tick(self) -> None:
        if not self.seconds_left:
            self._clock.stop()
        self.ticked.emit()


def describe_light(light: Light) -> str:
    """The light in a word or two."""
    return {Light.GREEN: _tr("Live"), Light.AMBER: _tr("Working on it"), Light.RED: _tr("Refused")}[light]


def describe_next_try(seconds: int | None) -> str:
    """When it is tried again; empty where that is not planned."""
    if seconds is None:
        return ""
    return _tr("Next try in {n} s.").format(n=seconds) if seconds else _tr("Trying now…")
