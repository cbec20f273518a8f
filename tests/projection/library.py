"""A small library for the projection's tests: domain events written into a store in memory, a projector beside it."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest

from desk.application.care import ReadModelState
from desk.application.catalogue import Announcement
from desk.application.codec import event_registry
from desk.cqrs.known_store import KnownStore
from desk.cqrs.metadata import Metadata, encode_metadata
from desk.cqrs.store import NewEvent, Recorded
from desk.domain.events import BookCreated, BookListed, CopyAdded, CopyLent, CopyReturned, Event, IsbnClaimed
from desk.domain.streams import book_stream, isbn_stream
from desk.projection.batch import BatchWriter, Written
from desk.projection.catalogue import Catalogue
from desk.projection.local import open_local
from desk.projection.opening import open_read_model
from desk.projection.projector import Projector
from tests.memory_store import MemoryStore
from tests.moments import REAL

SPACE = UUID("00000000-0000-4000-8000-000000000001")
BEGIN = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)
DAY = date(2024, 3, 1)


def an_id(name: object) -> UUID:
    """The same id for the same name."""
    return uuid5(SPACE, str(name))


def sizes_written(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many events each transaction has that is written from now on."""
    sizes: list[int] = []
    write = BatchWriter.write

    def counted(self: BatchWriter, events: Sequence[Recorded], **options: bool) -> Written:
        sizes.append(len(events))
        return write(self, events, **options)

    monkeypatch.setattr(BatchWriter, "write", counted)
    return sizes


class Library:
    """Writes histories into a store: each event a minute after the one before."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.registry = event_registry()
        self._revisions: dict[str, int] = {}
        self._written = 0

    def write(self, event: Event, **meta: Any) -> int:
        """Append one event to its own stream; its position."""
        isbn = getattr(event, "isbn", "")
        is_claim = type(event).__name__.startswith("Isbn")
        type_name, number, data = self.registry.encode(event)
        stream = isbn_stream(isbn) if is_claim else book_stream(event.book_id)
        return self.write_raw(stream, type_name, data, **{"schema": number, **meta})

    def write_raw(self, stream: str, type_name: str, data: bytes, *, metadata: bytes | None = None, **meta: Any) -> int:
        """Append an event as any other program might."""
        self._written += 1
        issued = {"issued_at": BEGIN + timedelta(minutes=self._written), "user": "mia", **meta}
        new = NewEvent(
            an_id(f"event {self._written}"), type_name, data, metadata or encode_metadata(Metadata(**issued))
        )
        revision = self._revisions.get(stream, -1)
        receipt = self.store.append(stream, revision, (new,), timeout=5)
        self._revisions[stream] = receipt.revision
        return receipt.position

    def book(self, name: object, *, listed: bool = True, **details: Any) -> UUID:
        """A book, listed as the registration would."""
        book_id = an_id(name)
        given = {"isbn": isbn_of(name), "title": f"Book {name}", "authors": ("Somebody",), **details}
        self.write(BookCreated(book_id=book_id, **given))
        if listed:
            self.write(IsbnClaimed(isbn=given["isbn"], book_id=book_id))
            self.write(BookListed(book_id=book_id, isbn=given["isbn"]))
        return book_id

    def book_created(self, name: object) -> int:
        """Only the first event of a book; its position."""
        created = BookCreated(book_id=an_id(name), isbn=isbn_of(name), title=f"Book {name}", authors=("Somebody",))
        return self.write(created)

    def lend(self, book_id: UUID, copy_no: int = 1, loan: object = "loan") -> UUID:
        """Lend a copy for three weeks."""
        loan_id = an_id(f"{book_id} {loan}")
        due_on = DAY + timedelta(days=21)
        self.write(
            CopyLent(book_id=book_id, copy_no=copy_no, loan_id=loan_id, patron_ref="P-1", lent_on=DAY, due_on=due_on)
        )
        return loan_id

    def some_history(self, books: int = 5) -> list[UUID]:
        """Books with two copies each, of which one was lent and came back, and one is out."""
        ids = [self.book(number) for number in range(books)]
        for book_id in ids:
            self.write(CopyAdded(book_id=book_id, copy_no=1, shelf_mark="A 1"))
            self.write(CopyAdded(book_id=book_id, copy_no=2))
            loan_id = self.lend(book_id, 1, "first")
            self.write(CopyReturned(book_id=book_id, copy_no=1, loan_id=loan_id, returned_on=DAY, days_late=0))
            self.lend(book_id, 2, "second")
        return ids


def isbn_of(name: object) -> str:
    """Thirteen digits that look like an ISBN; the check digit is not the matter here."""
    return f"978{an_id(name).int % 10**10:010d}"


class Running:
    """A projector on a thread, with everything it said."""

    def __init__(self, path: Path, library: Library, **options: Any) -> None:
        self.announcements: list[Announcement] = []
        self.states: list[ReadModelState] = []
        self.faults: list[Exception] = []
        self.away: list[Exception] = []
        self.died: list[Exception] = []
        self._changed = threading.Condition()
        self.local = open_local(path.parent.with_name(f"{path.parent.name}-{path.name}-local"))
        self.projector = Projector(
            path,
            KnownStore(library.store, self.local, REAL),
            options.pop("registry", library.registry),
            self._announced,
            self._fault,
            self._away,
            on_state=self._state_told,
            **{"clock": REAL.timestamp, **options},
        )
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.projector.run(self._stop)
        except Exception as error:  # noqa: BLE001 - shown by the test that waits
            self._note(self.died, error)

    def _announced(self, announcement: Announcement) -> None:
        self._note(self.announcements, announcement)

    def _state_told(self, state: ReadModelState) -> None:
        self._note(self.states, state)

    def _fault(self, error: Exception) -> None:
        self._note(self.faults, error)

    def _away(self, error: Exception) -> None:
        self._note(self.away, error)

    def _note(self, into: list[Any], what: object) -> None:
        with self._changed:
            into.append(what)
            self._changed.notify_all()

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that was said makes the condition true."""
        with self._changed:
            assert self._changed.wait_for(lambda: condition() or bool(self.died), timeout=60), "never happened"
        if not condition():
            raise self.died[0]

    def until_live(self) -> None:
        self.until(lambda: any(a.live for a in self.announcements))

    def until_at(self, position: int) -> None:
        """Wait until the read model holds this position and is live."""
        self.until(lambda: any(a.live and a.position >= position for a in self.announcements))

    def until_state(self, condition: Callable[[ReadModelState], bool]) -> ReadModelState:
        """Wait until the state that was told last makes the condition true; that state."""
        self.until(lambda: bool(self.states) and condition(self.states[-1]))
        return self.states[-1]

    def stop(self) -> None:
        self._stop.set()
        self.projector.wake()
        self._thread.join(60)
        self.local.close()
        assert not self._thread.is_alive()


