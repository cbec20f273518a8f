"""An event as a test that can be pasted: given what was before, when the command, then the events that it led to.

For books a pytest function over the domain, which stands by itself; for other streams given, when, then in JSON.
"""

import re
from collections.abc import Sequence
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Final
from uuid import UUID

from desk.application.book_fields import changes_of_book
from desk.application.envelopes import EnvelopeCodec
from desk.application.event_json import event_json
from desk.application.inspection.commands import ReadJournal
from desk.application.inspection.folded_stream import FoldedReader
from desk.application.journal import JournalFilter
from desk.cqrs.endings import End
from desk.cqrs.errors import UnknownEvent
from desk.cqrs.messages import Envelope, Query
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.registry import EventRegistry
from desk.cqrs.store import Recorded
from desk.domain.book import INITIAL, evolve, replay
from desk.domain.errors import CorruptHistory
from desk.domain.streams import book_id_of
from desk.domain.values import UNSET
from desk.records import dataclass

GIVEN: Final = 20
"""Events before the one of a stream that is no book's which are written out."""


@dataclass(frozen=True, slots=True)
class GetEventAsTest(Query[str]):
    """The text of a test of one event."""

    stream: str
    revision: int


class EventAsTestQueryHandler:
    """Answers GetEventAsTest."""

    def __init__(self, reader: FoldedReader, journal: ReadJournal, registry: EventRegistry) -> None:
        self._reader, self._journal, self._registry = reader, journal, registry
        self._codec = EnvelopeCodec()

    def __call__(self, query: GetEventAsTest) -> str:
        """Raises StreamNotFound, StoreError."""
        since = max(query.revision - GIVEN, 0) - 1
        near = self._reader.around(query.stream, since, query.revision)
        if book_id_of(query.stream) is None:
            return _in_json([event for event in near if since < event.revision <= query.revision])
        event = next((event for event in near if event.revision == query.revision), None)
        command_id = parse_metadata(event.metadata).command_id if event is not None else None
        env = self._envelope(command_id)
        same = [each.revision for each in near if env and parse_metadata(each.metadata).command_id == env.id]
        events = self._reader.upto(query.stream, max(same, default=query.revision))
        first = min(same, default=query.revision) - events[0].revision
        try:
            decoded = [self._decode(event) for event in events]
            return _function(decoded[:first], decoded[first:], env, query.revision)
        except (UnknownEvent, CorruptHistory, ValueError) as error:
            return f"# No test can be written of this event: {error}.\n"

    def _decode(self, event: Recorded) -> Any:
        return self._registry.decode(event.type, parse_metadata(event.metadata).schema, event.data)

    def _envelope(self, command_id: UUID | None) -> Envelope[Any] | None:
        found = self._journal(JournalFilter(command_id=command_id)) if command_id is not None else ()
        entry = next((entry for entry in found if entry.end is End.SUCCEEDED), None)
        try:
            return self._codec.decode(entry.payload) if entry is not None else None
        except (UnknownEvent, ValueError):
            return None


def _function(before: Sequence[Any], then: Sequence[Any], env: Envelope[Any] | None, revision: int) -> str:
    lines = [f"def test_{_snake(then[0])}_at_revision_{revision}() -> None:", *_listed("    before = replay(", before)]
    if env is None:
        lines += [f"    after = evolve(before, {_literal(then[0])})", *_expected(before, then[0])]
        names = {"evolve", "replay"}
        imports = ["from desk.application.book_fields import changes_of_book"]
    else:
        moment = f"Moment(now={_literal(env.issued_at)}, today={_literal(env.today)})"
        lines += [
            f"    command = {_literal(env.message)}",
            f"    moment = {moment}",
            *_listed("    assert decide(before, command, moment, Policy()) == (", then),
        ]
        names = {"decide", "replay"}
        imports = [
            f"from desk.domain.commands import {type(env.message).__name__}",
            "from desk.domain.policy import Moment, Policy",
        ]
    events = sorted({type(event).__name__ for event in (*before, *then)})
    body = "\n".join(lines)
    standard = [
        *(["from datetime import UTC, date, datetime"] if "date" in body else []),
        *(["from uuid import UUID"] if "UUID(" in body else []),
    ]
    desk = [
        f"from desk.domain.book import {', '.join(sorted(names))}",
        f"from desk.domain.events import {', '.join(events)}",
        *imports,
        *(["from desk.domain.values import UNSET"] if "UNSET" in body else []),
    ]
    return "\n".join([*standard, "", *sorted(desk), "", "", body, ""]).lstrip("\n")


def _listed(opening: str, events: Sequence[Any]) -> list[str]:
    """A tuple of events, one a line; ``opening`` ends in an open bracket."""
    if opening.endswith("replay("):
        opening += "("
        closing = "    ))"
    else:
        closing = "    )"
    return [opening, *(f"        {_literal(event)}," for event in events), closing]


def _expected(before: Sequence[Any], event: Any) -> list[str]:
    """What the event changed, said with the fields' keys: without the command nobody knows what was decided on."""
    state = replay(before) if before else INITIAL
    changes = changes_of_book(state, evolve(state, event))
    inside = [f"        {key!r}: ({old!r}, {new!r})," for key, (old, new) in changes.items()]
    return ["    assert changes_of_book(before, after) == {", *inside, "    }"]


def _literal(value: Any) -> str:
    """A value as Python writes it, with fields that have their default left out."""
    match value:
        case Enum():
            return "UNSET" if value is UNSET else repr(value.value)
        case datetime():
            moment = value.astimezone(UTC)
            parts = [moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second]
            parts += [moment.microsecond] if moment.microsecond else []
            return f"datetime({', '.join(map(str, parts))}, tzinfo=UTC)"
        case date():
            return f"date({value.year}, {value.month}, {value.day})"
        case UUID():
            return f'UUID("{value}")'
        case tuple():
            inside = ", ".join(map(_literal, value))
            return f"({inside},)" if len(value) == 1 else f"({inside})"
    if hasattr(type(value), "__dataclass_fields__"):
        given = [
            f"{field.name}={_literal(getattr(value, field.name))}"
            for field in fields(value)
            if field.default is MISSING or getattr(value, field.name) != field.default
        ]
        return f"{type(value).__name__}({', '.join(given)})"
    return repr(value)


def _snake(event: Any) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()


def _in_json(events: Sequence[Recorded]) -> str:
    *before, event = events
    given = "\n".join(event_json(each).rstrip() for each in before) or "nothing"
    first = f"the last {len(before)} events of {event.stream} before it" if before else event.stream
    return f"Given {first}\n{given}\n\nThen\n{event_json(event)}"
