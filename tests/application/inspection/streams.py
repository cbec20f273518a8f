"""Streams for the tests of looking closely: events of the domain as a store gives them back, and random histories."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from desk.application.codec import event_registry
from desk.cqrs.metadata import Metadata, encode_metadata
from desk.cqrs.store import Recorded
from desk.domain.events import BookEvent
from desk.domain.streams import book_stream
from tests.domain.story import BOOK
from tests.domain.test_book_walk import Walk, opening_of, steps_of

STREAM = book_stream(BOOK)
BEGIN = datetime(2025, 9, 3, 9, 12, 5, tzinfo=UTC)
REGISTRY = event_registry()


def stored(
    events: Sequence[BookEvent], users: Sequence[str] = ("ada",), commands: Sequence[UUID] = ()
) -> list[Recorded]:
    """The events of one book, an hour apart, by these users in turn."""
    return [_stored(number, event, users[number % len(users)], commands) for number, event in enumerate(events)]


def _stored(number: int, event: BookEvent, user: str, commands: Sequence[UUID]) -> Recorded:
    name, schema, data = REGISTRY.encode(event)
    command = commands[number] if commands else uuid5(BOOK, f"command {number}")
    moment = BEGIN + timedelta(hours=number)
    meta = Metadata(
        correlation_id=command, causation_id=command, command_id=command, user=user, issued_at=moment, schema=schema
    )
    event_id = uuid5(BOOK, f"event {number}")
    return Recorded(event_id, STREAM, number, number * 100, name, data, encode_metadata(meta), moment)


def random_history(seed: int) -> list[BookEvent]:
    """What happened to a book in a random walk."""
    walk = Walk()
    walk.go(opening_of(seed), steps_of(seed))
    return walk.history
