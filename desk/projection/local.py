"""What is this machine's own and no read model's: positions of process managers, the outbox, a small journal.

Rebuilding never touches it. Its loss is harmless, as reactions can be repeated; so a commit need not survive a power
cut.
"""

import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlite_utils import Database

from desk.cqrs.errors import StoreUnavailable

JOURNAL_LENGTH: Final = 1000
"""So many entries the journal keeps; older ones go."""

_SETTINGS: Final = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL")

_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS positions ("
    "name TEXT PRIMARY KEY, position INTEGER NOT NULL, event_id TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY, command_id TEXT NOT NULL UNIQUE, data BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS journal (id INTEGER PRIMARY KEY, noted_at REAL NOT NULL, text TEXT NOT NULL)",
)


class LocalFile:
    """``local.sqlite``. Safe to use from several threads; writing raises StoreUnavailable where the disk refuses."""

    def __init__(self, path: Path) -> None:
        self._guard = threading.Lock()
        connection = sqlite3.connect(path, timeout=5.0, check_same_thread=False)
        self._db = Database(connection, execute_plugins=False)
        try:
            for setting in _SETTINGS:
                self._db.conn.execute(setting).close()
            with self._db.atomic():
                for table in _TABLES:
                    self._db.execute(table)
        except sqlite3.DatabaseError:
            self._db.close()
            raise

    def load(self, name: str) -> tuple[int, UUID] | None:
        """Position and id of the last event that a process manager is done with; None before the first."""
        found = self._all("SELECT position, event_id FROM positions WHERE name = ?", name)
        return (found[0][0], UUID(found[0][1])) if found else None

    def save(self, name: str, position: int, event_id: UUID) -> None:
        """Keep the position."""
        self._write(
            "INSERT INTO positions (name, position, event_id) VALUES (?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET position = excluded.position, event_id = excluded.event_id",
            name,
            position,
            str(event_id),
        )

    def put(self, command_id: UUID, data: bytes) -> None:
        """Keep a command whose outcome is not known, in the form in which it can be sent again."""
        self._write(
            "INSERT INTO outbox (command_id, data) VALUES (?, ?)"
            " ON CONFLICT (command_id) DO UPDATE SET data = excluded.data",
            str(command_id),
            data,
        )

    def remove(self, command_id: UUID) -> None:
        """Forget a command: its outcome is known, or nobody wants it any more."""
        self._write("DELETE FROM outbox WHERE command_id = ?", str(command_id))

    def waiting(self) -> list[tuple[UUID, bytes]]:
        """The commands whose outcome is not known, the oldest first."""
        return [(UUID(id_), data) for id_, data in self._all("SELECT command_id, data FROM outbox ORDER BY id")]

    def note(self, text: str, at: datetime) -> None:
        """Add a line to the journal."""
        with self._guard, self._db.atomic():
            self._db.execute("INSERT INTO journal (noted_at, text) VALUES (?, ?)", [at.timestamp(), text])
            self._db.execute("DELETE FROM journal WHERE id <= (SELECT max(id) FROM journal) - ?", [JOURNAL_LENGTH])

    def journal(self) -> list[tuple[datetime, str]]:
        """The journal's lines, the newest first; times in UTC."""
        found = self._all("SELECT noted_at, text FROM journal ORDER BY id DESC")
        return [(datetime.fromtimestamp(at, UTC), text) for at, text in found]

    def close(self) -> None:
        """Close the file."""
        with self._guard:
            self._db.close()

    def _all(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self._guard:
            return self._db.execute(statement, values).fetchall()

    def _write(self, statement: str, *values: object) -> None:
        try:
            with self._guard, self._db.atomic():
                self._db.execute(statement, values)
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(f"The local file cannot be written: {error}.") from error


def open_local(path: Path) -> LocalFile:
    """The file, made anew where it is damaged: the old one is kept beside it. Raises sqlite3.OperationalError."""
    try:
        return LocalFile(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        path.replace(path.with_name(f"{path.name}.damaged"))
        return LocalFile(path)
