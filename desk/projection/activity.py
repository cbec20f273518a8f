"""Hop 7: one row for every event that the projection saw, whether it knows its type or not; a history's first paint."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from desk.cqrs.metadata import Metadata
from desk.cqrs.store import Recorded

# An event is shown at the time at which its command was issued, never before the event that it follows: that index
# answers with the last one of the stream, also of those that the same batch has written.
_RECORD: Final = """
    INSERT INTO activity (position, event_id, stream, revision, type, shown_at, recorded_at, user,
        correlation_id, causation_id, trigger_id)
    VALUES (?1, ?2, ?3, ?4, ?5,
        max(?6, ifnull((SELECT shown_at FROM activity WHERE stream = ?3 ORDER BY revision DESC LIMIT 1), ?6)),
        ?7, ?8, ?9, ?10, ?11)
    ON CONFLICT (position) DO NOTHING"""


def record(connection: sqlite3.Connection, events: Sequence[Recorded], metas: Sequence[Metadata]) -> None:
    """Write the rows of these events, within the transaction that the caller began."""
    users = [_storable(meta.user) for meta in metas]
    names = (name for event, user in zip(events, users, strict=True) for name in (event.stream, event.type, user))
    numbers = _numbers(connection, names)
    connection.executemany(
        _RECORD,
        [
            _row(event, meta, numbers[event.stream], numbers[event.type], numbers[user])
            for event, meta, user in zip(events, metas, users, strict=True)
        ],
    )


def _row(event: Recorded, meta: Metadata, stream: int, type_: int, user: int) -> tuple[object, ...]:
    recorded_at = None if event.created is None else event.created.timestamp()
    shown_at = recorded_at or 0.0 if meta.issued_at is None else meta.issued_at.timestamp()
    return (
        event.position,
        event.id.bytes,
        stream,
        event.revision,
        type_,
        shown_at,
        recorded_at,
        user,
        meta.correlation_id and meta.correlation_id.bytes,
        meta.causation_id and meta.causation_id.bytes,
        meta.trigger and meta.trigger.bytes,
    )


def _storable(user: str | None) -> str:
    """The user's name without what other programs may put into JSON and SQLite cannot keep."""
    return (user or "").encode(errors="replace").decode()


def _numbers(connection: sqlite3.Connection, names: Iterable[str]) -> dict[str, int]:
    """The number of every name, given in order of first appearance."""
    distinct = dict.fromkeys(names)
    connection.executemany("INSERT INTO names (name) VALUES (?) ON CONFLICT DO NOTHING", zip(distinct))
    find = "SELECT id FROM names WHERE name = ?"
    return {name: connection.execute(find, (name,)).fetchone()[0] for name in distinct}
