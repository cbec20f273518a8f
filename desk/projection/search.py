"""Hop 9: which rows, in which order: every order has an index that holds all it needs, with and without a search.

Ties are decided by the title and then by the row's age, and turn round with the order; books without a year come last
both ways.
"""

import sqlite3
from array import array
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Final

from desk.application.book_search import parse_search
from desk.application.catalogue import BookQuestion, RowIds, SortKey
from desk.domain.state import Life
from desk.projection.folding import fold, is_isbn_like, meanings

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

DELETED: Final = Life.DELETED.value

_INDEXES: Final = {
    SortKey.TITLE: "books_by_title",
    SortKey.AUTHORS: "books_by_authors",
    SortKey.ISBN: "books_by_isbn",
    SortKey.YEAR: "books_by_year",
    SortKey.STATE: "books_by_state",
    SortKey.COPIES: "books_by_copies",
    SortKey.CHANGED: "books_by_change",
}

MANY: Final = 60_000
"""From so many hits on, all of them are found sooner along the order's index than by sorting."""

STROLL: Final = 2_000
"""How many rows of the order are read one by one for a first page: enough where one row in ten or so is a hit."""

WALK: Final = 60_000
"""How many entries of the order's index are compared with all hits for a first page, where the rows did not do."""

_CHUNK: Final = 10_000
_HITS: Final = "SELECT rowid FROM books_fts WHERE books_fts MATCH :match"
_OVERDUE: Final = "book_id IN (SELECT book_id FROM loans WHERE state = 'open' AND due_on < :today)"
_IS_LISTED: Final = f"state = '{Life.LISTED.value}'"
_IS_NOT_OVERDUE: Final = f"NOT ({_IS_LISTED} AND id IN (SELECT id FROM books WHERE {_OVERDUE}))"
_TITLES: Final = (
    f"SELECT id FROM books INDEXED BY {_INDEXES[SortKey.TITLE]} "
    f"WHERE state <> '{DELETED}' AND sort_title >= :begin AND sort_title < :end ORDER BY sort_title LIMIT :limit"
)

_ISBNS: Final = (
    f"SELECT id FROM books INDEXED BY {_INDEXES[SortKey.ISBN]} "
    f"WHERE state <> '{DELETED}' AND isbn >= :begin AND isbn < :end ORDER BY isbn LIMIT :limit"
)

Values = dict[str, str | int | float]


def find(connection: sqlite3.Connection, question: BookQuestion, limit: int | None) -> RowIds:
    """Row ids that answer the question, in its order, at most ``limit``.

    By their states those that are overdue on the question's day stand together, before all others. Raises ValueError
    for a question about what is overdue without a day.
    """
    search = parse_search(question.text)
    wanted = meanings(search.text)
    if search.overdue:
        return _find_overdue(connection, question, wanted, limit)
    if question.sort is not SortKey.STATE or question.today is None:
        return _find(connection, question, wanted, limit)
    found = array("q")
    parts = (partial(_find_overdue, conditions=(_IS_LISTED,)), _find)
    for find_part in reversed(parts) if question.descending else parts:
        left = None if limit is None else limit - len(found)
        if left != 0:
            found += find_part(connection, question, wanted, left)
    return found


def _find(connection: sqlite3.Connection, question: BookQuestion, wanted: list[list[str]], limit: int | None) -> RowIds:
    """Those that have all words; by their states those that are not overdue."""
    values: Values = {"limit": -1 if limit is None else limit, "today": _day(question)}
    if not wanted:
        return read_ids(connection, _orders(question), values, limit)
    values["match"] = match_of(wanted)
    if limit is not None:
        values |= _words(wanted)
        for statement, steps in ((_by_their_texts(question, wanted), STROLL), (_among_the_hits(question), WALK)):
            found = read_ids(connection, [statement], {**values, "steps": steps}, limit)
            if len(found) == limit:
                return found
    are_many = _are_there(connection, values, MANY)
    # The plus sign keeps SQLite from looking every hit up: it walks along the index instead.
    hits = f"{'+' if are_many else ''}id IN ({_HITS})"
    return read_ids(connection, _orders(question, [hits], by_index=are_many), values, limit)


def _find_overdue(
    connection: sqlite3.Connection,
    question: BookQuestion,
    wanted: list[list[str]],
    limit: int | None,
    conditions: Iterable[str] = (),
) -> RowIds:
    """Those that are overdue are found by their loans, and are few: they are looked through for words, and sorted."""
    if question.today is None:
        raise ValueError("What is overdue follows from a day.")
    tests = [_OVERDUE, *conditions, *([_by_text(wanted)] if wanted else [])]
    values: Values = {"limit": -1 if limit is None else limit, "today": _day(question), **_words(wanted)}
    return read_ids(connection, _orders(replace(question, today=None), tests, by_index=False), values, limit)


def _day(question: BookQuestion) -> str:
    return question.today.isoformat() if question.today is not None else ""


