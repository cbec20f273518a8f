"""Hop 7: the rows of the book table, their text for searching, and the counts by state: what events do to them."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from itertools import chain, count
from typing import Any, Final

from desk.cqrs.store import Recorded
from desk.domain.details import BookDetails, details_given, details_of
from desk.domain.events import BookCreated, BookDeleted, BookDetailsCorrected, BookListed, BookRejected
from desk.domain.state import Life
from desk.projection.changes import RowChange, RowChanges, Values, keyed
from desk.projection.folding import fold, split
from desk.projection.projections import Handler, Projection

DELETED: Final = Life.DELETED.value

DETAIL_COLUMNS: Final = {
    "title": "TEXT NOT NULL",
    "authors": "TEXT NOT NULL",
    "publisher": "TEXT",
    "published_year": "INTEGER",
    "language": "TEXT",
    "subjects": "TEXT NOT NULL",
}
"""The columns of what is known of a title, by the domain's names of the fields. Several names are a list in JSON."""

_TABLES: Final = {
    "books": f"""
        CREATE TABLE books (
            id INTEGER PRIMARY KEY,
            book_id BLOB NOT NULL UNIQUE,
            state TEXT NOT NULL,
            isbn TEXT NOT NULL,
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
            {", ".join(" ".join(column) for column in DETAIL_COLUMNS.items())},
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

_SORTED_BY: Final = ("sort_title", "sort_authors")
_CREATED: Final = ("book_id", "revision", "position", "isbn", *DETAIL_COLUMNS, *_SORTED_BY, "search_text")
_CREATE: Final = RowChange(
    f"""
    INSERT INTO books ({", ".join(_CREATED)}, created_at, changed_at, state)
    SELECT {", ".join(f"column{place}" for place in range(1, len(_CREATED) + 1))},
        (SELECT shown_at FROM activity WHERE activity.position = column3),
        (SELECT shown_at FROM activity WHERE activity.position = column3), 'pending'
    FROM (VALUES {{rows}}) WHERE TRUE ORDER BY column3
    ON CONFLICT (book_id) DO UPDATE SET
        {", ".join(f"{name} = excluded.{name}" for name in (*_CREATED[1:], "created_at", "changed_at", "state"))}
    WHERE books.revision < excluded.revision""",
    len(_CREATED),
)

# Those that follow leave a book's revision to what is written last: several of them may be in one batch.
# A correction's key has its revision, as another correction in the same batch may be about other columns.
# Of each column it says whether it is another one, and which.
_CORRECTED: Final = (*DETAIL_COLUMNS, *_SORTED_BY)
_CORRECTIONS: Final = (
    f"{name} = CASE WHEN column{place} THEN column{place + 1} ELSE {name} END"
    for name, place in zip(_CORRECTED, count(3, 2), strict=False)
)
_CORRECT: Final = RowChange(
    f"""
    UPDATE books SET {", ".join(_CORRECTIONS)}
    FROM (VALUES {{rows}}) AS v WHERE books.book_id = column1 AND books.revision < column2""",
    2 + 2 * len(_CORRECTED),
    one_by_one=True,
)
_SET_STATE: Final = RowChange(
    """
    UPDATE books SET state = column2, conflicting_book_id = column3
    FROM (VALUES {rows}) AS v WHERE books.book_id = column1 AND books.revision < column4""",
    4,
)

# What the full-text index has of a book is taken out before the book's text changes, and put in again afterwards.
# In the order of ids, as the index likes it.
_FORGET_TEXTS: Final = RowChange(
    """
    INSERT INTO books_fts (books_fts, rowid, text)
    SELECT 'delete', id, search_text FROM books WHERE book_id IN (VALUES {rows}) ORDER BY id""",
    1,
)
_MAKE_TEXTS: Final = RowChange(
    """
    UPDATE books SET search_text = ' ' || search_words(title || ' ' || sort_authors || ' ' || subjects || ' ' || isbn)
    WHERE book_id IN (VALUES {rows})""",
    1,
)
_INDEX_TEXTS: Final = RowChange(
    """
    INSERT INTO books_fts (rowid, text)
    SELECT id, search_text FROM books WHERE book_id IN (VALUES {rows}) ORDER BY id""",
    1,
)
_COUNT_HOLDS: Final = RowChange(
    """
    UPDATE books SET holds_waiting =
        (SELECT count(*) FROM holds WHERE holds.book_id = books.book_id AND holds.state = 'waiting')
    WHERE book_id IN (VALUES {rows})""",
    1,
)
_REFRESH: Final = RowChange(
    """
    UPDATE books SET revision = column2, position = column3,
        changed_at = (SELECT shown_at FROM activity WHERE activity.position = column3)
    FROM (VALUES {rows}) AS v WHERE books.book_id = column1 AND books.revision < column2""",
    3,
)
_REFRESH_WITH_COPIES: Final = RowChange(
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
    values = _stored(details_of(event))
    changes.texts[book_id] = None
    changes.note(
        _CREATE,
        (book_id,),
        recorded.revision,
        recorded.position,
        event.isbn,
        *values.values(),
        " " + search_words(f"{event.title} {values['sort_authors']} {values['subjects']} {event.isbn}"),
    )


def _corrected(changes: RowChanges, event: BookDetailsCorrected, recorded: Recorded) -> None:
    book_id = event.book_id.bytes
    values = _stored(details_given(event))
    if not values.keys().isdisjoint(("title", "authors", "subjects")):
        changes.texts[book_id] = None
        changes.corrected[book_id] = None
    changes.moved = True
    pairs = ((name in values, values.get(name)) for name in _CORRECTED)
    changes.note(_CORRECT, (book_id, recorded.revision), *chain.from_iterable(pairs))


def _stored(details: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of these details, in their order, and after them what a table is sorted by."""
    values = {name: _listed_in_json(value) if type(value) is tuple else value for name, value in details.items()}
    if "title" in details:
        values["sort_title"] = fold(details["title"])
    if "authors" in details:
        values["sort_authors"] = fold("; ".join(details["authors"]))
    return values


def read_details(values: Iterable[Any]) -> BookDetails:
    """What the columns of :data:`DETAIL_COLUMNS` say."""
    found = dict(zip(DETAIL_COLUMNS, values, strict=True))
    lists = {name: tuple(json.loads(found[name])) for name in ("authors", "subjects")}
    return BookDetails(**{**found, **lists})


_STATES: Final[dict[type, Life]] = {
    BookListed: Life.LISTED,
    BookRejected: Life.REJECTED,
    BookDeleted: Life.DELETED,
}


def _set_state(changes: RowChanges, event: BookListed | BookRejected | BookDeleted, recorded: Recorded) -> None:
    changes.moved = True
    owner = event.conflicting_book_id.bytes if isinstance(event, BookRejected) else None
    changes.note(_SET_STATE, (event.book_id.bytes,), _STATES[type(event)].value, owner, recorded.revision)


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


def _listed_in_json(names: Iterable[str]) -> str:
    return json.dumps(list(names), ensure_ascii=False, separators=(",", ":"))


_HANDLERS: Final[dict[type, Handler]] = {
    BookCreated: _created,
    BookDetailsCorrected: _corrected,
    **dict.fromkeys(_STATES, _set_state),
}

BOOKS: Final = Projection(
    "books", 5, _TABLES, _HANDLERS, write=_write, orders=_ORDERS, triggers=_TRIGGERS, finish=_finish
)
