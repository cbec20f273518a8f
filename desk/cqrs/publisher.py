"""Hop 4: the way out of what an aggregate decided: its events and their metadata, at the version decided on.

What :class:`StorePublisher` appends to an event store comes back by a message source.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from desk.cqrs.errors import TooLarge
from desk.cqrs.identity import event_id
from desk.cqrs.messages import Envelope
from desk.cqrs.metadata import Metadata, encode_metadata
from desk.cqrs.registry import EventRegistry
from desk.cqrs.store import LARGEST_APPEND, EventStore, NewEvent, Receipt
from desk.records import dataclass

Appending = Callable[[tuple[NewEvent, ...]], AbstractContextManager[object]]
"""Is entered while these are given to the store; see :class:`~desk.cqrs.story_log.StoryLog`."""


@dataclass(frozen=True, slots=True)
class EventOrigin:
    """Where events come from: the machine's name and the build."""

    host: str
    app_version: str


class EventPublisher(Protocol):
    """Publishes the events of one decision, all or none."""

    def publish_all(self, stream: str, expected: int, events: tuple[object, ...], env: Envelope[object]) -> Receipt:
        """Make events durable at exactly the revision ``expected``; blocks until they are.

        The same command again at the same place is a success that stores nothing. Raises Conflict, StoreError
        (TooLarge and OutcomeUnknown among them), and WiringError for a class that is not a registered event.
        """


class StorePublisher:
    """Publishes to an event store: ids follow from the command's, and metadata say where an event comes from."""

    def __init__(
        self,
        store: EventStore,
        registry: EventRegistry,
        origin: EventOrigin,
        *,
        appending: Appending = lambda _events: nullcontext(),
    ) -> None:
        self._store, self._registry, self._origin, self._appending = store, registry, origin, appending

    def publish_all(self, stream: str, expected: int, events: tuple[object, ...], env: Envelope[object]) -> Receipt:
        """As the port says, within what is left of the message's time."""
        new = self._encode(stream, events, env)
        with self._appending(new):
            return self._store.append(stream, expected, new, timeout=max(env.remaining(), 0.05))

    def _encode(self, stream: str, events: tuple[object, ...], env: Envelope[object]) -> tuple[NewEvent, ...]:
        """Events as they are stored. Raises WiringError for a class that is not registered, and TooLarge."""
        new = tuple(self._new_event(stream, index, event, env) for index, event in enumerate(events))
        size = sum(len(event.data) + len(event.metadata) for event in new)
        if size > LARGEST_APPEND:
            raise TooLarge(f"{size:,} bytes are more than the {LARGEST_APPEND:,} that one command may store.")
        return new

    def _new_event(self, stream: str, index: int, event: object, env: Envelope[object]) -> NewEvent:
        name, schema, data = self._registry.encode(event)
        metadata = Metadata(
            correlation_id=env.correlation_id,
            causation_id=env.id,
            command_id=env.id,
            command_type=type(env.message).__name__,
            trigger=env.trigger_id,
            user=env.user,
            host=self._origin.host,
            app_version=self._origin.app_version,
            issued_at=env.issued_at,
            schema=schema,
        )
        return NewEvent(event_id(env.id, stream, index), name, data, encode_metadata(metadata))
