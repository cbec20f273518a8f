"""How the process managers are: live, catching up, or halted and why, with a way to have one go on."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desk.application.session import Session
from desk.cqrs.process import ProcessManagerState, ProcessPhase
from desk.gui.background import Bridge
from desk.gui.operations.listing import Line, Listing
from desk.gui.operations.report import Report, side_by_side


class ManagersPage(QWidget):
    """One row for each; a halted one keeps its place before the event at which it failed.

    Signals:
        counted: (int) so many have halted.
        said: (str) what came of something that was done here.
    """

    counted = Signal(int)
    said = Signal(str)

    def __init__(self, session: Session, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._states: dict[str, ProcessManagerState] = {}
        columns = [self.tr("Process manager"), self.tr("State")]
        self.listing = Listing(self.tr("Process managers"), columns, stretched=1)
        self.listing.setColumnWidth(0, 180)
        self.report = Report()
        self.resuming = self.report.add_button(self.tr("Go on"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(side_by_side(self.listing, self.report))
        self.listing.chosen.connect(self._look)
        self.resuming.clicked.connect(self.resume)
        bridge.process_managers_changed.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Show how they are now."""
        self._states = {state.name: state for state in self._session.diagnostics.process_managers()}
        self.listing.show_lines(
            [Line(state.name, (state.name, self._phase(state.phase))) for state in self._states.values()]
        )
        self.counted.emit(sum(state.phase is ProcessPhase.HALTED for state in self._states.values()))

    @property
    def chosen(self) -> ProcessManagerState | None:
        """The process manager that is chosen."""
        return self._states.get(str(self.listing.key))

    @Slot()
    def resume(self) -> None:
        """Give it the event again at which it halted."""
        if self.chosen is not None:
            self._session.diagnostics.resume(self.chosen.name)
            self.said.emit(self.tr("{name} goes on.").format(name=self.chosen.name))
            self.refresh()

    @Slot()
    def _look(self) -> None:
        chosen = self.chosen
        halted = chosen is not None and chosen.phase is ProcessPhase.HALTED
        self.resuming.setEnabled(halted)
        if chosen is None:
            self.report.show_report("", "")
        elif halted:
            words = self.tr("{name} has halted, and nothing is lost meanwhile: {why}")
            self.report.show_report(words.format(name=chosen.name, why=chosen.why), chosen.details)
        else:
            words = self.tr("{name} reacts to events from a position of its own, which survives a restart.")
            self.report.show_report(words.format(name=chosen.name), "")

    def _phase(self, phase: ProcessPhase) -> str:
        words = {
            ProcessPhase.LIVE: self.tr("live"),
            ProcessPhase.HALTED: self.tr("halted"),
        }
        return words.get(phase, self.tr("catching up"))
