"""What is wrong with a station at this moment, whatever command is shown, and how long the store was away."""

from PySide6.QtCore import QElapsedTimer, QObject, Signal, Slot

from desk.application.care import ReadModelState
from desk.application.flow.rounds import Station
from desk.application.flow.values import time_words
from desk.application.session import Connection, Light, Session
from desk.gui.flow.feed import FlowFeed
from desk.gui.widgets.background import GuiBridge


class Troubles(QObject):
    """``now`` says it in two or three words for each station that is in trouble.

    Signals:
        changed: something went wrong, or is over.
        said: the store went away, or came back (str).
    """

    changed = Signal()
    said = Signal(str)

    def __init__(self, session: Session, bridge: GuiBridge, feed: FlowFeed, parent: QObject) -> None:
        super().__init__(parent)
        self._feed, self._embedded = feed, session.about.embedded
        self._away, self._stopped = False, False
        self._since = QElapsedTimer()  # invalid while nobody was told that the store is away
        bridge.connection_changed.connect(self._connection_changed)
        bridge.read_model_changed.connect(self._read_model_changed)
        feed.parked_changed.connect(self.changed)
        self._away = session.connection.state.light is not Light.GREEN
        if session.care is not None:
            self._read_model_changed(session.care.state())

    @property
    def now(self) -> dict[Station, str]:
        """What to say of which station."""
        told = {}
        if self._away:
            told[Station.STORE] = self.tr("no answer")
        if self._stopped:
            told[Station.READ_MODEL] = self.tr("stopped")
        elif self._feed.parked:
            told[Station.READ_MODEL] = self.tr("{n} parked").format(n=len(self._feed.parked))
        return told

    @Slot(object)
    def _connection_changed(self, connection: Connection) -> None:
        before, self._away = self._away, connection.light is not Light.GREEN
        if self._away and not before:
            self._since.start()
            self.said.emit(self.tr("The event store is away. {text}").format(text=connection.text))
        elif before and not self._away and self._since.isValid():
            back = self.tr("The event store is back after {time}.").format(time=time_words(self._since.elapsed()))
            whole = self.tr(" Nothing that was acknowledged is lost.") if self._embedded else ""
            self.said.emit(back + whole)
        if before is not self._away:
            self.changed.emit()

    @Slot(object)
    def _read_model_changed(self, state: ReadModelState) -> None:
        if state.paused is not self._stopped:
            self._stopped = state.paused
            self.changed.emit()
