"""Hop 7, for what was: the writer of the index's part ``books``, which keeps in memory how its last books stand."""

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import field
from typing import Any, Final
from uuid import UUID

from desk.application.book_fields import Fields, JsonValue
from desk.application.codec import event_registry
from desk.application.event_index import IndexPart
from desk.cqrs.errors import UnknownEvent
from desk.cqrs.metadata import Metadata, parse_metadata
from desk.cqrs.registry import EventRegistry
from desk.cqrs.store import Filter, Recorded
from desk.domain.state import CopyState, Life
from desk.domain.streams import book_id_of
from desk.projection.books import search_words
from desk.projection.folding import fold
from desk.projection.index.book_tables import FINISH, NEVER, TABLES, texts_of, words_set
from desk.projection.index.fields import apply
from desk.projection.index.part import IndexPartSpec
from desk.records import dataclass

_ROW_FIELDS: Final = frozenset(("state", "isbn", "title", "authors", "published_year", "subjects"))
_WORDED: Final = frozenset(("isbn", "title", "authors", "subjects"))
_DELETED: Final = Life.DELETED.value
_AVAILABLE, _ON_LOAN, _WITHDRAWN = CopyState.AVAILABLE.value, CopyState.ON_LOAN.value, CopyState.WITHDRAWN.value

_MOST_BOOKS: Final = 50_000
"""How many books' fields are kept in memory; those of others are read again when something happens to them."""

_COUNTED: Final = (Life.PENDING.value, Life.LISTED.value, Life.REJECTED.value, Life.DELETED.value)
"""The states whose books are counted; also the names of the columns."""
_LAST: Final = f"SELECT number, latest, on_loan, {', '.join(_COUNTED)} FROM past_events ORDER BY position DESC LIMIT 1"
_EVENT: Final = f"INSERT INTO past_events VALUES ({', '.join('?' * 12)})"
_TITLE: Final = f"INSERT INTO titles VALUES ({', '.join('?' * 12)})"
_HOLDING: Final = f"INSERT INTO holdings VALUES ({', '.join('?' * 11)})"


@dataclass(slots=True)
class _Book:
    """What is to be known of a book when its next event comes. ``title`` and ``holding`` are its present versions."""

    number: int
    book_id: UUID
    fields: Fields = field(default_factory=dict)
    at: float = float("-inf")
    title: int = -1
    text: int = -1
    holding: int = -1
    sort_title: str = ""
    sort_authors: str = ""
    total: int = 0
    available: int = 0


@dataclass(slots=True)
class _Batch:
    """Rows to be written together."""

    books: list[tuple[int, bytes]] = field(default_factory=list)
    events: list[tuple[Any, ...]] = field(default_factory=list)
    titles: dict[int, list[Any]] = field(default_factory=dict)
    holdings: dict[int, list[Any]] = field(default_factory=dict)
    ended: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: {"titles": [], "holdings": []})

    def end(self, table: str, rows: dict[int, list[Any]], position: int, until: int) -> None:
        """The version of this position is over."""
        if position in rows:
            rows[position][1] = until
        elif position >= 0:
            self.ended[table].append((until, position))


