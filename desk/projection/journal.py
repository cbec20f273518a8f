"""The journal of commands: a table of ``local.sqlite`` behind a connection of its own, so that nobody waits for it.

The file is opened when it is first needed, and again after anything that went wrong.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlite_utils import Database

from desk.application.journal import JournalEntry, JournalFilter
from desk.cqrs.endings import End
from desk.cqrs.errors import StoreUnavailable
from desk.cqrs.metadata import instant_text

LENGTH: Final = 100_000
"""So many commands are kept; older ones go."""
PATIENCE: Final = 1.0
"""Seconds to wait for another writer of the same file."""

_SETUP: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "CREATE TABLE IF NOT EXISTS commands (number INTEGER PRIMARY KEY, command_id TEXT NOT NULL, stream TEXT NOT NULL,"
    " type TEXT NOT NULL, payload BLOB NOT NULL, user TEXT NOT NULL, origin TEXT NOT NULL, issued_at TEXT NOT NULL,"
    " milliseconds REAL NOT NULL, attempts INTEGER NOT NULL, ending TEXT NOT NULL, code TEXT NOT NULL,"
    " sentence TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS commands_by_id ON commands (command_id)",
    "CREATE INDEX IF NOT EXISTS commands_by_stream ON commands (stream)",
    "CREATE INDEX IF NOT EXISTS commands_by_ending ON commands (ending)",
    # What was refused before there was this journal had neither stream nor payload, and is not carried over.
    "DROP TABLE IF EXISTS refused",
)
_COLUMNS: Final = (
    "command_id, stream, type, payload, user, origin, issued_at, milliseconds, attempts, ending, code, sentence"
)
_ADD: Final = f"INSERT INTO commands ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_TRIM: Final = "DELETE FROM commands WHERE number <= (SELECT max(number) FROM commands) - ?"


class JournalTable:
    """The table. Safe to use from several threads; satisfies :class:`~desk.application.journal.KeptJournal`."""

    def __init__(self, path: Path, *, length: int = LENGTH) -> None:
        self._path, self._length = path, length
        self._db: Database | None = None
        self._guard = threading.Lock()

    def add(self, entries: Sequence[JournalEntry]) -> None:
        """As the port says."""
        rows = [_row(entry) for entry in entries]
        with self._opened() as db, db.atomic():
            db.conn.executemany(_ADD, rows)
            db.execute(_TRIM, [self._length])

    def entries(self, wanted: JournalFilter, limit: int) -> tuple[JournalEntry, ...]:
        """As the port says."""
        where, values = _where(wanted)
        statement = f"SELECT {_COLUMNS}, number FROM commands{where} ORDER BY number DESC LIMIT ?"
        with self._opened() as db:
            return tuple(_entry(row) for row in db.execute(statement, [*values, limit]).fetchall())

    def close(self) -> None:
        """Close the file."""
        with self._guard:
            self._forget()

    @contextmanager
    def _opened(self) -> Iterator[Database]:
        with self._guard:
            try:
                if self._db is None:
                    self._db = Database(
                        sqlite3.connect(self._path, timeout=PATIENCE, check_same_thread=False), execute_plugins=False
                    )
                    for statement in _SETUP:
                        self._db.execute(statement).close()
                yield self._db
            except sqlite3.Error as error:
                self._forget()
                raise StoreUnavailable(f"The journal in {self._path.name} cannot be used: {error}.") from error

    def _forget(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            db.close()


def _where(wanted: JournalFilter) -> tuple[str, list[object]]:
    conditions, values = list[str](), list[object]()
    if wanted.command_id is not None:
        conditions.append("command_id = ?")
        values.append(str(wanted.command_id))
    if wanted.stream is not None:
        conditions.append("stream = ?")
        values.append(wanted.stream)
    if wanted.ends:
        conditions.append(f"ending IN ({', '.join('?' * len(wanted.ends))})")
        values += [end.value for end in wanted.ends]
    return (f" WHERE {' AND '.join(conditions)}" if conditions else ""), values


def _row(entry: JournalEntry) -> tuple[object, ...]:
    return (
        str(entry.command_id),
        entry.stream,
        entry.type,
        entry.payload,
        entry.user,
        entry.origin,
        instant_text(entry.issued_at),
        entry.milliseconds,
        entry.attempts,
        entry.end.value,
        entry.code,
        entry.sentence,
    )


def _entry(row: tuple[Any, ...]) -> JournalEntry:
    values = dict(zip(_COLUMNS.split(", "), row[:-1], strict=True))
    values["command_id"], values["end"] = UUID(values["command_id"]), End(values.pop("ending"))
    values["issued_at"] = datetime.fromisoformat(values["issued_at"])
    return JournalEntry(**values, number=row[-1])
