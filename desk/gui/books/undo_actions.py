"""Hop 1: Undo and Redo: which command each would send now, and the form that shows what it would append."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from desk.application.catalogue import BookCard
from desk.application.queries import GetBookById
from desk.cqrs.dryrun import DryRun
from desk.cqrs.errors import StoreError
from desk.domain.commands import BookCommand, CorrectBookDetails, DeleteBook
from desk.gui.actions import Actions
from desk.gui.background import Bridge
from desk.gui.books.dialog import CommandDialog, FormContext, FormSpec
from desk.gui.books.preview import Preview
from desk.gui.books.undo_stack import Direction, Entry, UndoStack
from desk.gui.rich import strong

LONGEST = 60
"""Characters of a command's description that a menu shows."""


class UndoActions(QObject):
    """Keeps the two actions in step with the stack, and opens their forms.

    Signals:
        book_wanted: the book whose command was taken back or done again (UUID).
        opened: a form was opened (CommandDialog).
    """

    book_wanted = Signal(object)  # UUID
    opened = Signal(object)  # CommandDialog

    def __init__(self, actions: Actions, stack: UndoStack, context: FormContext, bridge: Bridge) -> None:
        super().__init__()
        self._actions, self._stack, self._context, self._bridge = actions, stack, context, bridge
        self._form: CommandDialog | None = None
        actions["edit.undo"].triggered.connect(self.undo)
        actions["edit.redo"].triggered.connect(self.redo)
        stack.changed.connect(self._refresh)
        self._refresh()

    @Slot()
    def undo(self) -> None:
        """Open the form that takes the last command back."""
        entry = self._stack.last_done
        if entry is not None and entry.compensation is not None:
            way = entry.compensation
            self._open(entry, Direction.UNDO, way.command, self.tr("Undo"), way.sentence)

    @Slot()
    def redo(self) -> None:
        """Open the form that does the last undone command again."""
        entry = self._stack.last_undone
        if entry is not None and entry.again is not None:
            sentence = self.tr("It is done again as a new command, as of today.")
            self._open(entry, Direction.REDO, entry.again, self.tr("Redo"), sentence)

    def _open(self, entry: Entry, direction: Direction, command: BookCommand, verb: str, sentence: str) -> None:
        if self._form is not None:
            return
        preview = Preview(self._context.theme, sentence)
        attempt = _Attempt(command, self._context, self._bridge)

        def build() -> BookCommand:
            self._stack.sending(attempt.command, entry, direction)
            return attempt.command

        spec = FormSpec(
            title=verb,
            verb=verb,
            label=f"{verb}: {entry.description}",
            lines=(),
            build=build,
            intro=strong(entry.description),
            what_changed=attempt.look_again,
            extra=(preview,),
        )
        form = CommandDialog(self._context, spec)
        form.stored.connect(partial(self._reveal, command))
        form.finished.connect(self._closed)
        self._form = form
        self._explain(form, entry, preview, command)
        form.open()
        self.opened.emit(form)

    def _explain(self, form: CommandDialog, entry: Entry, preview: Preview, command: BookCommand) -> None:
        session = self._context.commands.session
        if session is not None:
            answer = session.commands.explain(command)
            self._bridge.call(answer, partial(self._explained, form, entry, preview), self._not_explained, preview)

    def _explained(self, form: CommandDialog, entry: Entry, preview: Preview, run: DryRun) -> None:
        preview.show_run(run)
        if run.refusal is not None and form.is_idle:
            form.say_impossible(self.tr("Not possible now. {sentence}").format(sentence=run.refusal.sentence))
            self._stack.forget(entry)

    def _not_explained(self, error: Exception) -> None:
        # It is only a preview: sending the command says what is the matter.
        if not isinstance(error, StoreError):
            raise error

    def _reveal(self, command: BookCommand, _ending: object) -> None:
        if not isinstance(command, DeleteBook):
            self.book_wanted.emit(command.book_id)

    @Slot()
    def _closed(self) -> None:
        self._form = None

    @Slot()
    def _refresh(self) -> None:
        done, undone = self._stack.last_done, self._stack.last_undone
        self._name("edit.undo", done)
        if done is None:
            self._actions.refuse("edit.undo", self.tr("Nothing was done in this window yet."))
        elif done.compensation is None:
            why = done.why_not or self.tr("One moment: the book is being read.")
            self._actions.refuse("edit.undo", why)
        else:
            self._actions.allow("edit.undo", done.compensation.sentence)
        self._name("edit.redo", undone)
        if undone is None:
            self._actions.refuse("edit.redo", self.tr("Nothing was taken back."))
        else:
            self._actions.allow("edit.redo")

    def _name(self, name: str, entry: Entry | None) -> None:
        description = entry.description if entry else ""
        self._actions.name(name, description if len(description) <= LONGEST else f"{description[: LONGEST - 1]}…")


class _Attempt:
    """The command that a form sends; after a conflict the same one in view of what changed."""

    def __init__(self, command: BookCommand, context: FormContext, bridge: Bridge) -> None:
        self.command, self._context, self._bridge = command, context, bridge

    def look_again(self, say: Callable[[str], None]) -> None:
        """Read the book anew, and say what stands there now."""
        session = self._context.commands.session
        if session is not None:
            answer = session.queries.ask(GetBookById(self.command.book_id))
            self._bridge.call(answer, partial(self._seen, say), lambda _: say(""), self._context.commands)

    def _seen(self, say: Callable[[str], None], card: BookCard | None) -> None:
        if card is not None and isinstance(self.command, CorrectBookDetails):
            self.command = replace(self.command, seen_revision=card.row.revision)
        say("")
