"""The refused commands of the journal on this machine: when, which, why, whose."""

from functools import partial

from PySide6.QtCore import QObject

from desk.application.journal import JournalEntry, JournalFilter
from desk.application.session import Session
from desk.application.spelling import spelled_out
from desk.cqrs.endings import End
from desk.gui.operations.list_page import ListPage, ListSpec
from desk.gui.operations.listing import ReportLine
from desk.gui.operations.wording import exact_moment, moment
from desk.gui.tables.columns import Column
from desk.gui.widgets.background import GuiBridge, start

WANTED = JournalFilter(ends=(End.REFUSED, End.CONFLICT))
SHOWN = 300
"""Refused commands in the list at most."""


class RefusedCommands(QObject):
    """Read when it is looked at; refusals were said to whoever sent the command, so that none wants attention."""

    def __init__(self, session: Session, bridge: GuiBridge) -> None:
        super().__init__()
        self._session = session
        columns = (Column(self.tr("When"), 104), Column(self.tr("Command"), 130), Column(self.tr("Why")))
        nothing = self.tr("No command was refused.")
        self.page = ListPage(self, ListSpec(self.tr("Refused commands"), columns, nothing, while_seen=True), bridge)

    def refresh(self) -> None:
        """Read the journal, on a thread of its own."""
        reading = partial(self._session.diagnostics.journal, WANTED, limit=SHOWN)
        self.page.ask(start(reading, "refused"), self.page.show_rows)

    def line(self, row: JournalEntry) -> ReportLine:
        """When, which, why."""
        when = moment(row.issued_at, self._session.moments.today())
        return ReportLine(row.number, (when, spelled_out(row.type), row.sentence))

    def describe(self, row: JournalEntry) -> tuple[str, str]:
        """The rule that refused it, and who sent it."""
        words = self.tr("{command}\nrefused by the rule {code}\n\nid {id}\nsent by {user} on {when}")
        when = exact_moment(row.issued_at)
        told = words.format(command=row.type, code=row.code, id=row.command_id, user=row.user, when=when)
        return row.sentence, told
