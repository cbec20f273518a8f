"""How far the read model is behind, in a few words."""

from PySide6.QtCore import QCoreApplication

from desk.application.care import Lag
from desk.gui.counting import counted


def in_words(lag: Lag) -> str:
    """As "3 events, 1.2 s behind"; with nothing behind what the last one took, as "4 ms behind"."""
    if lag.events:
        late = counted(
            lag.events,
            QCoreApplication.translate("Lag", "1 event"),
            QCoreApplication.translate("Lag", "{n} events"),
        )
        return QCoreApplication.translate("Lag", "{events}, {time} behind").format(
            events=late, time=_time(lag.milliseconds)
        )
    return QCoreApplication.translate("Lag", "{time} behind").format(time=_time(lag.last_milliseconds))


def _time(milliseconds: float) -> str:
    return f"{milliseconds:,.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:,.1f} s"
