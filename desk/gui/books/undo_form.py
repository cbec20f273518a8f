"""Hop 1: the form of Undo and Redo: what would be appended now; or why nothing can, and the way past it."""

from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QDialogButtonBox

from desk.application.compensations import Offer
from desk.application.undo import Direction
from desk.application.undo_history import Entry
from desk.domain.commands import BookCommand
from desk.gui.books.commands import FormContext, spoken_name
from desk.gui.books.dialog import CommandDialog, FormSpec
from desk.gui.books.preview import Preview
from desk.gui.books.undo_stack import UndoStack, book_of
from desk.gui.widgets.rich import strong


class UndoForm(QObject):
    """A form about one entry, which follows what becomes of its offer while it is open.

    Signals:
        skipped: whoever sits before it goes on to the entry before this one.
    """

    skipped = Signal()

    def __init__(
        self, context: FormContext, stack: UndoStack, entry: Entry, direction: Direction, chosen: UUID | None
    ) -> None:
        """``chosen`` is the book that people look at: where it is another one, that is said."""
        super().__init__()
        verb = self.tr("Undo") if direction is Direction.UNDO else self.tr("Redo")
        what = entry.description or spoken_name(entry.command)
        other = self.tr("This is another book than the chosen one.")
        self._preview = Preview(context.theme)
        spec = FormSpec(
            title=verb,
            verb=verb,
            label=f"{verb}: {what}",
            lines=(),
            build=self._build,
            intro=strong(f"{verb}: {what}") + (f"<br>{other}" if chosen not in (None, book_of(entry)) else ""),
            what_changed=self._look_again,
            extra=(self._preview,),
        )
        self.dialog = CommandDialog(context, spec)
        self.setParent(self.dialog)
        self._stack, self._entry, self._direction = stack, entry, direction
        self.command: BookCommand | None = entry.possible
        self._is_impossible = False
        self._after_conflict: Callable[[str], None] | None = None
        self.skip = self.dialog.buttons.addButton(self.tr("&Skip this one"), QDialogButtonBox.ButtonRole.ActionRole)
        self.skip.setAutoDefault(False)  # Qt would take it for what Enter is about, hidden or not
        self.skip.clicked.connect(self._skip)
        self.skip.hide()
        stack.changed.connect(self._show)
        self._show()
        stack.look(entry)

    def _build(self) -> BookCommand:
        if self.command is None:
            raise AssertionError("the button was there without a command")
        self._stack.sending(self.command, self._entry, self._direction)
        return self.command

    def _look_again(self, say: Callable[[str], None]) -> None:
        self._after_conflict = say
        self._entry.offer = None
        self._stack.look(self._entry)

    @Slot()
    def _show(self) -> None:
        offer = self._entry.offer
        if not self.dialog.is_settled:
            return
        if offer is None:
            if self.dialog.is_idle:
                self.dialog.say_waiting(self.tr("One moment…"))
        elif offer.command is None:
            self._show_impossible(offer)
        else:
            self._show_possible(offer)

    def _show_impossible(self, offer: Offer) -> None:
        self._is_impossible = True
        self._after_conflict = None
        self._preview.hide()
        self.dialog.say_impossible(self.tr("Not possible now. {reason}").format(reason=offer.sentence))
        self.skip.show()
        self.skip.setDefault(True)
        self.skip.setFocus()

    def _show_possible(self, offer: Offer) -> None:
        self.command = offer.command
        self._preview.show_offer(offer.sentence, offer.run)
        self.skip.hide()
        self.skip.setDefault(False)
        if self._is_impossible or self.dialog.is_idle:
            self._is_impossible = False
            self.dialog.say_possible()
        if self._after_conflict is not None:
            say, self._after_conflict = self._after_conflict, None
            say("")

    @Slot()
    def _skip(self) -> None:
        self._stack.skip(self._entry)
        self.dialog.discard()
        self.skipped.emit()
