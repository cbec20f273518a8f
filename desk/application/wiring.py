"""Puts buses, plugins and handlers together, once; seals them, which finds what is missing."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desk.application.catalogue import CatalogueReader, RowIds
from desk.application.codec import event_registry
from desk.application.compensations import GetUndoing, UndoDesk
from desk.application.handlers import BOOK_COMMANDS, ISBN_COMMANDS, Aggregates, register_handlers
from desk.application.inspection import InspectionDesk
from desk.application.permissions import PermissionsDesk
from desk.application.queries import (
    GetActivity,
    GetAllBooks,
    GetBookById,
    GetBookHistory,
    GetCounts,
    GetInspection,
    GetIsbnHistory,
    GetPermissions,
    GetReadModelStatus,
    GetStreamPage,
)
from desk.application.refusals import refusal_of
from desk.application.streampages import StreamPages
from desk.application.validation import command_checks
from desk.cqrs.bus import CommandBus
from desk.cqrs.errors import StoreUnavailable
from desk.cqrs.gate import ReadModelGate
from desk.cqrs.messages import Sender
from desk.cqrs.pipeline import Step
from desk.cqrs.plugins.monitoring import Monitoring
from desk.cqrs.plugins.origin import OriginCheck
from desk.cqrs.plugins.retry import ConflictRetry
from desk.cqrs.plugins.telemetry import Telemetry
from desk.cqrs.plugins.validation import Validation
from desk.cqrs.publisher import Encoder, Source, StorePublisher
from desk.cqrs.querybus import QueryBus
from desk.cqrs.store import EventStore
from desk.domain.commands import INTERNAL
from desk.domain.policy import Policy

Readers = Callable[[], CatalogueReader | None]


@dataclass(frozen=True, slots=True)
class Buses:
    """Everything that a message can be given to, and the plugins that the window shows."""

    commands: CommandBus
    queries: QueryBus
    gate: ReadModelGate
    aggregates: Aggregates
    validation: Validation
    monitoring: Monitoring
    telemetry: Telemetry

    def close(self) -> None:
        """Stop taking messages, and let those that run come to their end."""
        self.commands.close()
        self.queries.close()
        self.gate.close()


class ReaderOfThread:
    """One reader of the read model for each thread that asks, made when it is first needed."""

    def __init__(self, make: Readers) -> None:
        self._make = make
        self._own = threading.local()
        self._all: list[CatalogueReader] = []
        self._lock = threading.Lock()

    def __call__(self) -> CatalogueReader:
        """Raises StoreUnavailable while the read model is not open."""
        reader: CatalogueReader | None = getattr(self._own, "reader", None)
        if reader is None:
            reader = self._make()
            if reader is None:
                raise StoreUnavailable("The catalogue is still being opened; try again in a moment.")
            self._own.reader = reader
            with self._lock:
                self._all.append(reader)
        return reader

    def close(self) -> None:
        """Close them all; only once their threads have ended."""
        with self._lock:
            for reader in self._all:
                reader.close()
            self._all.clear()


def compose(
    store: EventStore,
    sender: Sender,
    source: Source,
    readers: ReaderOfThread,
    policy: Policy | None = None,
    *,
    keeping: Sequence[Step] = (),
) -> Buses:
    """Build and seal both buses over a store and a read model. Raises WiringError for gaps and doubles.

    ``keeping`` are plugins around all attempts of a command that is valid, as the outbox.
    """
    gate = ReadModelGate()
    publisher = StorePublisher(store, Encoder(event_registry(), source))
    aggregates = Aggregates(store, publisher, policy or Policy())
    monitoring, telemetry, validation = Monitoring(), Telemetry(), Validation(command_checks())
    commands = CommandBus(gate, refusals=refusal_of)
    commands.use(monitoring, telemetry, OriginCheck(INTERNAL), validation, *keeping, ConflictRetry())
    register_handlers(commands, aggregates)
    commands.seal((*BOOK_COMMANDS, *ISBN_COMMANDS))
    queries = QueryBus()
    queries.use(monitoring, telemetry)
    _register_reads(queries, readers)
    _register_histories(queries, store, aggregates)
    queries.register(GetPermissions, PermissionsDesk(aggregates, commands, sender))
    queries.seal(sender.envelope)
    return Buses(commands, queries, gate, aggregates, validation, monitoring, telemetry)


def _register_reads(queries: QueryBus, readers: ReaderOfThread) -> None:
    searching: list[CatalogueReader] = []

    def all_books(query: GetAllBooks) -> RowIds:
        reader = readers()
        searching[:] = [reader]
        return reader.order(query.question, query.limit)

    def overtake() -> None:
        for reader in searching:
            reader.interrupt()

    queries.register(GetAllBooks, all_books, overtake=overtake)
    queries.register(GetBookById, lambda query: readers().card(query.book_id))
    queries.register(GetIsbnHistory, lambda query: readers().isbn_history(query.isbns))
    queries.register(GetCounts, lambda _query: readers().counts())
    queries.register(GetReadModelStatus, lambda _query: readers().status())
    queries.register(GetActivity, lambda query: readers().activity(query.stream))


def _register_histories(queries: QueryBus, store: EventStore, aggregates: Aggregates) -> None:
    pages, inspection = StreamPages(store), InspectionDesk(store, aggregates)
    queries.register(GetStreamPage, pages.page)
    queries.register(GetBookHistory, pages.history)
    queries.register(GetInspection, inspection)
    queries.register(GetUndoing, UndoDesk(aggregates))
