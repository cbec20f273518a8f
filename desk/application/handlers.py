"""Hop 3: one way for all commands: load the aggregate, let it decide, save it. No rule lives here."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from desk.application.codec import event_registry
from desk.application.command_events import ENTRY_OF, TABLE, Subject
from desk.application.spelling import describe_state, differences
from desk.cqrs.aggregate import Decider, Loaded
from desk.cqrs.bus import CommandBus
from desk.cqrs.dryrun import DryRun
from desk.cqrs.messages import Envelope, Outcome
from desk.cqrs.plugins.retry import EditConflict
from desk.cqrs.publisher import EventPublisher
from desk.cqrs.repository import Repository
from desk.cqrs.store import EventStore
from desk.cqrs.stories import LOAD
from desk.cqrs.story_log import StoryLog
from desk.domain import book, isbn_claim
from desk.domain.commands import CorrectBookDetails
from desk.domain.details import details_given
from desk.domain.errors import CorruptHistory, RuleBroken
from desk.domain.events import BookEvent, IsbnEvent
from desk.domain.isbn_claim import IsbnClaim
from desk.domain.policy import Moment, Policy
from desk.domain.state import Book
from desk.domain.streams import book_stream, isbn_stream

S = TypeVar("S")
E = TypeVar("E")


def moment_of(env: Envelope[Any]) -> Moment:
    """All that a decision may know of time: what the envelope says."""
    return Moment(now=env.issued_at, today=env.today)


def book_decider(policy: Policy) -> Decider[Book, BookEvent]:
    """Books, in the three functions that a repository needs."""

    def decide(state: Book, env: Envelope[Any]) -> tuple[BookEvent, ...]:
        return book.decide(state, env.message, moment_of(env), policy)

    return Decider(book.INITIAL, decide, book.evolve, (RuleBroken, CorruptHistory))


def isbn_decider(policy: Policy) -> Decider[IsbnClaim, IsbnEvent]:
    """Claims of ISBNs, in the three functions that a repository needs."""

    def decide(state: IsbnClaim, env: Envelope[Any]) -> tuple[IsbnEvent, ...]:
        return isbn_claim.decide(state, env.message, moment_of(env), policy)

    return Decider(isbn_claim.INITIAL, decide, isbn_claim.evolve, (RuleBroken, CorruptHistory))


class Aggregates:
    """The two repositories that everything shares."""

    def __init__(self, store: EventStore, publisher: EventPublisher, policy: Policy) -> None:
        registry = event_registry()
        self.books = Repository(store, publisher, registry, book_decider(policy))
        self.claims = Repository(store, publisher, registry, isbn_decider(policy))
        self.policy = policy


class AggregateHandler(Generic[S, E]):
    """The handler of every command of one kind of aggregate."""

    def __init__(self, repository: Repository[S, E], stream_of: Callable[[Any], str], stories: StoryLog) -> None:
        self._repository, self._stream_of, self._stories = repository, stream_of, stories

    def __call__(self, env: Envelope[Any]) -> Outcome:
        surely_new = ENTRY_OF[type(env.message)].begins_stream
        with self._stories.step(LOAD):
            aggregate = self._repository.get(self._stream_of(env.message), surely_new=surely_new)
        with self._stories.decision(aggregate):
            aggregate.execute(env)
        return self._repository.save(aggregate, env)

    def explain(self, env: Envelope[Any], loaded: Loaded[S, E] | None) -> DryRun:
        """What the command would lead to; raises whatever it would be refused with."""
        aggregate = self._repository.at(loaded or self._repository.load(self._stream_of(env.message)))
        before = describe_state(aggregate.state) if aggregate.exists else {}
        aggregate.execute(env)
        if not aggregate.pending:
            return DryRun()
        return DryRun(aggregate.pending, differences(before, describe_state(aggregate.pending_state)))


class CorrectionHandler:
    """Corrections name the revision that their author saw: what changed since in the same fields is a conflict.

    So the book is always read, and never assumed to be as this program last saw it.
    """

    def __init__(self, aggregates: Aggregates, stories: StoryLog) -> None:
        self._books, self._stories = aggregates.books, stories
        self._then = AggregateHandler(aggregates.books, stream_of_book, stories)

    def __call__(self, env: Envelope[CorrectBookDetails]) -> Outcome:
        with self._stories.step(LOAD):
            present = self._books.load(stream_of_book(env.message))
        aggregate = self._books.at(present)
        with self._stories.decision(aggregate):
            self._refuse_overtaken(present, env)
            aggregate.execute(env)
        return self._books.save(aggregate, env)

    def explain(self, env: Envelope[CorrectBookDetails], loaded: Loaded[Book, BookEvent] | None) -> DryRun:
        """What the correction would change; raises EditConflict where it comes too late."""
        present = loaded or self._books.load(stream_of_book(env.message))
        self._refuse_overtaken(present, env)
        return self._then.explain(env, present)

    def _refuse_overtaken(self, present: Loaded[Book, BookEvent], env: Envelope[CorrectBookDetails]) -> None:
        command, stream = env.message, present.stream
        if env.id in present.seen or present.version <= command.seen_revision:
            return
        seen = self._books.load(stream, upto=command.seen_revision)
        touched = tuple(
            name
            for name, value in details_given(command).items()
            if getattr(seen.state, name) != getattr(present.state, name) != value
        )
        if touched:
            raise EditConflict(stream, command.seen_revision, present.version, touched)


def stream_of_book(command: Any) -> str:
    """The stream that a book's command is about."""
    return book_stream(command.book_id)


def stream_of_isbn(command: Any) -> str:
    """The stream that a claim's command is about."""
    return isbn_stream(command.isbn)


def register_handlers(bus: CommandBus, aggregates: Aggregates, stories: StoryLog) -> None:
    """Every command of the table and its handler."""
    of_books = AggregateHandler(aggregates.books, stream_of_book, stories)
    of_claims = AggregateHandler(aggregates.claims, stream_of_isbn, stories)
    corrections = CorrectionHandler(aggregates, stories)
    for entry in TABLE:
        if entry.about is Subject.ISBN:
            bus.register(entry.command, of_claims, stream_of_isbn, of_claims.explain, leads_to=entry.events)
            continue
        handler = corrections if entry.command is CorrectBookDetails else of_books
        bus.register(entry.command, handler, stream_of_book, handler.explain, leads_to=entry.events)
