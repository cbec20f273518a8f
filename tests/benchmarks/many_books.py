"""A read model and an event index of very many books, in minutes: out of SQLite alone, with no event behind them."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final
from uuid import uuid4

from desk.cqrs.known_store import Witness
from desk.projection.folding import fold
from desk.projection.index.book_tables import FINISH, NEVER
from desk.projection.index.books import BOOKS
from desk.projection.index.file import connect, create_part, ensure_file, mark, move_checkpoint, transaction
from desk.projection.opening import open_read_model
from tests.benchmarks.figures import say
from tests.benchmarks.projection_speed import BEGIN, Texts

_BASE: Final = 20_000
"""Different texts; more books have the same ones, each with another word behind."""
_NUMBERED: Final = f"""
    CREATE TEMP VIEW numbered AS SELECT
        m.number * {_BASE} + b.number AS number, '978' || printf('%010d', m.number * {_BASE} + b.number) AS isbn,
        b.title || ' ' || m.title AS title, b.sort_title || ' ' || m.sort_title AS sort_title,
        '["' || b.author || '"]' AS authors, b.sort_authors, b.year
    FROM base AS m CROSS JOIN base AS b WHERE m.number < :times"""
_WORDS: Final = "' ' || sort_title || ' ' || sort_authors || ' ' || isbn"
_BOOKS: Final = (
    "INSERT INTO books (book_id, state, isbn, published_year, copies_total, copies_available, created_at, changed_at, "
    "revision, position, sort_title, sort_authors, title, authors, subjects, search_text) "
    "SELECT randomblob(16), 'listed', isbn, year, 2, number % 3, number, number * 37 % {books}, 1, number, sort_title, "
    f"sort_authors, title, authors, '[]', {_WORDS} FROM numbered"
)


def _prepare(connection: sqlite3.Connection, books: int) -> None:
    """Numbered books in a view of this connection."""
    texts = Texts()
    connection.execute(
        "CREATE TEMP TABLE base (number INTEGER PRIMARY KEY, title, sort_title, author, sort_authors, year)"
    )
    made = ((number, texts.title(), texts.author(), texts.year()) for number in range(_BASE))
    rows = ((number, title, fold(title), author, fold(author), year) for number, title, author, year in made)
    connection.executemany("INSERT INTO base VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.execute(_NUMBERED.replace(":times", str(books // _BASE)))


def write_books(path: Path, books: int) -> None:
    """A read model of so many books, out of SQLite alone."""
    open_read_model(path, 0.0)
    with closing(sqlite3.connect(path)) as connection, connection:
        _prepare(connection, books)
        find = "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'books' AND type = 'index' AND sql IS NOT NULL"
        indexes = connection.execute(find).fetchall()
        for name, _sql in indexes:
            connection.execute(f"DROP INDEX {name}")
        connection.execute(_BOOKS.format(books=books))
        for _name, sql in indexes:
            connection.execute(sql)
        connection.execute("INSERT INTO books_fts (rowid, text) SELECT id, search_text FROM books")


def write_versions(path: Path, books: int, rounds: int = 3) -> int:
    """The part as if each book had been created, then each of them listed, then each corrected, that often as there
    are further rounds; how many events.

    A book's versions are far apart, as those of years are. Out of SQLite alone: out of a node it would take an hour.
    Full text over past values is left empty.
    """
    ensure_file(path)
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA cache_size = -500000").close()
        with transaction(connection):
            create_part(connection, BOOKS, "")
            _prepare(connection, books)
            connection.execute("INSERT INTO past_books SELECT number + 1, randomblob(16) FROM numbered")
            for revision in range(rounds):
                for statement in _version(books, revision, rounds - 1):
                    connection.execute(statement)
        for statement in FINISH:
            if "past_values_fts" not in statement:
                connection.execute(statement)
                say(f"  {statement[:60]}")
        with transaction(connection):
            move_checkpoint(connection, BOOKS, Witness(100 * rounds * books, uuid4()), rounds * books)
            mark(connection, BOOKS, complete=True)
    return rounds * books


def _version(books: int, revision: int, last: int) -> tuple[str, str, str]:
    """Statements that write each book's event of this revision, and the versions that it makes."""
    position, moment = f"100 * ({revision * books} + number)", f"{BEGIN.timestamp() + revision * books} + number"
    until = NEVER if revision == last else f"{position} + {100 * books}"
    text = position if revision > 1 else "100 * number"
    more = " || ' anew'" if revision > 1 else ""
    state, words = (
        "listed" if revision else "pending",
        "''" if revision == 1 else _WORDS.replace(" || ' ' || sort_auth", f"{more} || ' ' || sort_auth"),
    )
    pending, listed = (("number + 1", "0"), (f"{books - 1} - number", "number + 1"), ("0", str(books)))[
        min(revision, 2)
    ]
    sets = "json_object('title', title)" if revision != 1 else "json_object('state', 'listed')"
    return (
        f"INSERT INTO past_events SELECT {position}, {revision * books + 1} + number, number + 1, {revision}, "
        f"{moment}, {moment}, {sets}, {pending}, {listed}, 0, 0, 0 FROM numbered",
        f"INSERT INTO titles SELECT {position}, {until}, number + 1, {text}, '{state}', isbn, title{more}, authors, "
        f"year, sort_title{more}, sort_authors, {words} FROM numbered",
        f"INSERT INTO holdings SELECT {position}, {until}, number + 1, {position}, {text}, 0, 2, number % 3, "
        f"sort_title{more}, {moment}, {revision} FROM numbered",
    )