@contextmanager
def running(path: Path, library: Library, **options: Any) -> Iterator[Running]:
    """A projector that runs within the block."""
    projector = Running(path, library, **options)
    try:
        yield projector
    finally:
        projector.stop()


@contextmanager
def reading(path: Path) -> Iterator[Catalogue]:
    """A reader within the block."""
    catalogue = Catalogue(path)
    try:
        yield catalogue
    finally:
        catalogue.close()


def project(path: Path, library: Library, **options: Any) -> Running:
    """Run a projector until everything in the store is in the read model."""
    if not path.exists():
        open_read_model(path, 0.0)
    with running(path, library, **options) as projector:
        projector.until_live()
    return projector


def all_events(library: Library) -> list[Recorded]:
    """Everything in the store."""
    return list(library.store.read_all())


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something that nobody announces."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "never happened"
        time.sleep(0.005)


def contents(path: Path) -> dict[str, str]:
    """A hash of the rows of each table that follows from the events alone."""
    tables = {"books": "id", "copies": "book_id, copy_no", "loans": "loan_id", "holds": "hold_id"}
    tables |= {"isbn_claims": "isbn", "activity": "position", "names": "id"}
    with closing(sqlite3.connect(path)) as connection:
        hashes = {
            table: sha256(repr(connection.execute(f"SELECT * FROM {table} ORDER BY {order}").fetchall()).encode())
            for table, order in tables.items()
        }
        words = connection.execute("SELECT rowid FROM books_fts WHERE books_fts MATCH '\"book\" *' ORDER BY rowid")
        hashes["books_fts"] = sha256(repr(words.fetchall()).encode())
        counts = connection.execute("SELECT * FROM counts WHERE (books, on_loan) <> (0, 0) ORDER BY state").fetchall()
        hashes["counts"] = sha256(repr(counts).encode())
        where = connection.execute("SELECT position, event_id, events, skipped FROM checkpoints").fetchall()
        hashes["checkpoints"] = sha256(repr(where).encode())
    return {table: found.hexdigest() for table, found in hashes.items()}
