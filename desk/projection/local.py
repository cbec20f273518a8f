"""What is this machine's own and no read model's: positions of process managers and the deadlines of one of them, the
outbox, folds of the user's own, the journal of acts by hand, and what is
remembered of the store. The journal of commands is in the same file, see
:mod:`desk.projection.journal`.

Rebuilding never touches it. Its loss is harmless, as reactions can be repeated; so a commit need not survive a power
cut.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from desk.application.acts import ActEntry
from desk.application.bookmarks import Bookmark
from desk.application.pickup import Deadline
from desk.cqrs.errors import StoreUnavailable
from desk.cqrs.known_store import Acquaintance, Witness
from desk.cqrs.metadata import instant_text
from desk.projection.opening import describe_trouble, is_busy, is_damage, is_trouble_of_the_file, move_aside

PATIENCE: Final = 3.0
"""Seconds that one waits for another program to let go of the file."""

_SETTINGS: Final = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL")

_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS positions ("
    "name TEXT PRIMARY KEY, position INTEGER NOT NULL, event_id TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS deadlines ("
    "hold_id TEXT PRIMARY KEY, set_aside_event_id TEXT NOT NULL, book_id TEXT NOT NULL, due_on TEXT NOT NULL,"
    " correlation_id TEXT NOT NULL) WITHOUT ROWID",
    # One row: what the store is called here, and what the first one was.
    "CREATE TABLE IF NOT EXISTS known_store (id INTEGER PRIMARY KEY CHECK (id = 1), first_key TEXT NOT NULL,"
    " key TEXT NOT NULL, store_id TEXT)",
    "CREATE TABLE IF NOT EXISTS witnesses (position INTEGER PRIMARY KEY, event_id TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS followed (name TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS folds ("
    "category TEXT PRIMARY KEY, path TEXT NOT NULL, sha256 TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS acts (number INTEGER PRIMARY KEY, at TEXT NOT NULL, user TEXT NOT NULL,"
    " act TEXT NOT NULL, detail TEXT NOT NULL, ending TEXT)",
    "CREATE TABLE IF NOT EXISTS bookmarks (stream TEXT NOT NULL, revision INTEGER NOT NULL, note TEXT NOT NULL,"
    " made_at TEXT NOT NULL, PRIMARY KEY (stream, revision)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY, command_id TEXT NOT NULL UNIQUE, data BLOB NOT NULL)",
)


def _upsert(table: str, key: str, *others: str) -> str:
    """Keeps a row in place of that with the same key; columns are separated by commas."""
    columns = ", ".join((key, *others))
    sets = ", ".join(f"{column} = excluded.{column}" for column in others)
    marks = ", ".join("?" * (columns.count(",") + 1))
    return f"INSERT INTO {table} ({columns}) VALUES ({marks}) ON CONFLICT ({key}) DO UPDATE SET {sets}"


_SAVE: Final = _upsert("positions", "name", "position", "event_id")
_SET_DEADLINE: Final = _upsert("deadlines", "hold_id", "set_aside_event_id", "book_id", "due_on", "correlation_id")
_REMEMBER: Final = (
    "INSERT INTO known_store (id, first_key, key, store_id) VALUES (1, :key, :key, :store_id)"
    " ON CONFLICT (id) DO UPDATE SET key = excluded.key, store_id = excluded.store_id"
)
_FOLLOW: Final = _upsert("followed", "name", "key")
_FOLLOWED: Final = "SELECT coalesce((SELECT key FROM followed WHERE name = ?), first_key) FROM known_store"
_KEEP_FOLD: Final = _upsert("folds", "category", "path", "sha256")
_KEEP_BOOKMARK: Final = _upsert("bookmarks", "stream, revision", "note", "made_at")
_PUT: Final = _upsert("outbox", "command_id", "data")


class LocalFileTrouble(Exception):
    """The file cannot be opened; the text is a sentence for people."""


class LocalFile:
    """``local.sqlite``. Safe to use from several threads. Reading and writing raise StoreUnavailable while the file is
    in trouble (locked, damaged, no room); ``on_trouble`` is called with the sentence, once until it works again.

    ``found`` is a sentence where a damaged file was put aside, else empty.
    """

    def __init__(self, path: Path, found: str = "") -> None:
        self._path, self.found = path, found
        self.on_trouble: Callable[[str], None] = lambda _sentence: None
        self._guard = threading.Lock()
        self._trouble = ""
        from sqlite_utils import Database  # here, as who only looks into a store has no use for it

        connection = sqlite3.connect(path, timeout=PATIENCE, check_same_thread=False)
        self._db = Database(connection, execute_plugins=False)
        try:
            for setting in _SETTINGS:
                self._db.conn.execute(setting).close()
            with self._db.atomic():
                for table in _TABLES:
                    self._db.execute(table)
            for table in self._db.table_names():  # damage is to be found now rather than later
                self._db.execute(f'SELECT * FROM "{table}" LIMIT 1').fetchone()
        except sqlite3.DatabaseError:
            self._db.close()
            raise

    def load(self, name: str) -> tuple[int, UUID] | None:
        """Position and id of the last event that a process manager is done with; None before the first."""
        found = self._all("SELECT position, event_id FROM positions WHERE name = ?", name)
        return (found[0][0], UUID(found[0][1])) if found else None

    def save(self, name: str, position: int, event_id: UUID) -> None:
        """Keep the position."""
        self._write(_SAVE, name, position, str(event_id))

    def acquaintance(self) -> Acquaintance | None:
        """What is remembered of the store; None before the first time."""
        found = self._all("SELECT key, store_id FROM known_store")
        if not found:
            return None
        key, store_id = found[0]
        witnesses = self._all("SELECT position, event_id FROM witnesses ORDER BY position")
        return Acquaintance(
            UUID(key),
            None if store_id is None else UUID(store_id),
            tuple(Witness(position, UUID(event_id)) for position, event_id in witnesses),
        )

    def remember(self, acquaintance: Acquaintance) -> None:
        """Keep this, in place of what was remembered of the store."""
        store_id = None if acquaintance.store_id is None else str(acquaintance.store_id)
        with self._writing():
            self._db.execute(_REMEMBER, {"key": str(acquaintance.key), "store_id": store_id})
            self._db.execute("DELETE FROM witnesses")
            for witness in acquaintance.witnesses:
                values = [witness.position, str(witness.event_id)]
                self._db.execute("INSERT INTO witnesses (position, event_id) VALUES (?, ?)", values)

    def followed(self, name: str) -> UUID:
        """Which store the checkpoint of this name is of; the first one where nothing was noted."""
        return UUID(self._all(_FOLLOWED, name)[0][0])

    def begin_anew(self, name: str, key: UUID) -> None:
        """Forget the position of this name, and note which store it follows from now on, in one transaction."""
        with self._writing():
            self._db.execute("DELETE FROM positions WHERE name = ?", [name])
            self._db.execute(_FOLLOW, [name, str(key)])

    def set_deadline(self, name: str, position: int, event_id: UUID, deadline: Deadline) -> None:
        """Keep a deadline, in place of an earlier one of this hold, and the position, in one transaction."""
        values = (
            str(deadline.hold_id),
            str(deadline.set_aside_event_id),
            str(deadline.book_id),
            deadline.due_on.isoformat(),
            str(deadline.correlation_id),
        )
        with self._writing():
            self._db.execute(_SET_DEADLINE, values)
            self._db.execute(_SAVE, (name, position, str(event_id)))

    def end_deadline(self, name: str, position: int, event_id: UUID, hold_id: UUID) -> None:
        """Remove a hold's deadline, and keep the position, in one transaction."""
        with self._writing():
            self._db.execute("DELETE FROM deadlines WHERE hold_id = ?", [str(hold_id)])
            self._db.execute(_SAVE, (name, position, str(event_id)))

    def drop_deadline(self, set_aside_event_id: UUID) -> None:
        """Remove the deadline that this event has set, if it is still there."""
        self._write("DELETE FROM deadlines WHERE set_aside_event_id = ?", str(set_aside_event_id))

    def overdue(self, today: date) -> list[Deadline]:
        """The deadlines whose last day is before ``today``, in the order of that day."""
        found = self._all(
            "SELECT hold_id, set_aside_event_id, book_id, due_on, correlation_id FROM deadlines"
            " WHERE due_on < ? ORDER BY due_on, hold_id",
            today.isoformat(),
        )
        return [
            Deadline(UUID(hold), UUID(event), UUID(book), date.fromisoformat(due_on), UUID(correlation))
            for hold, event, book, due_on, correlation in found
        ]

    def put(self, command_id: UUID, data: bytes) -> None:
        """Keep a command whose outcome is not known, in the form in which it can be sent again."""
        self._write(_PUT, str(command_id), data)

    def remove(self, command_id: UUID) -> None:
        """Forget a command: its outcome is known, or nobody wants it any more."""
        self._write("DELETE FROM outbox WHERE command_id = ?", str(command_id))

    def waiting(self) -> list[tuple[UUID, bytes]]:
        """The commands whose outcome is not known, the oldest first."""
        return [(UUID(id_), data) for id_, data in self._all("SELECT command_id, data FROM outbox ORDER BY id")]

    def folds(self) -> list[tuple[str, str, str]]:
        """The folds of the user's own: category, path, and the hash of the file as it was last run."""
        return [(row[0], row[1], row[2]) for row in self._all("SELECT category, path, sha256 FROM folds")]

    def keep_fold(self, category: str, path: str, sha256: str) -> None:
        """Keep which file folds a category, in place of an earlier one."""
        self._write(_KEEP_FOLD, category, path, sha256)

    def forget_fold(self, category: str) -> None:
        """No file folds this category."""
        self._write("DELETE FROM folds WHERE category = ?", category)

    def begin_act(self, at: datetime, user: str, act: str, detail: str) -> int:
        """Note an act by hand before it is done; its number."""
        with self._writing():
            values = [instant_text(at), user, act, detail]
            self._db.execute("INSERT INTO acts (at, user, act, detail) VALUES (?, ?, ?, ?)", values)
            return int(self._db.execute("SELECT last_insert_rowid()").fetchone()[0])

    def end_act(self, number: int, ending: str) -> None:
        """Note how it ended: empty, or a sentence."""
        self._write("UPDATE acts SET ending = ? WHERE number = ?", ending, number)

    def acts(self, limit: int) -> tuple[ActEntry, ...]:
        """The last acts, the newest first."""
        found = self._all("SELECT number, at, user, act, detail, ending FROM acts ORDER BY number DESC LIMIT ?", limit)
        return tuple(ActEntry(row[0], datetime.fromisoformat(row[1]), *row[2:]) for row in found)

    def bookmarks(self, stream: str) -> tuple[Bookmark, ...]:
        """As :class:`~desk.application.bookmarks.KeptBookmarks` says, and so do the next two."""
        found = self._all("SELECT revision, note, made_at FROM bookmarks WHERE stream = ? ORDER BY revision", stream)
        return tuple(Bookmark(stream, row[0], row[1], datetime.fromisoformat(row[2])) for row in found)

    def keep_bookmark(self, bookmark: Bookmark) -> None:
        """Keep it, in place of an earlier one at the same event."""
        made_at = instant_text(bookmark.made_at)
        self._write(_KEEP_BOOKMARK, bookmark.stream, bookmark.revision, bookmark.note, made_at)

    def forget_bookmark(self, stream: str, revision: int) -> None:
        """There is none at this event."""
        self._write("DELETE FROM bookmarks WHERE stream = ? AND revision = ?", stream, revision)

    def close(self) -> None:
        """Close the file."""
        with self._guard:
            self._db.close()

    def _all(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self._using():
            return self._db.execute(statement, values).fetchall()

    def _write(self, statement: str, *values: object) -> None:
        with self._writing():
            self._db.execute(statement, values)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._using(), self._db.atomic():
            yield

    @contextmanager
    def _using(self) -> Iterator[None]:
        try:
            with self._guard:
                yield
        except sqlite3.DatabaseError as error:
            if not is_trouble_of_the_file(error):
                raise
            sentence = _sentence(error, self._path)
            if sentence != self._trouble:
                self._trouble = sentence
                self.on_trouble(sentence)
            raise StoreUnavailable(sentence) from error
        else:
            self._trouble = ""


def open_local(path: Path) -> LocalFile:
    """The file, made anew where it is damaged: the old one is kept beside it. One that is locked is waited for.

    Raises LocalFileTrouble.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return _opened(path)
        except OSError as error:
            raise LocalFileTrouble(f"The local file {path} cannot be put aside: {error.strerror or error}.") from error
        except sqlite3.DatabaseError as error:
            # Some locks are refused at once, whatever the patience of the connection.
            if not is_busy(error) or time.monotonic() >= deadline:
                raise LocalFileTrouble(_sentence(error, path, "Close that one, then open Desk again.")) from error
        time.sleep(0.1)


def _opened(path: Path) -> LocalFile:
    try:
        return LocalFile(path)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
    kept = move_aside(path)
    return LocalFile(
        path,
        "The local file was damaged. What it kept of this machine begins anew: commands whose end was not known, the "
        f"journal, how far the process managers were. The damaged file is kept as {kept.name}.",
    )


def _sentence(error: sqlite3.DatabaseError, path: Path, when_busy: str = "Try again once that is done with it.") -> str:
    damaged = "Restart Desk: it is put aside then."
    return describe_trouble(error, f"The local file {path}", when_damaged=damaged, when_busy=when_busy)
