"""Hop 5 made visible: commands whose answer was lost; sending the same again settles each of them."""

from uuid import UUID

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel, QMessageBox, QStackedLayout, QVBoxLayout, QWidget

from desk.application.outbox import Outbox, WaitingCommand
from desk.cqrs.errors import Cancelled, Conflict, StoreError
from desk.cqrs.messages import Outcome
from desk.cqrs.moments import Moments
from desk.domain.errors import RuleBroken
from desk.gui.background import Bridge
from desk.gui.operations.listing import Line, Listing
from desk.gui.operations.report import Report, side_by_side
from desk.gui.operations.wording import exact_moment, fields_of, moment, name_of


class OutboxPage(QWidget):
    """What may or may not be stored. It is settled by itself once the store is back; one may also do it by hand.

    Signals:
        counted: (int) so many commands wait.
        said: (str) what came of something that was done here.
    """

    counted = Signal(int)
    said = Signal(str)

    def __init__(self, outbox: Outbox, moments: Moments, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._outbox, self._moments, self._bridge = outbox, moments, bridge
        self.waiting: tuple[WaitingCommand, ...] = ()
        columns = [self.tr("Sent"), self.tr("Command"), self.tr("What is known")]
        self.listing = Listing(self.tr("Commands whose end is not known"), columns, stretched=2)
        self.listing.setColumnWidth(0, 84)
        self.listing.setColumnWidth(1, 130)
        self.report = Report()
        self.sending = self.report.add_button(self.tr("Send again"))
        self.discarding = self.report.add_button(self.tr("Discard…"))
        self.nothing = QLabel(self.tr("The end of every command is known."))
        body = QWidget()
        self._pages = QStackedLayout(body)
        self._pages.addWidget(self.nothing)
        self._pages.addWidget(side_by_side(self.listing, self.report))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(body)
        self.listing.chosen.connect(self._look)
        self.sending.clicked.connect(self.send_again)
        self.discarding.clicked.connect(self.ask_to_discard)
        bridge.outbox_changed.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Show what waits now."""
        self.waiting, today = self._outbox.waiting(), self._moments.today()
        self.listing.show_lines(
            [
                Line(
                    one.command_id,
                    (moment(one.issued_at, today), name_of(one.command), one.problem),
                )
                for one in self.waiting
            ]
        )
        self._pages.setCurrentIndex(1 if self.waiting else 0)
        self.counted.emit(len(self.waiting))

    @property
    def chosen(self) -> WaitingCommand | None:
        """The waiting command that is chosen."""
        return next((one for one in self.waiting if one.command_id == self.listing.key), None)

    @Slot()
    def send_again(self) -> None:
        """The very same command, with the same ids: stored twice it cannot be."""
        if self.chosen is None:
            return
        try:
            future = self._outbox.resend(self.chosen.command_id)
        except KeyError:
            self.refresh()
            return
        self.sending.setEnabled(False)
        self._bridge.call(future, self._settled, self._not_settled, self)

    @Slot()
    def ask_to_discard(self) -> None:
        """Forgetting needs a second thought: what is stored stays stored."""
        if self.chosen is None:
            return
        box = QMessageBox(self)
        box.setWindowTitle(self.tr("Discard a command"))
        box.setText(self.tr("Forget “{command}”?").format(command=name_of(self.chosen.command)))
        box.setInformativeText(
            self.tr("If it was stored it stays stored, and shows in the book's history. It is not sent again.")
        )
        forget = box.addButton(self.tr("Forget it"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(self.tr("Keep it"), QMessageBox.ButtonRole.RejectRole)
        command_id = self.chosen.command_id
        forget.clicked.connect(lambda: self.discard(command_id))
        box.finished.connect(box.deleteLater)
        box.open()

    def discard(self, command_id: UUID) -> None:
        """Nobody wants to know any more."""
        self._outbox.discard(command_id)
        self.refresh()

    def _settled(self, outcome: Outcome) -> None:
        self.said.emit(self.tr("It had been stored.") if outcome.repeated else self.tr("It is stored now."))
        self.refresh()

    def _not_settled(self, error: Exception) -> None:
        if not isinstance(error, StoreError | RuleBroken | Conflict | Cancelled):
            raise error
        self.said.emit(str(error))
        self.refresh()

    @Slot()
    def _look(self) -> None:
        chosen = self.chosen
        self.sending.setEnabled(chosen is not None)
        self.discarding.setEnabled(chosen is not None)
        if chosen is None:
            self.report.show_report("", "")
            return
        words = self.tr("The answer to “{command}” of {user} was lost. It may or may not be stored.")
        told = words.format(command=name_of(chosen.command), user=chosen.user)
        sent = self.tr("id {id}\nsent {when}").format(id=chosen.command_id, when=exact_moment(chosen.issued_at))
        self.report.show_report(f"{told} {chosen.problem}", f"{fields_of(chosen.command)}\n\n{sent}")
