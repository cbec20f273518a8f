"""Hop 7: writes the rows of single books anew from their streams, where the doctor found them drifted."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from desk.application.care import RepairOutcome
from desk.cqrs.errors import StreamNotFound
from desk.cqrs.store import EventStore, Recorded
from desk.domain.streams import book_stream
from desk.projection.writer_tasks import WriterContext

_KNOWN: Final = "SELECT revision, position FROM activity WHERE stream = (SELECT id FROM names WHERE name = ?)"

# The row keeps its id, so that no table of the window loses it; an older revision lets every event change it again.
_FORGET: Final = (
    "DELETE FROM copies WHERE book_id = ?",
    "DELETE FROM loans WHERE book_id = ?",
    "DELETE FROM holds WHERE book_id = ?",
    "UPDATE books SET revision = -1, conflicting_book_id = NULL, copies_total = 0, copies_available = 0, "
    "copies_on_loan = 0, copies_on_shelf = 0, copies_lost = 0, holds_waiting = 0 WHERE book_id = ?",
)

_REMOVE: Final = (
    "INSERT INTO books_fts (books_fts, rowid, text) SELECT 'delete', id, search_text FROM books WHERE book_id = ?",
    "UPDATE counts SET books = books - 1 WHERE state = (SELECT state FROM books WHERE book_id = ?)",
    "DELETE FROM books WHERE book_id = ?",
)


def projected_events(
    connection: sqlite3.Connection, store: EventStore, stream: str, upto: int | None
) -> Iterator[Recorded]:
    """The events of a stream that a read model at the position ``upto`` is to hold, with their positions in ``$all``.

    Some servers say no position in a stream's reading: the read model then knows it.
    """
    known: dict[int, int] = dict(connection.execute(_KNOWN, [stream]).fetchall())
    try:
        for event in store.read_stream(stream):
            position = known.get(event.revision, event.position or None)
            if position is None or upto is None or position > upto:
                return
            yield replace(event, position=position)
    except StreamNotFound:
        return


def repair(context: WriterContext, store: EventStore, book_ids: Sequence[UUID]) -> RepairOutcome:
    """Write these books' rows anew, each in a transaction. Raises StoreError; what was done by then stays."""
    repaired: list[UUID] = []
    failed: list[UUID] = []
    for book_id in book_ids:
        stream = book_stream(book_id)
        events = list(projected_events(context.db.conn, store, stream, context.writer.position))
        if context.writer.is_parked(stream):
            failed.append(book_id)
            continue
        statements = _FORGET if events else (*_FORGET, *_REMOVE)
        written = context.writer.redo(book_id.bytes, statements, events)
        written.moved = True
        context.publish(written)
        (failed if written.faults else repaired).append(book_id)
    return RepairOutcome(tuple(repaired), tuple(failed))
