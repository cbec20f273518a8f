"""Hop 7: the rows of the book table, their text for searching, and the counts by state: what events do to them."""

import json
import sqlite3
from collections.abc import Iterable
from typing import Final

from desk.cqrs.store import Recorded
from desk.domain.events import BookCreated, BookDeleted, BookDetailsCorrected, BookListed, BookRejected
from desk.domain.state import Life
from desk.domain.values import Unset
from desk.projection.changes import Change, RowChanges, Value, Values, keyed
from desk.projection.folding import fold, split
from desk.projection.projections import Handler, Projection

DELETED: Final = Life.DELETED.value

_TABLES: Final = {
    "books": """
        CREATE TABLE books (
            id INTEGER PRIMARY KEY,
            book_id BLOB NOT NULL UNIQUE,
            state TEXT NOT NULL,
            isbn TEXT NOT NULL,
            published_year INTEGER,
            copies_total INTEGER NOT NULL DEFAULT 0,
            copies_available INTEGER NOT NULL DEFAULT 0,
            copies_on_loan INTEGER NOT NULL DEFAULT 0,
            copies_on_shelf INTEGER NOT NULL DEFAULT 0,
            copies_lost INTEGER NOT NULL DEFAULT 0,
            holds_waiting INTEGER NOT NULL DEFAULT 0,
            created_at REAL NOT NULL,
            changed_at REAL NOT NULL,
            revision INTEGER NOT NULL,
            position INTEGER NOT NULL,
            sort_title TEXT NOT NULL,
            sort_authors TEXT NOT NULL,
            title TEXT NOT NULL,
            authors TEXT NOT NULL,
            publisher TEXT,
            language TEXT,
            subjects TEXT NOT NULL,
            search_text TEXT NOT NULL DEFAULT '',
            conflicting_book_id BLOB
        )""",
    # Contentless: the words are in books.search_text, folded already; an entry is taken out by saying what it was.
    # Words are split by the one space between them, so that index, search and walk agree on what a word is.
    "books_fts": """
        CREATE VIRTUAL TABLE books_fts USING fts5(
            text, content = '', detail = none, columnsize = 0, prefix = '1 2 3', tokenize = 'ascii'
        )""",
    "counts": "CREATE TABLE counts (state TEXT PRIMARY KEY, books INTEGER NOT NULL, on_loan INTEGER NOT NULL) "
    "WITHOUT ROWID",
}


def _order(name: str, columns: str) -> str:
    return f"CREATE INDEX IF NOT EXISTS books_{name} ON books ({columns}) WHERE state <> '{DELETED}'"


# Each order of the book table has an index that holds everything it needs, without the books that are hidden.
_ORDERS: Final = (
    _order("by_title", "sort_title"),
    _order("by_authors", "sort_authors, sort_title"),
    _order("by_year", "published_year, sort_title"),
    _order("by_state", "state, sort_title"),
    _order("by_copies", "copies_available, copies_total, sort_title"),
    _order("by_change", "changed_at"),
    _order("by_isbn", "isbn"),
    f"CREATE INDEX IF NOT EXISTS books_deleted ON books (isbn) WHERE state = '{DELETED}'",
)

# The counts of books by state are kept beside the books, so that nobody has to count a million of them.
_TRIGGERS: Final = (
    """
    CREATE TRIGGER books_counted AFTER INSERT ON books BEGIN
        INSERT INTO counts VALUES (new.state, 1, new.copies_on_loan)
        ON CONFLICT (state) DO UPDATE SET books = books + 1, on_loan = on_loan + new.copies_on_loan;
    END""",
    """
    CREATE TRIGGER books_recounted AFTER UPDATE OF state, copies_on_loan ON books
    WHEN (old.state, old.copies_on_loan) <> (new.state, new.copies_on_loan) BEGIN
        UPDATE counts SET books = books - 1, on_loan = on_loan - old.copies_on_loan WHERE state = old.state;
        INSERT INTO counts VALUES (new.state, 1, new.copies_on_loan)
        ON CONFLICT (state) DO UPDATE SET books = books + 1, on_loan = on_loan + new.copies_on_loan;
    END""",
)

