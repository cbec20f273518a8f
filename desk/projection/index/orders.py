"""Hop 9, for what was: which books, in which order, as of a position. See ``desk/projection/search.py`` for now.

Every order has an index that holds its keys, from when to when each version counted, and which words it had. Where few
events had happened by then, their versions are sorted instead: they are the first ones of the table.
"""

import sqlite3
from collections.abc import Sequence
from typing import Final

from desk.application.book_search import BookSearch, parse_search
from desk.application.catalogue import BookQuestion, RowIds, SortKey
from desk.domain.state import Life
from desk.projection.folding import meanings
from desk.projection.search import KEYS, MANY, STROLL, WALK, Values, match_of, read_ids
from desk.records import dataclass

_DELETED: Final = Life.DELETED.value
_INDEXES: Final = {
    SortKey.TITLE: "titles_by_title",
    SortKey.AUTHORS: "titles_by_authors",
    SortKey.ISBN: "titles_by_isbn",
    SortKey.YEAR: "titles_by_year",
    SortKey.STATE: "titles_by_state",
    SortKey.COPIES: "holdings_by_copies",
    SortKey.CHANGED: "holdings_by_change",
}
_HITS: Final = "SELECT rowid FROM titles_fts WHERE titles_fts MATCH :match"
FEW: Final = 2_000
"""Up to so many hits are looked up one by one, and sorted."""


@dataclass(frozen=True, slots=True)
class Then:
    """How things stood at a position: so many events before it of all there are, so many books, the latest time."""

    at: int
    events: int
    events_in_all: int
    books: int
    latest: float


def find_then(connection: sqlite3.Connection, question: BookQuestion, limit: int | None, then: Then) -> RowIds:
    """Numbers of the books that answer the question as of then, in its order, at most ``limit``.

    Raises ValueError for a question about what was overdue, which is not known.
    """
    search = parse_search(question.text)
    if search.overdue:
        raise ValueError("What was overdue at a moment is not known.")
    order = _Order(question, then)
    values: Values = {"at": then.at, "latest": then.latest, "limit": -1 if limit is None else limit}
    conditions = _about_the_past(search, values)
    wanted = meanings(search.text)
    if not wanted:
        return read_ids(connection, order.parts(conditions, order.way(limit)), values, limit)
    values["match"] = match_of(wanted)
    values |= {f"word{place}": f" {word}" for place, word in enumerate(word for words in wanted for word in words)}
    (number,) = connection.execute(f"SELECT count(*) FROM ({_HITS} LIMIT {MANY})", values).fetchone()
    if number <= FEW:
        return read_ids(connection, order.parts([*conditions, order.hit_by_hit()], ""), values, limit)
    if order.is_early(limit):
        test = order.words(wanted, "{table}")
        return read_ids(connection, order.parts([*conditions, test], order.way(limit)), values, limit)
    if limit is not None and not conditions:
        for test, steps in ((order.words(wanted, "first"), STROLL), (f"+first.text IN ({_HITS})", WALK)):
            found = read_ids(connection, [order.first(test)], {**values, "steps": steps}, limit)
            if len(found) == limit:
                return found
    if number < MANY:
        return read_ids(connection, order.parts([*conditions, order.hit_by_hit()], ""), values, limit)
    hits = f"+{{table}}.text IN ({_HITS})"
    return read_ids(connection, order.parts([*conditions, hits], order.by_index), values, limit)


def _about_the_past(search: BookSearch, values: Values) -> list[str]:
    """Conditions on a book that come from what it ever was, until then."""
    conditions = []
    for number, text in enumerate(search.ever):
        wanted = meanings(text)
        values[f"ever{number}"] = match_of(wanted) if wanted else '""'
        hits = f"SELECT rowid FROM past_values_fts WHERE past_values_fts MATCH :ever{number}"
        conditions.append(
            f"+{{table}}.book IN (SELECT book FROM past_events WHERE position IN ({hits}) AND position <= :at)"
        )
    for number, (first, last) in enumerate(search.changed):
        values |= {f"first{number}": first.timestamp(), f"last{number}": last.timestamp()}
        conditions.append(
            "+{table}.book IN (SELECT book FROM past_events INDEXED BY past_events_by_time "
            f"WHERE shown_at >= :first{number} AND shown_at < :last{number} AND +position <= :at)"
        )
    return conditions


