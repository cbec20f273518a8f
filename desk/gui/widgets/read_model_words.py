"""How the read model is, in a few words: the one place that makes them, for the status bar and for Operations."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desk.gui.widgets.counting import counted

if TYPE_CHECKING:
    from desk.application.care import ReadModelState


def describe_read_model(state: "ReadModelState") -> str:
    """As "up to date", "3 events, 1.2 s behind", "paused, 3 events wait", "catching up: 43 %"."""
    if state.paused:
        return _paused(state)
    if state.progress is not None:
        return _tr("catching up: {n} %").format(n=int(100 * state.progress))
    if state.behind is None:
        return _tr("how far behind is not known")
    if not state.waiting:
        return _tr("up to date")
    return _tr("{events}, {time} behind").format(events=_events(state), time=_time(state.behind))


def _paused(state: "ReadModelState") -> str:
    if not state.waiting:
        return _tr("paused, nothing waits") if state.live else _tr("paused, what waits is not known")
    if state.more:
        return _tr("paused, {events} wait").format(events=_events(state))
    one, many = _tr("paused, 1 event waits"), _tr("paused, {n} events wait")
    return counted(state.waiting, one, many)


def _events(state: "ReadModelState") -> str:
    if state.more:
        return _tr("{n} events or more").format(n=f"{state.waiting:,}")
    return counted(state.waiting, _tr("1 event"), _tr("{n} events"))


def _time(milliseconds: float) -> str:
    return f"{milliseconds:,.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:,.1f} s"


def _tr(text: str) -> str:
    return QCoreApplication.translate("ReadModelState", text)
