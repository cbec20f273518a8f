"""Hop 2 made visible: what passed lately, commands, queries, durable events and faults, and the story of each."""

from datetime import datetime

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QCheckBox, QLabel

from desk.application.queries import GetMessages
from desk.application.session import Session
from desk.cqrs.endings import OK
from desk.cqrs.faults import Fault
from desk.cqrs.live_feed import EVENTS_TOLD, Batch
from desk.cqrs.message_log import MessageKind, MessageRecord, fault_record
from desk.gui.operations.list_page import ListPage, ListSpec
from desk.gui.operations.listing import ReportLine
from desk.gui.operations.wording import exact_moment, precise_time
from desk.gui.tables.columns import Column
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.controls import later
from desk.gui.widgets.live_batches import LiveBatches

SHOWN = 300
"""Messages in the list at most; the log keeps a thousand of each kind."""
KEPT = 2000
"""Messages that the page knows of before it forgets the oldest."""
GATHERED = 100
"""Milliseconds in which what passes is gathered before it is shown."""


class Messages(QObject):
    """The newest first, and followed while it is chosen; at the right all that has the chosen one's correlation."""

    def __init__(self, session: Session, bridge: GuiBridge) -> None:
        super().__init__()
        self._session = session
        self._arrived: list[MessageRecord] = []
        self._passed: tuple[MessageRecord, ...] = ()
        self._replayed = 0
        self.state = QLabel(self.tr("What passed lately, and all that came of it."), wordWrap=True)
        self.kinds = {
            MessageKind.COMMAND: QCheckBox(self.tr("&Commands")),
            MessageKind.EVENT: QCheckBox(self.tr("E&vents")),
            MessageKind.FAULT: QCheckBox(self.tr("Fa&ults")),
            MessageKind.QUERY: QCheckBox(self.tr("&Queries")),
        }
        columns = (
            Column(self.tr("When"), 110),
            Column(self.tr("Kind"), 100),
            Column(self.tr("Name")),
            Column(self.tr("End"), 100),
        )
        nothing = self.tr("Nothing of these kinds has passed.")
        spec = ListSpec(self.tr("Messages"), columns, nothing, while_seen=True, newest_first=True)
        self.page = ListPage(self, spec, bridge)
        self.page.add_above(self.state, *self.kinds.values())
        self._timer = later(self, GATHERED, self._list)
        for kind, box in self.kinds.items():
            box.setChecked(kind is not MessageKind.QUERY)
            box.toggled.connect(self._list)
        LiveBatches(session, bridge, self.page).came.connect(self._come)
        bridge.fault_found.connect(self._fail)

    def refresh(self) -> None:
        """Ask for what passed."""
        self.page.ask(self._session.queries.ask(GetMessages()), self._show)

    def line(self, row: MessageRecord) -> ReportLine:
        """When, what, and how it ended where that was not well."""
        outcome = "" if row.outcome == OK else row.outcome
        return ReportLine(row, (precise_time(row.at), row.kind.value, row.name, outcome))

    def describe(self, row: MessageRecord) -> tuple[str, str]:
        """How it ended, and all that has the same correlation."""
        words = self.tr("{name} ({kind}) passed on {when}. It ended with: {outcome}.")
        when = exact_moment(row.at)
        return words.format(name=row.name, kind=row.kind.value, when=when, outcome=row.outcome), self._story_of(row)

    def _story_of(self, chosen: MessageRecord) -> str:
        """In the order of beginning, with milliseconds from the first."""
        if chosen.correlation_id is None:
            return self.tr("It says nothing of what it came from.")
        story = [one for one in reversed(self._passed) if one.correlation_id == chosen.correlation_id]
        begin = story[0].at
        lines = [f"{_after(begin, one.at):>10}  {one.kind.value:<8}  {_named(one)}" for one in story]
        ids = self.tr("id {id}\ncorrelation {correlation}")
        return "\n".join((*lines, "", ids.format(id=chosen.message_id, correlation=chosen.correlation_id)))

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
        if self.page.isVisible() and any(one.name != GetMessages.__name__ for one in messages):
            self._arrived += messages
            if not self._timer.isActive():
                self._timer.start()

    @Slot()
    def _list(self) -> None:
        """What has arrived, and was asked for as well, is there once."""
        known = dict.fromkeys((*self._arrived, *self._passed))
        self._arrived = []
        ordered = sorted(known, key=lambda one: one.at, reverse=True)
        self._passed = tuple(one for one in ordered if one.name != GetMessages.__name__)[:KEPT]
        wanted = {kind for kind, box in self.kinds.items() if box.isChecked()}
        self.page.show_rows([one for one in self._passed if one.kind in wanted][:SHOWN])


def _after(begin: datetime, at: datetime) -> str:
    return f"{1000 * (at - begin).total_seconds():,.0f} ms"


def _named(one: MessageRecord) -> str:
    return one.name if one.outcome == OK else f"{one.name}: {one.outcome}"
