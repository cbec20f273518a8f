"""Hop 5 made visible: commands whose answer was lost; sending the same again settles each of them."""

from functools import partial
from uuid import UUID

from PySide6.QtCore import QObject

from desk.application.outbox import Outbox, WaitingCommand
from desk.application.spelling import name_of
from desk.cqrs.messages import Outcome
from desk.cqrs.moments import Moments
from desk.gui.operations.list_page import ListPage, ListSpec
from desk.gui.operations.listing import ReportLine
from desk.gui.operations.wording import exact_moment, fields_of, moment
from desk.gui.tables.columns import Column
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.question import Question


class OutboxCommands(QObject):
    """What may or may not be stored. It is settled by itself once the store is back; one may also do it by hand."""

    def __init__(self, outbox: Outbox, moments: Moments, bridge: GuiBridge) -> None:
        super().__init__()
        self._outbox, self._moments = outbox, moments
        columns = (Column(self.tr("Sent"), 84), Column(self.tr("Command"), 130), Column(self.tr("What is known")))
        nothing = self.tr("The end of every command is known.")
        self.page = ListPage(self, ListSpec(self.tr("Commands whose end is not known"), columns, nothing), bridge)
        self.sending = self.page.add_button(self.tr("Send again"), self.send_again)
        self.discarding = self.page.add_button(self.tr("Discard…"), self.ask_to_discard)
        bridge.outbox_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Show what waits now."""
        waiting = self._outbox.waiting()
        self.page.show_rows(waiting)
        self.page.counted.emit(len(waiting))

    def line(self, row: WaitingCommand) -> ReportLine:
        """When it was sent, what it is, and what is known of it."""
        sent = moment(row.issued_at, self._moments.today())
        return ReportLine(row.command_id, (sent, name_of(row.command), row.problem))

    def describe(self, row: WaitingCommand) -> tuple[str, str]:
        """Whose it is, and all of its fields."""
        words = self.tr("The answer to “{command}” of {user} was lost. It may or may not be stored.")
        told = words.format(command=name_of(row.command), user=row.user)
        sent = self.tr("id {id}\nsent {when}").format(id=row.command_id, when=exact_moment(row.issued_at))
        return f"{told} {row.problem}", f"{fields_of(row.command)}\n\n{sent}"

    def send_again(self, row: WaitingCommand) -> None:
        """The very same command, with the same ids: stored twice it cannot be."""
        try:
            outcome = self._outbox.resend(row.command_id)
        except KeyError:  # settled meanwhile
            self.refresh()
        else:
            self.page.follow(outcome, self._settled, self.sending)

    def ask_to_discard(self, row: WaitingCommand) -> None:
        """Forgetting needs a second thought: what is stored stays stored."""
        Question(
            self.page,
            self.tr("Forget “{command}”?").format(command=name_of(row.command)),
            self.tr("If it was stored it stays stored, and shows in the book's history. It is not sent again."),
            stay=self.tr("Keep it"),
            go_on=self.tr("Forget it"),
            then=partial(self.discard, row.command_id),
        )

    def discard(self, command_id: UUID) -> None:
        """Nobody wants to know any more."""
        self._outbox.discard(command_id)
        self.refresh()

    def _settled(self, outcome: Outcome) -> None:
        self.page.said.emit(self.tr("It had been stored.") if outcome.repeated else self.tr("It is stored now."))