_CREATE: Final = Change(
    """
    INSERT INTO books (book_id, isbn, published_year, revision, position, sort_title, sort_authors, title, authors,
        publisher, language, subjects, search_text, created_at, changed_at, state)
    SELECT column1, column2, column3, column4, column5, column6, column7, column8, column9, column10, column11,
        column12, column13, (SELECT shown_at FROM activity WHERE activity.position = column5),
        (SELECT shown_at FROM activity WHERE activity.position = column5), 'pending'
    FROM (VALUES {rows}) WHERE TRUE ORDER BY column5
    ON CONFLICT (book_id) DO UPDATE SET
        state = excluded.state, isbn = excluded.isbn, published_year = excluded.published_year,
        created_at = excluded.created_at, changed_at = excluded.changed_at, revision = excluded.revision,
        position = excluded.position, sort_title = excluded.sort_title, sort_authors = excluded.sort_authors,
        title = excluded.title, authors = excluded.authors, publisher = excluded.publisher,
        language = excluded.language, subjects = excluded.subjects, search_text = excluded.search_text
    WHERE books.revision < excluded.revision""",
    13,
)

# Those that follow leave a book's revision to what is written last: several of them may be in one batch.
# A correction's key has its revision, as another correction in the same batch may be about other columns.
_CORRECT: Final = Change(
    """
    UPDATE books SET
        title = CASE WHEN column3 THEN column4 ELSE title END,
        sort_title = CASE WHEN column5 THEN column6 ELSE sort_title END,
        authors = CASE WHEN column7 THEN column8 ELSE authors END,
        sort_authors = CASE WHEN column9 THEN column10 ELSE sort_authors END,
        publisher = CASE WHEN column11 THEN column12 ELSE publisher END,
        published_year = CASE WHEN column13 THEN column14 ELSE published_year END,
        language = CASE WHEN column15 THEN column16 ELSE language END,
        subjects = CASE WHEN column17 THEN column18 ELSE subjects END
    FROM (VALUES {rows}) AS v WHERE books.book_id = column1 AND books.revision < column2""",
    18,
    one_by_one=True,
)
_SET_STATE: Final = Change(
    """
    UPDATE books SET state = column2, conflicting_book_id = column3
    FROM (VALUES {rows}) AS v WHERE books.book_id = column1 AND books.revision < column4""",
    4,
)

# What the full-text index has of a book is taken out before the book's text changes, and put in again afterwards.
# In the order of ids, as the index likes it.
_FORGET_TEXTS: Final = Change(
    """
    INSERT INTO books_fts (books_fts, rowid, text)
    SELECT 'delete', id, search_text FROM books WHERE book_id IN (VALUES {rows}) ORDER BY id""",
    1,
)
_MAKE_TEXTS: Final = Change(
    """
    UPDATE books SET search_text = ' ' || search_words(title || ' ' || sort_authors || ' ' || subjects || ' ' || isbn)
    WHERE book_id IN (VALUES {rows})""",
    1,
)
_INDEX_TEXTS: Final = Change(
    """
    INSERT INTO books_fts (rowid, text)
    SELECT id, search_text FROM books WHERE book_id IN (VALUES {rows}) ORDER BY id""",
    1,
)
_COUNT_HOLDS: Final = Change(
    """
    UPDATE books SET holds_waiting =
        (SELECT count(*) FROM holds WHERE holds.book_id = books.book_id AND holds.state = 'waiting')
    WHERE book_id IN (VALUES {rows})""",
    1,
)
_REFRESH: Final = Change(
    """
    UPDATE books SET revision = column2, position = column3,
        changed_at = (SELECT shown_at FROM activity WHERE activity.position = column3)
    FROM (VALUES {rows}) AS v WHERE books.book_id = column1 AND books.revision < column2""",
    3,
)
_REFRESH_WITH_COPIES: Final = Change(
    """
    UPDATE books SET revision = column2, position = column3,
        changed_at = (SELECT shown_at FROM activity WHERE activity.position = column3),
        (copies_total, copies_available, copies_on_loan, copies_on_shelf, copies_lost) = (
        SELECT count(*) - ifnull(sum(state = 'withdrawn'), 0), ifnull(sum(state = 'available'), 0),
            ifnull(sum(state = 'onLoan'), 0), ifnull(sum(state = 'onHoldShelf'), 0), ifnull(sum(state = 'lost'), 0)
        FROM copies WHERE copies.book_id = books.book_id)
    FROM (VALUES {rows}) AS v WHERE books.book_id = column1 AND books.revision < column2""",
    3,
)


