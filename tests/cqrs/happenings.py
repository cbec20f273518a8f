"""A tiny vocabulary of events for tests of the kernel."""

from dataclasses import dataclass
from uuid import uuid4

from desk.cqrs.metadata import Metadata, encode_metadata
from desk.cqrs.registry import EventRegistry, Schema
from desk.cqrs.store import NO_STREAM, EventStore, NewEvent


@dataclass(frozen=True, slots=True)
class Rained:
    mm: int


@dataclass(frozen=True, slots=True)
class Snowed:
    cm: int


def registry() -> EventRegistry:
    return EventRegistry(
        (
            Schema("Rained", 1, Rained, lambda event: {"mm": event.mm}, lambda fields: Rained(fields["mm"])),
            Schema("Snowed", 1, Snowed, lambda event: {"cm": event.cm}, lambda fields: Snowed(fields["cm"])),
        )
    )


def rain(*millimetres: int) -> tuple[NewEvent, ...]:
    """Events as another program might append them."""
    meta = encode_metadata(Metadata())
    return tuple(NewEvent(uuid4(), "Rained", b'{"mm":%d}' % mm, meta) for mm in millimetres)


def append(store: EventStore, stream: str, events: tuple[NewEvent, ...], expected: int = NO_STREAM) -> None:
    store.append(stream, expected, events, timeout=5)
