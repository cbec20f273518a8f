"""The port in memory: the real rules of books, a registration that answers at once, and a store that can be away."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from desk.application.catalogue import Announcement, BookRow, Counts, IsbnHistory
from desk.application.session import Connection, Hear, Light, Session
from desk.cqrs.errors import OutcomeUnknown, StoreUnavailable
from desk.cqrs.messages import Outcome
from desk.cqrs.plugins.retry import EditConflict
from desk.cqrs.store import Receipt
from desk.domain import book
from desk.domain.commands import BookCommand, Command, CorrectBookDetails, CreateBook, ListBook, RejectBook
from desk.domain.errors import RuleBroken
from desk.domain.events import BookEvent
from desk.domain.policy import Moment, Policy
from desk.domain.state import INITIAL, Book, Life
from desk.domain.streams import book_stream
from tests.sessions import session_of


@dataclass
class Shelved:
    """A book with everything that happened to it."""

    state: Book = INITIAL
    events: list[tuple[datetime, BookEvent]] = field(default_factory=list)


class CatalogueInMemory:
    """Commands run one by one on a thread of its own. Close it.

    ``away``: the store refuses everything. ``lost_answers``: so many commands are stored without an answer.
    ``registering``: whether books are listed or rejected once they are created.
    """

    def __init__(self, data_dir: Path = Path()) -> None:
        self.directory, self.name = data_dir, "this computer"
        self.books: dict[UUID, Shelved] = {}
        self.sent: list[tuple[Command, UUID]] = []
        self.refusals: list[tuple[Command, str]] = []
        self.away = False
        self.lost_answers = 0
        self.registering = True
        self.halted = ""
        self.not_open_for = 0
        self.most_in_flight = self.in_flight = 0
        self._claims: dict[str, UUID] = {}
        self._outcomes: dict[UUID, Outcome] = {}
        self._position = 0
        self._watchers: list[Hear] = []
        self._lock = threading.RLock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="catalogue-in-memory")

    @property
    def session(self) -> Session:
        return session_of(importing=self, queries=self, about=self)

    def close(self) -> None:
        self._thread.shutdown(wait=True)

    def send(self, command: Command, command_id: UUID, issued_at: datetime | None = None) -> "Future[Outcome]":
        with self._lock:
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
            self.sent.append((command, command_id))
        return self._thread.submit(self._execute, command, command_id, issued_at or datetime.now(UTC))

    def isbn_history(self, isbns: Sequence[str]) -> Mapping[str, IsbnHistory]:
        if self.not_open_for:
            self.not_open_for -= 1
            raise StoreUnavailable("The catalogue is still being opened.")
        wanted = set(isbns)
        deleted: dict[str, int] = {}
        owners: dict[str, BookRow] = {}
        with self._lock:
            for book_id, shelved in self.books.items():
                state = shelved.state
                if state.isbn not in wanted:
                    continue
                if state.life is Life.DELETED:
                    deleted[state.isbn] = deleted.get(state.isbn, 0) + 1
                elif state.life is not Life.REJECTED:
                    owners[state.isbn] = _row(book_id, shelved)
        return {isbn: IsbnHistory(isbn, owners.get(isbn), deleted.get(isbn, 0)) for isbn in wanted}

    def states(self, book_ids: Sequence[UUID]) -> Mapping[UUID, str]:
        with self._lock:
            return {each: self.books[each].state.life.value for each in book_ids if each in self.books}

    def reader(self) -> "CountsInMemory | None":
        return CountsInMemory(self) if self.not_open_for == 0 else None

    def checks_stand_still(self) -> str:
        return self.halted

    def listen(self, hear: Hear) -> Callable[[], None]:
        self._watchers.append(hear)
        return lambda: self._watchers.remove(hear)

    def come_back(self) -> None:
        """The store is there again, and says so."""
        self.away = False
        self.tell(Connection(Light.GREEN, "Connected."))

    def tell(self, connection: Connection) -> None:
        """The connection is as it says now."""
        for watcher in tuple(self._watchers):
            watcher(connection)

    def lives(self) -> list[Life]:
        """The lives of all books."""
        with self._lock:
            return [shelved.state.life for shelved in self.books.values()]

    def _execute(self, command: Command, command_id: UUID, now: datetime) -> Outcome:
        assert isinstance(command, BookCommand)
        try:
            with self._lock:
                outcome = self._decide(command, command_id, now)
                if self.lost_answers:
                    self.lost_answers -= 1
                    raise OutcomeUnknown("The answer was lost.", command_id)
                return outcome
        except RuleBroken as refused:
            self.refusals.append((command, str(refused)))
            raise
        finally:
            with self._lock:
                self.in_flight -= 1
            self._announce(command.book_id)

    def _decide(self, command: BookCommand, command_id: UUID, now: datetime) -> Outcome:
        if self.away:
            raise StoreUnavailable("The store is away.")
        earlier = self._outcomes.get(command_id)
        if earlier is not None:
            return Outcome(earlier.receipt, earlier.events, repeated=True)
        events, revision = self._append(command, now)
        self._position += 1
        receipt = Receipt(book_stream(command.book_id), revision, self._position)
        outcome = Outcome(receipt if events else None, tuple(events))
        self._outcomes[command_id] = outcome
        if isinstance(command, CreateBook) and self.registering:
            self._register(command, now)
        return outcome

    def _append(self, command: BookCommand, now: datetime) -> tuple[tuple[BookEvent, ...], int]:
        shelved = self.books.get(command.book_id) or Shelved()
        if isinstance(command, CorrectBookDetails) and command.seen_revision != len(shelved.events) - 1:
            raise EditConflict(book_stream(command.book_id), command.seen_revision, len(shelved.events) - 1, ("title",))
        moment = Moment(now, now.astimezone().date())
        events = book.decide(shelved.state, command, moment, Policy())
        shelved.state = book.replay(events, shelved.state)
        shelved.events += [(now, event) for event in events]
        self.books[command.book_id] = shelved
        return events, len(shelved.events) - 1

    def _register(self, created: CreateBook, now: datetime) -> None:
        owner = self._claims.setdefault(created.isbn, created.book_id)
        if owner == created.book_id or self.books[owner].state.life is Life.DELETED:
            self._claims[created.isbn] = created.book_id
            self._append(ListBook(book_id=created.book_id), now)
        else:
            self._append(RejectBook(book_id=created.book_id, conflicting_book_id=owner), now)

    def _announce(self, book_id: UUID) -> None:
        announcement = Announcement(self._position, streams=frozenset({book_stream(book_id)}))
        for watcher in tuple(self._watchers):
            watcher(announcement)


@dataclass
class CountsInMemory:
    """As much of a reader as counts."""

    catalogue: CatalogueInMemory

    def counts(self) -> Counts:
        lives = self.catalogue.lives()
        return Counts(len(lives) - lives.count(Life.DELETED), lives.count(Life.DELETED), 0, 0, 0)

    def close(self) -> None:
        """Nothing is open."""


def _row(book_id: UUID, shelved: Shelved) -> BookRow:
    state = shelved.state
    return BookRow(
        id=1,
        book_id=book_id,
        isbn=state.isbn,
        title=state.title,
        authors=state.authors,
        published_year=state.published_year,
        state=state.life.value,
        copies_total=len(state.copies),
        copies_available=len(state.copies),
        changed_at=shelved.events[-1][0],
        revision=len(shelved.events) - 1,
        position=0,
    )
