"""Hop 7, for any system: the event index's part ``events``: streams, types, headers, payloads and their words."""

import re
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from desk.application.event_index import IndexPart
from desk.application.event_question import JsonPath, document_of, folded, searchable
from desk.application.event_search import EventLimits
from desk.application.scanning import UNPROJECTED
from desk.cqrs.store import Filter, Recorded
from desk.projection.index.part import IndexPartSpec

MOST_REMEMBERED: Final = 50_000
"""Streams whose numbers are remembered; of others they are looked up."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

TABLES: Final = {
    # at: microseconds since 1970, of the store's clock. last is a position.
    "log_streams": """
        CREATE TABLE log_streams (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, events INTEGER NOT NULL, last_at INTEGER,
            last INTEGER NOT NULL, revision INTEGER NOT NULL)""",
    "log_types": "CREATE TABLE log_types (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    # json has the payload where it is a document, raw where it is none; both are NULL where payloads are left out.
    "log_events": """
        CREATE TABLE log_events (
            position INTEGER PRIMARY KEY, stream INTEGER NOT NULL, revision INTEGER NOT NULL, type INTEGER NOT NULL,
            at INTEGER, event_id BLOB NOT NULL, correlation TEXT, is_json INTEGER NOT NULL, json TEXT, raw BLOB,
            metadata BLOB)""",
    "log_words": """
        CREATE VIRTUAL TABLE log_words USING fts5 (words, content = '', prefix = '1')""",
    # The paths that have an index of their own, by the name of that.
    "log_paths": "CREATE TABLE log_paths (name TEXT PRIMARY KEY, path TEXT NOT NULL UNIQUE) WITHOUT ROWID",
}
_AT_THE_END: Final = (
    "CREATE INDEX IF NOT EXISTS log_events_by_stream ON log_events (stream, position)",
    "CREATE INDEX IF NOT EXISTS log_events_by_type ON log_events (type, position)",
    "CREATE INDEX IF NOT EXISTS log_events_by_time ON log_events (at)",
    "CREATE INDEX IF NOT EXISTS log_events_by_correlation ON log_events (correlation, position)"
    " WHERE correlation IS NOT NULL",
)
_STREAM: Final = (
    "INSERT INTO log_streams (name, events, last_at, last, revision) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (name) DO UPDATE SET events = events + excluded.events, last_at = excluded.last_at,"
    " last = excluded.last, revision = excluded.revision"
)
_TYPE: Final = "INSERT INTO log_types (name) VALUES (?) ON CONFLICT (name) DO NOTHING"
# SQLite itself says what a document is: what it cannot read stays raw, so that no question ever fails of it.
_EVENT: Final = (
    "INSERT INTO log_events VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
    " iif(json_valid(?9), ?9, NULL), iif(json_valid(?9), NULL, ?10), ?11)"
)
_WORDS: Final = "INSERT INTO log_words (rowid, words) VALUES (?, ?)"


class EventsWriter:
    """Writes batches of events, within the limits. Belongs to its connection."""

    def __init__(self, connection: sqlite3.Connection, limits: str) -> None:
        self._connection, self._limits = connection, EventLimits.parse(limits)
        self._streams: dict[str, int] = {}
        self._types: dict[str, int] = {}

    def apply(self, events: Sequence[Recorded]) -> None:
        """Write what these events mean."""
        since = self._limits.since
        wanted = [event for event in events if since is None or event.created is None or event.created >= since]
        if not wanted:
            return
        self._write_names(wanted)
        self._connection.executemany(_EVENT, [self._row(event) for event in wanted])
        if not self._limits.headers_only:
            words = [(event.position, folded(searchable(event.data, event.metadata))) for event in wanted]
            self._connection.executemany(_WORDS, words)

    def finish(self) -> None:
        """Make the indexes."""
        for statement in _AT_THE_END:
            self._connection.execute(statement)

    def forget(self) -> None:
        """Look all numbers up again."""
        self._streams.clear()
        self._types.clear()

    def _write_names(self, events: Sequence[Recorded]) -> None:
        streams: dict[str, list[Any]] = {}
        for event in events:
            row = streams.setdefault(event.stream, [event.stream, 0])
            row[1:] = [row[1] + 1, microseconds(event.created), event.position, event.revision]
        types = dict.fromkeys(event.type for event in events)
        self._connection.executemany(_STREAM, streams.values())
        self._connection.executemany(_TYPE, [(name,) for name in types if name not in self._types])
        if len(self._streams) > MOST_REMEMBERED:
            self._streams.clear()
        self._look_up("log_streams", self._streams, streams)
        self._look_up("log_types", self._types, types)

    def _look_up(self, table: str, known: dict[str, int], names: Iterable[str]) -> None:
        for name in names:
            if name not in known:
                (known[name],) = self._connection.execute(f"SELECT id FROM {table} WHERE name = ?", [name]).fetchone()

    def _row(self, event: Recorded) -> tuple[object, ...]:
        kept = not self._limits.headers_only
        return (
            event.position,
            self._streams[event.stream],
            event.revision,
            self._types[event.type],
            microseconds(event.created),
            event.id.bytes,
            correlation_in(event.metadata),
            event.is_json,
            text_of(event.data) if kept else None,
            event.data if kept else None,
            event.metadata if kept else None,
        )


def microseconds(when: datetime | None) -> int | None:
    """Since 1970."""
    return None if when is None else (when - EPOCH) // _MICROSECOND


def text_of(data: bytes) -> str | None:
    """A payload as text from which the same bytes come back; None where there is none."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def correlation_in(metadata: bytes) -> str | None:
    """The id of the story that an event belongs to, in small letters."""
    if b"$correlationId" not in metadata:
        return None
    document = document_of(metadata)
    found = document.get("$correlationId") if isinstance(document, dict) else None
    return str(found).lower() if found else None


def value_at(path: JsonPath) -> str:
    """The value at a path of a payload, as an index and a question write it: only where both do alike is it used."""
    return "json_extract(json, '" + str(path).replace("'", "''") + "')"


def pin_path(connection: sqlite3.Connection, path: JsonPath) -> None:
    """Make an index of the values at a path, unless there is one; within a transaction."""
    if connection.execute("SELECT 1 FROM log_paths WHERE path = ?", [str(path)]).fetchone() is None:
        name = f"log_path_{sha256(str(path).encode()).hexdigest()[:12]}"
        connection.execute(f"CREATE INDEX {name} ON log_events ({value_at(path)})")
        connection.execute("INSERT INTO log_paths VALUES (?, ?)", [name, str(path)])


def unpin_path(connection: sqlite3.Connection, path: JsonPath) -> None:
    """Remove that index, if there is one; within a transaction."""
    for (name,) in connection.execute("SELECT name FROM log_paths WHERE path = ?", [str(path)]).fetchall():
        connection.execute(f"DROP INDEX {name}")
        connection.execute("DELETE FROM log_paths WHERE name = ?", [name])


def _feed(limits: str) -> Filter:
    categories = EventLimits.parse(limits).categories
    if not categories:
        return UNPROJECTED
    return Filter(f"^({'|'.join(map(re.escape, categories))})-")


EVENTS: Final = IndexPartSpec(IndexPart.EVENTS, 2, TABLES, EventsWriter, _feed)
