"""Hop 9: answers the window's questions from the read model, on a read-only connection of its own.

Built on the standard library alone, so that the first rows show before anything heavy is imported.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from desk.application.catalogue import (
    BookCard,
    BookQuestion,
    BookRow,
    Counts,
    Interrupted,
    IsbnHistory,
    ReadModelStatus,
    RowIds,
    SortKey,
    TracedEvent,
)
from desk.application.history import HistoryColumns
from desk.projection.histories import read_history, read_trace
from desk.projection.rows import ROW, read_card, to_row
from desk.projection.search import KEYS, find, find_candidates

_VARIABLES: Final = 500
"""Values that one statement takes; any SQLite allows as many."""
CACHE: Final = 16_384
"""KiB of pages that one reader keeps."""

_NAMED: Final = "(SELECT value FROM json_each(:isbns))"


class Catalogue:
    """A CatalogueReader. Belongs to the thread that made it, except for :meth:`interrupt`.

    Every method may raise Interrupted, and sqlite3.DatabaseError where the file is damaged or was taken away.
    """

    def __init__(self, path: Path) -> None:
        # Used by one thread; closed by another, after that one has ended.
        self._connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=2.0, check_same_thread=False
        )
        self._connection.execute(f"PRAGMA cache_size = -{CACHE}").close()
        self._guard = threading.Lock()
        self._asking = False
        self._overtaken = False

    def order(self, question: BookQuestion, limit: int | None = None) -> RowIds:
        """Row ids in display order, at most ``limit``."""
        with self._asked():
            return find(self._connection, question, limit)

    def candidates(self, text: str, limit: int) -> RowIds:
        """Row ids of books that may be meant by a text."""
        with self._asked():
            return find_candidates(self._connection, text, limit)

    def page(self, ids: Sequence[int]) -> list[BookRow]:
        """The rows with these ids, in any order."""
        marks = ",".join(["?"] * len(ids))
        return [to_row(found) for found in self._all(f"{ROW} WHERE id IN ({marks})", ids)]

    def row_of(self, book_id: UUID) -> BookRow | None:
        """The row of a book, also of a deleted one."""
        found = self._all(f"{ROW} WHERE book_id = ?", [book_id.bytes])
        return to_row(found[0]) if found else None

    def states(self, book_ids: Sequence[UUID]) -> dict[UUID, str]:
        """The states of those of these books that are known."""
        wanted = {book_id.bytes: book_id for book_id in book_ids}
        found: dict[UUID, str] = {}
        for part in _parts(list(wanted)):
            marks = ", ".join("?" * len(part))
            rows = self._all(f"SELECT book_id, state FROM books WHERE book_id IN ({marks})", part)
            found.update((wanted[key], state) for key, state in rows)
        return found

    def compare_key(self, row_id: int, sort: SortKey, *, descending: bool = False) -> tuple[object, ...] | None:
        """A key by which rows compare as in an order by ``sort``; the greater one comes first in a descending order.

        Where an unknown year belongs depends on the direction, as it comes last both ways.
        """
        columns = KEYS[sort]
        found = self._all(f"SELECT {', '.join(columns)}, id FROM books WHERE id = ?", [row_id])
        if not found:
            return None
        if sort is SortKey.YEAR:
            year, *rest = found[0]
            return ((year is None) is not descending, year or 0, *rest)
        return tuple(found[0])

    def card(self, book_id: UUID) -> BookCard | None:
        """Everything about one book, as of one moment."""
        with self._asked(), self._one_moment():
            found = self._connection.execute(f"{ROW} WHERE book_id = ?", [book_id.bytes]).fetchone()
            return None if found is None else read_card(self._connection, to_row(found))

    def isbn_history(self, isbns: Sequence[str]) -> dict[str, IsbnHistory]:
        """What is known of each of these ISBNs (13 digits). A rejected book owns none."""
        histories = {isbn: IsbnHistory(isbn, None, 0) for isbn in isbns}
        found = self._all(
            f"{ROW} WHERE isbn IN {_NAMED} AND state <> 'deleted' AND state <> 'rejected' "
            f"UNION ALL {ROW} WHERE isbn IN {_NAMED} AND state = 'deleted' ORDER BY state DESC, id",
            {"isbns": json.dumps(list(histories))},
        )
        for row in map(to_row, found):
            history = histories[row.isbn]
            if row.state == "deleted":
                histories[row.isbn] = IsbnHistory(row.isbn, history.owner, history.deleted_before + 1)
            else:  # a listed book comes after a pending one, and is the owner
                histories[row.isbn] = IsbnHistory(row.isbn, row, history.deleted_before)
        return histories

    def counts(self, today: date | None = None) -> Counts:
        """How many books there are, by state; ``on_loan`` and ``overdue`` count copies."""
        late = "SELECT count(*) FROM loans WHERE state = 'open' AND due_on < ?"
        (overdue,) = self._all(late, [today.isoformat()])[0] if today is not None else (None,)
        found = {state: (books, lent) for state, books, lent in self._all("SELECT * FROM counts", [])}
        deleted, pending, rejected = (found.get(state, (0, 0))[0] for state in ("deleted", "pending", "rejected"))
        shown = sum(books for books, _ in found.values()) - deleted
        on_loan = sum(lent for _, lent in found.values())
        return Counts(shown, deleted, pending, rejected, on_loan, overdue)

    def status(self) -> ReadModelStatus:
        """Where the read model stands."""
        found = self._all(
            "SELECT position, events, (SELECT count(*) FROM parked_events AS p WHERE p.name = c.name), "
            "state = 'rebuilding', skipped, version, updated_at FROM checkpoints AS c",
            [],
        )
        position, events, parked, rebuilding, skipped, version, updated = found[0]
        updated_at = datetime.fromtimestamp(updated, UTC)
        return ReadModelStatus(position, events, parked, bool(rebuilding), skipped, version, updated_at)

    def activity(self, stream: str) -> HistoryColumns:
        """All events of a stream, column by column; none where the read model does not follow it."""
        with self._asked():
            return read_history(self._connection, stream)

    def trace(self, correlation_id: UUID) -> tuple[TracedEvent, ...]:
        """The events of one correlation."""
        with self._asked():
            return read_trace(self._connection, correlation_id)

    def interrupt(self) -> None:
        """End whatever runs on this connection, from any thread; what is asked afterwards runs."""
        with self._guard:
            if self._asking:
                self._overtaken = True
                self._connection.interrupt()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _all(self, statement: str, values: Sequence[Any] | dict[str, Any]) -> list[tuple[Any, ...]]:
        with self._asked():
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """A question is being answered; an interruption ends it even where it comes between two statements."""
        with self._guard:
            self._asking, self._overtaken = True, False
        try:
            yield
        except sqlite3.OperationalError as error:
            if not self._overtaken:
                raise
            raise Interrupted from error
        finally:
            with self._guard:
                self._asking = False
        if self._overtaken:
            raise Interrupted

    @contextmanager
    def _one_moment(self) -> Iterator[None]:
        """What is read inside is of one moment, whatever the projection writes meanwhile."""
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.rollback()


def _parts(keys: list[bytes]) -> Iterator[list[bytes]]:
    return (keys[start : start + _VARIABLES] for start in range(0, len(keys), _VARIABLES))
