"""Hop 9, for what was: answers from the event index's part ``books``, on a read-only connection of its own."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from desk.application.catalogue import BookCard, BookQuestion, BookRow, Counts, Interrupted, RowIds, SortKey
from desk.application.event_index import GetMomentAt, GetPastHits, IndexNotReady, PastHits, PastMoment
from desk.projection.index.books import BOOKS
from desk.projection.index.cards import read_past_card
from desk.projection.index.hits import find_hits
from desk.projection.index.orders import Then, find_then
from desk.projection.opening import is_trouble_of_the_file
from desk.projection.rows import to_row
from desk.projection.search import KEYS

_COLUMNS: Final = (
    "h.book, b.book_id, t.isbn, t.title, t.authors, t.published_year, t.state, h.copies_total, h.copies_available, "
    "h.changed_at, h.revision, h.position"
)
# The versions of some books that counted then: of each the last that began by then.
_THEIRS: Final = """
    FROM json_each(:books) AS wanted CROSS JOIN holdings AS h ON h.position = (
        SELECT position FROM holdings WHERE book = wanted.value AND position <= :at ORDER BY position DESC LIMIT 1)
    JOIN titles AS t ON t.position = h.title JOIN past_books AS b ON b.id = h.book"""
_ROWS: Final = f"SELECT {_COLUMNS} {_THEIRS}"
_COUNTS: Final = """
    SELECT pending, listed, rejected, deleted, on_loan, number, latest FROM past_events
    WHERE position <= ? ORDER BY position DESC LIMIT 1"""
_SET: Final = """
    SELECT revision, shown_at, sets FROM past_events
    WHERE book = (SELECT id FROM past_books WHERE book_id = ?) AND position <= ? AND sets IS NOT NULL
    ORDER BY position"""
_AT_TIME: Final = "SELECT max(position) FROM past_events INDEXED BY past_events_by_time WHERE shown_at <= ?"
_AT: Final = "SELECT position, number, shown_at FROM past_events WHERE position <= ? ORDER BY position DESC LIMIT 1"
_SIDE: Final = """
    SELECT count(*), total(+position <= ?) FROM past_events INDEXED BY past_events_by_time WHERE shown_at {side} ?"""
_LAST: Final = "SELECT ifnull(max(number), 0) FROM past_events WHERE position = (SELECT max(position) FROM past_events)"


class PastReader:
    """An IndexReader. Belongs to the thread that made it, except for ``interrupt``.

    Everything raises IndexNotReady where the part is not complete, and may raise Interrupted.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = threading.Lock()
        self._asking = self._overtaken = False
        self._file: tuple[int, int] | None = None
        self._connection: sqlite3.Connection | None = None

    def at(self, position: int) -> "PastCatalogue":
        """The catalogue as of a position, over this connection."""
        return PastCatalogue(self, position)

    def moment(self, time: datetime) -> PastMoment | None:
        """The last position whose event is shown at or before a time."""
        with self.asked() as connection:
            (position,) = connection.execute(_AT_TIME, [time.timestamp()]).fetchone()
            return None if position is None else _moment(connection, position, time.timestamp())

    def moment_at(self, query: GetMomentAt) -> PastMoment | None:
        """The moment of the last event of a book at or before a position."""
        with self.asked() as connection:
            return _moment(connection, query.position, None if query.time is None else query.time.timestamp())

    def past_hits(self, query: GetPastHits) -> tuple[PastHits, ...]:
        """Which values made these books answers to a search about the past."""
        with self.asked() as connection:
            return find_hits(connection, query)

    def interrupt(self) -> None:
        """End whatever runs on this connection, from any thread; what is asked afterwards runs."""
        with self._guard:
            if self._asking and self._connection is not None:
                self._overtaken = True
                self._connection.interrupt()

    def close(self) -> None:
        """Close the connection."""
        with self._guard:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def asked(self) -> Iterator[sqlite3.Connection]:
        """A question is being answered, from one state of the file; an interruption ends it."""
        connection = self._open()
        with self._guard:
            self._asking, self._overtaken = True, False
        try:
            connection.execute("BEGIN")
            _require_complete(connection)
            yield connection
        except sqlite3.DatabaseError as error:
            if self._overtaken:
                raise Interrupted from error
            if not is_trouble_of_the_file(error):
                raise
            raise IndexNotReady(f"The event index cannot be read: {error}.") from error
        finally:
            with self._guard:
                self._asking = False
            connection.rollback()
        if self._overtaken:
            raise Interrupted

    def _open(self) -> sqlite3.Connection:
        """The connection; another one where another file stands in its place."""
        try:
            found = self._path.stat()
            identity = (found.st_dev, found.st_ino)
            if self._connection is None or identity != self._file:
                self.close()
                uri = f"{self._path.absolute().as_uri()}?mode=ro"
                connection = sqlite3.connect(uri, uri=True, timeout=2.0, check_same_thread=False, isolation_level=None)
                connection.execute("PRAGMA cache_size = -16384").close()
                self._connection, self._file = connection, identity
        except (OSError, sqlite3.DatabaseError) as error:
            raise IndexNotReady() from error
        assert self._connection is not None
        return self._connection