class _Order:
    """The statements of one question's order."""

    def __init__(self, question: BookQuestion, then: Then) -> None:
        self._question, self._then = question, then
        self._keys, self._index = KEYS[question.sort], _INDEXES[question.sort]
        self._table = self._index.partition("_")[0]
        self.by_index = f" INDEXED BY {self._index}"
        self._seen = "NOT holdings.hidden" if self._table == "holdings" else f"titles.state <> '{_DELETED}'"

    def way(self, limit: int | None) -> str:
        """How to come to the rows: along the order's index, or by sorting the first ones of the table, or the last."""
        if self.is_early(limit):
            return " NOT INDEXED"
        return self.by_index if limit is None else self._first_way

    @property
    def _first_way(self) -> str:
        """How to come to the first rows. Those unchanged for longest lie, late, behind all versions that have ended."""
        then = self._then
        not_ended = then.events_in_all - then.events + then.books
        is_late = 3 * not_ended < 2 * then.events  # sorting takes half as long again as passing over
        oldest_first = self._question.sort is SortKey.CHANGED and not self._question.descending
        return " INDEXED BY holdings_by_end" if is_late and oldest_first else self.by_index

    def parts(self, conditions: Sequence[str], way: str) -> list[str]:
        """The statements whose answers, one after the other, are the order: books without a year come last."""
        return [
            f"SELECT book FROM ({self._sorted('', [*conditions, *part], way)} LIMIT :limit)"
            for part in self._year_parts()
        ]

    def words(self, wanted: Sequence[Sequence[str]], table: str) -> str:
        """That a version has all the words, or the other ones: looked up in its text."""
        number, ways = 0, []
        for words in wanted:
            ways.append(" AND ".join(f"instr(t.search_text, :word{number + place})" for place in range(len(words))))
            number += len(words)
        return f"(SELECT ({') OR ('.join(ways)}) FROM titles AS t WHERE t.position = {table}.text)"

    def hit_by_hit(self) -> str:
        """Few hits: their versions are looked up, and sorted."""
        if self._table == "titles":
            return f"titles.text IN ({_HITS})"
        version = "SELECT position FROM holdings AS h WHERE h.book = titles.book AND h.position <= :at"
        latest = f"({version} ORDER BY h.position DESC LIMIT 1)"
        then = self._bounds("titles")
        return f"holdings.position IN (SELECT {latest} FROM titles WHERE titles.text IN ({_HITS}) AND {then})"

    def first(self, test: str) -> str:
        """Those of the first rows of the order that pass a test."""
        first = self._sorted("text, ", self._year_parts()[0], self._first_way)
        return f"SELECT book FROM ({first} LIMIT :steps) AS first WHERE {test} LIMIT :limit"

    def is_early(self, limit: int | None) -> bool:
        """Whether sorting all versions up to then takes less than walking past those that the index has."""
        then = self._then
        entries = then.events_in_all if limit is None else limit * then.events_in_all / max(1, then.books)
        return 4 * then.events < min(entries, then.events_in_all)

    def _bounds(self, table: str) -> str:
        """The versions that counted then; what rules most of them out is asked first."""
        began, ended_later = f"{table}.position <= :at", f"{table}.until > :at"
        is_early = 2 * self._then.events < self._then.events_in_all
        return f"{began} AND {ended_later}" if is_early else f"{ended_later} AND {began}"

    def _year_parts(self) -> list[list[str]]:
        if self._question.sort is SortKey.YEAR:
            return [["titles.published_year IS NOT NULL"], ["titles.published_year IS NULL"]]
        return [[]]

    def _sorted(self, more: str, conditions: Sequence[str], way: str) -> str:
        """Versions in the question's order; deleted books are few, and are sorted in between by themselves."""
        selects = [self._select(more, way, [self._seen, *conditions])]
        if self._question.with_deleted:
            selects.append(self._select(more, "", [f"NOT ({self._seen})", *conditions]))
        direction = " DESC" if self._question.descending else ""
        order = ", ".join(key + direction for key in (*self._keys, "book"))
        return f"{' UNION ALL '.join(selects)} ORDER BY {order}"

    def _select(self, more: str, way: str, conditions: Sequence[str]) -> str:
        table = self._table
        bounds = [self._bounds(table)]
        if self._question.sort is SortKey.CHANGED:
            bounds.append("holdings.changed_at <= :latest")  # nothing was shown later by then
        where = " AND ".join([*bounds, *(condition.format(table=table) for condition in conditions)])
        columns = ", ".join(f"{table}.{key}" for key in self._keys)
        return f"SELECT {table}.book AS book, {more}{columns} FROM {table}{way} WHERE {where}"
