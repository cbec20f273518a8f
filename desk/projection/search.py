"""Hop 9: which rows, in which order, as SQL: every order has an index that holds all it needs.

Ties are decided by the title and then by the row's age, and turn round with the order; books without a year come last
both ways.
"""

import sqlite3
from typing import Final

from desk.application.catalogue import BookQuestion, SortKey
from desk.projection.folding import words
from desk.projection.schema import DELETED

KEYS: Final = {
    SortKey.TITLE: ("sort_title",),
    SortKey.AUTHORS: ("sort_authors", "sort_title"),
    SortKey.ISBN: ("isbn",),
    SortKey.YEAR: ("published_year", "sort_title"),
    SortKey.STATE: ("state", "sort_title"),
    SortKey.COPIES: ("copies_available", "copies_total", "sort_title"),
    SortKey.CHANGED: ("changed_at",),
}
"""The columns by which rows are compared, the first one first; the row's id comes last."""

COMMON: Final = 20_000
"""So many hits are looked up and sorted; beyond, the order is walked and each of its rows is asked whether it hits."""

_COUNT: Final = "SELECT count(*) FROM (SELECT 1 FROM books_fts WHERE books_fts MATCH :match LIMIT :most)"


def match_of(text: str) -> str:
    """What somebody typed, as FTS5 understands it: every word by prefix, all must occur; empty for no words.

    Words are quoted and hold letters and digits only, so that no sign and no word of it means anything to FTS5.
    """
    return " AND ".join(f'"{word}" *' for word in words(text))


def statements(
    connection: sqlite3.Connection, question: BookQuestion, limit: int | None
) -> list[tuple[str, dict[str, object]]]:
    """The statements whose row ids, one after the other, answer the question."""
    match = match_of(question.text)
    values: dict[str, object] = {"match": match, "most": COMMON, "limit": -1 if limit is None else limit}
    where = []
    if not question.with_deleted:
        where.append(f"state <> '{DELETED}'")
    if match:
        where.append(_hits(connection, values, limit))
    if question.sort is SortKey.YEAR:
        known = _statement(question, [*where, "published_year IS NOT NULL"])
        unknown = _statement(question, [*where, "published_year IS NULL"])
        return [(known, values), (unknown, values)]
    return [(_statement(question, where), values)]


def _statement(question: BookQuestion, where: list[str]) -> str:
    direction = " DESC" if question.descending else ""
    order = ", ".join(column + direction for column in (*KEYS[question.sort], "id"))
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    return f"SELECT id FROM books{condition} ORDER BY {order} LIMIT :limit"


def _hits(connection: sqlite3.Connection, values: dict[str, object], limit: int | None) -> str:
    """The condition that a row is a hit; how it is best asked depends on how many there are."""
    if limit is not None:
        (count,) = connection.execute(_COUNT, values).fetchone()
        if count == COMMON:
            return "EXISTS (SELECT 1 FROM books_fts WHERE books_fts MATCH :match AND rowid = books.id)"
    return "id IN (SELECT rowid FROM books_fts WHERE books_fts MATCH :match)"
