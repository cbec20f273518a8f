"""Puts buses, plugins and handlers together, once; seals them, which finds what is missing."""

import threading
from collections.abc import Callable, Sequence
from typing import Final, Generic, Protocol, TypeVar

from desk.application.books_by_name import GetBooksByName, GetTitles, find_books, titles_of
from desk.application.catalogue import CatalogueReader, CatalogueSource, Interrupted, RowIds
from desk.application.codec import event_registry
from desk.application.command_events import COMMANDS, INTERNAL
from desk.application.comparing import GetMergedState, MergedStateHandler
from desk.application.compensations import DoneQueryHandler, GetDone, GetOffer, OfferQueryHandler
from desk.application.event_index import GetMoment, GetMomentAt, GetPastHits, IndexNotReady, IndexReader
from desk.application.event_search import (
    CountEvents,
    EventIndexReader,
    EventSearch,
    FindEvents,
)
from desk.application.filtering import FilterEvents, FilterEventsHandler
from desk.application.folds import FoldsPort
from desk.application.handlers import Aggregates, register_handlers
from desk.application.inspection.causes import CausesQueryHandler, GetCauses
from desk.application.inspection.commands import (
    CommandsQueryHandler,
    GetCommands,
    GetRefusedCommands,
    ReadJournal,
)
from desk.application.inspection.event_as_test import EventAsTestQueryHandler, GetEventAsTest
from desk.application.inspection.fold import domain_folds, every_fold
from desk.application.inspection.folded_stream import FoldedReader, FoldedStreams
from desk.application.inspection.handler import InspectionQueryHandler
from desk.application.inspection.rows import GetRowsWritten, RowsQueryHandler, RowsWritten, TryRows
from desk.application.inspection.user_folds import with_user_folds
from desk.application.permissions import PermissionsQueryHandler
from desk.application.queries import (
    GetActivity,
    GetAllBooks,
    GetBookById,
    GetBookHistory,
    GetCounts,
    GetInspection,
    GetIsbnHistory,
    GetMessages,
    GetPermissions,
    GetReadModelStatus,
    GetStreamPage,
    GetTouches,
    GetWiring,
)
from desk.application.refusals import refusal_of
from desk.application.story import GetStory, StoryHandler
from desk.application.stream_extent import GetStreamExtent, LocateEvent, StreamExtents
from desk.application.stream_names import GetKnownStreams, KnownStreamsHandler
from desk.application.streampages import StreamPages
from desk.application.validation import InvalidQuery, command_checks, query_checks
from desk.application.wiring_report import WiringQueryHandler
from desk.cqrs.bus import CommandBus
from desk.cqrs.endings import EndedCommand
from desk.cqrs.errors import StoreError, StoreUnavailable, UnknownEvent
from desk.cqrs.events import EventBus
from desk.cqrs.faults import FaultLog
from desk.cqrs.gate import ReadModelGate
from desk.cqrs.live_feed import LiveFeed
from desk.cqrs.message_log import MessageLog
from desk.cqrs.messages import Sender
from desk.cqrs.pipeline import Step
from desk.cqrs.plugins.freshness import Freshness
from desk.cqrs.plugins.in_flight import InFlight
from desk.cqrs.plugins.monitoring import Monitoring
from desk.cqrs.plugins.origin import OriginCheck
from desk.cqrs.plugins.retry import ConflictRetry
from desk.cqrs.plugins.telemetry import Telemetry
from desk.cqrs.plugins.validation import Validation
from desk.cqrs.publisher import EventOrigin, StorePublisher
from desk.cqrs.querybus import QueryBus
from desk.cqrs.store import EventStore
from desk.cqrs.story_log import StoryLog
from desk.domain.errors import CorruptHistory, RuleBroken
from desk.domain.policy import Policy
from desk.records import dataclass

Readers = Callable[[], CatalogueReader | None]
OPENING: Final = "The catalogue is still being opened; try again in a moment."
EXPECTED_OF_QUERIES: Final = (StoreError, Interrupted, UnknownEvent, CorruptHistory, InvalidQuery, RuleBroken)
"""How queries fail without anything being broken."""


