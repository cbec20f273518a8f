"""Hop 7: the read model's tables, their version, and how they are made anew.

Everything here can be deleted at any time: it follows from the store's events. Ids are 16 bytes, dates ISO text,
moments seconds since 1970 (UTC), positions and revisions those of the store. Lists are JSON. ``revision`` is that of
the last event that changed the row and keeps an older event from changing it again.
"""

from typing import Final

from sqlite_utils import Database

from desk.projection.folding import fold, split

GROUP: Final = "catalogue"
"""The name of this group of projections: all its tables stand behind one checkpoint. (A rebuild beside a living
group, or a second group, needs a name of its own; tables, checkpoint and parked events go by it.)"""

VERSION: Final = 4
"""To be raised with every change of tables or of what events mean for them: the read model is then rebuilt."""

DELETED: Final = "deleted"

_TABLES: Final = {
    "books": """
        CREATE TABLE books (
            id INTEGER PRIMARY KEY,
            book_id BLOB NOT NULL UNIQUE,
            state TEXT NOT NULL,
            isbn TEXT NOT NULL,
            published_year INTEGER,
            copies_total INTEGER NOT NULL DEFAULT 0,
            copies_available INTEGER NOT NULL DEFAULT 0,
            copies_on_loan INTEGER NOT NULL DEFAULT 0,
            copies_on_shelf INTEGER NOT NULL DEFAULT 0,
            copies_lost INTEGER NOT NULL DEFAULT 0,
            holds_waiting INTEGER NOT NULL DEFAULT 0,
            created_at REAL NOT NULL,
            changed_at REAL NOT NULL,
            revision INTEGER NOT NULL,
            position INTEGER NOT NULL,
            sort_title TEXT NOT NULL,
            sort_authors TEXT NOT NULL,
            title TEXT NOT NULL,
            authors TEXT NOT NULL,
            publisher TEXT,
            language TEXT,
            subjects TEXT NOT NULL,
            search_text TEXT NOT NULL DEFAULT '',
            conflicting_book_id BLOB
        )""",
    "copies": """
        CREATE TABLE copies (
            book_id BLOB NOT NULL,
            copy_no INTEGER NOT NULL,
            state TEXT NOT NULL,
            shelf_mark TEXT,
            loan_id BLOB,
            hold_id BLOB,
            revision INTEGER NOT NULL,
            PRIMARY KEY (book_id, copy_no)
        ) WITHOUT ROWID""",
    "loans": """
        CREATE TABLE loans (
            book_id BLOB NOT NULL,
            loan_id BLOB NOT NULL,
            copy_no INTEGER NOT NULL,
            patron_ref TEXT NOT NULL,
            lent_on TEXT NOT NULL,
            due_on TEXT NOT NULL,
            renewals INTEGER NOT NULL DEFAULT 0,
            returned_on TEXT,
            days_late INTEGER,
            state TEXT NOT NULL,
            revision INTEGER NOT NULL,
            PRIMARY KEY (book_id, loan_id)
        ) WITHOUT ROWID""",
    "holds": """
        CREATE TABLE holds (
            book_id BLOB NOT NULL,
            hold_id BLOB NOT NULL,
            patron_ref TEXT NOT NULL,
            placed_at REAL NOT NULL,
            queue_key INTEGER NOT NULL,
            state TEXT NOT NULL,
            copy_no INTEGER,
            pickup_until TEXT,
            revision INTEGER NOT NULL,
            PRIMARY KEY (book_id, hold_id)
        ) WITHOUT ROWID""",
    # A released ISBN keeps its row, without a book, so that its revision stays known.
    "isbn_claims": """
        CREATE TABLE isbn_claims (
            isbn TEXT PRIMARY KEY,
            book_id BLOB,
            claimed_at REAL NOT NULL,
            revision INTEGER NOT NULL
        ) WITHOUT ROWID""",
    # Names of streams, event types and users, each once: a history of millions stays small and quick.
    "names": "CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
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
    # Contentless: the words are in books.search_text, folded already; an entry is taken out by saying what it was.
    # Words are split by the one space between them, so that index, search and walk agree on what a word is.
    "books_fts": """
        CREATE VIRTUAL TABLE books_fts USING fts5(
            text, content = '', detail = none, columnsize = 0, prefix = '1 2 3', tokenize = 'ascii'
        )""",
    "counts": "CREATE TABLE counts (state TEXT PRIMARY KEY, books INTEGER NOT NULL, on_loan INTEGER NOT NULL) "
    "WITHOUT ROWID",
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

# Each order of the book table has an index that holds everything it needs, without the books that are hidden.
_INDEXES: Final = (
    f"CREATE INDEX books_by_title ON books (sort_title) WHERE state <> '{DELETED}'",
    f"CREATE INDEX books_by_authors ON books (sort_authors, sort_title) WHERE state <> '{DELETED}'",
    f"CREATE INDEX books_by_year ON books (published_year, sort_title) WHERE state <> '{DELETED}'",
    f"CREATE INDEX books_by_state ON books (state, sort_title) WHERE state <> '{DELETED}'",
    f"CREATE INDEX books_by_copies ON books (copies_available, copies_total, sort_title) WHERE state <> '{DELETED}'",
    f"CREATE INDEX books_by_change ON books (changed_at) WHERE state <> '{DELETED}'",
    f"CREATE INDEX books_by_isbn ON books (isbn) WHERE state <> '{DELETED}'",
    f"CREATE INDEX books_deleted ON books (isbn) WHERE state = '{DELETED}'",
    "CREATE INDEX loans_by_patron ON loans (patron_ref, due_on)",
    "CREATE INDEX loans_open ON loans (due_on) WHERE state = 'open'",
    "CREATE INDEX holds_by_patron ON holds (patron_ref, queue_key)",
    "CREATE INDEX holds_by_state ON holds (state, queue_key)",
    "CREATE INDEX activity_by_correlation ON activity (correlation_id)",
    "CREATE INDEX activity_by_stream ON activity (stream, revision, shown_at, type, user)",
)

# The counts of books by state are kept beside the books, so that nobody has to count a million of them.
_TRIGGERS: Final = (
    """
    CREATE TRIGGER books_counted AFTER INSERT ON books BEGIN
        INSERT INTO counts VALUES (new.state, 1, new.copies_on_loan)
        ON CONFLICT (state) DO UPDATE SET books = books + 1, on_loan = on_loan + new.copies_on_loan;
    END""",
    """
    CREATE TRIGGER books_recounted AFTER UPDATE OF state, copies_on_loan ON books
    WHEN (old.state, old.copies_on_loan) <> (new.state, new.copies_on_loan) BEGIN
        UPDATE counts SET books = books - 1, on_loan = on_loan - old.copies_on_loan WHERE state = old.state;
        INSERT INTO counts VALUES (new.state, 1, new.copies_on_loan)
        ON CONFLICT (state) DO UPDATE SET books = books + 1, on_loan = on_loan + new.copies_on_loan;
    END""",
)

_SETTINGS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",  # a power cut may cost the last moments, which are replayed; never consistency
    "PRAGMA secure_delete = OFF",
    "PRAGMA cache_size = -65536",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA journal_size_limit = 8388608",
)


