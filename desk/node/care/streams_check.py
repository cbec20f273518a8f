"""Whether each stream of a log is whole: a part of ``desk node check``.

A stream's revisions follow one another. Only its beginning may be missing, taken away by a scavenge, which leaves
reasons behind: the stream has metadata, is a metadata stream, or was ended for ever.
"""

import sqlite3
from collections.abc import Iterator

from desk.node.records import MAX

_EXTENTS = """
SELECT stream, name, first, last, events, ended,
    EXISTS (SELECT 1 FROM streams WHERE name = '$$' || found.name),
    EXISTS (SELECT 1 FROM events JOIN streams ON streams.id = events.stream
            WHERE streams.name = substr(found.name, 3) AND revision = :max)
FROM (
    SELECT streams.id AS stream, name, min(revision) AS first,
        max(CASE WHEN revision = :max THEN NULL ELSE revision END) AS last, count(revision) AS events,
        coalesce(max(revision) = :max, 0) AS ended
    FROM streams LEFT JOIN events ON events.stream = streams.id GROUP BY streams.id
) AS found
WHERE first <> 0 OR first IS NULL OR last - first + 1 + ended <> events
"""
"""Streams that are not simply all there, from revision 0 to their last one."""


def broken_streams(connection: sqlite3.Connection) -> Iterator[str]:
    """Where something is missing, and what."""
    rows = connection.execute(_EXTENTS, {"max": MAX}).fetchall()
    for stream, name, first, last, events, ended, described, base_ended in rows:
        where = f"stream {name!r}"
        scavenged = ended or (name.startswith("$$") and base_ended)
        if events == 0:
            if not scavenged:
                yield f"{where}: it has no events, though it had some."
        elif last is not None:
            if first > 0 and not (scavenged or described or name.startswith("$$")):
                yield f"{where}: its events before revision {first} are missing, and no scavenge has taken them."
            if last - first + 1 + ended != events:
                yield f"{where}: revision {_first_missing(connection, stream, first)} is missing in the middle of it."
    (heads,) = connection.execute("SELECT count(*) FROM head").fetchone()
    if heads != 1:
        yield f"table head: it has {heads} rows instead of one."


def _first_missing(connection: sqlite3.Connection, stream: int, first: int) -> int:
    expected = first
    for (revision,) in connection.execute("SELECT revision FROM events WHERE stream = ? ORDER BY revision", (stream,)):
        if revision != expected:
            break
        expected += 1
    return expected