class PastCatalogue:
    """A CatalogueSource as of a position. Row ids are numbers of books, in the order in which they were created."""

    def __init__(self, reader: PastReader, at: int) -> None:
        self._reader, self._at = reader, at

    def order(self, question: BookQuestion, limit: int | None = None) -> RowIds:
        """Row ids in display order, at most ``limit``."""
        with self._reader.asked() as connection:
            found = connection.execute(_COUNTS, [self._at]).fetchone()
            if found is None:
                return RowIds("q")
            pending, listed, rejected, _deleted, _on_loan, number, latest = found
            (in_all,) = connection.execute(_LAST).fetchone()
            then = Then(self._at, number, in_all, pending + listed + rejected, latest)
            return find_then(connection, question, limit, then)

    def page(self, ids: Sequence[int]) -> list[BookRow]:
        """The rows with these ids, in any order."""
        with self._reader.asked() as connection:
            return _rows(connection, ids, self._at)

    def row_of(self, book_id: UUID) -> BookRow | None:
        """The row of a book, also of a deleted one."""
        with self._reader.asked() as connection:
            return _row_of(connection, book_id, self._at)

    def compare_key(self, row_id: int, sort: SortKey, *, descending: bool = False) -> tuple[object, ...] | None:
        """A key by which rows compare as in an order by ``sort``."""
        columns = ", ".join(f"{'h' if key in _OF_HOLDINGS else 't'}.{key}" for key in KEYS[sort])
        statement = f"SELECT {columns}, h.book {_THEIRS}"
        with self._reader.asked() as connection:
            found = connection.execute(statement, {"books": f"[{row_id}]", "at": self._at}).fetchone()
        if found is None:
            return None
        if sort is SortKey.YEAR:
            year, *rest = found
            return ((year is None) is not descending, year or 0, *rest)
        return tuple(found)

    def card(self, book_id: UUID) -> BookCard | None:
        """Everything about one book."""
        with self._reader.asked() as connection:
            row = _row_of(connection, book_id, self._at)
            if row is None:
                return None
            return read_past_card(
                row,
                connection.execute(_SET, [book_id.bytes, self._at]),
                lambda owner: getattr(_row_of(connection, owner, self._at), "title", None),
            )

    def counts(self, today: date | None = None) -> Counts:
        """How many books there were; which loans were overdue is not known."""
        with self._reader.asked() as connection:
            found = connection.execute(_COUNTS, [self._at]).fetchone()
        pending, listed, rejected, deleted, on_loan, *_ = found or (0,) * 7
        return Counts(pending + listed + rejected, deleted, pending, rejected, on_loan)

    def interrupt(self) -> None:
        """End whatever runs on this connection, from any thread."""
        self._reader.interrupt()

    def close(self) -> None:
        """Close the connection."""
        self._reader.close()


_OF_HOLDINGS: Final = ("copies_available", "copies_total", "changed_at")


def _require_complete(connection: sqlite3.Connection) -> None:
    find = "SELECT complete FROM parts WHERE name = ? AND version = ?"
    try:
        found = connection.execute(find, [BOOKS.name, BOOKS.version]).fetchone()
    except sqlite3.OperationalError as error:
        raise IndexNotReady() from error
    if not found or not found[0]:
        raise IndexNotReady()


def _row_of(connection: sqlite3.Connection, book_id: UUID, at: int) -> BookRow | None:
    book = connection.execute("SELECT id FROM past_books WHERE book_id = ?", [book_id.bytes]).fetchone()
    return next(iter(_rows(connection, book or (), at)), None)


def _rows(connection: sqlite3.Connection, books: Sequence[int], at: int) -> list[BookRow]:
    found = connection.execute(_ROWS, {"books": json.dumps(list(books)), "at": at})
    return [to_row(row) for row in found.fetchall()]


def _moment(connection: sqlite3.Connection, position: int, time: float | None) -> PastMoment | None:
    found = connection.execute(_AT, [position]).fetchone()
    if found is None:
        return None
    position, number, shown_at = found
    (last,) = connection.execute(_LAST).fetchone()
    compared = [position, shown_at if time is None else time]
    if 2 * number > last:  # fewer are on the other side of the time: they are looked at
        later, stored_by_then = connection.execute(_SIDE.format(side=">"), compared).fetchone()
        included, missing = stored_by_then, last - number - (later - stored_by_then)
    else:
        earlier, stored_by_then = connection.execute(_SIDE.format(side="<="), compared).fetchone()
        included, missing = number - stored_by_then, earlier - stored_by_then
    return PastMoment(position, datetime.fromtimestamp(shown_at, UTC), int(included), int(missing), last - number)
