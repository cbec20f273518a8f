"""What failed behind the scenes since Desk was started: shown, never only logged."""

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from desk.application.session import Fault
from desk.cqrs.moments import Moments
from desk.gui.background import Bridge
from desk.gui.operations.listing import Line, Listing
from desk.gui.operations.report import Report, side_by_side
from desk.gui.operations.wording import exact_moment, moment

KEPT = 200
"""Faults kept before the oldest are forgotten; the log has all of them."""


class FaultsPage(QWidget):
    """Newest first; those that nobody has looked at are counted.

    Signals:
        counted: (int) so many are new.
        said: (str) nothing can be done here, so that nothing is ever said.
    """

    counted = Signal(int)
    said = Signal(str)

    def __init__(
        self, before: Sequence[Fault], moments: Moments, bridge: Bridge, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._moments = moments
        self.faults: list[Fault] = list(reversed(before))
        self._unseen = len(before)
        self.listing = Listing(self.tr("Faults"), [self.tr("When"), self.tr("What")], stretched=1)
        self.listing.setColumnWidth(0, 84)
        self.report = Report()
        self.nothing = QLabel(self.tr("Nothing has failed since Desk was started."))
        body = QWidget()
        self._pages = QStackedLayout(body)
        self._pages.addWidget(self.nothing)
        self._pages.addWidget(side_by_side(self.listing, self.report))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(body)
        self.listing.chosen.connect(self._look)
        bridge.fault_found.connect(self._found)

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever sees the page has seen what is on it."""
        super().showEvent(event)
        self._unseen = 0
        self.counted.emit(0)

    @Slot(object)
    def _found(self, fault: object) -> None:
        if not isinstance(fault, Fault):
            return
        if fault in self.faults:
            return
        self.faults = [fault, *self.faults][:KEPT]
        self._unseen += not self.isVisible()
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show what is kept."""
        today = self._moments.today()
        self.listing.show_lines(
            [Line(id(one), (moment(one.at, today), f"{one.title}. {one.details}".strip())) for one in self.faults]
        )
        self._pages.setCurrentIndex(1 if self.faults else 0)
        self.counted.emit(self._unseen)

    @Slot()
    def _look(self) -> None:
        fault = next((one for one in self.faults if id(one) == self.listing.key), None)
        if fault is None:
            self.report.show_report("", "")
        else:
            words = self.tr("{what}, on {when}.")
            self.report.show_report(words.format(what=fault.title, when=exact_moment(fault.at)), fault.details)