def prepare(db: Database) -> None:
    """The settings of the writing connection, and the one function that its statements need."""
    db.conn.create_function("search_words", 1, lambda text: " ".join(split(fold(text))), deterministic=True)
    for setting in _SETTINGS:
        db.conn.execute(setting).close()


def hurry(db: Database) -> None:
    """While much is written, fold the write-ahead log into the file rarely: most pages are written again soon."""
    db.conn.execute("PRAGMA wal_autocheckpoint = 16000").close()


def settle(db: Database) -> None:
    """Fold what has gathered into the file, and from now on soon, so that no later commit takes long."""
    db.conn.execute("PRAGMA wal_checkpoint(PASSIVE)").close()
    db.conn.execute("PRAGMA wal_autocheckpoint = 1000").close()


def is_current(db: Database) -> bool:
    """Whether the file holds these tables, in this version. Raises sqlite3.DatabaseError where it is damaged."""
    if "checkpoints" not in db.table_names():
        return False
    versions = [version for (version,) in db.conn.execute("SELECT version FROM checkpoints WHERE name = ?", [GROUP])]
    return versions == [VERSION] and {*_TABLES, *_KEPT} <= set(db.table_names())


def recreate(db: Database, now: float) -> None:
    """Empty tables in place of whatever was there, in one transaction: readers see the old until it is done."""
    with db.atomic():
        for table in db.table_names(fts5=True):
            db.conn.execute(f'DROP TABLE "{table}"')
        for table in db.table_names():
            if not table.startswith("sqlite_") and table not in _KEPT:
                db.conn.execute(f'DROP TABLE "{table}"')
        for statement in (*_KEPT.values(), *_TABLES.values(), *_INDEXES, *_TRIGGERS):
            db.conn.execute(statement)
        db.conn.execute("INSERT INTO checkpoints (name, version, updated_at) VALUES (?, ?, ?)", [GROUP, VERSION, now])