def _created(changes: RowChanges, event: BookCreated, recorded: Recorded) -> None:
    book_id = event.book_id.bytes
    sort_authors, subjects = _folded(event.authors), _listed_in_json(event.subjects)
    changes.texts[book_id] = None
    changes.note(
        _CREATE,
        (book_id,),
        event.isbn,
        event.published_year,
        recorded.revision,
        recorded.position,
        fold(event.title),
        sort_authors,
        event.title,
        _listed_in_json(event.authors),
        event.publisher,
        event.language,
        subjects,
        " " + search_words(f"{event.title} {sort_authors} {subjects} {event.isbn}"),
    )


def _corrected(changes: RowChanges, event: BookDetailsCorrected, recorded: Recorded) -> None:
    book_id = event.book_id.bytes
    title, authors, subjects = event.title, event.authors, event.subjects
    if not (isinstance(title, Unset) and isinstance(authors, Unset) and isinstance(subjects, Unset)):
        changes.texts[book_id] = None
        changes.corrected[book_id] = None
    changes.moved = True
    changes.note(
        _CORRECT,
        (book_id, recorded.revision),
        *_given(title),
        *_given(title if isinstance(title, Unset) else fold(title)),
        *_given(authors if isinstance(authors, Unset) else _listed_in_json(authors)),
        *_given(authors if isinstance(authors, Unset) else _folded(authors)),
        *_given(event.publisher),
        *_given(event.published_year),
        *_given(event.language),
        *_given(subjects if isinstance(subjects, Unset) else _listed_in_json(subjects)),
    )


def _listed(changes: RowChanges, event: BookListed, recorded: Recorded) -> None:
    _set_state(changes, event.book_id.bytes, recorded, Life.LISTED)


def _rejected(changes: RowChanges, event: BookRejected, recorded: Recorded) -> None:
    _set_state(changes, event.book_id.bytes, recorded, Life.REJECTED, event.conflicting_book_id.bytes)


def _deleted(changes: RowChanges, event: BookDeleted, recorded: Recorded) -> None:
    _set_state(changes, event.book_id.bytes, recorded, Life.DELETED)


def _set_state(
    changes: RowChanges, book_id: bytes, recorded: Recorded, state: Life, conflicting: bytes | None = None
) -> None:
    changes.moved = True
    changes.note(_SET_STATE, (book_id,), state.value, conflicting, recorded.revision)


def _write(connection: sqlite3.Connection, changes: RowChanges) -> None:
    """Rows of books: their texts are taken out of the index first, and put in again when all is written."""
    _FORGET_TEXTS.write(connection, list(keyed(changes.texts)))
    changes.write(connection, (_CREATE, _CORRECT, _SET_STATE))
    _MAKE_TEXTS.write(connection, list(keyed(changes.corrected)))
    _INDEX_TEXTS.write(connection, list(keyed(changes.texts)))


def _finish(connection: sqlite3.Connection, changes: RowChanges) -> None:
    """Counters and revisions, once for each touched book, from the rows that they count."""
    _COUNT_HOLDS.write(connection, list(keyed(changes.holds)))
    plain: list[Values] = []
    recounted: list[Values] = []
    for book_id, (revision, position) in changes.touched.items():
        (recounted if book_id in changes.copies else plain).append((book_id, revision, position))
    _REFRESH_WITH_COPIES.write(connection, recounted)
    _REFRESH.write(connection, plain)


def search_words(text: str) -> str:
    """The words of a text as the index has them."""
    return " ".join(split(fold(text)))


def _given(value: Unset | Value) -> tuple[bool, Value]:
    return (False, None) if isinstance(value, Unset) else (True, value)


def _listed_in_json(names: Iterable[str]) -> str:
    return json.dumps(list(names), ensure_ascii=False, separators=(",", ":"))


def _folded(names: Iterable[str]) -> str:
    return fold("; ".join(names))


_HANDLERS: Final[dict[type, Handler]] = {
    BookCreated: _created,
    BookDetailsCorrected: _corrected,
    BookListed: _listed,
    BookRejected: _rejected,
    BookDeleted: _deleted,
}

BOOKS: Final = Projection(
    "books", 5, _TABLES, _HANDLERS, write=_write, orders=_ORDERS, triggers=_TRIGGERS, finish=_finish
)
