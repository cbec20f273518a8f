"""Hop 7: what a batch of events changes in the read model, gathered statement by statement and written at once.

A handler only notes what to write and reads nothing, so that a replay gives the same rows. Statements run in the
order in which they are declared here, each with all its rows in the order of their events: rows come into being
before they change, and counters are made once for each touched book, from the rows that they count.
"""

import sqlite3
from dataclasses import dataclass, field
from typing import Final

Value = str | bytes | int | float | None
Values = tuple[Value, ...]

CREATE_BOOK: Final = """
    INSERT INTO books (book_id, isbn, published_year, revision, position, sort_title, sort_authors, title, authors,
        publisher, language, subjects, created_at, changed_at, state)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT shown_at FROM activity WHERE position = ?),
        (SELECT shown_at FROM activity WHERE position = ?), 'pending')
    ON CONFLICT (book_id) DO UPDATE SET
        state = excluded.state, isbn = excluded.isbn, published_year = excluded.published_year,
        created_at = excluded.created_at, changed_at = excluded.changed_at, revision = excluded.revision,
        position = excluded.position, sort_title = excluded.sort_title, sort_authors = excluded.sort_authors,
        title = excluded.title, authors = excluded.authors, publisher = excluded.publisher,
        language = excluded.language, subjects = excluded.subjects
    WHERE books.revision < excluded.revision"""

# Those that follow leave a book's revision to REFRESH_BOOK, which comes last: several of them may be in one batch.
CORRECT_BOOK: Final = """
    UPDATE books SET
        title = CASE WHEN ? THEN ? ELSE title END, sort_title = CASE WHEN ? THEN ? ELSE sort_title END,
        authors = CASE WHEN ? THEN ? ELSE authors END, sort_authors = CASE WHEN ? THEN ? ELSE sort_authors END,
        publisher = CASE WHEN ? THEN ? ELSE publisher END,
        published_year = CASE WHEN ? THEN ? ELSE published_year END,
        language = CASE WHEN ? THEN ? ELSE language END,
        subjects = CASE WHEN ? THEN ? ELSE subjects END
    WHERE book_id = ? AND revision < ?"""

SET_BOOK_STATE: Final = """
    UPDATE books SET state = ?, conflicting_book_id = ? WHERE book_id = ? AND revision < ?"""

ADD_COPY: Final = """
    INSERT INTO copies (book_id, copy_no, state, shelf_mark, revision) VALUES (?, ?, 'available', ?, ?)
    ON CONFLICT (book_id, copy_no) DO UPDATE SET
        state = excluded.state, shelf_mark = excluded.shelf_mark, loan_id = NULL, hold_id = NULL,
        revision = excluded.revision
    WHERE copies.revision < excluded.revision"""

SET_COPY: Final = """
    UPDATE copies SET state = ?, loan_id = ?, hold_id = ?, revision = ?
    WHERE book_id = ? AND copy_no = ? AND revision < ?"""

OPEN_LOAN: Final = """
    INSERT INTO loans (book_id, loan_id, revision, copy_no, patron_ref, lent_on, due_on, state)
    VALUES (?, ?, ?, ?, ?, ?, ?, 'open')
    ON CONFLICT (book_id, loan_id) DO UPDATE SET
        copy_no = excluded.copy_no, patron_ref = excluded.patron_ref, lent_on = excluded.lent_on,
        due_on = excluded.due_on, renewals = 0, returned_on = NULL, days_late = NULL, state = excluded.state,
        revision = excluded.revision
    WHERE loans.revision < excluded.revision"""

RENEW_LOAN: Final = """
    UPDATE loans SET due_on = ?, renewals = ?, revision = ? WHERE book_id = ? AND loan_id = ? AND revision < ?"""

END_LOAN: Final = """
    UPDATE loans SET state = ?, returned_on = ?, days_late = ?, revision = ?
    WHERE book_id = ? AND loan_id = ? AND revision < ?"""

PLACE_HOLD: Final = """
    INSERT INTO holds (book_id, hold_id, revision, patron_ref, placed_at, queue_key, state)
    VALUES (?, ?, ?, ?, ?, ?, 'waiting')
    ON CONFLICT (book_id, hold_id) DO UPDATE SET
        patron_ref = excluded.patron_ref, placed_at = excluded.placed_at, queue_key = excluded.queue_key,
        state = excluded.state, copy_no = NULL, pickup_until = NULL, revision = excluded.revision
    WHERE holds.revision < excluded.revision"""