class BooksWriter:
    """Writes the part. Satisfies :class:`~desk.projection.index.part.PartWriter`."""

    def __init__(self, connection: sqlite3.Connection, registry: EventRegistry) -> None:
        self._connection, self._registry = connection, registry
        connection.create_function("words_set", 1, words_set, deterministic=True)
        self._books: OrderedDict[str, _Book] = OrderedDict()  # by their streams, the one in use last at the end
        self.forget()

    def forget(self) -> None:
        """Read again how it stands."""
        self._books.clear()
        find = "SELECT name FROM sqlite_master WHERE name = 'past_events_by_time'"
        self._is_finished = self._connection.execute(find).fetchone() is not None
        found: Any = self._connection.execute(_LAST).fetchone() or (0, float("-inf"), 0, 0, 0, 0, 0)
        self._number: int = found[0]
        self._latest: float = found[1]
        self._on_loan: int = found[2]
        self._counts: dict[str, int] = dict(zip(_COUNTED, found[3:], strict=True))
        (self._last_book,) = self._connection.execute("SELECT ifnull(max(id), 0) FROM past_books").fetchone()

    def apply(self, events: Sequence[Recorded]) -> None:
        """One row for each event, and the versions that it ends and begins."""
        batch = _Batch()
        for event in events:
            book = self._book(batch, event.stream)
            if book is not None:
                self._note(batch, event, book)
        self._write(batch)
        while len(self._books) > _MOST_BOOKS:
            self._books.popitem(last=False)

    def finish(self) -> None:
        """Make the indexes and the full text."""
        for statement in FINISH:
            self._connection.execute(statement)
        self._is_finished = True

    def _note(self, batch: _Batch, recorded: Recorded, book: _Book) -> None:
        meta = parse_metadata(recorded.metadata)
        book.at = max(book.at, _issued(recorded, meta))
        event = self._decoded(recorded, meta, book)
        changes = {} if event is None else apply(book.fields, event)
        sets = None if event is None else _json({key: after for key, (_, after) in changes.items()})
        for key, (before, after) in changes.items():
            if key.endswith("state"):
                self._count(book, key, before, after)
        self._number += 1
        self._latest = max(self._latest, book.at)
        batch.events.append(
            (
                recorded.position,
                self._number,
                book.number,
                recorded.revision,
                book.at,
                self._latest,
                sets,
                *self._counts.values(),
                self._on_loan,
            )
        )
        if event is not None and "state" in book.fields:
            self._begin_versions(batch, recorded, book, changes.keys())

    def _begin_versions(self, batch: _Batch, recorded: Recorded, book: _Book, changed: Collection[str]) -> None:
        position, fields = recorded.position, book.fields
        if not _ROW_FIELDS.isdisjoint(changed):
            batch.end("titles", batch.titles, book.title, position)
            book.title = position
            search_text = ""
            if not _WORDED.isdisjoint(changed):
                book.text, search_text = position, _search_text(fields)
                _fold(book)
            batch.titles[position] = [
                position,
                NEVER,
                book.number,
                book.text,
                fields["state"],
                fields["isbn"],
                fields["title"],
                _json(fields["authors"]),
                fields.get("published_year"),
                book.sort_title,
                book.sort_authors,
                search_text,
            ]
        batch.end("holdings", batch.holdings, book.holding, position)
        book.holding = position
        batch.holdings[position] = [
            position,
            NEVER,
            book.number,
            book.title,
            book.text,
            fields["state"] == _DELETED,
            book.total,
            book.available,
            book.sort_title,
            book.at,
            recorded.revision,
        ]

    def _count(self, book: _Book, key: str, before: JsonValue, after: JsonValue) -> None:
        """What a change does to the numbers of books and copies."""
        if key == "state":
            for state, number in ((before, -1), (after, 1)):
                if state is not None:
                    self._counts[_text(state)] += number
        elif key.startswith("copies/"):
            for state, number in ((before, -1), (after, 1)):
                book.total += number * (state is not None and state != _WITHDRAWN)
                book.available += number * (state == _AVAILABLE)
                self._on_loan += number * (state == _ON_LOAN)

    def _decoded(self, recorded: Recorded, meta: Metadata, book: _Book) -> Any:
        """The event; None where this Desk cannot read it."""
        try:
            event = self._registry.decode(recorded.type, meta.schema, recorded.data)
        except (UnknownEvent, ValueError):
            return None
        return event if event.book_id == book.book_id and _is_storable(event, recorded.data) else None

    def _book(self, batch: _Batch, stream: str) -> _Book | None:
        """The book whose stream this is; None for a stream of that category that is no book's."""
        book = self._books.get(stream)
        if book is None:
            book_id = book_id_of(stream)
            if book_id is None:
                return None
            book = self._books[stream] = self._find(batch, book_id)
        else:
            self._books.move_to_end(stream)
        return book

    def _find(self, batch: _Batch, book_id: UUID) -> _Book:
        found = self._connection.execute("SELECT id FROM past_books WHERE book_id = ?", [book_id.bytes]).fetchone()
        if found is not None:
            return self._read(found[0], book_id)
        self._last_book += 1
        batch.books.append((self._last_book, book_id.bytes))
        return _Book(self._last_book, book_id)

    def _read(self, number: int, book_id: UUID) -> _Book:
        """A book as its last event left it."""
        book = _Book(number, book_id)
        find = "SELECT position, shown_at, sets FROM past_events WHERE book = ? ORDER BY position"
        for position, at, sets in self._connection.execute(find, [number]):
            book.at = at
            if sets is None:
                continue
            given: Fields = json.loads(sets)
            book.fields |= given
            if "state" not in book.fields:
                continue
            book.holding = position
            if not given.keys().isdisjoint(_ROW_FIELDS):
                book.title = position
            if not given.keys().isdisjoint(_WORDED):
                book.text = position
                _fold(book)
        copies = [value for key, value in book.fields.items() if key.startswith("copies/") and key.endswith("/state")]
        book.total = sum(state != _WITHDRAWN for state in copies)
        book.available = copies.count(_AVAILABLE)
        return book

    def _write(self, batch: _Batch) -> None:
        many = self._connection.executemany
        many("INSERT INTO past_books VALUES (?, ?)", batch.books)
        many(_EVENT, batch.events)
        many(_TITLE, batch.titles.values())
        many(_HOLDING, batch.holdings.values())
        for table, ended in batch.ended.items():
            many(f"UPDATE {table} SET until = ? WHERE position = ?", ended)
        if self._is_finished:
            texts = [(row[0], row[11]) for row in batch.titles.values() if row[3] == row[0]]
            many("INSERT INTO titles_fts (rowid, text) VALUES (?, ?)", texts)
            words = [(row[0], words_set(row[6])) for row in batch.events if row[6] is not None]
            many("INSERT INTO past_values_fts (rowid, text) VALUES (?, ?)", words)


def _is_storable(event: Any, data: bytes) -> bool:
    """Whether SQLite can keep what it says: JSON may hold halves of characters, and numbers without end."""
    year = getattr(event, "published_year", None)
    if isinstance(year, int) and abs(year) > NEVER:
        return False
    try:
        return b"\\u" not in data or bool(_json(json.loads(data)).encode())
    except UnicodeEncodeError:
        return False


def _issued(recorded: Recorded, meta: Metadata) -> float:
    if meta.issued_at is not None:
        return meta.issued_at.timestamp()
    return 0.0 if recorded.created is None else recorded.created.timestamp()


def _search_text(fields: Fields) -> str:
    """As the read model has it: title, authors and subjects, and the ISBN."""
    authors = "; ".join(texts_of(fields["authors"]))
    return " " + search_words(f"{fields['title']} {authors} {_json(fields.get('subjects') or [])} {fields['isbn']}")


def _text(value: JsonValue) -> str:
    return "" if value is None else str(value)


def _fold(book: _Book) -> None:
    """What the book is sorted by, from its fields."""
    book.sort_title = fold(_text(book.fields["title"]))
    book.sort_authors = fold("; ".join(texts_of(book.fields["authors"])))


_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


BOOKS: Final = IndexPartSpec(
    IndexPart.BOOKS,
    3,
    TABLES,
    lambda connection, _limits: BooksWriter(connection, event_registry()),
    lambda _limits: Filter("^book-"),
)
