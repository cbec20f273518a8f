"""How the process managers are: live, catching up, or halted and why, with a way to have one go on."""

from PySide6.QtCore import QObject

from desk.application.session import Session
from desk.cqrs.process import ProcessManagerState, ProcessPhase
from desk.gui.operations.list_page import ListPage, ListSpec
from desk.gui.operations.listing import ReportLine
from desk.gui.tables.columns import Column
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.known import is_connected


class ProcessManagersPage(QObject):
    """One row for each; a halted one keeps its place before the event at which it failed. The halted are counted."""

    def __init__(self, session: Session, bridge: GuiBridge) -> None:
        super().__init__()
        self._session, self._diagnostics = session, session.diagnostics
        columns = (Column(self.tr("Process manager"), 180), Column(self.tr("State")))
        spec = ListSpec(self.tr("Process managers"), columns, self.tr("There are no process managers."))
        self.page = ListPage(self, spec, bridge)
        self.resuming = self.page.add_button(self.tr("Go on"), self.resume, _has_halted)
        bridge.process_managers_changed.connect(self.refresh)
        bridge.connection_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Show how they are now."""
        states = self._diagnostics.process_managers()
        self.page.show_rows(states)
        self.page.counted.emit(sum(map(_has_halted, states)))

    def line(self, row: ProcessManagerState) -> ReportLine:
        """Its name, and how it is."""
        if not _has_halted(row) and not is_connected(self._session):
            return ReportLine(row.name, (row.name, self.tr("waits for the store")))
        words = {ProcessPhase.LIVE: self.tr("live"), ProcessPhase.HALTED: self.tr("halted")}
        return ReportLine(row.name, (row.name, words.get(row.phase, self.tr("catching up"))))

    def describe(self, row: ProcessManagerState) -> tuple[str, str]:
        """Why it halted, or what it does."""
        if _has_halted(row):
            words = self.tr("{name} has halted, and nothing is lost meanwhile: {why}")
            return words.format(name=row.name, why=row.why), row.details
        words = self.tr("{name} reacts to events from a position of its own, which survives a restart.")
        return words.format(name=row.name), ""

    def resume(self, row: ProcessManagerState) -> None:
        """Give it the event again at which it halted."""
        self._diagnostics.resume(row.name)
        self.page.said.emit(self.tr("{name} goes on.").format(name=row.name))
        self.refresh()


def _has_halted(row: ProcessManagerState) -> bool:
    return row.phase is ProcessPhase.HALTED
