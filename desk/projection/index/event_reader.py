"""Hop 9, for any system: answers from the event index's part ``events``, each on a read-only connection of its own."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from desk.application.event_question import COMPARISONS, EventQuestion, JsonPath, PathCondition, one_of
from desk.application.event_search import EventLimits, IndexReach
from desk.application.stream_names import Extent, KnownStreams, StreamSummary
from desk.cqrs.errors import StoreUnavailable
from desk.cqrs.store import Recorded
from desk.projection.index.events import EPOCH, EVENTS, microseconds, value_at
from desk.projection.opening import is_trouble_of_the_file

_REACH: Final = "SELECT position, event_id, limits, paused FROM parts WHERE name = ? AND version = ? AND complete"
_ROWS: Final = """
    SELECT e.event_id, s.name, e.revision, e.position, t.name, e.json, e.raw, e.metadata, e.at, e.is_json
    FROM log_events AS e JOIN log_streams AS s ON s.id = e.stream JOIN log_types AS t ON t.id = e.type
    WHERE e.position IN (SELECT value FROM json_each(?)) ORDER BY e.position DESC"""
_STREAMS: Final = "SELECT name, events, revision, last, last_at FROM log_streams ORDER BY last DESC"


class EventReader:
    """Satisfies :class:`~desk.application.event_search.EventIndexReader`. For any thread; nothing is kept open.

    Raises StoreUnavailable where the file cannot be read now.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def reach(self) -> IndexReach | None:
        with self._reading() as connection:
            return None if connection is None else _reach(connection)

    def find(self, question: EventQuestion, before: int | None, limit: int) -> tuple[Recorded, ...]:
        """As the port says."""
        if limit <= 0:
            return ()
        with self._reading() as connection:
            if connection is None:
                return ()
            sql, values = _positions(connection, question, before)
            positions = [row[0] for row in connection.execute(f"{sql} LIMIT ?", [*values, limit])]
            found = connection.execute(_ROWS, [str(positions)]).fetchall()
        return tuple(map(_event, found))

    def count(self, question: EventQuestion) -> int:
        with self._reading() as connection:
            if connection is None:
                return 0
            sql, values = _positions(connection, question, None)
            counting = sql[sql.index(" FROM ") :].partition(" ORDER BY ")[0]
            return int(connection.execute(f"SELECT count(*){counting}", values).fetchone()[0])

    def known_streams(self) -> KnownStreams | None:
        """All streams, where the index was not limited to some categories."""
        with self._reading(current=True) as connection:
            reach = None if connection is None else _reach(connection)
            if connection is None or reach is None or reach.limits.categories:
                return None
            found = connection.execute(_STREAMS).fetchall()
        since = reach.limits.since
        return KnownStreams(
            tuple(
                StreamSummary(name, None if since else events, revision, last, _time(at))
                for name, events, revision, last, at in found
            ),
            Extent.EVERYTHING,
            since,
        )

    def pinned(self) -> tuple[JsonPath, ...]:
        """The paths that have an index of their own."""
        with self._reading() as connection:
            return () if connection is None else tuple(map(JsonPath.parse, _pins(connection)))

    @contextmanager
    def _reading(self, *, current: bool = False) -> Iterator[sqlite3.Connection | None]:
        """A connection over one state of the file; None where the part is not complete, or (``current``) is paused."""
        if not self._path.exists():
            yield None
            return
        try:
            uri = f"{self._path.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(uri, uri=True, timeout=2.0, isolation_level=None)) as connection:
                connection.execute("PRAGMA cache_size = -32768").close()
                connection.execute("PRAGMA mmap_size = 1073741824").close()
                connection.execute("BEGIN")
                row = _part(connection)
                yield None if row is None or (current and row[3]) else connection
        except sqlite3.DatabaseError as error:
            if not is_trouble_of_the_file(error):
                raise
            raise StoreUnavailable(f"The event index cannot be read: {error}.") from error


def _part(connection: sqlite3.Connection) -> tuple[Any, ...] | None:
    with suppress(sqlite3.OperationalError):  # there is no such table yet
        found: tuple[Any, ...] | None = connection.execute(_REACH, [EVENTS.name, EVENTS.version]).fetchone()
        return found
    return None


def _reach(connection: sqlite3.Connection) -> IndexReach | None:
    row = _part(connection)
    if row is None:
        return None
    position, event_id, limits, _paused = row
    return IndexReach(position, event_id and UUID(bytes=event_id), EventLimits.parse(limits))


def _pins(connection: sqlite3.Connection) -> dict[str, str]:
    """Names of indexes by the paths that they are of."""
    return dict(connection.execute("SELECT path, name FROM log_paths").fetchall())


def _named(connection: sqlite3.Connection, table: str, patterns: tuple[str, ...]) -> str:
    """The numbers of what is meant by its name, as JSON."""
    if not patterns:
        return "[]"
    meant = one_of(patterns).search
    return str([id_ for id_, name in connection.execute(f"SELECT id, name FROM {table}") if meant(name)])


