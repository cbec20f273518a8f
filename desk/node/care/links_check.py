"""Whether the links that the node wrote point to events: a part of ``desk node check``.

Anybody may write a link to nothing; those in streams of the system projections are the node's own. An event that was
scavenged, or whose stream was ended, explains a link that points to it.
"""

import sqlite3
from collections.abc import Iterator
from typing import Final

from google.protobuf.message import DecodeError

from desk.node.records import LINK_TYPE, MAX
from desk.node.wire import recorded_event

_OWN: Final = ("$ce-", "$et-", "$bc-", "$streams")
_MISNAMED: Final = ("$et-$metadata", "$et-$deleted")
"""Their links name the stream that was described, with the revision of the description, as the original's do."""

_PAGE: Final = 2000


def broken_links(connection: sqlite3.Connection) -> Iterator[str]:
    """Where a link points to nothing, and to what."""
    ends: dict[str, int] = {}
    for number, name in connection.execute("SELECT id, name FROM streams WHERE name LIKE '$%'").fetchall():
        if name.startswith(_OWN) and name not in _MISNAMED:
            yield from _broken_links_of(connection, number, name, ends)


def _broken_links_of(connection: sqlite3.Connection, number: int, name: str, ends: dict[str, int]) -> Iterator[str]:
    before = -1
    while rows := connection.execute(
        "SELECT position, revision, response FROM events WHERE stream = ? AND revision > ? AND type = ?"
        " ORDER BY revision LIMIT ?",
        (number, before, LINK_TYPE, _PAGE),
    ).fetchall():
        for position, revision, response in rows:
            text = _target(response)
            if text is not None and not _resolves(connection, text, ends):
                yield f"event {position} ({revision}@{name}): it is a link to {text!r}, which is not there."
        before = rows[-1][1]


def _target(response: bytes) -> str | None:
    """What a link says; None where it can't be read, which is told where events are looked at."""
    try:
        return recorded_event(response).data.decode("utf-8", errors="replace")
    except DecodeError:
        return None


def _resolves(connection: sqlite3.Connection, text: str, ends: dict[str, int]) -> bool:
    digits, _, stream = text.partition("@")
    if not digits.isdecimal() or not stream:
        return True  # copied from somebody else's stream, as it was
    if stream not in ends:
        if len(ends) > 100_000:
            ends.clear()
        ends[stream] = _end_of(connection, stream)
    return int(digits) <= ends[stream]


def _end_of(connection: sqlite3.Connection, stream: str) -> int:
    """The last revision up to which a link may point, events that were scavenged included; -1 for no stream."""
    row = connection.execute(
        "SELECT coalesce((SELECT max(revision) FROM events WHERE stream = streams.id), ?) FROM streams WHERE name = ?",
        (MAX, stream),
    ).fetchone()
    return -1 if row is None else int(row[0])
