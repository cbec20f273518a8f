"""Hop 7: one row for every event that the projection saw, whether it knows its type or not; a history's first paint."""

import sqlite3
from collections.abc import Sequence
from typing import Final

from desk.cqrs.metadata import Metadata
from desk.cqrs.store import Recorded

# An event is shown at the time at which its command was issued, never before the event that it follows: that index
# answers with the last one of the stream, also of those that the same batch has written.
_RECORD: Final = """
    INSERT INTO activity (position, event_id, stream, revision, type, recorded_at, user, correlation_id, causation_id,
        trigger_id, shown_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
        max(?, ifnull((SELECT shown_at FROM activity WHERE stream = ? ORDER BY revision DESC LIMIT 1), ?)))
    ON CONFLICT (position) DO NOTHING"""

_MOST_NAMES: Final = 50_000


class ActivityWriter:
    """Writes the rows of events, within transactions that the caller begins."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._numbers: dict[str, int] = {}

    def record(self, events: Sequence[Recorded], metas: Sequence[Metadata]) -> None:
        """Write one row for each event."""
        if len(self._numbers) > _MOST_NAMES:
            self.forget_names()
        rows = [self._row(event, meta) for event, meta in zip(events, metas, strict=True)]
        self._connection.executemany(_RECORD, rows)

    def forget_names(self) -> None:
        """To be called when a transaction was rolled back: names that it gave a number have none."""
        self._numbers.clear()

    def _row(self, event: Recorded, meta: Metadata) -> tuple[object, ...]:
        recorded_at = None if event.created is None else event.created.timestamp()
        shown_at = recorded_at or 0.0 if meta.issued_at is None else meta.issued_at.timestamp()
        stream = self._number(event.stream)
        return (
            event.position,
            event.id.bytes,
            stream,
            event.revision,
            self._number(event.type),
            recorded_at,
            self._number(_storable(meta.user)),
            meta.correlation_id and meta.correlation_id.bytes,
            meta.causation_id and meta.causation_id.bytes,
            meta.trigger and meta.trigger.bytes,
            shown_at,
            stream,
            shown_at,
        )

    def _number(self, name: str) -> int:
        """The number of a name, given in order of first appearance."""
        number = self._numbers.get(name)
        if number is None:
            found = self._connection.execute("SELECT id FROM names WHERE name = ?", (name,)).fetchone()
            if found is None:
                number = self._connection.execute("INSERT INTO names (name) VALUES (?)", (name,)).lastrowid or 0
            else:
                number = int(found[0])
            self._numbers[name] = number
        return number


def _storable(user: str | None) -> str:
    """The user's name without what other programs may put into JSON and SQLite cannot keep."""
    return (user or "").encode(errors="replace").decode()
