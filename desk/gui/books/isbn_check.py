"""Hop 1: says beside an ISBN, as it is typed, how it will be stored, and which book has it already."""

from collections.abc import Callable
from functools import partial
from html import escape

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLineEdit

from desk.application.catalogue import IsbnHistory
from desk.application.isolation import isolated
from desk.application.queries import GetIsbnHistory
from desk.cqrs.errors import StoreError
from desk.domain.errors import FieldCode, InvalidField
from desk.domain.isbn import Isbn
from desk.gui.books.commands import BOOK_LINK, CommandSender
from desk.gui.books.fields import FieldLine, Tone
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.rich import sentence_of


class IsbnCheck(QObject):
    """Belongs to one line; the newest text's answer is the one that is shown."""

    def __init__(self, line: FieldLine, edit: QLineEdit, commands: CommandSender, bridge: GuiBridge) -> None:
        super().__init__(line)
        self._line, self._edit, self._commands, self._bridge = line, edit, commands, bridge
        line.look = self.look

    def look(self) -> None:
        """The text changed."""
        try:
            isbn = Isbn.parse(self._edit.text())
        except InvalidField as wrong:
            # While digits are still missing it is only a hint.
            too_short = wrong.code is FieldCode.ISBN_LENGTH and int(str(wrong.params["length"])) < 13
            if too_short:
                self._line.say(self.tr("{n} digits so far; 10 or 13 are needed.").format(n=wrong.params["length"]))
            elif wrong.code is not FieldCode.MISSING:
                self._line.say(sentence_of(wrong), Tone.PROBLEM)
            else:
                self._line.check(strictly=False)
            return
        self._line.say(self.tr("✓ Stored as {isbn}").format(isbn=isbn.digits))
        if self._commands.session is not None:
            answer = self._commands.session.queries.ask(GetIsbnHistory((isbn.digits,)))
            self._bridge.call(answer, partial(self._known, isbn), self._not_known, self)

    def doubt(self, say: Callable[[str], None]) -> None:
        """Call back with why a book of this ISBN would be rejected, as far as that is known; else with nothing."""
        isbn, session = Isbn.parse(self._edit.text()), self._commands.session
        if session is None:
            say("")
            return
        answer = session.queries.ask(GetIsbnHistory((isbn.digits,)))
        self._bridge.call(answer, partial(self._weigh, isbn, say), partial(self._cannot_weigh, say), self)

    def _weigh(self, isbn: Isbn, say: Callable[[str], None], histories: dict[str, IsbnHistory]) -> None:
        self._known(isbn, histories)
        history = histories.get(isbn.digits)
        owner = history.owner if history is not None and self._still_says(isbn) else None
        words = self.tr("“{title}” has this ISBN already: a second book of it would be rejected.")
        say(words.format(title=escape(isolated(owner.title))) if owner is not None else "")

    def _cannot_weigh(self, say: Callable[[str], None], error: Exception) -> None:
        say("")
        self._not_known(error)

    def _known(self, isbn: Isbn, histories: dict[str, IsbnHistory]) -> None:
        history = histories.get(isbn.digits)
        if history is None or not self._still_says(isbn):
            return
        if history.owner is not None:
            link = (f"{BOOK_LINK}{history.owner.book_id}", history.owner.title)
            self._line.say(self.tr("The catalogue has this ISBN already:"), Tone.NOTICE, link=link)
        elif history.deleted_before:
            text = self.tr("✓ Stored as {isbn}; an earlier book of this ISBN was deleted.")
            self._line.say(text.format(isbn=isbn.digits))

    def _not_known(self, error: Exception) -> None:
        # It is only a courtesy: the claim of the ISBN decides.
        if not isinstance(error, StoreError):
            raise error

    def _still_says(self, isbn: Isbn) -> bool:
        try:
            return Isbn.parse(self._edit.text()) == isbn
        except InvalidField:
            return False
