"""The catalogue as one part of the window: table, card, forms, and what keeps them in step."""

from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QByteArray, QObject, Slot
from PySide6.QtWidgets import QApplication, QWidget

from desk.application.book_search import OVERDUE
from desk.application.catalogue import Announcement, BookQuestion
from desk.domain.streams import book_id_of, book_stream
from desk.gui.books.book_actions import BookActions
from desk.gui.books.card import CardView
from desk.gui.books.commands import CommandSender, FormContext, FormEnd, Submission
from desk.gui.books.holds import set_aside_sentence
from desk.gui.books.model import BookTable
from desk.gui.books.saving import Saving
from desk.gui.books.selection import SelectedBooks
from desk.gui.books.undo_actions import UndoActions
from desk.gui.books.undo_stack import UndoStack
from desk.gui.books.view import CatalogueView
from desk.gui.frame.actions import Menu
from desk.gui.frame.panel import CATALOGUE
from desk.gui.frame.workspace import Escape, StreamPlace, Workspace
from desk.gui.tables.copying import RowCopying

if TYPE_CHECKING:
    from desk.application.session import Session
    from desk.gui.books.dialog import CommandDialog
    from desk.gui.frame.settings import Settings


class CataloguePart(QObject):
    """Builds the catalogue's widgets and connects them."""

    def __init__(self, workspace: Workspace, saving: Saving, parent: QWidget) -> None:
        super().__init__(parent)
        bridge, theme, icons = workspace.bridge, workspace.theme, workspace.icons
        self._workspace, actions = workspace, workspace.actions
        self.saving = saving
        self.commands = CommandSender(bridge, saving)
        self.chosen = workspace.selection
        self.model = BookTable(bridge, saving)
        self.view = CatalogueView(self.model, theme, icons, actions)
        self.card = CardView(self.chosen, self.commands, theme, icons, actions)
        context = self._context = FormContext(self.commands, theme, icons, parent)
        self.book_actions = BookActions(actions, self.chosen, context, bridge, self._is_seen)
        self.undo_stack = UndoStack(self.commands, bridge)
        self.undo_actions = UndoActions(actions, self.undo_stack, context, self.chosen)
        self.undo_actions.book_wanted.connect(self.view.choose)
        self.undo_actions.said.connect(workspace.say)
        self.view.menu.addActions([actions[spec.name] for spec in actions if spec.menu is Menu.BOOK])
        self.copying = RowCopying(self.view.table, self.model.texts, bridge)
        self.copying.said.connect(workspace.say)
        self.view.menu.addAction(self.copying.action)
        self.view.menu.setToolTipsVisible(True)
        self.view.book_chosen.connect(self._choose)
        self.view.question_changed.connect(self._can_clear)
        self.view.search.escaped.connect(workspace.say_what_is_left)
        self.view.selected.changed.connect(self.chosen.select)
        self.view.selected.changed.connect(self._can_keep_one)
        self.view.addAction(actions["catalogue.all"])
        self.view.offer_searches([actions["past.ever"], actions["past.changed"]])
        self.card.book_wanted.connect(self.view.reveal)
        self.card.revision_wanted.connect(self._go_to_revision)
        self.model.found.came.connect(self._say_found)
        self.model.swapped.connect(self._say_found)
        for told in (self.model.answered, self.chosen.card_changed):
            told.connect(self._say_hidden)
        self.card.hidden.pressed.connect(self._reveal_chosen)
        self.chosen.card_changed.connect(self._say_found)
        self.book_actions.book_wanted.connect(self.view.reveal)
        self.book_actions.said.connect(workspace.say)
        for actions_with_forms in (self.book_actions, self.undo_actions):
            actions_with_forms.opened.connect(self._form_opened)
        workspace.fields_changed.connect(self._flash)
        workspace.correction_wanted.connect(self.book_actions.correct)
        self.commands.ended.connect(self._command_ended)
        bridge.announced.connect(self._announced)
        workspace.place_changed.connect(self._follow_trail)
        workspace.as_at_first.connect(self._put_back)
        workspace.book_wanted.connect(self.view.reveal)
        workspace.moment_changed.connect(self.model.show_as_of)

    def open(self, session: "Session") -> None:
        """Show a session's catalogue."""
        self.commands.open(session)
        self.model.open(session)

    def close(self) -> None:
        """Give back what belongs to the session."""
        self.copying.stop()
        self.model.close()
        self.commands.close()

    def restore(self, settings: "Settings") -> None:
        """Columns, order and choice of the last time."""
        sort, descending = settings.sort
        self.view.ask(BookQuestion("", sort, descending))
        self.view.columns.restore(settings.columns)
        self.view.choose(settings.selection)

    def remember(self, settings: "Settings") -> None:
        """For the next time."""
        settings.columns = self.view.columns.save()
        settings.sort = (self.model.question.sort, self.model.question.descending)
        settings.selection = self.chosen.book_id

    @Slot()
    def _put_back(self) -> None:
        """The columns as at first; where another place is put back, they are none of it."""
        if self.view.isVisible():
            self.view.columns.restore(QByteArray())

    def find(self) -> None:
        """Search what is shown."""
        self._workspace.search_wanted.emit()

    def look_for(self, text: str, selected: int = 0) -> None:
        """Look in the catalogue for what this says, with so many characters at the end selected to be typed over."""
        self._workspace.place_wanted.emit(CATALOGUE)
        self.view.look_for(text, selected)

    def find_changed(self) -> None:
        """Look for what was changed in a month: this one, until another is typed."""
        self.look_for(f"changed:{self.commands.moments.today():%Y-%m}", len("2026-03"))

    def find_overdue(self) -> None:
        """Go to the books of which a copy is overdue."""
        self.look_for(OVERDUE)
        self.view.walk()

    @property
    def forms(self) -> "list[CommandDialog]":
        """Those that are there, open or about to go."""
        from desk.gui.books.dialog import CommandDialog

        return self._context.parent.findChildren(CommandDialog)

    def _is_seen(self, book_id: UUID) -> bool:
        """Whether people see which book is meant: its row, or the card while they work in it.

        A form names its book and opens in any place, as in Flow, which shows what comes of it. Where the search hides
        the book, and neither catalogue nor card is in sight, the catalogue is shown with the question.
        """
        focus = QApplication.focusWidget()
        seen = self.view.bring_into_sight(book_id) or (focus is not None and self.card.isAncestorOf(focus))
        if not (seen or self.view.isVisible() or self.card.isVisible()):
            self._workspace.place_wanted.emit(CATALOGUE)
        return seen

    @Slot(object)
    def _form_opened(self, form: "CommandDialog") -> None:
        form.accepted.connect(self.view.leave_search)

    @Slot(object)
    def _follow_trail(self, place: StreamPlace | None) -> None:
        """Back, forward and links lead to another book; what other places look at is chosen here by nobody."""
        book_id = book_id_of(place.stream) if place is not None else None
        if book_id is not None and book_id != self.chosen.book_id and self.view.isVisible():
            self.view.reveal(book_id)

    @Slot(object)
    def _go_to_revision(self, revision: int) -> None:
        if self.chosen.book_id is not None:
            title = self.chosen.card.row.title if self.chosen.card is not None else ""
            self._workspace.look_at(book_stream(self.chosen.book_id), revision, title)

    @Slot()
    def _say_found(self) -> None:
        book_id, found = self.chosen.book_id, self.model.found
        if book_id is not None:
            found.want([book_id])
        self.card.say_found(None if book_id is None else found.hits_of(book_id))

    @Slot()
    def _reveal_chosen(self) -> None:
        if self.chosen.book_id is not None:
            self.view.reveal(self.chosen.book_id)

    @Slot()
    def _say_hidden(self) -> None:
        book_id = self.chosen.book_id
        self.card.say_hidden(hidden=book_id is not None and self.view.hides(book_id))

    @Slot()
    def _can_clear(self) -> None:
        self._workspace.can_escape(Escape.SEARCH, self.view.search.clear if self.model.question.text else None)

    @Slot(object)
    def _can_keep_one(self, now: SelectedBooks) -> None:
        self._workspace.can_escape(Escape.SELECTION, self.view.selected.keep_one if now.are_several else None)

    @Slot(object)
    def _flash(self, keys: frozenset[str]) -> None:
        self.card.flash(keys, still=self._workspace.moves_little)

    @Slot(object)
    def _choose(self, book_id: UUID) -> None:
        self.chosen.choose(book_id)
        self._workspace.look_at_chosen()

    @Slot(object)
    def _announced(self, announcement: Announcement) -> None:
        self.saving.announced(announcement)
        self.model.announced(announcement)
        self.chosen.announced(announcement)
        self._say_progress(announcement)

    def _say_progress(self, announcement: Announcement) -> None:
        if self.model.is_open or announcement.live:
            return
        share = announcement.progress
        words = "" if share is None else self.tr("{n} % are done.").format(n=int(share * 100))
        self.view.say_opening(self.tr("Building the catalogue from its events…"), words)

    @Slot(object)
    def _command_ended(self, submission: Submission) -> None:
        if submission.result is None:
            return
        words = {
            FormEnd.DONE: self.tr("{what} – saved"),
            FormEnd.UNKNOWN: self.tr("{what} – not known yet; it is settled when the store is back"),
            FormEnd.UNAVAILABLE: self.tr("{what} – nothing was stored"),
        }
        text = words.get(submission.result.end, "").format(what=submission.label)
        self._workspace.say(" · ".join(part for part in (text, self._say_set_aside(submission)) if part))

    def _say_set_aside(self, submission: Submission) -> str:
        """Somebody has to carry the copy to the hold shelf: it is said in the card too, where it stays."""
        result, card = submission.result, self.chosen.card
        if result is None or result.end is not FormEnd.DONE or result.outcome is None:
            return ""
        is_shown = card is not None and card.row.book_id == submission.command.book_id
        sentence = set_aside_sentence(result.outcome.events, card if is_shown else None)
        if is_shown:
            self.card.say_set_aside(sentence)
        return sentence
