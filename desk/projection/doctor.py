"""Hop 7: the read model's doctor: compares every book's rows with what the domain makes of its stream.

The projection and the domain fold the same events in ways of their own; where the two disagree, one has a bug, or
somebody has changed the file. Both sides are compared as of one position, so that new events are no drift.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import closing
from itertools import takewhile
from pathlib import Path
from typing import Final
from uuid import UUID

from desk.application.care import Drift, ExaminationProgress, Findings
from desk.cqrs.errors import UnknownEvent
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.registry import EventRegistry
from desk.cqrs.store import EventStore, Filter, Recorded
from desk.domain import book
from desk.domain.errors import CorruptHistory
from desk.domain.state import Book
from desk.domain.streams import book_id_of, book_stream
from desk.projection.facts import Facts, facts_of_book, facts_of_rows, rows_behind
from desk.projection.opening import fulfil
from desk.projection.parking import parked_streams
from desk.projection.rebuilding import batches
from desk.projection.repairing import projected_events

_CREATED: Final = Filter("^BookCreated$", by_type=True)
_EVERY: Final = 50
"""Books between two words about progress."""


class ExaminationRun:
    """One round; satisfies :class:`~desk.application.care.Examination`. ``run`` blocks: give it a thread."""

    def __init__(
        self,
        path: Path,
        store: EventStore,
        registry: EventRegistry,
        progress: Callable[[ExaminationProgress], None],
    ) -> None:
        self._path, self._store, self._registry, self._progress = path, store, registry, progress
        self._stop = threading.Event()
        self._drifts: list[Drift] = []
        self._drifted = self._rows = self._streams = self._parked = 0
        self.future: Future[Findings] = Future()

    def abort(self) -> None:
        self._stop.set()

    def run(self) -> None:
        """Look at every book; the future tells."""
        self.future.set_running_or_notify_cancel()
        fulfil(self.future, self._find, self._path)

    def _find(self) -> Findings:
        uri = f"{self._path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=5.0)) as connection:
            self._examine(connection)
        return Findings(tuple(self._drifts), self._rows, self._streams, self._parked)

    def _examine(self, connection: sqlite3.Connection) -> None:
        ids = [book_id for (book_id,) in connection.execute("SELECT book_id FROM books ORDER BY id")]
        for done, key in enumerate(ids):
            if self._stop.is_set():
                return
            if done % _EVERY == 0:
                self._progress(ExaminationProgress(done, len(ids), self._drifted))
            self._note(self._compare(connection, UUID(bytes=key)))
        self._find_missing(connection)
        self._progress(ExaminationProgress(len(ids), len(ids), self._drifted))

    def _note(self, drifts: list[Drift]) -> None:
        self._drifts += drifts
        self._drifted += bool(drifts)

    def _compare(self, connection: sqlite3.Connection, book_id: UUID) -> list[Drift]:
        stream = book_stream(book_id)
        connection.execute("BEGIN")
        try:
            position, parked = _position(connection), parked_streams(connection)
            if stream in parked:
                return []
            rows = facts_of_rows(connection, book_id)
            folded = self._fold(projected_events(connection, self._store, stream, position))
        finally:
            connection.rollback()
        self._rows += rows_behind(rows)
        title = rows.get("title") or folded.get("title") or str(book_id)
        return [
            Drift(book_id, title, field, rows.get(field, ""), folded.get(field, ""))
            for field in dict.fromkeys((*rows, *folded))
            if rows.get(field, "") != folded.get(field, "")
        ]

    def _fold(self, events: Iterable[Recorded]) -> Facts:
        """What the domain makes of them. A type of a newer Desk is passed over, as the read model does."""
        state, revision, has_events = Book(), -1, False
        try:
            for recorded in events:
                has_events = True
                try:
                    meta = parse_metadata(recorded.metadata)
                    state = book.evolve(state, self._registry.decode(recorded.type, meta.schema, recorded.data))
                except UnknownEvent:
                    continue
                revision = recorded.revision
        except (CorruptHistory, ValueError) as error:
            return {"history": str(error)}
        finally:
            self._streams += has_events
        return facts_of_book(state, revision)

    def _find_missing(self, connection: sqlite3.Connection) -> None:
        """Books that the store has and the read model has not."""
        position, parked = _position(connection), parked_streams(connection)
        self._parked = len(parked)
        if position is None:
            return
        created = takewhile(lambda event: event.position <= position, self._store.read_all(only=_CREATED))
        for batch in batches(created):
            if self._stop.is_set():
                return
            for event in batch:
                book_id = book_id_of(event.stream)
                if book_id is not None and event.stream not in parked and not _has(connection, book_id):
                    self._note(self._compare(connection, book_id))


def _position(connection: sqlite3.Connection) -> int | None:
    position: int | None = connection.execute("SELECT position FROM checkpoints").fetchone()[0]
    return position


def _has(connection: sqlite3.Connection, book_id: UUID) -> bool:
    find = "SELECT 1 FROM books WHERE book_id = ?"
    return connection.execute(find, [book_id.bytes]).fetchone() is not None
