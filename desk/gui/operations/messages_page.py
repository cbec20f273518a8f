"""Hop 2 made visible: what passed lately, commands, queries, durable events and faults, and the story of each."""

from datetime import datetime

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desk.application.queries import GetMessages
from desk.application.session import Session
from desk.cqrs.endings import OK
from desk.cqrs.faults import Fault
from desk.cqrs.live_feed import EVENTS_TOLD, Batch
from desk.cqrs.message_log import MessageKind, MessageRecord, fault_record
from desk.gui.background import Bridge
from desk.gui.operations.listing import Line, Listing
from desk.gui.operations.live_batches import LiveBatches
from desk.gui.operations.report import Report, side_by_side
from desk.gui.operations.wording import exact_moment

SHOWN = 300
"""Messages in the list at most; the log keeps a thousand of each kind."""
KEPT = 2000
"""Messages that the page knows of before it forgets the oldest."""
GATHERED = 100
"""Milliseconds in which what passes is gathered before it is shown."""


class MessagesPage(QWidget):
    """The newest first, and followed while it is chosen; at the right all that has the chosen one's correlation.

    Signals:
        counted: (int) nothing here wants attention.
        said: (str) what could not be read, and why.
    """

    counted = Signal(int)
    said = Signal(str)

    def __init__(self, session: Session, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._bridge = session, bridge
        self._arrived: list[MessageRecord] = []
        self._replayed = 0
        self.state = QLabel(self.tr("What passed lately, and all that came of it."))
        self._passed: tuple[MessageRecord, ...] = ()
        self.messages: tuple[MessageRecord, ...] = ()
        self.kinds = {
            MessageKind.COMMAND: QCheckBox(self.tr("&Commands")),
            MessageKind.EVENT: QCheckBox(self.tr("E&vents")),
            MessageKind.FAULT: QCheckBox(self.tr("Fa&ults")),
            MessageKind.QUERY: QCheckBox(self.tr("&Queries")),
        }
        columns = [self.tr("When"), self.tr("Kind"), self.tr("Name"), self.tr("End")]
        self.listing = Listing(self.tr("Messages"), columns, stretched=2)
        self.report = Report()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(GATHERED)
        self._timer.timeout.connect(self._list)
        LiveBatches(session, bridge, self).came.connect(self._come)
        bridge.fault_found.connect(self._fail)
        self._lay_out()
        self.listing.chosen.connect(self._look)
        for kind, box in self.kinds.items():
            box.setChecked(kind is not MessageKind.QUERY)
            box.toggled.connect(self._list)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for what passed while nobody saw it; what passes from now on comes by itself."""
        super().showEvent(event)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Ask for what passed."""
        if self.isVisible():
            self._bridge.call(self._session.queries.ask(GetMessages()), self._show, self._not_read, self)

    def _show(self, passed: tuple[MessageRecord, ...]) -> None:
        self._arrived += passed
        self._list()

    @Slot(object)
    def _come(self, batch: Batch) -> None:
        """As it passes. The events of a long replay are only counted."""
        if batch.events > EVENTS_TOLD:
            self._replayed += batch.events
            words = self.tr("What passed lately, and all that came of it. {n} events of a replay are not listed.")
            self.state.setText(words.format(n=f"{self._replayed:,}"))
        self._take(batch.messages)

    @Slot(object)
    def _fail(self, fault: Fault) -> None:
        self._take((fault_record(fault),))

    def _take(self, messages: tuple[MessageRecord, ...]) -> None:
        # Its own query would be the newest each time.
        if self.isVisible() and any(one.name != GetMessages.__name__ for one in messages):
            self._arrived += messages
            if not self._timer.isActive():
                self._timer.start()

    def _sort_in(self) -> None:
        """What has arrived, and was asked for as well, is there once."""
        known = dict.fromkeys((*self._arrived, *self._passed))
        self._arrived = []
        ordered = sorted(known, key=lambda one: one.at, reverse=True)
        self._passed = tuple(one for one in ordered if one.name != GetMessages.__name__)[:KEPT]

    def _not_read(self, error: Exception) -> None:
        self.said.emit(str(error))

    @Slot()
    def _list(self) -> None:
        self._sort_in()
        wanted = {kind for kind, box in self.kinds.items() if box.isChecked()}
        shown = tuple(one for one in self._passed if one.kind in wanted)[:SHOWN]
        if shown == self.messages:
            return
        follows = not self.messages or self.listing.key == self.messages[0]
        self.messages = shown
        self.listing.show_lines([Line(one, _texts(one)) for one in shown])
        if shown and follows:
            self.listing.choose(shown[0])

    @Slot()
    def _look(self) -> None:
        chosen = next((one for one in self.messages if one == self.listing.key), None)
        if chosen is None:
            self.report.show_report("", "")
            return
        words = self.tr("{name} ({kind}) passed on {when}. It ended with: {outcome}.")
        told = words.format(
            name=chosen.name, kind=chosen.kind.value, when=exact_moment(chosen.at), outcome=chosen.outcome
        )
        self.report.show_report(told, self._story_of(chosen))

    def _story_of(self, chosen: MessageRecord) -> str:
        """All that has the same correlation, in the order of its beginning, with milliseconds from the first."""
        if chosen.correlation_id is None:
            return self.tr("It says nothing of what it came from.")
        story = [one for one in reversed(self._passed) if one.correlation_id == chosen.correlation_id]
        begin = story[0].at
        lines = [f"{_after(begin, one.at):>10}  {one.kind.value:<8}  {_named(one)}" for one in story]
        ids = self.tr("id {id}\ncorrelation {correlation}")
        return "\n".join((*lines, "", ids.format(id=chosen.message_id, correlation=chosen.correlation_id)))

    def _lay_out(self) -> None:
        for place, width in ((0, 110), (1, 100), (3, 100)):
            self.listing.setColumnWidth(place, width)
        top = QHBoxLayout()
        top.setSpacing(14)
        top.addWidget(self.state, 1)
        for box in self.kinds.values():
            top.addWidget(box)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(top)
        column.addWidget(side_by_side(self.listing, self.report), 1)


def _texts(one: MessageRecord) -> tuple[str, ...]:
    when = f"{one.at.astimezone():%H:%M:%S}.{one.at.microsecond // 1000:03}"
    return when, one.kind.value, one.name, "" if one.outcome == OK else one.outcome


def _after(begin: datetime, at: datetime) -> str:
    return f"{1000 * (at - begin).total_seconds():,.0f} ms"


def _named(one: MessageRecord) -> str:
    return one.name if one.outcome == OK else f"{one.name}: {one.outcome}"
