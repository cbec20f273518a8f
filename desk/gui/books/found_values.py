"""Hop 9: why a book is among the answers to a search about the past: what it was, from when until when."""

from collections.abc import Iterable, Sequence
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Final
from uuid import UUID

from PySide6.QtCore import QCoreApplication, QLocale, QObject, Signal

from desk.application.book_search import BookSearch, parse_search
from desk.application.event_index import GetPastHits, PastHits, PastValue
from desk.application.isolation import isolated
from desk.application.session import Session
from desk.cqrs.errors import StoreError
from desk.gui.books.rows import absolute, day, local
from desk.gui.widgets.background import GuiBridge

if TYPE_CHECKING:
    from desk.gui.widgets.field_words import FieldWords

_tr = partial(QCoreApplication.translate, "found")

REVISION_LINK: Final = "revision:"
"""With what the links of :func:`found_links` begin; the revision that set the value follows."""

_KEPT: Final = 20_000
"""What was found in so many books is kept; of those that are looked at again later it is asked again."""
_IN_TIP, _IN_CARD, _IN_CELL = 12, 5, 3

NOTHING: Final = ("", "")


def _words(hits: PastHits) -> "FieldWords":
    """Loaded once something was found: the window is there before."""
    from desk.gui.widgets.field_words import FieldWords

    return FieldWords(hits.patrons)


def found_headings(search: BookSearch) -> tuple[str, ...]:
    """Of the columns that say what was found; a search of what is has none."""
    if not search.is_about_the_past:
        return ()
    return (_tr("What it was") if search.ever else _tr("What changed"), _tr("When"))


def found_texts(hits: PastHits, search: BookSearch) -> tuple[str, str]:
    """What these columns say of a book."""
    words = _words(hits)
    if search.ever:
        newest, more = hits.values[0], hits.number - 1
        what = _value(words, newest)
        return (_tr("{what}, and {n} more").format(what=what, n=f"{more:,}") if more else what), span_text(newest)
    fields = list(dict.fromkeys(words.whole(value.field) for value in hits.values))
    what, more = ", ".join(fields[:_IN_CELL]), len(fields[_IN_CELL:])
    if more:
        what = _tr("{what}, and {n} more").format(what=what, n=f"{more:,}")
    days = list(dict.fromkeys(day(hits.values[place].since) for place in (-1, 0)))
    return what, " – ".join(days if hits.number == len(hits.values) else ["…", days[-1]])


def found_tip(hits: PastHits) -> str:
    """All that was found in a book, to the second."""
    words = _words(hits)
    lines = []
    for value in hits.values[:_IN_TIP]:
        until = None if value.until is None else absolute(value.until)
        lines.append(f"{_value(words, value)} · {_span(absolute(value.since), until)}")
    return "\n".join([*lines, *_rest(hits.number - len(lines))])


def found_links(hits: PastHits) -> str:
    """What was found in a book as rich text, with links to the events that set the values."""
    words = _words(hits)
    lines = [
        f'<a href="{REVISION_LINK}{value.revision}">{escape(_value(words, value))}</a> · {escape(span_text(value))}'
        for value in hits.values[:_IN_CARD]
    ]
    return "<br>".join([*lines, *map(escape, _rest(hits.number - len(lines)))])


def span_text(value: PastValue) -> str:
    """From when until when a value held: as short as that can be told."""
    since, until = value.since, value.until
    if until is None or day(since) != day(until):
        return _span(day(since), None if until is None else day(until))
    form = "HH:mm" if f"{since:%H%M}" != f"{until:%H%M}" else "HH:mm:ss"
    begin, end = (QLocale().toString(local(each).time(), form) for each in (since, until))
    return f"{day(since)}, {begin} – {end}"


def _span(since: str, until: str | None) -> str:
    return _tr("since {when}").format(when=since) if until is None else f"{since} – {until}"


def _value(words: "FieldWords", value: PastValue) -> str:
    return f"{words.whole(value.field)}: {isolated(words.value(value.field, value.value))}"


def _rest(number: int) -> list[str]:
    return [_tr("and {n} more").format(n=f"{number:,}")] if number > 0 else []


class FoundValues(QObject):
    """What a search about the past found in the books that are looked at, asked for as they come into sight.

    Signals:
        came: of these books it is known now (frozenset of UUID).
    """

    came = Signal(object)  # frozenset[UUID]

    def __init__(self, bridge: GuiBridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._session: Session | None = None
        self._text = ""
        self._at: int | None = None
        self._generation = 0
        self._hits: dict[UUID, PastHits | None] = {}
        self._texts: dict[UUID, tuple[str, str]] = {}
        self.search = BookSearch("")

    def look_for(self, session: Session, text: str, at: int | None) -> None:
        """Begin anew, unless this is what is looked for already: with a search as of a position (None: now)."""
        if (session, text, at) == (self._session, self._text, self._at):
            return
        self._session, self._text, self._at = session, text, at
        self._generation += 1
        self.search = parse_search(text)
        self._hits.clear()
        self._texts.clear()

    def renew(self) -> None:
        """Something happened: what was found may be otherwise, and is told as it was until that is known."""
        self._generation += 1
        self._hits.clear()

    def want(self, books: Iterable[UUID]) -> None:
        """These books are looked at."""
        unknown = tuple(book for book in books if book not in self._hits)
        if not unknown or self._session is None or not self.search.is_about_the_past:
            return
        for old in list(self._hits)[: max(0, len(self._hits) + len(unknown) - _KEPT)]:
            del self._hits[old]
            self._texts.pop(old, None)
        self._hits.update(dict.fromkeys(unknown))
        answer = self._session.queries.ask(GetPastHits(self._text, unknown, self._at))
        took = partial(self._take, self._generation)
        self._bridge.call(answer, took, partial(self._not_known, self._generation, unknown), self)

    def hits_of(self, book_id: UUID) -> PastHits | None:
        """What was found in a book; None where that is not known, or nothing was."""
        return self._hits.get(book_id)

    def texts_of(self, book_id: UUID) -> tuple[str, str]:
        """What the columns say of a book; nothing as long as it is not known."""
        return self._texts.get(book_id, NOTHING)

    def tip_of(self, book_id: UUID) -> str:
        """What the mouse finds out about these columns."""
        hits = self._hits.get(book_id)
        return found_tip(hits) if hits is not None else ""

    def _take(self, generation: int, found: Sequence[PastHits]) -> None:
        if generation != self._generation:
            return
        for hits in found:
            self._hits[hits.book_id] = hits
            self._texts[hits.book_id] = found_texts(hits, self.search)
        self.came.emit(frozenset(hits.book_id for hits in found))

    def _not_known(self, generation: int, books: tuple[UUID, ...], error: Exception) -> None:
        if generation == self._generation:
            for book in books:
                self._hits.pop(book, None)
        if not isinstance(error, StoreError):
            raise error
