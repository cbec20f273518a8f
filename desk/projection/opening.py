"""Hop 7: opens or creates the read model's file, and says what was wrong with it and what was done.

A damaged file is moved aside (``read-model.sqlite.damaged-1``) and a read model of another version is emptied; both are
then built anew from the store. Nothing is lost: the read model is never the truth.
"""

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from desk.application.care import CareRefused
from desk.projection.schema import is_current, prepare, recreate

if TYPE_CHECKING:
    from sqlite_utils import Database

_COMPANIONS: Final = ("", "-wal", "-shm")
_ANEW: Final = "Restart to build it anew."


T = TypeVar("T")


class ReadModelTrouble(Exception):
    """The read model's file cannot be used as it is; the text is a sentence for people.

    ``damaged``: only :func:`open_read_model` can help, after everybody has closed the file.
    """

    def __init__(self, sentence: str, *, damaged: bool = False) -> None:
        super().__init__(sentence)
        self.damaged = damaged


def create_unread(path: Path, now: float) -> None:
    """Make a new read model that nobody reads until it is complete. Raises ReadModelTrouble, sqlite3.DatabaseError."""
    db = open_unread(path)
    try:
        recreate(db, now, unread=True)
    finally:
        db.close()


def open_read_model(path: Path, now: float) -> str:
    """Make sure that there is a usable read model. The caller holds the lock, and nobody has the file open.

    ``now`` is the present moment in seconds since 1970. Gives a sentence where what was there is built anew; else
    nothing. Raises ReadModelTrouble where the directory or the disk does not allow it.
    """
    try:
        return _open(path, now)
    except sqlite3.OperationalError as error:
        raise explain(error, path) from error
    except OSError as error:
        raise ReadModelTrouble(f"The read model {path} cannot be opened: {error.strerror or error}.") from error


def open_writer(path: Path) -> "Database":
    """The writing connection to a read model that :func:`open_read_model` has looked at."""
    return _opened(path, unread=False)


def open_unread(path: Path) -> "Database":
    """The writing connection to one of :func:`create_unread`: quicker, and worth nothing after a crash."""
    return _opened(path, unread=True)


def _opened(path: Path, *, unread: bool) -> "Database":
    db = _connected(path)
    try:
        prepare(db, unread=unread)
    except sqlite3.DatabaseError as error:
        db.close()
        raise explain(error, path) from error
    return db


def _connected(path: Path) -> "Database":
    # Loaded here, as who only reads a file has no use for it.
    from sqlite_utils import Database

    return Database(sqlite3.connect(path, timeout=5.0), execute_plugins=False)


def explain(error: sqlite3.DatabaseError, path: Path) -> ReadModelTrouble:
    """SQLite's error as one sentence that says what to do."""
    sentence = describe_trouble(error, f"The read model {path}", when_damaged=_ANEW, when_busy="Desk keeps trying.")
    return ReadModelTrouble(sentence, damaged=is_damage(error))


def describe_trouble(error: sqlite3.DatabaseError, file: str, *, when_damaged: str, when_busy: str) -> str:
    """The same of any file of ours; ``file`` begins the sentence."""
    code = _code(error)
    if code.startswith("SQLITE_FULL"):
        return f"The disk is full: {file[0].lower()}{file[1:]} cannot grow. Free some space."
    if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return f"{file} cannot be written. Check the directory's permissions."
    if is_damage(error):
        return f"{file} is damaged. {when_damaged}"
    if is_busy(error):
        return f"{file} is in use by another program. {when_busy}"
    return f"{file} cannot be used: {error}."


def fulfil(
    future: "Future[T]", work: Callable[[], T], path: Path, refused: Callable[[str], Exception] = CareRefused
) -> None:
    """Do the work: the future gets what comes of it. Trouble with the file is a refusal, in a sentence."""
    try:
        result = work()
    except ReadModelTrouble as trouble:
        future.set_exception(refused(str(trouble)))
    except sqlite3.DatabaseError as error:
        future.set_exception(refused(str(explain(error, path))))
    except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
        future.set_exception(error)
    else:
        future.set_result(result)


def is_trouble_of_the_file(error: Exception) -> bool:
    """Whether SQLite could not do it because of the file (locked, full, not writable, damaged), whatever was asked."""
    return isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError


def is_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the file is no database any more."""
    return _code(error).startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def is_busy(error: sqlite3.DatabaseError) -> bool:
    """Whether another program keeps the file to itself for now."""
    return _code(error).startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _code(error: sqlite3.DatabaseError) -> str:
    return getattr(error, "sqlite_errorname", "") or ""


def _open(path: Path, now: float) -> str:
    is_new = not path.exists()
    try:
        if _ensure_current(path, now) or is_new:
            return ""
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        moved_to = move_aside(path)
        _ensure_current(path, now)
        return f"The read model was damaged. It is being built anew; the damaged file is kept as {moved_to.name}."
    return "The read model is of another version of Desk. It is being built anew."


def _ensure_current(path: Path, now: float) -> bool:
    """True where the file was fine; else its tables were made. Raises sqlite3.DatabaseError where it is damaged."""
    db = _connected(path)
    try:
        prepare(db)
        if is_current(db):
            _probe(db)
            return True
        recreate(db, now)
        return False
    finally:
        db.close()


def _probe(db: "Database") -> None:
    """Read a little of everything, so that a damaged file is found now rather than later."""
    for table in ("books", "copies", "loans", "holds", "isbn_claims", "activity", "names", "counts", "parked_events"):
        db.conn.execute(f"SELECT * FROM {table} LIMIT 1").fetchone()
    db.conn.execute("SELECT rowid FROM books_fts WHERE books_fts MATCH 'a*' LIMIT 1").fetchone()


def move_aside(path: Path) -> Path:
    """Give a damaged database, and what SQLite keeps beside it, another name; the name. Raises OSError."""
    number = 1
    while (target := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    for ending in _COMPANIONS:
        companion = path.with_name(path.name + ending)
        if companion.exists():
            companion.rename(target.with_name(target.name + ending))
    return target
