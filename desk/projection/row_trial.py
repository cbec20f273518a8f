"""Hop 7, once more and in memory: what events of one stream write, by the very handlers that write the read model."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from sqlite_utils import Database

from desk.application.inspection.rows import RowFate, RowsWritten, RowWritten
from desk.cqrs.registry import EventRegistry
from desk.cqrs.store import Recorded
from desk.projection.batch import BatchWriter
from desk.projection.schema import prepare, recreate

_TABLES: Final = {
    "books": ("SELECT * FROM books", ("book_id",)),
    "copies": ("SELECT * FROM copies", ("book_id", "copy_no")),
    "loans": ("SELECT * FROM loans", ("loan_id",)),
    "holds": ("SELECT * FROM holds", ("hold_id",)),
    "isbn_claims": ("SELECT * FROM isbn_claims", ("isbn",)),
    "activity": (
        "SELECT a.*, s.name AS stream, t.name AS type, u.name AS user FROM activity AS a "
        "JOIN names AS s ON s.id = a.stream JOIN names AS t ON t.id = a.type JOIN names AS u ON u.id = a.user",
        ("position",),
    ),
}
"""How the rows of each table are read, and which columns tell them apart. Ids and counts are those of the whole."""

_OF_THE_WHOLE: Final = {"id"}
_Rows = dict[tuple[str, tuple[Any, ...]], dict[str, Any]]


def row_trial(registry: EventRegistry) -> Callable[[Sequence[Recorded], Sequence[Recorded]], RowsWritten]:
    """What a session gets to try events with; safe to use from several threads."""

    def try_rows(before: Sequence[Recorded], then: Sequence[Recorded]) -> RowsWritten:
        numbered = _ascending([*before, *then])
        with closing(sqlite3.connect(":memory:")) as connection:
            db = Database(connection, execute_plugins=False)
            prepare(db, unread=True)
            recreate(db, 0.0, unread=True)
            writer = BatchWriter(db, registry, lambda: 0.0)
            failed = [*writer.write(numbered[: len(before)], naming=False).faults]
            earlier = _read(connection)
            failed += writer.write(numbered[len(before) :], naming=False).faults
            return RowsWritten(tuple(_differences(earlier, _read(connection))), _note(failed))

    return try_rows


def _ascending(events: Sequence[Recorded]) -> Sequence[Recorded]:
    """Some servers say no position in a stream's reading; the order is what counts here."""
    if all(one.position < other.position for one, other in pairwise(events)):
        return events
    return [replace(event, position=number) for number, event in enumerate(events, start=1)]


def _read(connection: sqlite3.Connection) -> _Rows:
    found: _Rows = {}
    for table, (select, keys) in _TABLES.items():
        cursor = connection.execute(select)
        names = [column[0] for column in cursor.description]
        for values in cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            found[table, tuple(row[key] for key in keys)] = row
    return found


def _differences(before: _Rows, after: _Rows) -> list[RowWritten]:
    keys = [*before, *(key for key in after if key not in before)]
    order = list(_TABLES)
    keys.sort(key=lambda key: order.index(key[0]))
    changed = (key for key in keys if before.get(key) != after.get(key))
    return [_difference(key, before.get(key), after.get(key)) for key in changed]


def _difference(
    key: tuple[str, tuple[Any, ...]], before: dict[str, Any] | None, after: dict[str, Any] | None
) -> RowWritten:
    old, new = before or {}, after or {}
    fate = RowFate.ADDED if before is None else RowFate.REMOVED if after is None else RowFate.CHANGED
    columns = tuple(
        (name, _plain(name, old.get(name)), _plain(name, new.get(name)))
        for name in (new or old)
        if old.get(name) != new.get(name) and name not in _OF_THE_WHOLE
    )
    table, values = key
    names = _TABLES[table][1]
    text = ", ".join(str(_plain(name, value)) for name, value in zip(names, values, strict=True))
    return RowWritten(table, text, fate, columns)


def _plain(column: str, value: Any) -> Any:
    """Ids and moments as people read them."""
    if isinstance(value, bytes):
        return str(UUID(bytes=value)) if len(value) == 16 else value.hex()
    if isinstance(value, float) and column.endswith("_at"):
        return datetime.fromtimestamp(value, UTC).isoformat(" ", "seconds").replace("+00:00", "Z")
    return value


def _note(failed: Sequence[tuple[Recorded, Exception]]) -> str:
    if not failed:
        return ""
    event, error = failed[0]
    return f"The projection fails at revision {event.revision}, and waits there: {error}"
