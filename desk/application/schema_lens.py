"""What the payloads of a type of event look like: their shapes over time, and which fields come and go."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import field
from datetime import datetime

from desk.application.event_question import document_of
from desk.cqrs.store import Recorded
from desk.records import dataclass

Shape = tuple[tuple[str, str], ...]
"""Paths and kinds of values, by path: ``lines[].sku`` is what stands in each element of an array."""


@dataclass(slots=True)
class SeenAt:
    """How often something was seen, and the first and last event that had it."""

    count: int
    first: Recorded
    last: Recorded

    def see(self, event: Recorded) -> None:
        """It was seen once more."""
        self.count += 1
        if event.position < self.first.position:
            self.first = event
        if event.position > self.last.position:
            self.last = event

    @property
    def between(self) -> tuple[datetime | None, datetime | None]:
        """The store's clock of the first and the last."""
        return self.first.created, self.last.created


@dataclass(frozen=True, slots=True)
class FieldOfType:
    """A field: the kinds of its values with how often each was seen, and how it comes and goes.

    ``optional``: events between the first and the last that had it lack it. ``vanished``: the newest events lack it;
    ``came_later``: the oldest ones do.
    """

    path: str
    kinds: tuple[tuple[str, int], ...]
    seen: SeenAt
    optional: bool
    vanished: bool
    came_later: bool


@dataclass(slots=True)
class SchemaLens:
    """The payloads of one type. Events may be added in any order, each once."""

    seen: SeenAt | None = None
    shapes: dict[Shape, SeenAt] = field(default_factory=dict)
    no_json: int = 0
    _fields: dict[str, SeenAt] = field(default_factory=dict)
    _kinds: dict[str, Counter[str]] = field(default_factory=dict)
    _positions: list[int] = field(default_factory=list)

    def add(self, events: Iterable[Recorded]) -> None:
        """Look at further events."""
        for event in events:
            if self.seen is None:
                self.seen = SeenAt(0, event, event)
            self.seen.see(event)
            self._add(event)

    def _add(self, event: Recorded) -> None:
        document = document_of(event.data)
        if document is None:
            self.no_json += 1
            return
        self._positions.append(event.position)
        shape = shape_of(document)
        self.shapes.setdefault(shape, SeenAt(0, event, event)).see(event)
        for path in {path for path, _ in shape}:
            self._fields.setdefault(path, SeenAt(0, event, event)).see(event)
        for path, kind in shape:
            self._kinds.setdefault(path, Counter())[kind] += 1

    @property
    def by_time(self) -> list[tuple[Shape, SeenAt]]:
        """The shapes, the one that was seen first at first."""
        return sorted(self.shapes.items(), key=lambda item: item[1].first.position)

    @property
    def fields(self) -> tuple[FieldOfType, ...]:
        """All fields by path, with how they come and go among the events that are JSON."""
        positions = sorted(self._positions)
        return tuple(self._field(path, seen, positions) for path, seen in sorted(self._fields.items()))

    def _field(self, path: str, seen: SeenAt, positions: list[int]) -> FieldOfType:
        first, last = seen.first.position, seen.last.position
        between = sum(first <= position <= last for position in positions)
        kinds = tuple(self._kinds[path].most_common())
        return FieldOfType(path, kinds, seen, seen.count < between, last < positions[-1], first > positions[0])


def shape_of(document: object) -> Shape:
    """The paths of a document and the kinds of the values there, each once."""
    return tuple(sorted(set(_parts(document))))


def _parts(document: object) -> Iterator[tuple[str, str]]:
    """Without recursion, for a document may be deep."""
    todo: list[tuple[str, object]] = [("", document)]
    while todo:
        path, value = todo.pop()
        if isinstance(value, dict):
            if path:
                yield path, "object"
            todo += [(f"{path}.{name}" if path else str(name), inner) for name, inner in value.items()]
        elif isinstance(value, list):
            yield path or "(whole)", "array"
            todo += [(f"{path}[]", inner) for inner in value]
        else:
            yield path or "(whole)", _kind(value)


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "text"
