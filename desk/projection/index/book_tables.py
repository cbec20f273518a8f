"""Hop 7, for what was: the tables of the index's part ``books``.

``past_events`` has one row for each event of a book's stream: what it set (JSON by the keys of
:mod:`desk.application.book_fields`; NULL where this Desk cannot read it, and leaves it out), and how many books of each
state there were after it. ``titles`` and ``holdings`` are the versions of the book table's rows, each
from the ``position`` of the event that made it to that which ended it (``until``; :data:`NEVER` for what is still so).
What changes seldom, and has words to look for, is in ``titles``; ``holdings`` has a version for each event.
"""

import json
from typing import Final

from desk.application.book_fields import JsonValue
from desk.domain.state import Life
from desk.projection.books import search_words
from desk.projection.index.fields import LOANS

NEVER: Final = 2**63 - 1
"""The ``until`` of a version that nothing has ended."""

TABLES: Final = {
    "past_books": "CREATE TABLE past_books (id INTEGER PRIMARY KEY, book_id BLOB NOT NULL UNIQUE)",
    "past_events": """
        CREATE TABLE past_events (
            position INTEGER PRIMARY KEY,
            number INTEGER NOT NULL,
            book INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            shown_at REAL NOT NULL,
            latest REAL NOT NULL,
            sets TEXT,
            pending INTEGER NOT NULL,
            listed INTEGER NOT NULL,
            rejected INTEGER NOT NULL,
            deleted INTEGER NOT NULL,
            on_loan INTEGER NOT NULL
        )""",
    "past_events_by_book": "CREATE INDEX past_events_by_book ON past_events (book)",
    "titles": """
        CREATE TABLE titles (
            position INTEGER PRIMARY KEY,
            until INTEGER NOT NULL,
            book INTEGER NOT NULL,
            text INTEGER NOT NULL,
            state TEXT NOT NULL,
            isbn TEXT NOT NULL,
            title TEXT NOT NULL,
            authors TEXT NOT NULL,
            published_year INTEGER,
            sort_title TEXT NOT NULL,
            sort_authors TEXT NOT NULL,
            search_text TEXT NOT NULL
        )""",
    "holdings": """
        CREATE TABLE holdings (
            position INTEGER PRIMARY KEY,
            until INTEGER NOT NULL,
            book INTEGER NOT NULL,
            title INTEGER NOT NULL,
            text INTEGER NOT NULL,
            hidden INTEGER NOT NULL,
            copies_total INTEGER NOT NULL,
            copies_available INTEGER NOT NULL,
            sort_title TEXT NOT NULL,
            changed_at REAL NOT NULL,
            revision INTEGER NOT NULL
        )""",
    "titles_fts": """
        CREATE VIRTUAL TABLE titles_fts USING fts5(
            text, content = '', detail = none, columnsize = 0, prefix = '1 2 3', tokenize = 'ascii'
        )""",
    "past_values_fts": """
        CREATE VIRTUAL TABLE past_values_fts USING fts5(
            text, content = '', detail = none, columnsize = 0, tokenize = 'ascii'
        )""",
}


def _order(table: str, name: str, columns: str, condition: str) -> str:
    return f"CREATE INDEX {table}_{name} ON {table} ({columns}, book, until, text) WHERE {condition}"


_SEEN: Final = f"state <> '{Life.DELETED.value}'"
# Each order has an index that holds all it needs: the keys, whose version it is, when it ended, and its words.
FINISH: Final = (
    _order("titles", "by_title", "sort_title", _SEEN),
    _order("titles", "by_authors", "sort_authors, sort_title", _SEEN),
    _order("titles", "by_isbn", "isbn", _SEEN),
    _order("titles", "by_year", "published_year, sort_title", _SEEN),
    _order("titles", "by_state", "state, sort_title", _SEEN),
    _order("holdings", "by_copies", "copies_available, copies_total, sort_title", "NOT hidden"),
    _order("holdings", "by_change", "changed_at", "NOT hidden"),
    # Near the end of the log nearly all versions have ended: those that have not are found without passing the others.
    "CREATE INDEX holdings_by_end ON holdings (until, changed_at, book, text) WHERE NOT hidden",
    f"CREATE INDEX titles_deleted ON titles (until) WHERE NOT ({_SEEN})",
    "CREATE INDEX titles_by_text ON titles (text)",
    "CREATE INDEX holdings_by_book ON holdings (book)",
    "CREATE INDEX past_events_by_time ON past_events (shown_at, book)",
    "INSERT INTO titles_fts (rowid, text) SELECT position, search_text FROM titles WHERE text = position",
    "INSERT INTO past_values_fts (rowid, text) SELECT position, words_set(sets) FROM past_events "
    "WHERE sets IS NOT NULL",
)

_REFERENCES: Final = ("/hold_id", "conflicting_book_id")
"""How the keys of values end that are ids: nobody looks for their words."""


def words_set(sets: str) -> str:
    """The words of all values that an event set, as the full text has them."""
    values = (value for key, value in json.loads(sets).items() if is_worded(key))
    return search_words(" ".join(text for value in values for text in texts_of(value)))


def is_worded(key: str) -> bool:
    """Whether people look for the values of this field."""
    return not key.endswith(_REFERENCES) and not key.startswith(LOANS)


def texts_of(value: JsonValue) -> list[str]:
    """A value as the texts that it is made of."""
    if isinstance(value, list):
        return value
    return [] if value is None else [str(value)]
