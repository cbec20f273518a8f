"""Hop 4: gives an aggregate a way to the store: pending events, the version they were decided on, their metadata."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from desk.cqrs.aggregate import Aggregate
from desk.cqrs.errors import Cancelled, Conflict, OutcomeUnknown, StoreError, TooLarge
from desk.cqrs.identity import event_id
from desk.cqrs.messages import Envelope, Outcome
from desk.cqrs.metadata import Metadata, encode_metadata
from desk.cqrs.registry import EventRegistry
from desk.cqrs.repository import Repository
from desk.cqrs.store import LARGEST_APPEND, EventStore, NewEvent

S = TypeVar("S")
E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Source:
    """Where events come from: the machine's name and the build."""

    host: str
    app_version: str


class EventPublisher:
    """Publishes to an event store. One for the whole program."""

    def __init__(self, store: EventStore, registry: EventRegistry, source: Source) -> None:
        self.store, self.registry, self.source = store, registry, source

    def merge(
        self, aggregate: Aggregate[S, E], env: Envelope[object], repository: Repository[S, E]
    ) -> "Committable[S, E]":
        """The aggregate, able to commit what it decided for this message."""
        return Committable(self, aggregate, env, repository)

    def new_events(self, stream: str, events: tuple[object, ...], env: Envelope[object]) -> tuple[NewEvent, ...]:
        """Events as they are stored. Raises WiringError for a class that is not registered."""
        return tuple(self._new_event(stream, index, event, env) for index, event in enumerate(events))

    def _new_event(self, stream: str, index: int, event: object, env: Envelope[object]) -> NewEvent:
        name, schema, data = self.registry.encode(event)
        metadata = Metadata(
            correlation_id=env.correlation_id,
            causation_id=env.id,
            command_id=env.id,
            command_type=type(env.message).__name__,
            trigger=env.trigger_id,
            user=env.user,
            host=self.source.host,
            app_version=self.source.app_version,
            issued_at=env.issued_at,
            schema=schema,
        )
        return NewEvent(event_id(env.id, stream, index), name, data, encode_metadata(metadata))


class Committable(Generic[S, E]):
    """An aggregate with its decision, on the way to the store."""

    def __init__(
        self, publisher: EventPublisher, aggregate: Aggregate[S, E], env: Envelope[object], repository: Repository[S, E]
    ) -> None:
        self._publisher, self._aggregate, self._env, self._repository = publisher, aggregate, env, repository

    def commit(self) -> Outcome:
        """Append all pending events at the version they were decided on; blocks until the store acknowledged.

        Raises Conflict, StoreError, Cancelled. The aggregate keeps its pending events unless they are stored.
        """
        aggregate, env = self._aggregate, self._env
        if aggregate.earlier is not None:
            return Outcome(aggregate.earlier.receipt, tuple(aggregate.earlier.events), repeated=True)
        events = tuple(aggregate.pending)
        if not events:
            return Outcome(None)
        new = self._publisher.new_events(aggregate.stream, events, env)
        size = sum(len(event.data) + len(event.metadata) for event in new)
        if size > LARGEST_APPEND:
            raise TooLarge(f"{size:,} bytes are more than the {LARGEST_APPEND:,} that one command may store.")
        if env.cancel.is_set():
            raise Cancelled("given up before anything was stored")
        try:
            receipt = self._publisher.store.append(
                aggregate.stream, aggregate.version, new, timeout=max(env.remaining(), 0.05)
            )
        except OutcomeUnknown as error:
            self._repository.doubt(aggregate.stream)
            error.command_id = env.id
            raise
        except (Conflict, StoreError):
            self._repository.doubt(aggregate.stream)
            raise
        self._repository.remember(aggregate.committed(env.id, receipt))
        return Outcome(receipt, events)
