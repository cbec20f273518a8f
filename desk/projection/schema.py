"""Hop 7: the read model's tables, their version, and how they are made anew.

Everything here can be deleted at any time: it follows from the store's events. Ids are 16 bytes, dates ISO text,
moments seconds since 1970 (UTC), positions and revisions those of the store. Lists are JSON. ``revision`` is that of
the last event that changed the row and keeps an older event from changing it again.
"""

from typing import TYPE_CHECKING, Final

from desk.projection.books import search_words
from desk.projection.group import CATALOGUE

if TYPE_CHECKING:
    from sqlite_utils import Database

GROUP: Final = CATALOGUE.name

_LAYOUT: Final = 5
"""To be raised with every change of the tables in this module: the read model is then built anew."""

VERSION: Final = CATALOGUE.version ^ _LAYOUT
"""Of the whole file; follows from the versions of the projections."""

_TABLES: Final = {
    # Names of streams, event types and users, each once: a history of millions stays small and quick. A stream's has
    # the time at which its last event is shown.
    "names": "CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, shown_at REAL)",
    "activity": """
        CREATE TABLE activity (
            position INTEGER PRIMARY KEY,
            event_id BLOB NOT NULL,
            stream INTEGER NOT NULL REFERENCES names,
            revision INTEGER NOT NULL,
            type INTEGER NOT NULL REFERENCES names,
            shown_at REAL NOT NULL,
            recorded_at REAL,
            user INTEGER NOT NULL REFERENCES names,
            correlation_id BLOB,
            causation_id BLOB,
            trigger_id BLOB
        )""",
    "checkpoints": """
        CREATE TABLE checkpoints (
            name TEXT PRIMARY KEY,
            version INTEGER NOT NULL,
            position INTEGER,
            event_id BLOB,
            events INTEGER NOT NULL DEFAULT 0,
            skipped INTEGER NOT NULL DEFAULT 0,
            state TEXT NOT NULL DEFAULT 'rebuilding',
            updated_at REAL NOT NULL
        ) WITHOUT ROWID""",
    "parked_events": """
        CREATE TABLE parked_events (
            name TEXT NOT NULL,
            event_id BLOB NOT NULL,
            stream TEXT NOT NULL,
            revision INTEGER NOT NULL,
            position INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            error TEXT NOT NULL,
            traceback TEXT NOT NULL,
            parked_at REAL NOT NULL,
            state TEXT NOT NULL,
            PRIMARY KEY (name, position)
        ) WITHOUT ROWID""",
}

# A person's decision follows from no event: this table is kept when the others are made anew.
_KEPT: Final = {
    "skipped_events": """
        CREATE TABLE IF NOT EXISTS skipped_events (
            event_id BLOB PRIMARY KEY,
            stream TEXT NOT NULL,
            revision INTEGER NOT NULL,
            type TEXT NOT NULL,
            error TEXT NOT NULL,
            reason TEXT NOT NULL,
            skipped_at REAL NOT NULL
        ) WITHOUT ROWID"""
}

_INDEXES: Final = (
    "CREATE INDEX IF NOT EXISTS activity_by_correlation ON activity (correlation_id)",
    "CREATE INDEX IF NOT EXISTS activity_by_stream ON activity (stream, revision, shown_at, type, user)",
)

_READ: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",  # a power cut may cost the last moments, which are replayed; never consistency
)

# What a crash leaves of a file that nobody reads before it is complete is thrown away, so no page is written twice.
_UNREAD: Final = ("PRAGMA journal_mode = MEMORY", "PRAGMA synchronous = OFF")

_SETTINGS: Final = (
    "PRAGMA secure_delete = OFF",
    "PRAGMA cache_size = -65536",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA journal_size_limit = 8388608",
)


def prepare(db: "Database", *, unread: bool = False) -> None:
    """The settings of the writing connection, and the one function that its statements need."""
    db.conn.create_function("search_words", 1, search_words, deterministic=True)
    for setting in (*(_UNREAD if unread else _READ), *_SETTINGS):
        db.conn.execute(setting).close()


def begin_bulk(db: "Database") -> None:
    """While much is written, fold the write-ahead log into the file rarely: most pages are written again soon."""
    db.conn.execute("PRAGMA wal_autocheckpoint = 16000").close()


def end_bulk(db: "Database") -> None:
    """Fold what has gathered into the file, and from now on soon, so that no later commit takes long."""
    db.conn.execute("PRAGMA wal_checkpoint(PASSIVE)").close()
    db.conn.execute("PRAGMA wal_autocheckpoint = 1000").close()


def is_current(db: "Database") -> bool:
    """Whether the file holds these tables, in this version. Raises sqlite3.DatabaseError where it is damaged."""
    if "checkpoints" not in db.table_names():
        return False
    versions = [version for (version,) in db.conn.execute("SELECT version FROM checkpoints WHERE name = ?", [GROUP])]
    return versions == [VERSION] and {*_TABLES, *_KEPT, *CATALOGUE.tables} <= set(db.table_names())


def recreate(db: "Database", now: float, *, unread: bool = False) -> None:
    """Empty tables in place of whatever was there, in one transaction: readers see the old until it is done.

    What nobody will read before it is complete (``unread``) needs no index until then.
    """
    with db.atomic():
        for table in db.table_names(fts5=True):
            db.conn.execute(f'DROP TABLE "{table}"')
        for table in db.table_names():
            if not table.startswith("sqlite_") and table not in _KEPT:
                db.conn.execute(f'DROP TABLE "{table}"')
        orders = () if unread else CATALOGUE.orders
        for statement in (*_KEPT.values(), *_TABLES.values(), *CATALOGUE.tables.values(), *orders, *CATALOGUE.triggers):
            db.conn.execute(statement)
        db.conn.execute("INSERT INTO checkpoints (name, version, updated_at) VALUES (?, ?, ?)", [GROUP, VERSION, now])


def complete(db: "Database") -> None:
    """All rows are there: make the indexes that are quicker made now. Within the caller's transaction."""
    for index in (*CATALOGUE.orders, *_INDEXES):
        db.conn.execute(index)
