"""Hop 9: the events of one stream, column by column, for the first paint of a history, and those of a correlation."""

import sqlite3
from array import array
from datetime import UTC, datetime
from sys import byteorder
from typing import Final
from uuid import UUID

from desk.application.catalogue import TracedEvent
from desk.application.command_events import kind_of
from desk.application.history import HistoryColumns

_EVENTS: Final = (
    "SELECT revision, position, shown_at, type, user, ifnull(causation_id, zeroblob(16)) FROM activity "
    "WHERE stream = (SELECT id FROM names WHERE name = ?) ORDER BY revision"
)
_OF_CORRELATION: Final = """
    SELECT a.event_id, s.name, a.revision, t.name, a.shown_at, u.name, a.causation_id, a.trigger_id
    FROM activity AS a JOIN names AS s ON s.id = a.stream JOIN names AS t ON t.id = a.type
        JOIN names AS u ON u.id = a.user
    WHERE a.correlation_id = ? ORDER BY a.position"""
_CHUNK: Final = 20_000


def read_history(connection: sqlite3.Connection, stream: str) -> HistoryColumns:
    """Everything that the read model has of a stream, in order of revision."""
    history = HistoryColumns(stream)
    types, users = _Names(connection, history.type_names), _Names(connection, history.user_names)
    kinds: dict[int, int] = {}
    cursor = connection.execute(_EVENTS, (stream,))
    while chunk := cursor.fetchmany(_CHUNK):
        revisions, positions, times, type_numbers, user_numbers, causations = zip(*chunk, strict=True)
        history.revisions.extend(revisions)
        history.positions.extend(positions)
        history.times.extend(times)
        indexes = types.indexes(type_numbers)
        kinds.update({index: int(kind_of(history.type_names[index])) for index in set(indexes) - kinds.keys()})
        history.types.extend(indexes)
        history.kinds.extend(array("B", [kinds[index] for index in indexes]))
        history.users.extend(users.indexes(user_numbers))
        halves = array("Q", b"".join(causations))
        if byteorder == "big":
            halves.byteswap()
        history.commands.extend(halves[1::2])
    return history


def read_trace(connection: sqlite3.Connection, correlation_id: UUID) -> tuple[TracedEvent, ...]:
    """The events of one correlation, in the order of the store."""
    return tuple(
        TracedEvent(
            UUID(bytes=event_id),
            stream,
            revision,
            type_name,
            datetime.fromtimestamp(shown_at, UTC),
            user,
            None if command is None else UUID(bytes=command),
            None if trigger is None else UUID(bytes=trigger),
        )
        for event_id, stream, revision, type_name, shown_at, user, command, trigger in connection.execute(
            _OF_CORRELATION, [correlation_id.bytes]
        )
    )


class _Names:
    """Numbers of names in the read model, and where they stand in a list of a history's own."""

    def __init__(self, connection: sqlite3.Connection, names: list[str]) -> None:
        self._connection, self._names = connection, names
        self._index: dict[int, int] = {}

    def indexes(self, numbers: tuple[int, ...]) -> "array[int]":
        """The index of each number's name; names that are new are added to the list."""
        for number in dict.fromkeys(numbers):
            if number not in self._index:
                self._index[number] = len(self._names)
                found = self._connection.execute("SELECT name FROM names WHERE id = ?", (number,)).fetchone()
                self._names.append(found[0])
        index = self._index
        return array("H", [index[number] for number in numbers])
