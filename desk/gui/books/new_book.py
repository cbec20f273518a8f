"""Hop 1: the form for a new book, which follows its book until it is listed, or rejected and can be put right."""

from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import QCoreApplication, QObject, Slot
from PySide6.QtWidgets import QLineEdit

from desk.application.catalogue import Announcement, BookCard
from desk.application.isolation import isolated
from desk.application.queries import GetBookById
from desk.cqrs.errors import StoreError
from desk.domain.commands import CreateBook
from desk.domain.streams import book_stream
from desk.gui.books.commands import BOOK_LINK, CommandResult, FormContext
from desk.gui.books.detail_forms import detail_lines
from desk.gui.books.dialog import CommandDialog, FormSpec
from desk.gui.books.fields import FieldLine, Tone
from desk.gui.books.inputs import text_line
from desk.gui.books.isbn_check import IsbnCheck
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.controls import later

_tr = partial(QCoreApplication.translate, "forms")

LET_GO_AFTER = 2000
"""Milliseconds for which the form waits for the check of the ISBN, which normally takes some tens."""


def new_book(context: FormContext, bridge: GuiBridge) -> CommandDialog:
    """The form for a new book."""
    return NewBook(context, bridge, None).dialog


def create_again(context: FormContext, bridge: GuiBridge, rejected: BookCard) -> CommandDialog:
    """The same form with all that is known of a rejected book, waiting for another ISBN."""
    return NewBook(context, bridge, rejected).dialog


class NewBook(QObject):
    """Belongs to its form. The book's id is made before it is sent, so that sending again is the same book."""

    def __init__(self, context: FormContext, bridge: GuiBridge, template: BookCard | None) -> None:
        super().__init__()
        self._commands, self._bridge = context.commands, bridge
        self._book_id = context.moments.new_id()
        self._followed: UUID | None = None
        self._isbn, self._edit = _isbn_line(context, template)
        self._lines = {line.name: line for line in (self._isbn, *detail_lines(context, template))}
        self._check = IsbnCheck(self._isbn, self._edit, context.commands, bridge)
        again = _tr("Another ISBN makes it another book; the rejected one stays as it is.")
        spec = FormSpec(
            title=_tr("Create again with another ISBN") if template else _tr("New book"),
            verb=_tr("Create book"),
            label=_tr("New book"),
            lines=tuple(self._lines.values()),
            build=self._build,
            intro=again if template else "",
            follow=self._follow,
            doubt=self._check.doubt,
            in_doubt=_tr("Create it all the same"),
        )
        self.dialog = CommandDialog(context, spec)
        self.setParent(self.dialog)
        self._letting_go = later(self, LET_GO_AFTER, self._let_go)
        bridge.announced.connect(self._announced)
        self._edit.setFocus()
        if template is not None:
            self._edit.selectAll()
            self._check.look()

    def _build(self) -> CreateBook:
        values: dict[str, Any] = {name: line.read() for name, line in self._lines.items()}
        return CreateBook(book_id=self._book_id, **values)

    def _follow(self, _result: CommandResult) -> None:
        self._followed = self._book_id
        self.dialog.say_waiting(self.tr("Checking the ISBN…"))
        self._letting_go.start()
        self._look()

    @Slot(object)
    def _announced(self, announcement: Announcement) -> None:
        followed = self._followed
        if followed is not None and (not announcement.live or book_stream(followed) in announcement.streams):
            self._look()

    def _look(self) -> None:
        session, book_id = self._commands.session, self._followed
        if session is not None and book_id is not None:
            answer = session.queries.ask(GetBookById(book_id))
            self._bridge.call(answer, partial(self._seen, book_id), self._not_seen, self)

    def _seen(self, book_id: UUID, card: BookCard | None) -> None:
        if card is None or book_id != self._followed or card.row.state == "pending":
            return
        self._followed = None
        self._letting_go.stop()
        if card.row.state == "rejected":
            self._say_rejected(card)
        else:
            self.dialog.accept()

    def _not_seen(self, error: Exception) -> None:
        # The read model is away for a moment; the next announcement asks again, and in the end the form lets go.
        if not isinstance(error, StoreError):
            raise error

    def _say_rejected(self, card: BookCard) -> None:
        """A rejected book is final: what is typed now becomes another one."""
        self._book_id = self._commands.moments.new_id()
        self.dialog.say_ready()
        link = (f"{BOOK_LINK}{card.conflicting_book_id}", card.conflicting_title or self.tr("the book that has it"))
        words = self.tr("Rejected: this ISBN belongs to another book. Type another one, or open")
        self._isbn.say(words, Tone.PROBLEM, link=link)
        self._edit.setFocus()
        self._edit.selectAll()
        self.dialog.said.emit(self.tr("{title} was rejected: another book has its ISBN").format(title=self._title))

    @Slot()
    def _let_go(self) -> None:
        self._followed = None
        self.dialog.said.emit(self.tr("{title}: registered, waiting for the ISBN check").format(title=self._title))
        self.dialog.accept()

    @property
    def _title(self) -> str:
        return f"“{isolated(str(self._lines['title'].read()))}”"


def _isbn_line(context: FormContext, template: BookCard | None) -> tuple[FieldLine, QLineEdit]:
    hint = _tr("10 or 13 digits, with or without hyphens")
    line = text_line(context.theme, "isbn", _tr("&ISBN"), value=template.row.isbn if template else "", hint=hint)
    assert isinstance(line.field, QLineEdit)
    return line, line.field
