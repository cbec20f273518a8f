"""The commands behind events: from this computer's journal where it has them, else what the events themselves say."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from desk.application.inspection.folded_stream import FoldedReader
from desk.application.journal import JournalEntry, JournalFilter
from desk.cqrs.endings import End
from desk.cqrs.messages import Query
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.store import Recorded
from desk.records import dataclass

MOST: Final = 50
"""Commands that are looked up for one look."""


@dataclass(frozen=True, slots=True)
class CommandFacts:
    """A command: what is known of it. What is not known is None, and ``is_kept`` says whether the journal has it.

    ``fields`` are as in JSON. ``events`` are what it led to in the stream that is looked at, revision and type.
    ``milliseconds`` is from the bus until the answer, ``times_sent`` how often it was sent with the same id.
    """

    command_id: UUID | None
    type: str
    is_kept: bool
    events: tuple[tuple[int, str], ...] = ()
    fields: tuple[tuple[str, Any], ...] = ()
    user: str = ""
    host: str = ""
    origin: str = ""
    issued_at: datetime | None = None
    milliseconds: float | None = None
    attempts: int | None = None
    times_sent: int = 0
    outcome: str = ""
    trigger: UUID | None = None


@dataclass(frozen=True, slots=True)
class GetCommands(Query[tuple[CommandFacts, ...]]):
    """The commands that led to an event, or to all events after ``since`` up to it, in their order."""

    stream: str
    revision: int
    since: int | None = None


@dataclass(frozen=True, slots=True)
class RefusedCommand:
    """A command that this computer sent about a stream, and that was refused."""

    type: str
    user: str
    issued_at: datetime
    sentence: str


@dataclass(frozen=True, slots=True)
class GetRefusedCommands(Query[tuple[RefusedCommand, ...]]):
    """The commands about a stream that were refused, as far as this computer's journal has them; the newest first."""

    stream: str


ReadJournal = Callable[[JournalFilter], Sequence[JournalEntry]]
"""Entries of the journal, the newest first. Raises StoreUnavailable."""


class CommandsQueryHandler:
    """Answers GetCommands and GetRefusedCommands."""

    def __init__(self, reader: FoldedReader, journal: ReadJournal) -> None:
        self._reader, self._journal = reader, journal

    def commands(self, query: GetCommands) -> tuple[CommandFacts, ...]:
        """Raises StreamNotFound, StoreError."""
        events = self._reader.around(query.stream, query.since, query.revision)
        first = query.revision if query.since is None else query.since + 1
        by_command: dict[UUID | None, list[Recorded]] = {}
        for event in events:
            meta = parse_metadata(event.metadata)
            by_command.setdefault(meta.command_id or meta.causation_id, []).append(event)
        span = range(first, query.revision + 1)
        wanted = [key for key, led_to in by_command.items() if any(event.revision in span for event in led_to)]
        return tuple(self._facts(key, by_command[key]) for key in wanted[-MOST:])

    def refused(self, query: GetRefusedCommands) -> tuple[RefusedCommand, ...]:
        found = self._journal(JournalFilter(stream=query.stream, ends=(End.REFUSED,)))
        return tuple(RefusedCommand(each.type, each.user, each.issued_at, each.sentence) for each in found)

    def _facts(self, command_id: UUID | None, events: Sequence[Recorded]) -> CommandFacts:
        entries = self._journal(JournalFilter(command_id=command_id)) if command_id is not None else ()
        meta = parse_metadata(events[0].metadata)
        led_to = tuple((event.revision, event.type) for event in events)
        if not entries:
            return CommandFacts(
                command_id,
                meta.command_type or "",
                is_kept=False,
                events=led_to,
                user=meta.user or "",
                host=meta.host or "",
                issued_at=meta.issued_at,
                trigger=meta.trigger,
            )
        # It may have been sent again, with the same id: what the last one came to is what counts.
        entry = next((entry for entry in entries if entry.end is End.SUCCEEDED), entries[0])
        return CommandFacts(
            command_id,
            entry.type,
            is_kept=True,
            events=led_to,
            fields=_fields(entry.payload),
            user=entry.user,
            host=meta.host or "",
            origin=entry.origin,
            issued_at=entry.issued_at,
            milliseconds=entry.milliseconds,
            attempts=entry.attempts,
            times_sent=len(entries),
            outcome=entry.sentence,
            trigger=meta.trigger,
        )


def _fields(payload: bytes) -> tuple[tuple[str, Any], ...]:
    """The command's own fields; none where another version of Desk wrote them in another way."""
    try:
        return tuple(json.loads(payload)["command"].items())
    except (ValueError, KeyError, AttributeError, TypeError):
        return ()
