"""The buses over an in-memory store, for tests of what lies between a command and the store."""

from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from desk.application.catalogue import CatalogueReader
from desk.application.wiring import Buses, ThreadLocalReaders, compose
from desk.cqrs.messages import Origin, Outcome, Sender
from desk.cqrs.publisher import EventOrigin
from desk.domain.commands import CreateBook
from tests.memory_store import MemoryStore
from tests.moments import REAL

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class DeskInMemory:
    """A store, the buses over it, and somebody who sends."""

    store: MemoryStore
    buses: Buses
    sender: Sender

    def send(self, command: object, *, command_id: UUID | None = None, issued_at: datetime = NOON) -> Outcome:
        """Send a command and wait for its end."""
        return self.begin(command, command_id=command_id, issued_at=issued_at).result(60)

    def begin(
        self, command: object, *, command_id: UUID | None = None, issued_at: datetime = NOON
    ) -> "Future[Outcome]":
        """Send a command."""
        return self.buses.commands.execute(self.sender.envelope(command, command_id=command_id, issued_at=issued_at))

    def as_process_manager(self, command: object) -> Outcome:
        """Send a command that only process managers may send."""
        sender = self.sender.on_behalf_of(Origin.PROCESS_MANAGER)
        return self.buses.commands.execute_inline(sender.envelope(command, issued_at=NOON))

    def types(self, stream: str) -> list[str]:
        """The types of a stream's events."""
        return [event.type for event in self.store.read_stream(stream)]

    def close(self) -> None:
        self.buses.close()
        self.store.close()


def open_desk() -> DeskInMemory:
    """A desk over an empty store, without a read model."""
    store = MemoryStore()
    sender = Sender("ada", REAL)
    readers: ThreadLocalReaders[CatalogueReader] = ThreadLocalReaders(lambda: None)
    buses = compose(store, sender, EventOrigin("here", "0"), readers)
    return DeskInMemory(store, buses, sender)


def a_book(book_id: UUID | None = None, *, isbn: str = "9780306406157", title: str = "Emma") -> CreateBook:
    """A command that is fine."""
    return CreateBook(book_id=book_id or uuid4(), isbn=isbn, title=title, authors=("Jane Austen",))
