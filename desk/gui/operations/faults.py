"""What failed behind the scenes since Desk was started: shown, never only logged."""

from PySide6.QtCore import QObject, Slot

from desk.application.session import Fault, Session
from desk.gui.operations.list_page import ListPage, ListSpec
from desk.gui.operations.listing import ReportLine
from desk.gui.operations.wording import exact_moment, moment
from desk.gui.tables.columns import Column
from desk.gui.widgets.background import GuiBridge

KEPT = 200
"""Faults kept before the oldest are forgotten; the log has all of them."""


class Faults(QObject):
    """Newest first; those that nobody has looked at are counted."""

    def __init__(self, session: Session, bridge: GuiBridge) -> None:
        super().__init__()
        self._moments = session.moments
        self.faults: list[Fault] = list(reversed(session.diagnostics.faults()))
        self._unseen = len(self.faults)
        columns = (Column(self.tr("When"), 84), Column(self.tr("What")))
        nothing = self.tr("Nothing has failed since Desk was started.")
        self.page = ListPage(self, ListSpec(self.tr("Faults"), columns, nothing), bridge)
        self.page.seen.connect(self._saw)
        bridge.fault_found.connect(self._found)

    def refresh(self) -> None:
        """Show what is kept."""
        self.page.show_rows(self.faults)
        self.page.counted.emit(self._unseen)

    def line(self, row: Fault) -> ReportLine:
        """When and what."""
        return ReportLine(id(row), (moment(row.at, self._moments.today()), f"{row.title}. {row.details}".strip()))

    def describe(self, row: Fault) -> tuple[str, str]:
        """What failed, exactly when, and all that is known of it."""
        words = self.tr("{what}, on {when}.")
        return words.format(what=row.title, when=exact_moment(row.at)), row.details

    @Slot()
    def _saw(self) -> None:
        """Whoever sees the page has seen what is on it."""
        self._unseen = 0
        self.page.counted.emit(0)

    @Slot(object)
    def _found(self, fault: Fault) -> None:
        if fault not in self.faults:
            self.faults = [fault, *self.faults][:KEPT]
            self._unseen += not self.page.isVisible()
            self.refresh()
