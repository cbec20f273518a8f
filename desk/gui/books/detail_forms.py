"""Hop 1: the forms about a title: correct details, delete; and the lines that a new book has too."""

from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

from PySide6.QtCore import QCoreApplication

from desk.application.catalogue import BookCard
from desk.application.isolation import isolated
from desk.application.queries import GetBookById
from desk.domain.commands import CorrectBookDetails, DeleteBook
from desk.domain.isbn import parse_isbn
from desk.domain.values import (
    UNSET,
    parse_authors,
    parse_language,
    parse_published_year,
    parse_publisher,
    parse_reason,
    parse_subjects,
    parse_title,
)
from desk.gui.background import Bridge
from desk.gui.books.dialog import CommandDialog, FormContext, FormSpec
from desk.gui.books.fields import FieldLine
from desk.gui.books.inputs import names, text_line
from desk.gui.rich import strong


def _tr(text: str) -> str:
    return QCoreApplication.translate("forms", text)


def correct_details(context: FormContext, card: BookCard, bridge: Bridge) -> CommandDialog:
    """The form for what is known of a book; only what differs from what was seen is sent."""
    seen = card
    before = _details(card)
    lines = {line.name: line for line in detail_lines(context, card)}

    def build() -> CorrectBookDetails:
        typed = {name: read_line(line) for name, line in lines.items()}
        # What was not touched stays UNSET, so that nobody else's correction of it is taken back.
        changed: dict[str, Any] = {name: value if value != before[name] else UNSET for name, value in typed.items()}
        return CorrectBookDetails(book_id=card.row.book_id, seen_revision=seen.row.revision, **changed)

    def what_changed(say: Callable[[str], None]) -> None:
        session = context.commands.session
        if session is not None:
            answer = session.queries.ask(GetBookById(card.row.book_id))
            bridge.call(answer, partial(compare, say), lambda _: say(""), context.commands)

    def compare(say: Callable[[str], None], now: BookCard | None) -> None:
        nonlocal seen
        if now is None:
            return
        earlier, seen = seen, now
        say(_differences(earlier, now))

    spec = FormSpec(
        title=_tr("Correct details"),
        verb=_tr("Save"),
        label=_tr("Details of “{title}”").format(title=isolated(card.row.title)),
        lines=tuple(lines.values()),
        build=build,
        what_changed=what_changed,
    )
    return CommandDialog(context, spec)


def delete_book(context: FormContext, card: BookCard) -> CommandDialog:
    """The form that asks why a book is deleted."""
    reason = text_line(
        context.theme,
        "reason",
        _tr("&Reason"),
        parse_reason,
        hint=_tr("It is kept in the book's history, which stays."),
    )
    spec = FormSpec(
        title=_tr("Delete book"),
        verb=_tr("Delete"),
        label=_tr("Deletion of “{title}”").format(title=isolated(card.row.title)),
        lines=(reason,),
        build=lambda: DeleteBook(book_id=card.row.book_id, reason=str(reason.read())),
        intro=_tr("Take {title} and the copies that are left out of the catalogue?").format(
            title=strong(card.row.title)
        ),
    )
    return CommandDialog(context, spec)


def detail_lines(context: FormContext, card: BookCard | None) -> tuple[FieldLine, ...]:
    """A line for each field that can be corrected, filled in with what is known of a book."""
    theme, this_year = context.theme, context.moments.today().year
    values = {name: _spelled(value) for name, value in _details(card).items()} if card else {}
    several = _tr("several separated by semicolons")

    def line(name: str, label: str, parse: Callable[[str], object], hint: str = "") -> FieldLine:
        return text_line(theme, name, label, parse, value=values.get(name, ""), hint=hint)

    return (
        line("title", _tr("&Title"), parse_title),
        line("authors", _tr("&Authors"), parse_authors, several),
        line("publisher", _tr("&Publisher"), parse_publisher),
        line("published_year", _tr("&Year"), partial(parse_published_year, latest=this_year + 1)),
        line("language", _tr("&Language"), parse_language, _tr("two letters, such as en or de")),
        line("subjects", _tr("&Subjects"), parse_subjects, several),
    )


_PARSERS: dict[str, Callable[[str], object]] = {
    "title": parse_title,
    "authors": parse_authors,
    "publisher": parse_publisher,
    "published_year": parse_published_year,
    "language": parse_language,
    "subjects": parse_subjects,
    "isbn": parse_isbn,
}


def read_line(line: FieldLine) -> object:
    """The value that a command takes. Raises InvalidField."""
    return _PARSERS[line.name](str(line.read()))


def _details(card: BookCard) -> dict[str, object]:
    row = card.row
    return {
        "title": row.title,
        "authors": row.authors,
        "publisher": card.publisher,
        "published_year": row.published_year,
        "language": card.language,
        "subjects": card.subjects,
    }


def _spelled(value: object) -> str:
    if value is None:
        return ""
    return names(value) if isinstance(value, tuple) else str(value)


def _differences(before: BookCard, now: BookCard) -> str:
    """Each field that somebody else changed, before and after."""
    then, present = _details(before), _details(now)
    parts = [
        _tr("{field}: “{before}” → “{after}”").format(
            field=escape(name.replace("_", " ")),
            before=escape(isolated(_spelled(then[name]))),
            after=escape(isolated(_spelled(present[name]))),
        )
        for name in then
        if then[name] != present[name]
    ]
    return "<br>".join(parts)
