"""Streams for the tests of looking closely: events of the domain as a store gives them back, and random histories."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from desk.application.codec import event_registry
from desk.application.envelopes import EnvelopeCodec
from desk.application.inspection.fold import domain_folds
from desk.application.inspection.folded_stream import FoldedReader, FoldedStreams
from desk.application.journal import JournalEntry, JournalFilter
from desk.cqrs.endings import End
from desk.cqrs.errors import StreamNotFound
from desk.cqrs.messages import Envelope, Origin
from desk.cqrs.metadata import Metadata, encode_metadata
from desk.cqrs.store import Recorded
from desk.domain.book import INITIAL, decide, replay
from desk.domain.commands import BookCommand
from desk.domain.events import BookEvent, HoldPlaced
from desk.domain.policy import Moment, Policy
from desk.domain.streams import book_stream
from tests.domain.story import BOOK, TODAY, on, refusal
from tests.domain.test_book_walk import LISTED, Step, Walk, command_of, opening_of, steps_of

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


class Reading:
    """A store in which one stream can be read, and that counts the events it gave."""

    def __init__(self, events: list[Recorded]) -> None:
        self.events, self.read = events, 0

    def read_stream(
        self,
        stream: str,
        *,
        start: int | None = None,
        backwards: bool = False,
        limit: int | None = None,
        resolve_links: bool = False,
    ) -> Iterator[Recorded]:
        found = [event for event in self.events if event.revision >= (start or 0)][:limit]
        if not found:
            raise StreamNotFound(stream)
        self.read += len(found)
        return iter(found)


def reader_of(events: list[Recorded]) -> FoldedReader:
    """Reads these events as a session does."""
    store: Any = Reading(events)
    return FoldedReader(store, FoldedStreams(store, domain_folds(REGISTRY)))


@dataclass(frozen=True, slots=True)
class CommandedBook:
    """A book with all that was sent about it: events as stored, and the journal of the commands that led to them."""

    events: list[Recorded]
    entries: list[JournalEntry]

    def journal(self, wanted: JournalFilter) -> list[JournalEntry]:
        """What the journal port answers."""
        return [
            entry
            for entry in reversed(self.entries)
            if wanted.command_id in (None, entry.command_id) and (not wanted.ends or entry.end in wanted.ends)
        ]


def commanded(seed: int, steps: int = 70) -> CommandedBook:
    """A random walk as it is stored, and its journal; the policy is the usual one."""
    book, today, holds = INITIAL, TODAY, list[UUID]()
    events: list[BookEvent] = []
    commands: list[UUID] = []
    entries: list[JournalEntry] = []
    asked = [*LISTED, *steps_of(seed)[:steps]]
    for number, step in enumerate(asked):
        command = command_of(step, number, book, holds, today) if isinstance(step, Step) else step
        today += timedelta(days=step.days if isinstance(step, Step) else 0)
        moment = on(today)
        command_id = uuid5(BOOK, f"sent {number}")
        refused = refusal(book, command, moment, Policy())
        decided = () if refused else decide(book, command, moment, Policy())
        if decided or refused:
            entries.append(_entry(command, command_id, moment, refused is not None))
        holds += [event.hold_id for event in decided if isinstance(event, HoldPlaced)]
        book = replay(decided, book)
        events += decided
        commands += [command_id] * len(decided)
    return CommandedBook(stored(events, commands=commands), entries)


def _entry(command: BookCommand, command_id: UUID, moment: Moment, refused: bool) -> JournalEntry:
    env = Envelope(
        message=command,
        id=command_id,
        correlation_id=command_id,
        trigger_id=None,
        origin=Origin.USER,
        user="ada",
        issued_at=moment.now,
        today=moment.today,
        deadline=0.0,
    )
    end, sentence = (End.REFUSED, "No.") if refused else (End.SUCCEEDED, "Stored.")
    name = type(command).__name__
    payload = EnvelopeCodec().encode(env)
    return JournalEntry(command_id, STREAM, name, payload, "ada", "user", moment.now, 4.5, 1, end, "ok", sentence)