def _positions(connection: sqlite3.Connection, question: EventQuestion, before: int | None) -> tuple[str, list[Any]]:
    """A statement for the positions of events, the newest first, and its values."""
    words, terms = _match(question), _names(connection, question)
    if words:
        terms.append(("w.log_words MATCH ?", words))
    if question.correlation:
        terms.append(("e.correlation = ?", question.correlation.lower()))
    if question.since is not None:
        terms.append(("e.at >= ?", microseconds(question.since)))
    if question.until is not None:
        terms.append(("e.at < ?", microseconds(question.until)))
    terms += map(_condition, question.paths)
    place = "w.rowid" if words else "e.position"
    if before is not None:
        terms.append((f"{place} < ?", before))
    where = f" WHERE {' AND '.join(term for term, *_ in terms)}" if terms else ""
    tables = _tables(question, _pins(connection), with_words=bool(words))
    values = [value for _, *given in terms for value in given]
    return f"SELECT {place} FROM {tables}{where} ORDER BY {place} DESC", values


def _names(connection: sqlite3.Connection, question: EventQuestion) -> list[tuple[Any, ...]]:
    """Conditions on types and names of streams: each a term, and its values."""
    terms = list[tuple[Any, ...]]()
    if question.types or question.type_patterns:
        meant = "SELECT id FROM log_types WHERE name IN (SELECT value FROM json_each(?))"
        if question.type_patterns:
            meant += " UNION SELECT value FROM json_each(?)"
        named = [_named(connection, "log_types", question.type_patterns)] if question.type_patterns else []
        terms.append((f"e.type IN ({meant})", json.dumps(question.types), *named))
    if question.streams:
        named = [_named(connection, "log_streams", question.streams)]
        terms.append(("e.stream IN (SELECT value FROM json_each(?))", *named))
    if question.category:
        begins = (f"{question.category}-", f"{question.category}.")  # a dot is what comes after a dash
        terms.append(("e.stream IN (SELECT id FROM log_streams WHERE name >= ? AND name < ?)", *begins))
    return terms


def _tables(question: EventQuestion, pins: dict[str, str], *, with_words: bool) -> str:
    """Where to look. Nothing is joined that no condition is about: words alone are answered by their index alone."""
    if not with_words:
        pinned = [pins[str(one.path)] for one in question.paths if str(one.path) in pins and _can_use_an_index(one)]
        return f"log_events AS e INDEXED BY {pinned[0]}" if pinned else "log_events AS e"
    alone = question == EventQuestion(text=question.text)
    return "log_words AS w" if alone else "log_words AS w CROSS JOIN log_events AS e ON e.position = w.rowid"


def _match(question: EventQuestion) -> str:
    return " AND ".join(f'"{phrase}"{" *" if is_beginning else ""}' for phrase, is_beginning in question.phrases)


def _condition(condition: PathCondition) -> tuple[Any, ...]:
    """A condition as a term, and its values; :meth:`PathCondition.holds` says what it means."""
    found, value = value_at(condition.path), condition.value
    kind = found.replace("json_extract(", "json_type(", 1)
    if not condition.operator:
        return (f"{kind} IS NOT NULL",)
    if isinstance(value, bool) or value is None:
        word = {True: "true", False: "false", None: "null"}[value]
        return (f"{kind} = '{word}'",) if condition.operator == "=" else (f"{kind} <> '{word}'",)
    numbers = "('integer', 'real')" if isinstance(value, int | float) else "('text')"
    value = float(value) if isinstance(value, int) and abs(value) >= 2**63 else value
    if condition.operator == "!=":
        return f"({kind} NOT IN {numbers} OR {found} <> ?)", value
    bound = {">": f" AND {found} < ''", ">=": f" AND {found} < ''"} if not isinstance(value, str) else {}
    guard = f" AND {kind} IN {numbers}" if _may_be_another_kind(condition.operator, value) else ""
    return f"{found} {condition.operator} ?{bound.get(condition.operator, '')}{guard}", value


def _can_use_an_index(condition: PathCondition) -> bool:
    is_compared = condition.operator not in ("", "!=")
    return is_compared and not isinstance(condition.value, bool | None)


def _may_be_another_kind(comparison: str, value: str | int | float) -> bool:
    """Whether truths (1 and 0 to SQLite) or structures (their text) could be taken for the value's kind."""
    if isinstance(value, str):
        return comparison != "=" or value[:1] in "[{"
    return any(COMPARISONS[comparison](truth, value) for truth in (0, 1))


def _event(row: tuple[Any, ...]) -> Recorded:
    event_id, stream, revision, position, type_, text, raw, metadata, at, is_json = row
    data = text.encode() if text is not None else raw or b""
    created = None if at is None else _time(at)
    return Recorded(
        UUID(bytes=event_id), stream, revision, position, type_, data, metadata or b"", created, bool(is_json)
    )


def _time(at: int | None) -> datetime:
    return EPOCH + timedelta(microseconds=at or 0)
