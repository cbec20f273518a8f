"""Hop 1: Undo and Redo: the two actions, which say what each is about, and their form."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from desk.application.undo import Direction
from desk.domain.commands import DeleteBook
from desk.gui.books.commands import FormContext, spoken_name

if TYPE_CHECKING:  # loaded when it is opened first
    from desk.application.undo_history import Entry
    from desk.gui.books.selection import Selection
    from desk.gui.books.undo_form import UndoForm
    from desk.gui.books.undo_stack import UndoStack
    from desk.gui.frame.actions import Actions

LONGEST = 60
"""Characters of a command's description that a menu shows."""

_ACTIONS = {Direction.UNDO: "edit.undo", Direction.REDO: "edit.redo"}


class UndoActions(QObject):
    """Keeps the two actions in step with the stack, and opens their form.

    Signals:
        book_wanted: the book whose command was taken back or done again (UUID).
        opened: a form was opened (CommandDialog).
        said: something to say in the status bar (str).
    """

    book_wanted = Signal(object)  # UUID
    opened = Signal(object)  # CommandDialog
    said = Signal(str)

    def __init__(self, actions: "Actions", stack: "UndoStack", context: FormContext, chosen: "Selection") -> None:
        super().__init__()
        self._actions, self._stack, self._context = actions, stack, context
        self._chosen = chosen
        self._form: UndoForm | None = None
        stack.changed.connect(self._refresh)
        self._refresh()

    def open(self, way: str) -> None:
        """Show what would be taken back ("undo"), or done again ("redo"), and do it once it is confirmed."""
        from desk.gui.books.undo_form import UndoForm

        direction = Direction(way)
        entry = self._stack.offered(direction)
        if entry is None or self._form is not None:
            return
        form = UndoForm(self._context, self._stack, entry, direction, self._chosen.book_id)
        form.dialog.stored.connect(partial(self._reveal, form))
        form.dialog.finished.connect(self._closed)
        form.skipped.connect(partial(self._say_next, direction, form.dialog.label))
        self._form = form
        form.dialog.open()
        self.opened.emit(form.dialog)

    def _reveal(self, form: "UndoForm", _ending: object) -> None:
        if form.command is not None and not isinstance(form.command, DeleteBook):
            self.book_wanted.emit(form.command.book_id)

    def _say_next(self, direction: Direction, label: str) -> None:
        entry = self._stack.offered(direction)
        words = self.tr("{what}: skipped") if entry is None else self.tr("{what}: skipped · next: {next}")
        self.said.emit(words.format(what=label, next=_what(entry) if entry else ""))

    @Slot()
    def _closed(self) -> None:
        self._form = None

    @Slot()
    def _refresh(self) -> None:
        nothing = {
            Direction.UNDO: self.tr("Nothing was done in this window yet."),
            Direction.REDO: self.tr("Nothing was taken back."),
        }
        for direction, name in _ACTIONS.items():
            entry = self._stack.offered(direction)
            if entry is not None:
                self._offer(name, entry)
                continue
            self._actions.name(name)
            skipped = self.tr("What is left was skipped. It is offered again as soon as its book permits it.")
            self._actions.refuse(name, skipped if self._stack.count(direction) else nothing[direction])

    def _offer(self, name: str, entry: "Entry") -> None:
        what, offer = _what(entry), entry.offer
        short = what if len(what) <= LONGEST else f"{what[: LONGEST - 1]}…"
        if offer is None:
            self._actions.name(name, short)
            self._actions.refuse(name, self.tr("One moment: the book is being read."))
        elif offer.command is None:
            self._actions.name(name, self.tr("{what} (why not?)").format(what=short))
            self._actions.allow(name, self.tr("Not possible now. {reason}").format(reason=offer.sentence))
        else:
            self._actions.name(name, short)
            self._actions.allow(name, offer.sentence)


def _what(entry: "Entry") -> str:
    return entry.description or spoken_name(entry.command)
