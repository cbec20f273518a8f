"""Hop 3: ``snapshots.sqlite``: states of long streams. A cache: what cannot be read or written is not there."""

import json
import sqlite3
import threading
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlite_utils import Database

from desk.cqrs.snapshots import Snapshot

_SETTINGS: Final = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = OFF")
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS snapshots (stream TEXT PRIMARY KEY, state_schema TEXT NOT NULL,"
    " revision INTEGER NOT NULL, event_id TEXT NOT NULL, seen_commands TEXT NOT NULL, state BLOB NOT NULL)"
)
_FIND: Final = "SELECT state_schema, revision, event_id, seen_commands, state FROM snapshots WHERE stream = ?"
_KEEP: Final = (
    "INSERT INTO snapshots (stream, state_schema, revision, event_id, seen_commands, state) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (stream) DO UPDATE SET state_schema = excluded.state_schema, revision = excluded.revision,"
    " event_id = excluded.event_id, seen_commands = excluded.seen_commands, state = excluded.state"
)


class SnapshotFile:
    """Satisfies :class:`~desk.cqrs.snapshots.SnapshotShelf`. Raises sqlite3.DatabaseError for a damaged file."""

    def __init__(self, path: Path) -> None:
        self._guard = threading.Lock()
        self._db = Database(sqlite3.connect(path, timeout=0.5, check_same_thread=False), execute_plugins=False)
        try:
            for setting in _SETTINGS:
                self._db.conn.execute(setting).close()
            with self._db.atomic():
                self._db.conn.execute(_TABLE)
        except sqlite3.DatabaseError:
            self._db.close()
            raise

    def find(self, stream: str) -> Snapshot | None:
        try:
            with self._guard:
                found = self._db.conn.execute(_FIND, [stream]).fetchone()
            if found is None:
                return None
            schema, revision, event_id, commands, state = found
            seen = frozenset(UUID(command) for command in json.loads(commands))
            return Snapshot(stream, schema, revision, UUID(event_id), seen, state)
        except (sqlite3.Error, ValueError, TypeError, AttributeError):
            return None

    def keep(self, snapshot: Snapshot) -> None:
        commands = json.dumps([str(command) for command in snapshot.commands])
        row = (snapshot.schema, snapshot.revision, str(snapshot.event_id), commands, snapshot.state)
        try:
            with self._guard, self._db.atomic():
                self._db.conn.execute(_KEEP, [snapshot.stream, *row])
        except sqlite3.Error:
            return  # the stream is read from its beginning, as ever

    def close(self) -> None:
        with self._guard:
            self._db.close()


def open_snapshots(path: Path) -> SnapshotFile | None:
    """The file, made anew where it is damaged; None where the disk allows none."""
    try:
        return SnapshotFile(path)
    except sqlite3.OperationalError:
        return None
    except sqlite3.DatabaseError:
        pass
    try:
        for ending in ("", "-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        return SnapshotFile(path)
    except (sqlite3.DatabaseError, OSError):
        return None