SET_HOLD: Final = """
    UPDATE holds SET state = ?, copy_no = ?, pickup_until = ?, revision = ?
    WHERE book_id = ? AND hold_id = ? AND revision < ?"""

CLAIM: Final = """
    INSERT INTO isbn_claims (isbn, book_id, revision, claimed_at)
    VALUES (?, ?, ?, (SELECT shown_at FROM activity WHERE position = ?))
    ON CONFLICT (isbn) DO UPDATE SET
        book_id = excluded.book_id, claimed_at = excluded.claimed_at, revision = excluded.revision
    WHERE isbn_claims.revision < excluded.revision"""

# What the full-text index has of a book is taken out before the book's text changes, and put in again afterwards.
_FORGET_TEXT: Final = """
    INSERT INTO books_fts (books_fts, rowid, text) SELECT 'delete', id, search_text FROM books WHERE book_id = ?"""

_MAKE_TEXT: Final = """
    UPDATE books SET search_text = ' ' || search_words(title || ' ' || sort_authors || ' ' || subjects || ' ' || isbn)
    WHERE book_id = ?"""

_INDEX_TEXT: Final = "INSERT INTO books_fts (rowid, text) SELECT id, search_text FROM books WHERE book_id = ?"

_COUNT_HOLDS: Final = """
    UPDATE books SET holds_waiting =
        (SELECT count(*) FROM holds WHERE holds.book_id = books.book_id AND holds.state = 'waiting')
    WHERE book_id = ?"""

_REFRESH_BOOK: Final = """
    UPDATE books SET revision = ?, position = ?, changed_at = (SELECT shown_at FROM activity WHERE position = ?)
    WHERE book_id = ? AND revision < ?"""

_REFRESH_BOOK_AND_COPIES: Final = """
    UPDATE books SET revision = ?, position = ?, changed_at = (SELECT shown_at FROM activity WHERE position = ?),
        (copies_total, copies_available, copies_on_loan, copies_on_shelf, copies_lost) = (
        SELECT count(*) - ifnull(sum(state = 'withdrawn'), 0), ifnull(sum(state = 'available'), 0),
            ifnull(sum(state = 'onLoan'), 0), ifnull(sum(state = 'onHoldShelf'), 0), ifnull(sum(state = 'lost'), 0)
        FROM copies WHERE copies.book_id = books.book_id)
    WHERE book_id = ? AND revision < ?"""

_ORDER: Final = (
    CREATE_BOOK,
    CORRECT_BOOK,
    SET_BOOK_STATE,
    ADD_COPY,
    SET_COPY,
    OPEN_LOAN,
    RENEW_LOAN,
    END_LOAN,
    PLACE_HOLD,
    SET_HOLD,
    CLAIM,
)


@dataclass(slots=True)
class RowChanges:
    """What some events change. ``touched`` has each book's last revision and position."""

    rows: dict[str, list[Values]] = field(default_factory=dict)
    touched: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    texts: dict[bytes, None] = field(default_factory=dict)
    copies: dict[bytes, None] = field(default_factory=dict)
    holds: dict[bytes, None] = field(default_factory=dict)
    moved: bool = False

    def note(self, statement: str, *values: Value) -> None:
        """Run one of this module's statements with these values."""
        self.rows.setdefault(statement, []).append(values)

    def write(self, connection: sqlite3.Connection) -> None:
        """Write everything, within the transaction that the caller began."""
        texts = [(book_id,) for book_id in self.texts]
        if texts:
            connection.executemany(_FORGET_TEXT, texts)
        for statement in _ORDER:
            if rows := self.rows.get(statement):
                connection.executemany(statement, rows)
        if texts:
            connection.executemany(_MAKE_TEXT, texts)
            connection.executemany(_INDEX_TEXT, texts)
        if self.holds:
            connection.executemany(_COUNT_HOLDS, [(book_id,) for book_id in self.holds])
        plain: list[Values] = []
        recounted: list[Values] = []
        for book_id, (revision, position) in self.touched.items():
            values = (revision, position, position, book_id, revision)
            (recounted if book_id in self.copies else plain).append(values)
        connection.executemany(_REFRESH_BOOK_AND_COPIES, recounted)
        connection.executemany(_REFRESH_BOOK, plain)