@dataclass(frozen=True, slots=True)
class LookingPorts:
    """What looking closely at an event asks of adapters: the journal of commands, rows written on trial, and the folds
    of the user's own."""

    journal: ReadJournal = lambda _wanted: ()
    try_rows: TryRows = lambda _before, _then: RowsWritten(())
    folds: FoldsPort | None = None


@dataclass(frozen=True, slots=True)
class Buses:
    """Everything that a message can be given to, and the plugins that the window shows.

    ``switches`` are the plugins of both buses, in order, each once.
    """

    commands: CommandBus
    queries: QueryBus
    events: EventBus
    gate: ReadModelGate
    aggregates: Aggregates
    validation: Validation
    monitoring: Monitoring
    telemetry: Telemetry
    wiring: WiringQueryHandler
    log: MessageLog
    stories: StoryLog
    feed: LiveFeed
    switches: tuple[Step, ...]

    def close(self) -> None:
        """Stop taking messages, and let those that run come to their end."""
        self.events.close()
        self.commands.close()
        self.queries.close()
        self.gate.close()


class Closable(Protocol):
    """What is to be closed."""

    def close(self) -> None: ...


C = TypeVar("C", bound=Closable)


class ThreadLocalReaders(Generic[C]):
    """One reader for each thread that asks, made when it is first needed; ``missing`` says that there is none."""

    def __init__(
        self, make: Callable[[], C | None], missing: Callable[[], StoreError] = lambda: StoreUnavailable(OPENING)
    ) -> None:
        self._make, self._missing = make, missing
        self._own = threading.local()
        self._all: list[C] = []
        self._lock = threading.Lock()

    def __call__(self) -> C:
        """The caller's thread's own. Raises what ``missing`` makes while there is none."""
        reader: C | None = getattr(self._own, "reader", None)
        if reader is None:
            reader = self._make()
            if reader is None:
                raise self._missing()
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
    source: EventOrigin,
    readers: ThreadLocalReaders[CatalogueReader],
    policy: Policy | None = None,
    *,
    past: ThreadLocalReaders[IndexReader] | None = None,
    indexed: EventIndexReader | None = None,
    keeping: Sequence[Step] = (),
    faults: FaultLog | None = None,
    journal: Callable[[EndedCommand], None] = lambda _ended: None,
    looking: LookingPorts | None = None,
) -> Buses:
    """Build and seal the buses over a store and a read model. Raises WiringError for gaps and doubles.

    ``keeping`` are plugins around all attempts of a command that is valid, as the outbox. ``faults`` is the one
    channel of what fails behind the scenes, ``journal`` is told of each command that has ended. ``past`` are the
    readers of the event index; without them nothing is known of what was. ``indexed`` is what it knows of all events,
    ``looking`` what looking at one event needs of adapters.
    """
    moments = sender.moments
    log, gate, registry = faults or FaultLog(moments), ReadModelGate(), event_registry()
    feed = LiveFeed(log)
    passing = MessageLog(moments, log, feed.message, feed.event)
    stories = StoryLog(moments, refusal_of, journal, faults=log, messages=passing, tell=feed.story)
    monitoring, telemetry, freshness = Monitoring(), Telemetry(stories, passing), Freshness(gate)
    validation, in_flight = Validation({**command_checks(), **query_checks()}), InFlight()
    publisher = StorePublisher(store, registry, source, appending=stories.appending)
    aggregates = Aggregates(store, publisher, policy or Policy())
    commands = CommandBus(gate, in_flight=in_flight, refusals=refusal_of, faults=log, stories=stories)
    checks = (OriginCheck(INTERNAL), validation)
    commands.use(telemetry, monitoring, *checks, in_flight, *keeping, ConflictRetry())
    register_handlers(commands, aggregates, stories)
    events = EventBus(registry, log, around=gate.feed_thread)
    wiring = WiringQueryHandler(events, registry)
    wiring.add(commands.seal(COMMANDS))
    queries = QueryBus(freshness=freshness, faults=log, expected=EXPECTED_OF_QUERIES, log=passing)
    queries.use(monitoring, validation, freshness)
    _register_reads(queries, readers, past or ThreadLocalReaders(lambda: None, IndexNotReady))
    _register_histories(queries, store, aggregates, readers, looking or LookingPorts())
    _register_searches(queries, store, indexed)
    queries.register(GetPermissions, PermissionsQueryHandler(aggregates, commands, sender))
    queries.register(GetOffer, OfferQueryHandler(aggregates, commands, sender))
    queries.register(GetWiring, wiring)
    queries.register(GetMessages, lambda _query: passing.messages())
    wiring.add(queries.seal(sender.envelope))
    switches = (*commands.steps(), freshness)
    return Buses(
        commands,
        queries,
        events,
        gate,
        aggregates,
        validation,
        monitoring,
        telemetry,
        wiring,
        passing,
        stories,
        feed,
        switches,
    )


