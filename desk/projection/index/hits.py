"""Hop 9, for what was: which values of a book are meant by a search about the past, from when until when each held."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import field
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from desk.application.book_fields import Fields
from desk.application.book_search import BookSearch, parse_search
from desk.application.event_index import GetPastHits, PastHits, PastValue
from desk.projection.folding import meanings
from desk.projection.index.book_tables import NEVER, is_worded, words_set
from desk.projection.search import match_of
from desk.records import dataclass

_EVENTS: Final = """
    SELECT b.book_id, e.position, e.revision, e.shown_at, e.sets,
        e.position IN (SELECT rowid FROM past_values_fts WHERE past_values_fts MATCH ?)
    FROM past_books AS b CROSS JOIN past_events AS e INDEXED BY past_events_by_book ON e.book = b.id
    WHERE b.book_id IN ({marks}) AND e.position <= ? AND e.sets IS NOT NULL
    ORDER BY b.book_id, e.position DESC"""
"""The events of each book from the newest one back, and whether one set a value with the words."""

_Meanings = Sequence[Sequence[Sequence[str]]]
_NOTHING: Final = '""'


@dataclass(slots=True)
class _BookValues:
    """What was found in a book so far, from its newest event back; ``ends`` has when each field was set next."""

    limit: int
    number: int = 0
    values: list[PastValue] = field(default_factory=list)
    patrons: Fields = field(default_factory=dict)
    ends: dict[str, tuple[int, float]] = field(default_factory=dict)

    def note(self, position: int, revision: int, at: float, given: Fields, keys: Iterable[str]) -> None:
        """An event gave fields values; these of them are meant."""
        for key in keys:
            self.number += 1
            if len(self.values) < self.limit:
                last, until = self.ends.get(key, (None, None))
                self.values.append(PastValue(key, given[key], revision, position, _time(at), last, _end(until)))
        for key, value in given.items():
            self.ends[key] = (position, at)
            if key.startswith("holds/") and key.endswith("/patron") and value is not None:
                self.patrons[key] = value


def find_hits(connection: sqlite3.Connection, query: GetPastHits) -> tuple[PastHits, ...]:
    """Of each book that has some: the values with the words of ``ever:``, and those set in the time of ``changed:``."""
    search = parse_search(query.search)
    wanted = [meant for meant in map(meanings, search.ever) if meant]
    match = " OR ".join(f"({match_of(meant)})" for meant in wanted) or _NOTHING
    statement = _EVENTS.format(marks=", ".join("?" * len(query.books)))
    ids = [book_id.bytes for book_id in query.books]
    found = connection.execute(statement, [match, *ids, NEVER if query.at is None else query.at])
    hits = []
    for book_id, events in groupby(found, itemgetter(0)):
        book = _BookValues(query.limit)
        for event in events:
            _look(book, event, search, wanted)
        if book.number:
            hits.append(PastHits(UUID(bytes=book_id), book.number, tuple(book.values), book.patrons))
    return tuple(hits)


def _look(book: _BookValues, event: tuple[Any, ...], search: BookSearch, wanted: _Meanings) -> None:
    _, position, revision, at, sets, has_words = event
    given: Fields = json.loads(sets)
    keys: Iterable[str] = ()
    if any(first.timestamp() <= at < last.timestamp() for first, last in search.changed):
        keys = filter(is_worded, given)
    elif has_words:
        keys = _keys_with(given, wanted)
    book.note(position, revision, at, given, keys)


def _keys_with(given: Fields, wanted: _Meanings) -> list[str]:
    """The fields whose value has all the words; where only several values together have them, those with some."""
    words = {key: words_set(json.dumps({key: value})).split(" ") for key, value in given.items()}
    every = [key for key in given if any(_has(words[key], all_of) for meant in wanted for all_of in meant)]
    if every:
        return every
    return [
        key for key in given if any(_has(words[key], [one]) for meant in wanted for all_of in meant for one in all_of)
    ]


def _has(words: Sequence[str], all_of: Iterable[str]) -> bool:
    return all(any(word.startswith(begin) for word in words) for begin in all_of)


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _end(at: float | None) -> datetime | None:
    return None if at is None else _time(at)
