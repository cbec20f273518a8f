"""The refused commands of the journal on this machine: when, which, why, whose."""

from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from desk.application.journal import JournalEntry, JournalFilter
from desk.application.session import Session
from desk.cqrs.endings import End
from desk.cqrs.errors import StoreError
from desk.gui.background import Bridge, start
from desk.gui.operations.listing import Line, Listing
from desk.gui.operations.report import Report, side_by_side
from desk.gui.operations.wording import exact_moment, moment, spelled_out

WANTED = JournalFilter(ends=(End.REFUSED, End.CONFLICT))
SHOWN = 300
"""Refused commands in the list at most."""


class RefusedPage(QWidget):
    """Read when it is looked at; refusals were said to whoever sent the command, so that none wants attention.

    Signals:
        counted: (int) never more than none.
        said: (str) what could not be read, and why.
    """

    counted = Signal(int)
    said = Signal(str)

    def __init__(self, session: Session, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._bridge = session, bridge
        self.refused: tuple[JournalEntry, ...] = ()
        columns = [self.tr("When"), self.tr("Command"), self.tr("Why")]
        self.listing = Listing(self.tr("Refused commands"), columns, stretched=2)
        for number, width in ((0, 84), (1, 130)):
            self.listing.setColumnWidth(number, width)
        self.report = Report()
        self.nothing = QLabel(self.tr("No command was refused."))
        body = QWidget()
        self._pages = QStackedLayout(body)
        self._pages.addWidget(self.nothing)
        self._pages.addWidget(side_by_side(self.listing, self.report))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(body)
        self.listing.chosen.connect(self._look)

    def showEvent(self, event: QShowEvent) -> None:
        """Read it again whenever somebody looks."""
        super().showEvent(event)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Read the journal, on a thread of its own."""
        reading = partial(self._session.diagnostics.journal, WANTED, limit=SHOWN)
        self._bridge.call(start(reading, "refused"), self._show, self._failed, self)

    def _show(self, refused: tuple[JournalEntry, ...]) -> None:
        self.refused, today = refused, self._session.moments.today()
        self.listing.show_lines(
            [Line(one.number, (moment(one.issued_at, today), spelled_out(one.type), one.sentence)) for one in refused]
        )
        self._pages.setCurrentIndex(1 if refused else 0)

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, StoreError):
            raise error
        self.said.emit(str(error))

    @Slot()
    def _look(self) -> None:
        chosen = next((one for one in self.refused if one.number == self.listing.key), None)
        if chosen is None:
            self.report.show_report("", "")
        else:
            text = self.tr("{command}\nrefused by the rule {code}\n\nid {id}\nsent by {user} on {when}").format(
                command=chosen.type,
                code=chosen.code,
                id=chosen.command_id,
                user=chosen.user,
                when=exact_moment(chosen.issued_at),
            )
            self.report.show_report(chosen.sentence, text)
