"""What is this machine's own and no read model's: how far each process manager is. Rebuilding never touches it.

Its loss is harmless, as reactions can be repeated; so a commit need not survive a power cut.
"""

import sqlite3
import threading
from pathlib import Path
from uuid import UUID

from sqlite_utils import Database


class LocalFile:
    """``local.sqlite``. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._guard = threading.Lock()
        connection = sqlite3.connect(path, timeout=5.0, check_same_thread=False)
        self._db = Database(connection, execute_plugins=False)
        for setting in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL"):
            self._db.conn.execute(setting).close()
        with self._db.atomic():
            self._db.execute(
                "CREATE TABLE IF NOT EXISTS positions ("
                "name TEXT PRIMARY KEY, position INTEGER NOT NULL, event_id TEXT NOT NULL) WITHOUT ROWID"
            )

    def load(self, name: str) -> tuple[int, UUID] | None:
        """Position and id of the last event that a process manager is done with; None before the first."""
        with self._guard:
            found = self._db.execute("SELECT position, event_id FROM positions WHERE name = ?", [name]).fetchone()
        return (found[0], UUID(found[1])) if found else None

    def save(self, name: str, position: int, event_id: UUID) -> None:
        """Keep the position."""
        with self._guard, self._db.atomic():
            self._db.execute(
                "INSERT INTO positions (name, position, event_id) VALUES (?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET position = excluded.position, event_id = excluded.event_id",
                [name, position, str(event_id)],
            )

    def close(self) -> None:
        """Close the file."""
        with self._guard:
            self._db.close()
