"""Two documents compared value by value: two events, two states of a stream, or two streams."""

import json
from collections.abc import Iterator
from enum import Enum
from typing import Any, Final

from desk.application.event_question import document_of
from desk.application.inspection.merged_payloads import MergedPayloads, MergedState
from desk.application.json_document import document_of as json_of
from desk.cqrs.errors import StreamIsGone, StreamNotFound
from desk.cqrs.messages import Query
from desk.cqrs.store import EventStore, Recorded
from desk.records import dataclass

LONGEST: Final = 20_000
"""Events of a stream up to which its state is merged."""
NO_VALUE: Final = object()
"""What stands on the side that has no such value; null is a value."""


class Difference(Enum):
    """How a value is on the second side."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class ComparedValue:
    """A value at a path, as JSON text on both sides; empty where there is none."""

    path: str
    first: str
    second: str
    difference: Difference


@dataclass(frozen=True, slots=True)
class GetMergedState(Query[str]):
    """The merge of a stream's payloads up to a revision (None: its newest event), as JSON. Raises StreamNotFound."""

    stream: str
    revision: int | None = None


class MergedStateHandler:
    """Answers GetMergedState."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    def __call__(self, query: GetMergedState) -> str:
        """Raises StoreError."""
        fold, state, last = MergedPayloads(), MergedState(), -1
        try:
            for event in self._store.read_stream(query.stream, limit=LONGEST, resolve_links=True):
                last = (event.link or event).revision
                if query.revision is not None and last > query.revision:
                    break
                state = fold.evolve(state, event)
        except StreamIsGone as gone:
            raise StreamNotFound(str(gone)) from None
        ended = {"(ended by)": state.ended_by} if state.ended_by else {}
        return json.dumps(state.document | ended, ensure_ascii=False)


def compare_events(first: Recorded, second: Recorded) -> tuple[ComparedValue, ...]:
    """What stands beside their payloads, then the payloads, value by value."""
    heads = [
        {"type": event.type, "stream": event.stream, "revision": event.revision, "id": str(event.id)}
        for event in (first, second)
    ]
    return compare({"event": heads[0], "data": _payload(first)}, {"event": heads[1], "data": _payload(second)})


def compare(first: object, second: object) -> tuple[ComparedValue, ...]:
    """All values of both documents, in the order of the first, what only the second has at its place in that."""
    left, right = dict(_values(first)), dict(_values(second))
    paths = list(left)
    at = 0
    for path in right:
        if path in left:
            at = paths.index(path, 0) + 1 if len(paths) < 2000 else len(paths)
        else:
            paths.insert(at, path)
            at += 1
    return tuple(_compared(path, left.get(path, NO_VALUE), right.get(path, NO_VALUE)) for path in paths)


def _compared(path: str, first: object, second: object) -> ComparedValue:
    if first is NO_VALUE:
        difference = Difference.ADDED
    elif second is NO_VALUE:
        difference = Difference.GONE
    else:
        is_same = _text(first) == _text(second)
        difference = Difference.SAME if is_same else Difference.CHANGED
    return ComparedValue(path, _text(first), _text(second), difference)


def _values(document: object) -> Iterator[tuple[str, Any]]:
    """Leaves of a document by their paths; empty objects and arrays are leaves. Without recursion."""
    open_: list[tuple[str, object]] = [("$", document)]
    while open_:
        path, value = open_.pop()
        if isinstance(value, dict) and value:
            open_ += [(f"{path}.{name}", inner) for name, inner in reversed(value.items())]
        elif isinstance(value, list) and value:
            open_ += [(f"{path}[{place}]", value[place]) for place in reversed(range(len(value)))]
        else:
            yield path, value


def _payload(event: Recorded) -> object:
    if json_of(event.data) is None:
        return event.data.hex() if event.data else None
    return document_of(event.data)


def _text(value: object) -> str:
    return "" if value is NO_VALUE else json.dumps(value, ensure_ascii=False)
