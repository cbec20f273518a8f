"""Hop 7, for what was: the event index's file: opened, its parts' checkpoints read and moved, damage put aside.

One process writes (the one that holds the read model's lock), any may read. Nothing is lost with it.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final
from uuid import UUID

from desk.cqrs.known_store import Witness
from desk.projection.index.part import IndexPartSpec
from desk.projection.opening import is_damage, is_trouble_of_the_file, move_aside
from desk.records import dataclass

_PARTS: Final = """
    CREATE TABLE IF NOT EXISTS parts (
        name TEXT PRIMARY KEY,
        version INTEGER NOT NULL,
        complete INTEGER NOT NULL DEFAULT 0,
        paused INTEGER NOT NULL DEFAULT 0,
        limits TEXT NOT NULL,
        position INTEGER,
        event_id BLOB,
        events INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID"""
_SETTINGS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA cache_size = -65536",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA journal_size_limit = 8388608",
    "PRAGMA wal_autocheckpoint = 16000",
)


@dataclass(frozen=True, slots=True)
class PartRow:
    """How far a part is. ``complete``: it has had all that was there once, and its indexes are made."""

    version: int
    complete: bool
    paused: bool
    limits: str
    position: int | None
    event_id: UUID | None
    events: int

    @property
    def checkpoint(self) -> Witness | None:
        """The last event that is in it."""
        if self.position is None or self.event_id is None:
            return None
        return Witness(self.position, self.event_id)


def ensure_file(path: Path) -> Path | None:
    """Make the file where there is none; one that is damaged is put aside first, and its new name comes back.

    Nobody may have it open. Raises sqlite3.OperationalError, OSError where the directory or the disk says no.
    """
    try:
        _probe(path)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        moved_to = move_aside(path)
        _probe(path)
        return moved_to
    return None


def connect(path: Path) -> sqlite3.Connection:
    """The writing connection; statements are transactions of their own unless within :func:`transaction`."""
    connection = sqlite3.connect(path, timeout=5.0, isolation_level=None, check_same_thread=False)
    try:
        for setting in _SETTINGS:
            connection.execute(setting).close()
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is written within, or none of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # a full disk has rolled back by itself
            connection.rollback()
        raise
    connection.commit()


def read_parts(path: Path) -> Mapping[str, PartRow]:
    """How far each part is; none where there is no file, or it cannot be read now."""
    if not path.exists():
        return {}
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=2.0)) as reader:
            return _read(reader)
    except sqlite3.DatabaseError as error:
        if not is_trouble_of_the_file(error):
            raise
        return {}


def read_part(connection: sqlite3.Connection, spec: IndexPartSpec) -> PartRow | None:
    """How far this part is; None where it is absent."""
    return _read(connection).get(spec.name)


def create_part(connection: sqlite3.Connection, spec: IndexPartSpec, limits: str) -> None:
    """Its tables, empty, in place of whatever was there; within a transaction."""
    drop_part(connection, spec)
    for statement in spec.tables.values():
        connection.execute(statement)
    connection.execute("INSERT INTO parts (name, version, limits) VALUES (?, ?, ?)", [spec.name, spec.version, limits])


def drop_part(connection: sqlite3.Connection, spec: IndexPartSpec) -> None:
    """Nothing is left of it; within a transaction."""
    kinds: dict[str, str] = dict(connection.execute("SELECT name, type FROM sqlite_master"))
    for name in reversed(tuple(spec.tables)):
        if name in kinds:
            connection.execute(f"DROP {kinds[name].upper()} {name}")
    connection.execute("DELETE FROM parts WHERE name = ?", [spec.name])


def move_checkpoint(connection: sqlite3.Connection, spec: IndexPartSpec, last: Witness, events: int) -> None:
    """So many more events are in it, up to this one; within the transaction that wrote them."""
    connection.execute(
        "UPDATE parts SET position = ?, event_id = ?, events = events + ? WHERE name = ?",
        [last.position, last.event_id.bytes, events, spec.name],
    )


def mark(connection: sqlite3.Connection, spec: IndexPartSpec, *, paused: bool = False, complete: bool = False) -> None:
    """Note that it is paused or goes on, and that it is complete from now on."""
    connection.execute(
        "UPDATE parts SET paused = ?, complete = max(complete, ?) WHERE name = ?", [paused, complete, spec.name]
    )


def _probe(path: Path) -> None:
    with closing(connect(path)) as connection:
        connection.execute(_PARTS)
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        ).fetchall()
        for (table,) in tables:  # damage is to be found now rather than later
            connection.execute(f'SELECT * FROM "{table}" LIMIT 1').fetchone()


def _read(connection: sqlite3.Connection) -> dict[str, PartRow]:
    columns = "name, version, complete, paused, limits, position, event_id, events"
    return {
        name: PartRow(version, bool(complete), bool(paused), limits, position, id_ and UUID(bytes=id_), events)
        for name, version, complete, paused, limits, position, id_, events in connection.execute(
            f"SELECT {columns} FROM parts"
        )
    }
