"""Hop 7: one row for every event that the projection saw, whether it knows its type or not; a history's first paint."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final
from uuid import UUID

from desk.cqrs.metadata import Metadata
from desk.cqrs.store import Recorded
from desk.projection.changes import RowChange, Values

_RECORD: Final = RowChange(
    "INSERT INTO activity (position, event_id, stream, revision, type, recorded_at, user, correlation_id, "
    "causation_id, trigger_id, shown_at) VALUES {rows} ON CONFLICT (position) DO NOTHING",
    11,
)
_NAME: Final = RowChange("INSERT INTO names (id, name) VALUES {rows}", 2)
_SHOW: Final = RowChange("UPDATE names SET shown_at = column2 FROM (VALUES {rows}) AS v WHERE names.id = column1", 2)

_MOST_NAMES: Final = 50_000
_AT_ONCE: Final = 500


class ActivityWriter:
    """Writes the rows of events, within transactions that the caller begins."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._numbers: dict[str, int] = {}
        self._shown: dict[int, float] = {}
        self._next = 0

    def record(self, events: Sequence[Recorded], metas: Sequence[Metadata]) -> None:
        """Write one row for each event."""
        users = [_storable(meta.user) for meta in metas]
        streams = dict.fromkeys(event.stream for event in events)
        seen = ((event.stream, event.type, user) for event, user in zip(events, users, strict=True))
        self._learn(dict.fromkeys(chain.from_iterable(seen)))
        rows = [self._row(event, meta, user) for event, meta, user in zip(events, metas, users, strict=True)]
        _RECORD.write(self._connection, rows)
        numbers = (self._numbers[stream] for stream in streams)
        _SHOW.write(self._connection, [(number, self._shown[number]) for number in numbers])

    def forget_names(self) -> None:
        """To be called when a transaction was rolled back: names that it gave a number have none."""
        self._numbers.clear()
        self._shown.clear()
        self._next = 0

    def _row(self, event: Recorded, meta: Metadata, user: str) -> Values:
        stream = self._numbers[event.stream]
        recorded_at = None if event.created is None else event.created.timestamp()
        issued_at = recorded_at or 0.0 if meta.issued_at is None else meta.issued_at.timestamp()
        # An event is shown at the time at which its command was issued, never before the event that it follows.
        shown_at = self._shown[stream] = max(issued_at, self._shown.get(stream, issued_at))
        return (
            event.position,
            event.id.bytes,
            stream,
            event.revision,
            self._numbers[event.type],
            recorded_at,
            self._numbers[user],
            _bytes(meta.correlation_id),
            _bytes(meta.causation_id),
            _bytes(meta.trigger),
            shown_at,
        )

    def _learn(self, names: Iterable[str]) -> None:
        """Know the number of each name; new ones are given one in order of first appearance."""
        if len(self._numbers) > _MOST_NAMES:
            self.forget_names()
        unknown = [name for name in names if name not in self._numbers]
        if not unknown:
            return
        for part in _parts(unknown):
            marks = ", ".join("?" * len(part))
            found = self._connection.execute(f"SELECT name, id, shown_at FROM names WHERE name IN ({marks})", part)
            for name, number, shown_at in found.fetchall():
                self._numbers[name] = number
                if shown_at is not None:
                    self._shown[number] = shown_at
        self._number([name for name in unknown if name not in self._numbers])

    def _number(self, new: Sequence[str]) -> None:
        if not self._next:
            (last,) = self._connection.execute("SELECT ifnull(max(id), 0) FROM names").fetchone()
            self._next = last + 1
        rows = list(enumerate(new, start=self._next))
        _NAME.write(self._connection, rows)
        self._next += len(rows)
        self._numbers.update((name, number) for number, name in rows)


def _parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE))


def _bytes(id_: UUID | None) -> bytes | None:
    return None if id_ is None else id_.bytes


def _storable(user: str | None) -> str:
    """The user's name without what other programs may put into JSON and SQLite cannot keep."""
    return (user or "").encode(errors="replace").decode()
