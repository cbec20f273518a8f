"""The log's file: its tables, how it is opened, and what its failures are called.

One row an event, in the order of positions, and two indexes: a stream by revision, and a stream by event id. The
second is what makes a repeated append known for ever; it is not unique, as one id may well be stored twice. Names of
streams are kept once, in a table of their own, so that the indexes stay small. ``checksum`` is the CRC-32 of
``response``, NULL where the event was written by version 1. ``key_values`` holds what parts of the node keep beside the
events: positions, settings of groups, users.
"""

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from desk.node.records import LogError, LogFull, LogUnavailable

APPLICATION_ID: Final = 0x4445534B  # "DESK": says of a file that it is ours
VERSION: Final = 2
"""Version 1 had neither checksums nor facts; its files are brought up to date when they are opened."""

_FACTS: Final = """
CREATE TABLE facts (
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (owner, key)
) WITHOUT ROWID;
"""

_SCHEMA: Final = f"""
BEGIN IMMEDIATE;
CREATE TABLE streams (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    event_id BLOB NOT NULL,
    type TEXT NOT NULL,
    created INTEGER NOT NULL,
    response BLOB NOT NULL,
    checksum INTEGER
);
CREATE UNIQUE INDEX events_by_revision ON events (stream, revision);
CREATE INDEX events_by_id ON events (stream, event_id);
CREATE TABLE head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    position INTEGER NOT NULL
);
INSERT INTO head (id, position) VALUES (1, 0);
{_FACTS}
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {VERSION};
COMMIT;
"""

_FROM_VERSION_1: Final = f"""
BEGIN IMMEDIATE;
ALTER TABLE events ADD COLUMN checksum INTEGER;
{_FACTS}
PRAGMA user_version = {VERSION};
COMMIT;
"""


def open_for_writing(path: Path) -> sqlite3.Connection:
    """The one connection that writes; makes the file if there is none. Raises LogError.

    Nothing is scanned: the header is checked, and SQLite replays what the write-ahead log holds.
    """
    with failures_of(path):
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
        return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    new = connection.execute("PRAGMA schema_version").fetchone() == (0,)
    if not new:
        _check_header(connection, path)
    if new:
        # A scavenge gives pages back to the disk a few at a time; only a new file can be told so.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    # Readers go on while an append commits, and a commit is one write to the end of one file.
    connection.execute("PRAGMA journal_mode = WAL")
    # A commit is on the disk before it is answered: an acknowledged append survives a power cut.
    connection.execute("PRAGMA synchronous = FULL")
    # On macOS an ordinary fsync stops at the disk's own cache; elsewhere this changes nothing.
    connection.execute("PRAGMA fullfsync = ON")
    # A checkpoint every 4 MiB (SQLite's own choice): a short write-ahead log is written over in place, and a commit
    # that does not lengthen its file is the cheapest.
    connection.execute("PRAGMA wal_autocheckpoint = 1000")
    # After a large import the write-ahead log gives its room back.
    connection.execute(f"PRAGMA journal_size_limit = {64 << 20}")
    # Indexes of a large log: 16 MiB of pages in memory.
    connection.execute("PRAGMA cache_size = -16384")
    if new:
        connection.executescript(_SCHEMA)
    elif connection.execute("PRAGMA user_version").fetchone() == (1,):
        connection.executescript(_FROM_VERSION_1)


def _check_header(connection: sqlite3.Connection, path: Path) -> None:
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application_id != APPLICATION_ID:
        raise LogError(f"{path} is a database of another program; name another directory with --data.")
    if version not in (1, VERSION):
        raise LogError(
            f"{path} has format {version} and this program reads {VERSION}; start the version of Desk that wrote it."
        )


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. Raises LogError."""
    with failures_of(path):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
        )
        # A page read touches a few dozen pages; more would only be held by each reader of the pool.
        connection.execute("PRAGMA cache_size = -4096")
        connection.execute("PRAGMA query_only = ON")
        return connection


class EventDamaged(sqlite3.DatabaseError):
    """An event differs from what was written, though SQLite found nothing wrong."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def whole(response: bytes, checksum: int | None, position: int) -> bytes:
    """A stored response, when it is what was written. Raises EventDamaged, which ``failures_of`` names."""
    if checksum is not None and zlib.crc32(response) != checksum:
        raise EventDamaged(f"the event at position {position} is not what was written")
    return response


@contextmanager
def failures_of(path: Path) -> Iterator[None]:
    """Turns what SQLite says of the file into a sentence that says what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _named(path, error) from error


def _named(path: Path, error: sqlite3.DatabaseError) -> LogError:
    extended = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    code = extended & 0xFF
    if code == sqlite3.SQLITE_FULL or extended == sqlite3.SQLITE_IOERR_WRITE:
        return LogFull(
            f"Nothing was written: the disk or quota of {path.parent} is full ({error}). "
            "Make room and try again; reading goes on meanwhile."
        )
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return LogUnavailable(
            f"{path} is damaged, or is not a log of events ({error}). `desk node check` says where;"
            " put a backup back, or move the file away to begin anew."
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN):
        return LogUnavailable(f"{path} cannot be written ({error}). Check the rights of file and directory.")
    if code == sqlite3.SQLITE_BUSY:
        return LogUnavailable(f"{path} is in use by another program ({error}). Close it and try again.")
    if code == sqlite3.SQLITE_IOERR:
        return LogUnavailable(f"{path} cannot be read or written ({error}). Check the disk.")
    raise error
