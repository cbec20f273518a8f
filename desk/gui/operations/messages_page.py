"""Hop 2 made visible: what passed lately, commands, questions, durable events and faults, and the story of each."""

from datetime import datetime

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desk.application.queries import GetMessages
from desk.application.session import Session
from desk.cqrs.taps import Family, Passed
from desk.gui.background import Bridge
from desk.gui.operations.listing import Line, Listing
from desk.gui.operations.report import Report, side_by_side
from desk.gui.operations.wording import exact_moment

SHOWN = 300
"""Messages in the list at most; the log keeps a thousand of each family."""
REFRESH = 1000
"""Milliseconds between two looks while the page is seen: what passes tells nobody."""
OK = "ok"


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
        self._passed: tuple[Passed, ...] = ()
        self.messages: tuple[Passed, ...] = ()
        self.families = {
            Family.COMMAND: QCheckBox(self.tr("&Commands")),
            Family.EVENT: QCheckBox(self.tr("E&vents")),
            Family.FAULT: QCheckBox(self.tr("Fa&ults")),
            Family.QUERY: QCheckBox(self.tr("&Queries")),
        }
        columns = [self.tr("When"), self.tr("Family"), self.tr("Name"), self.tr("End")]
        self.listing = Listing(self.tr("Messages"), columns, stretched=2)
        self.report = Report()
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH)
        self._timer.timeout.connect(self.refresh)
        self._lay_out()
        self.listing.chosen.connect(self._look)
        for family, box in self.families.items():
            box.setChecked(family is not Family.QUERY)
            box.toggled.connect(self._list)

    def showEvent(self, event: QShowEvent) -> None:
        """Look now and then only while somebody sees it."""
        super().showEvent(event)
        self.refresh()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody sees it."""
        super().hideEvent(event)
        self._timer.stop()

    @Slot()
    def refresh(self) -> None:
        """Ask for what passed."""
        if self.isVisible():
            self._bridge.call(self._session.queries.ask(GetMessages()), self._show, self._not_read, self)

    def _show(self, passed: tuple[Passed, ...]) -> None:
        # Its own question would be the newest each time.
        self._passed = tuple(one for one in reversed(passed) if one.name != GetMessages.__name__)
        self._list()

    def _not_read(self, error: Exception) -> None:
        self.said.emit(str(error))

    @Slot()
    def _list(self) -> None:
        wanted = {family for family, box in self.families.items() if box.isChecked()}
        shown = tuple(one for one in self._passed if one.family in wanted)[:SHOWN]
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
        words = self.tr("{name} ({family}) passed on {when}. It ended with: {outcome}.")
        told = words.format(
            name=chosen.name, family=chosen.family.value, when=exact_moment(chosen.at), outcome=chosen.outcome
        )
        self.report.show_report(told, self._story_of(chosen))

    def _story_of(self, chosen: Passed) -> str:
        """All that has the same correlation, in the order of its beginning, with milliseconds from the first."""
        if chosen.correlation_id is None:
            return self.tr("It says nothing of what it came from.")
        story = [one for one in reversed(self._passed) if one.correlation_id == chosen.correlation_id]
        begin = story[0].at
        lines = [f"{_after(begin, one.at):>10}  {one.family.value:<8}  {_named(one)}" for one in story]
        ids = self.tr("id {id}\ncorrelation {correlation}")
        return "\n".join((*lines, "", ids.format(id=chosen.message_id, correlation=chosen.correlation_id)))

    def _lay_out(self) -> None:
        for place, width in ((0, 110), (1, 100), (3, 100)):
            self.listing.setColumnWidth(place, width)
        top = QHBoxLayout()
        top.setSpacing(14)
        top.addWidget(QLabel(self.tr("What passed lately, and all that came of it.")), 1)
        for box in self.families.values():
            top.addWidget(box)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(top)
        column.addWidget(side_by_side(self.listing, self.report), 1)


def _texts(one: Passed) -> tuple[str, ...]:
    when = f"{one.at.astimezone():%H:%M:%S}.{one.at.microsecond // 1000:03}"
    return when, one.family.value, one.name, "" if one.outcome == OK else one.outcome


def _after(begin: datetime, at: datetime) -> str:
    return f"{1000 * (at - begin).total_seconds():,.0f} ms"


def _named(one: Passed) -> str:
    return one.name if one.outcome == OK else f"{one.name}: {one.outcome}"
