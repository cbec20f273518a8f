"""Hop 1: the forms about a title: correct details, delete; and the lines that a new book has too."""

from collections.abc import Callable, Mapping
from functools import partial
from html import escape
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import QCoreApplication

from desk.application.catalogue import BookCard
from desk.application.isolation import isolated
from desk.application.queries import GetBookById
from desk.domain.commands import CorrectBookDetails, DeleteBook
from desk.domain.details import details_of, spell
from desk.domain.values import parse_published_year
from desk.gui.books.commands import FormContext
from desk.gui.books.dialog import CommandDialog, FormSpec
from desk.gui.books.fields import FieldLine
from desk.gui.books.inputs import text_line
from desk.gui.books.rows import detail_labels
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.rich import strong

_tr = partial(QCoreApplication.translate, "forms")


def correct_details(
    context: FormContext, card: BookCard, bridge: GuiBridge, filled: Mapping[str, object] | None = None
) -> CommandDialog:
    """The form for what is known of a book; only what differs from what was seen is sent.

    ``filled`` are values, as in JSON, that its fields have at first in place of the present ones.
    """
    seen = card
    lines = detail_lines(context, card, filled or {})
    before = {name: spell(value) for name, value in details_of(card.details).items()}

    def build() -> CorrectBookDetails:
        # What was not touched stays UNSET: nobody else's correction of it is taken back, and no name is split that
        # has a semicolon of its own. The command itself parses what was typed.
        changed: dict[str, Any] = {line.name: line.read() for line in lines if line.read() != before[line.name]}
        return CorrectBookDetails(book_id=card.row.book_id, seen_revision=seen.row.revision, **changed)

    def label() -> str:
        title = next(str(line.read()) for line in lines if line.name == "title")
        return _tr("Details of “{title}”").format(title=isolated(title))

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
        label=label,
        lines=lines,
        build=build,
        intro=f"{strong(card.row.title)}<br>{escape(_tr('ISBN {isbn}').format(isbn=card.row.isbn))}",
        what_changed=what_changed,
    )
    return CommandDialog(context, spec)


def delete_book(context: FormContext, card: BookCard) -> CommandDialog:
    """The form that asks why a book is deleted."""
    hint = _tr("It is kept in the book's history, which stays.")
    reason = text_line(context.theme, "reason", _tr("&Reason"), hint=hint)
    intro = _tr("Take {title} and the copies that are left out of the catalogue?")
    spec = FormSpec(
        title=_tr("Delete book"),
        verb=_tr("Delete"),
        label=_tr("Deletion of “{title}”").format(title=isolated(card.row.title)),
        lines=(reason,),
        build=lambda: DeleteBook(book_id=card.row.book_id, reason=str(reason.read())),
        intro=intro.format(title=strong(card.row.title)),
    )
    return CommandDialog(context, spec)


def detail_lines(
    context: FormContext, card: BookCard | None, filled: Mapping[str, object] = MappingProxyType({})
) -> tuple[FieldLine, ...]:
    """A line for each field that can be corrected, filled in with what is known of a book, or with other values."""
    theme, this_year = context.theme, context.moments.today().year
    parsers = {"published_year": partial(parse_published_year, latest=this_year + 1)}
    values = details_of(card.details) if card else {}
    values |= {name: tuple(value) if isinstance(value, list) else value for name, value in filled.items()}
    several = _tr("several separated by semicolons")
    hints = {"authors": several, "subjects": several, "language": _tr("two letters, such as en or de")}
    return tuple(
        text_line(theme, name, label, value=spell(values.get(name)), hint=hints.get(name, ""), parse=parsers.get(name))
        for name, label in detail_labels().items()
    )


def _differences(before: BookCard, now: BookCard) -> str:
    """Each field that somebody else changed, before and after."""
    then, present = details_of(before.details), details_of(now.details)
    parts = [
        _tr("{field}: “{before}” → “{after}”").format(
            field=escape(name.replace("_", " ")),
            before=escape(isolated(spell(then[name]))),
            after=escape(isolated(spell(present[name]))),
        )
        for name in then
        if then[name] != present[name]
    ]
    return "<br>".join(parts)
