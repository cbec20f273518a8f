"""Looks through a log for damage, beside a running node or without one: ``desk node check``.

SQLite looks at its own pages; after that every event is read, in the order of positions, and must be the one that was
written; then what belongs together must be there. A page is read at a time, so that the node can go on folding its
write-ahead log meanwhile.
"""

import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from google.protobuf.message import DecodeError

from desk.node.care.links_check import broken_links
from desk.node.care.streams_check import broken_streams
from desk.node.records import LogError
from desk.node.schema import failures_of, open_for_reading
from desk.node.wire import id_bytes, recorded_event

PAGE: Final = 2000
_MOST_OF_SQLITE: Final = 20
_INSTRUCTIONS: Final = 1_000_000
"""Steps of SQLite's machine between two signs of life, while it looks at its pages: a few a second."""

ProgressShown = Callable[[str, float | None], None]
"""Is told what is looked at, and how much of it is done, from 0 to 1, where that is known."""

_Row = tuple[int, str | None, int, bytes, str, int, bytes, int | None]


def problems(path: Path, shown: ProgressShown) -> Iterator[str]:
    """What is wrong with a log: where, and what. Raises LogError where it cannot be read at all."""
    if not path.exists():
        raise LogError(f"There is no log at {path}; name its directory with --data.")
    with failures_of(path), closing(open_for_reading(path)) as connection:
        yield from _pages(connection, shown)
        yield from _events(connection, shown)
        shown("streams", None)
        yield from broken_streams(connection)
        shown("links", None)
        yield from broken_links(connection)
        shown("values", None)
        yield from _key_values(connection)


def _pages(connection: sqlite3.Connection, shown: ProgressShown) -> Iterator[str]:
    connection.set_progress_handler(lambda: shown("pages", None), _INSTRUCTIONS)
    shown("pages", None)
    try:
        for (text,) in connection.execute(f"PRAGMA integrity_check({_MOST_OF_SQLITE})"):
            if text != "ok":
                yield f"the file: SQLite says: {text.removeprefix('*** in database main ***').strip()}."
    finally:
        connection.set_progress_handler(None, 0)


def _events(connection: sqlite3.Connection, shown: ProgressShown) -> Iterator[str]:
    first, last = connection.execute(
        "SELECT coalesce((SELECT min(position) FROM events), 1), coalesce((SELECT max(position) FROM events), 0)"
    ).fetchone()
    before = first - 1
    while rows := _rows_after(connection, before):
        for row in rows:
            what = _wrong_with(row, before)
            if what is not None:
                yield f"event {row[0]} ({row[2]}@{row[1]}): {what}"
            before = max(row[0], before + 1)
        shown("events", min(1.0, (before - first + 1) / (last - first + 1)))


def _rows_after(connection: sqlite3.Connection, position: int) -> list[_Row]:
    return connection.execute(
        "SELECT position, streams.name, revision, event_id, type, created, response, checksum FROM events"
        " LEFT JOIN streams ON streams.id = events.stream WHERE position > ? ORDER BY position LIMIT ?",
        (position, PAGE),
    ).fetchall()


def _wrong_with(row: _Row, before: int) -> str | None:
    position, stream, revision, event_id, type, created, response, checksum = row
    if position <= before:
        return f"its position is not above the one before it, {before}."
    if stream is None:
        return "it belongs to no stream."
    if checksum is not None and zlib.crc32(response) != checksum:
        return "its bytes are not those that were written (wrong checksum)."
    try:
        event = recorded_event(response)
        told = (
            event.commit_position,
            event.stream_identifier.stream_name.decode(),
            event.stream_revision,
            id_bytes(event.id),
            event.metadata["type"],
            event.metadata["created"],
        )
    except (DecodeError, ValueError):
        return "its bytes cannot be read."
    kept = (position, stream, revision, event_id, type, str(created))
    if told != kept:
        return f"it is filed as {kept[:3]} and says of itself that it is {told[:3]}, or another event there."
    return None


def _key_values(connection: sqlite3.Connection) -> Iterator[str]:
    for owner, key, kind in connection.execute(
        "SELECT owner, key, typeof(value) FROM facts WHERE typeof(value) <> 'blob' OR typeof(owner) <> 'text'"
    ):
        yield f"the value {key!r} of {owner!r}: its value is of kind {kind}, and should be bytes."
