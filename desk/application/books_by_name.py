"""Books for what somebody has typed of a name, the best first: found by the read model, ranked here."""

from typing import TYPE_CHECKING, Final
from uuid import UUID

from desk.application.ranking import ELSEWHERE, Match, match
from desk.cqrs.messages import Query
from desk.domain.streams import book_id_of
from desk.records import dataclass

if TYPE_CHECKING:
    from desk.application.catalogue import BookRow, CatalogueReader

CANDIDATES: Final = 500
"""So many books at most are ranked for one answer."""


@dataclass(frozen=True, slots=True)
class FoundBook:
    """A book, and how its title and ``detail`` (its authors) suit what was typed."""

    book_id: UUID
    title: str
    detail: str
    match: Match


@dataclass(frozen=True, slots=True)
class GetBooksByName(Query[tuple[FoundBook, ...]]):
    """The books that suit a text best; of ``recent`` ones (the newest first) all that do, with any letters in order.

    Without a text the recent ones. Deleted books are left out. It is quick, and does not wait for a table's order.
    """

    text: str
    recent: tuple[UUID, ...] = ()
    limit: int = 50


@dataclass(frozen=True, slots=True)
class GetTitles(Query[dict[str, str]]):
    """The titles of the books whose streams these are, as far as they are known, by stream."""

    streams: tuple[str, ...]


def titles_of(reader: "CatalogueReader", query: GetTitles) -> dict[str, str]:
    """The answer to the query."""
    ids = ((stream, book_id_of(stream)) for stream in query.streams)
    rows = ((stream, reader.row_of(book_id)) for stream, book_id in ids if book_id is not None)
    return {stream: row.title for stream, row in rows if row is not None}


def find_books(reader: "CatalogueReader", query: GetBooksByName) -> tuple[FoundBook, ...]:
    """The answer to the query."""
    age = {book_id: place for place, book_id in enumerate(query.recent)}
    recent = [row for row in map(reader.row_of, query.recent) if row is not None]
    found = reader.page(reader.candidates(query.text, CANDIDATES)) if query.text.strip() else []
    known = [_found(row, query.text, by_words=True) for row in found]
    known += [_found(row, query.text, by_words=False) for row in recent if row.id not in {each.id for each in found}]
    books = [book for book in known if book is not None]
    books.sort(key=lambda book: (book.match.rank, age.get(book.book_id, len(age)), book.title))
    return tuple(books[: query.limit])


def _found(row: "BookRow", text: str, *, by_words: bool) -> FoundBook | None:
    """``by_words``: the read model has found it, perhaps by its ISBN or subjects, which are not shown."""
    if row.state == "deleted":
        return None
    detail = "; ".join(row.authors)
    how = match(text, row.title, detail)
    if how is None and by_words:
        how = Match((ELSEWHERE, 0, len(row.title)))
    return FoundBook(row.book_id, row.title, detail, how) if how is not None else None