def find_candidates(connection: sqlite3.Connection, text: str, limit: int) -> RowIds:
    """Row ids of at most ``limit`` books: titles that begin so, ISBNs, then any books with these words by prefix.

    Nothing is sorted: an answer takes as long as reading so many entries of three indexes.
    """
    begin, wanted = fold(text), meanings(text)
    if not wanted:
        return array("q")
    found = [*_between(connection, _TITLES, begin, limit // 2)]
    # Nearly each book has a number of its own: the full text would gather all those that begin so before the first.
    isbns = [words for words in wanted if is_isbn_like(words)]
    for (isbn,) in isbns:
        found += _between(connection, _ISBNS, isbn, limit)
    if len(isbns) < len(wanted):
        match = match_of(words for words in wanted if words not in isbns)
        found += read_ids(connection, [f"{_HITS} LIMIT :limit"], {"match": match, "limit": limit}, limit)
    return array("q", list(dict.fromkeys(found))[:limit])


def _between(connection: sqlite3.Connection, statement: str, begin: str, limit: int) -> RowIds:
    """What begins with a text."""
    return read_ids(connection, [statement], {"begin": begin, "end": f"{begin}\U0010ffff", "limit": limit}, limit)


def match_of(wanted: Iterable[Iterable[str]]) -> str:
    """Words as FTS5 understands them: each by prefix, of one of the lists all must occur.

    They are quoted and hold letters and digits only: no sign and no word of a user's means anything to FTS5.
    """
    all_of_each = (" AND ".join(f'"{word}" *' for word in words) for words in wanted)
    return f"({') OR ('.join(all_of_each)})"


def _are_there(connection: sqlite3.Connection, values: Values, number: int) -> bool:
    """Whether there are so many hits."""
    counted = connection.execute(f"SELECT count(*) FROM ({_HITS} LIMIT :number)", {**values, "number": number})
    return bool(counted.fetchone()[0] == number)


def _orders(question: BookQuestion, conditions: Sequence[str] = (), *, by_index: bool = True) -> list[str]:
    """The statements whose answers, one after the other, are the order."""
    sorted_parts = (_sorted(question, [*conditions, *part], "id", by_index=by_index) for part in _parts(question))
    return [f"SELECT id FROM ({part} LIMIT :limit)" for part in sorted_parts]


def _parts(question: BookQuestion) -> list[list[str]]:
    if question.sort is SortKey.YEAR:
        return [["published_year IS NOT NULL"], ["published_year IS NULL"]]
    if question.sort is SortKey.STATE and question.today is not None:
        return [[_IS_NOT_OVERDUE]]
    return [[]]


def _by_their_texts(question: BookQuestion, wanted: list[list[str]]) -> str:
    """The hits among the first rows of the order, found by their texts."""
    return _first(question, "id, search_text", _by_text(wanted))


def _among_the_hits(question: BookQuestion) -> str:
    """The hits among the first entries of the order's index, which holds no text: found in the set of all hits."""
    return _first(question, "id", f"+id IN ({_HITS})")


def _first(question: BookQuestion, columns: str, test: str) -> str:
    first = _sorted(question, _parts(question)[0], columns, by_index=True)
    return f"SELECT id FROM ({first} LIMIT :steps) WHERE {test} LIMIT :limit"


def _by_text(wanted: list[list[str]]) -> str:
    """That a row's text has all words of one of the lists."""
    tests = (" AND ".join(f"instr(search_text, :{name})" for name, _word in names) for names in _named(wanted))
    return f"(({') OR ('.join(tests)}))"


def _words(wanted: list[list[str]]) -> Values:
    """The values of these parameters: each word with the space before it."""
    return {name: " " + word for names in _named(wanted) for name, word in names}


def _named(wanted: list[list[str]]) -> list[list[tuple[str, str]]]:
    """Each word with the name of its parameter."""
    return [
        [(f"word{place}_{number}", word) for number, word in enumerate(words)] for place, words in enumerate(wanted)
    ]


def _sorted(question: BookQuestion, conditions: list[str], columns: str, *, by_index: bool) -> str:
    """Rows in the question's order; deleted ones are few, and are sorted in between by themselves."""
    keys = KEYS[question.sort]
    hint = f" INDEXED BY {_INDEXES[question.sort]}" if by_index else ""
    selects = [_select(hint, columns, keys, [f"state <> '{DELETED}'", *conditions])]
    if question.with_deleted:
        selects.append(_select("", columns, keys, [f"state = '{DELETED}'", *conditions]))
    direction = " DESC" if question.descending else ""
    order = ", ".join(key + direction for key in (*keys, "id"))
    return f"{' UNION ALL '.join(selects)} ORDER BY {order}"


def _select(hint: str, columns: str, keys: Iterable[str], conditions: Iterable[str]) -> str:
    return f"SELECT {columns}, {', '.join(keys)} FROM books{hint} WHERE {' AND '.join(conditions)}"


def read_ids(connection: sqlite3.Connection, statements: Iterable[str], values: Values, limit: int | None) -> RowIds:
    """The first column of what these statements find, one after the other, at most ``limit``."""
    ids = array("q")
    for statement in statements:
        if limit is not None and len(ids) >= limit:
            break  # the books without a year are not even looked for
        with closing(connection.execute(statement, values)) as cursor:
            while chunk := cursor.fetchmany(_CHUNK):
                ids.extend([id_ for (id_,) in chunk])
    return ids if limit is None else ids[:limit]
