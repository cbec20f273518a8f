"""Hop 1: the actions about the chosen book: what allows them, and which form each opens."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QApplication

from desk.application.command_events import Subject, commands_about
from desk.application.isolation import isolated
from desk.application.queries import GetBookById
from desk.domain.commands import (
    AddCopy,
    BookCommand,
    CancelHold,
    CorrectBookDetails,
    DeleteBook,
    LendCopy,
    PlaceHold,
    RenewLoan,
    ReportCopyLost,
    ReturnCopy,
    WithdrawCopy,
)
from desk.domain.streams import book_id_of
from desk.gui.books.commands import CommandResult, FormContext
from desk.gui.frame.actions import Actions, plain_text
from desk.gui.frame.workspace import BookCorrection
from desk.gui.widgets.question import Question

if TYPE_CHECKING:  # the forms are loaded when one is opened first
    from desk.application.catalogue import BookCard
    from desk.gui.books.dialog import CommandDialog
    from desk.gui.books.selection import Selection
    from desk.gui.widgets.background import GuiBridge

COMMAND_OF: Mapping[str, type[BookCommand]] = {
    "book.correct": CorrectBookDetails,
    "book.delete": DeleteBook,
    "copy.add": AddCopy,
    "copy.lend": LendCopy,
    "copy.renew": RenewLoan,
    "copy.return": ReturnCopy,
    "copy.lost": ReportCopyLost,
    "copy.withdraw": WithdrawCopy,
    "hold.place": PlaceHold,
    "hold.cancel": CancelHold,
}
"""The command that each action sends."""
OF_COPY = tuple(name for name, command in COMMAND_OF.items() if command in commands_about(Subject.COPY))
"""The actions on one copy."""


class BookActions(QObject):
    """Keeps the actions in step with the chosen book, and opens their forms.

    Signals:
        book_wanted: a form's link leads to another book, or a new one was made (UUID).
        opened: a form was opened (CommandDialog).
        said: something to say in the status bar (str).
    """

    book_wanted = Signal(object)  # UUID
    opened = Signal(object)  # CommandDialog
    said = Signal(str)

    def __init__(
        self,
        actions: Actions,
        chosen: "Selection",
        context: FormContext,
        bridge: "GuiBridge",
        is_seen: Callable[[UUID], bool],
    ) -> None:
        """``is_seen`` brings a book into sight and says whether it can be; a command on another one asks first."""
        super().__init__()
        self._is_seen = is_seen
        self._actions, self._chosen, self._context, self._bridge = actions, chosen, context, bridge
        chosen.permissions_changed.connect(self._refresh)
        self._refresh()

    def new_book(self) -> None:
        """Open the form for a new book."""
        from desk.gui.books.new_book import new_book

        self._show_new(new_book(self._context, self._bridge))

    def create_again(self) -> None:
        """Open the form for a new book with what is known of the rejected one."""
        from desk.gui.books.new_book import create_again

        self._on_chosen("book.again", lambda card: self._show_new(create_again(self._context, self._bridge, card)))

    @Slot(object)
    def correct(self, wanted: BookCorrection) -> None:
        """Open the form that corrects a book, with some fields filled (BookCorrection)."""
        session = self._context.commands.session
        if session is None:
            return
        self.book_wanted.emit(wanted.book_id)
        answer = session.queries.ask(GetBookById(wanted.book_id))
        self._bridge.call(
            answer, partial(self._show_correction, wanted), lambda error: self.said.emit(str(error)), self
        )

    def _show_correction(self, wanted: BookCorrection, card: "BookCard | None") -> None:
        from desk.gui.books.detail_forms import correct_details

        if card is None:
            self.said.emit(self.tr("The catalogue does not know this book yet."))
        elif card.row.state != "listed":
            self.said.emit(
                self.tr("Only a listed book is corrected; this one is {state}.").format(state=card.row.state)
            )
        else:
            self._show(correct_details(self._context, card, self._bridge, wanted.values))

    def _show_new(self, dialog: "CommandDialog") -> None:
        dialog.stored.connect(self._show_created)
        self._show(dialog)

    def open_form(self, name: str) -> None:
        """Open the form of an action, for the chosen book."""
        self._on_chosen(name, lambda card: self._show(self._form(name, card)))

    def _form(self, name: str, card: "BookCard") -> "CommandDialog":
        from desk.gui.books import copy_forms, detail_forms, hold_forms

        context, chosen = self._context, self._chosen
        of_copies = {
            "copy.lend": copy_forms.lend_copy,
            "copy.renew": copy_forms.renew_loan,
            "copy.return": copy_forms.return_copy,
            "copy.lost": copy_forms.report_lost,
            "copy.withdraw": copy_forms.withdraw_copy,
        }
        if name in of_copies:
            return of_copies[name](context, card, chosen.copies_for(COMMAND_OF[name]))
        forms: dict[str, Callable[[], CommandDialog]] = {
            "book.correct": lambda: detail_forms.correct_details(context, card, self._bridge),
            "book.delete": lambda: detail_forms.delete_book(context, card),
            "copy.add": lambda: copy_forms.add_copy(context, card),
            "hold.place": lambda: hold_forms.place_hold(context, card),
            "hold.cancel": lambda: hold_forms.cancel_hold(context, card, chosen.holds_for(CancelHold)),
        }
        return forms[name]()

    def _on_chosen(self, name: str, act: Callable[["BookCard"], None]) -> None:
        """Do it with the chosen book; ask first where nobody sees which one that is."""
        card = self._chosen.card
        if card is None:
            return
        if self._is_seen(card.row.book_id):
            act(card)
            return
        action = plain_text(self._actions[name])
        Question(
            self._context.parent,
            self.tr("{action}: is “{title}” meant?").format(action=action, title=isolated(card.row.title)),
            self.tr("It is the book on the card, and the search does not show it."),
            stay=self.tr("Cancel"),
            go_on=action,
            then=lambda: act(card),
        )

    def _show(self, dialog: "CommandDialog") -> None:
        dialog.book_wanted.connect(self.book_wanted)
        dialog.said.connect(self.said)
        dialog.open()
        self.opened.emit(dialog)

    @Slot(object)
    def _show_created(self, result: CommandResult) -> None:
        outcome = result.outcome
        book_id = book_id_of(outcome.receipt.stream) if outcome and outcome.receipt else None
        if book_id is not None:
            self.book_wanted.emit(book_id)

    def copy_isbn(self) -> None:
        """Put the ISBN of the chosen book on the clipboard."""
        self._on_chosen("book.isbn", lambda card: QApplication.clipboard().setText(card.row.isbn))

    @Slot()
    def _refresh(self) -> None:
        for name, command in COMMAND_OF.items():
            self._judge(name, self._chosen.refusal_of(command))
        card = self._chosen.card
        is_rejected = card is not None and card.row.state == "rejected"
        self._judge("book.again", "" if is_rejected else self.tr("Only a rejected book is created again."))
        self._judge("book.isbn", "")

    def _judge(self, name: str, refusal: str) -> None:
        why = self.tr("Choose a book first.") if self._chosen.card is None else refusal
        if self._chosen.selected.are_several:
            why = self.tr("Choose one book.")
        self._actions.judge(name, why)