def _register_reads(
    queries: QueryBus, readers: ThreadLocalReaders[CatalogueReader], past: ThreadLocalReaders[IndexReader]
) -> None:
    searching: list[CatalogueSource] = []

    def source(at: int | None) -> CatalogueSource:
        return readers() if at is None else past().at(at)

    def all_books(query: GetAllBooks) -> RowIds:
        reader = source(query.at)
        searching.append(reader)
        try:
            return reader.order(query.question, query.limit)
        finally:
            searching.remove(reader)  # what its connection is asked next is nobody's search

    def overtake() -> None:
        for reader in tuple(searching):
            reader.interrupt()

    queries.register(GetAllBooks, all_books, overtake=overtake)
    queries.register(GetBooksByName, lambda query: find_books(readers(), query))
    queries.register(GetTitles, lambda query: titles_of(readers(), query))
    queries.register(GetBookById, lambda query: source(query.at).card(query.book_id))
    queries.register(GetCounts, lambda query: source(query.at).counts(query.today))
    queries.register(GetMoment, lambda query: past().moment(query.time))
    queries.register(GetMomentAt, lambda query: past().moment_at(query))
    queries.register(GetPastHits, lambda query: past().past_hits(query))
    queries.register(GetIsbnHistory, lambda query: readers().isbn_history(query.isbns))
    queries.register(GetReadModelStatus, lambda _query: readers().status())
    queries.register(GetActivity, lambda query: readers().activity(query.stream))


def _register_histories(
    queries: QueryBus,
    store: EventStore,
    aggregates: Aggregates,
    readers: ThreadLocalReaders[CatalogueReader],
    looking: LookingPorts,
) -> None:
    pages = StreamPages(store)
    registry = event_registry()
    own = domain_folds(registry)
    every = every_fold(registry)
    streams = FoldedStreams(store, every if looking.folds is None else with_user_folds(looking.folds, every))
    reader = FoldedReader(store, streams)
    of_commands = CommandsQueryHandler(reader, looking.journal)
    queries.register(GetStreamPage, pages.page)
    extents = StreamExtents(store)
    queries.register(GetStreamExtent, extents.extent)
    queries.register(LocateEvent, extents.locate)
    queries.register(GetBookHistory, pages.history)
    inspections = InspectionQueryHandler(store, streams)
    queries.register(GetInspection, inspections.inspection)
    queries.register(GetTouches, inspections.touches)
    queries.register(GetCommands, of_commands.commands)
    queries.register(GetRefusedCommands, of_commands.refused)
    queries.register(GetCauses, CausesQueryHandler(reader, lambda correlation: readers().trace(correlation)))
    queries.register(GetRowsWritten, RowsQueryHandler(reader, looking.try_rows, lambda stream: own(stream) is not None))
    queries.register(GetEventAsTest, EventAsTestQueryHandler(reader, looking.journal, registry))
    queries.register(GetDone, DoneQueryHandler(aggregates))


def _register_searches(queries: QueryBus, store: EventStore, indexed: EventIndexReader | None) -> None:
    search = EventSearch(store, indexed)
    queries.register(GetMergedState, MergedStateHandler(store))
    queries.register(GetKnownStreams, KnownStreamsHandler(store, indexed))
    queries.register(FindEvents, search.find)
    queries.register(GetStory, StoryHandler(store, search.find))
    queries.register(FilterEvents, FilterEventsHandler(store, search.find))
    queries.register(CountEvents, search.count)
