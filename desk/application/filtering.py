"""Events of a source that somebody wants to see: what the server can choose it chooses, the rest is found otherwise.

A question over several streams that the server cannot answer goes to
:class:`~desk.application.event_search.EventSearch`, which has the index or looks through the store; one stream is
looked through here.
"""

from collections.abc import Callable, Iterable
from dataclasses import field, replace
from itertools import chain
from typing import Final

from desk.application.event_question import EventQuestion, JsonPath, document_of, matches
from desk.application.event_search import ChosenBy, FindEvents, FoundEvents
from desk.application.queries import Source
from desk.application.server_filter import server_filter
from desk.application.streampages import pages_backwards, place_of
from desk.cqrs.errors import StreamIsGone, StreamNotFound
from desk.cqrs.messages import Query
from desk.cqrs.store import EventStore, Filter, Recorded
from desk.records import dataclass

PAGE: Final = 500
AT_ONCE: Final = 5_000
"""Events of a stream that one answer looks at; whoever wants more asks on from where it ended."""


@dataclass(frozen=True, slots=True)
class StreamFilter:
    """What is wanted of a source; ``changed``: of one stream only the events that changed the value at this path."""

    question: EventQuestion = field(default_factory=EventQuestion)
    changed: JsonPath | None = None

    @property
    def is_empty(self) -> bool:
        return self == StreamFilter()

    def lets_through(self, event: Recorded) -> bool:
        """Whether an event that has just come is wanted; whether it changed anything is not known yet."""
        return matches(self.question, event) and (self.changed is None or bool(_values(self.changed, event)))


@dataclass(frozen=True, slots=True)
class FilterEvents(Query[FoundEvents]):
    """Up to ``limit`` events of a source that a filter wants, before a place; there may be fewer, and still more."""

    source: Source
    wanted: StreamFilter
    before: int | None = None
    limit: int = 100


class FilterEventsHandler:
    """Answers FilterEvents."""

    def __init__(self, store: EventStore, find: Callable[[FindEvents], FoundEvents]) -> None:
        self._store, self._find = store, find

    def __call__(self, query: FilterEvents) -> FoundEvents:
        """Raises StoreError; a stream that is not there has no events."""
        if query.source.stream is not None:
            return self._of_stream(query)
        question = replace(query.wanted.question, category=query.source.category or "")
        only = server_filter(question)
        if only is None or not only.is_all or query.wanted.changed is not None:
            return self._find(FindEvents(question, query.before, query.limit))
        return self._by_server(query, only.filter)

    def _by_server(self, query: FilterEvents, only: Filter) -> FoundEvents:
        events = tuple(self._store.read_all(start=query.before, backwards=True, limit=query.limit, only=only))
        before = events[-1].position if len(events) == query.limit else None
        return FoundEvents(events, before, ChosenBy.SERVER, len(events), events[-1].created if events else None)

    def _of_stream(self, query: FilterEvents) -> FoundEvents:
        looking = _Looking(query)
        try:
            for event in chain.from_iterable(pages_backwards(self._store, query.source, query.before, PAGE)):
                if looking.is_enough(event):
                    return looking.answer(looking.resumes_before(event))
        except (StreamNotFound, StreamIsGone):
            pass
        looking.end()
        return looking.answer(None)


class _Looking:
    """Goes back through one stream. What changed a path is known only once an earlier event had the path."""

    def __init__(self, query: FilterEvents) -> None:
        self._query, self._changed = query, query.wanted.changed
        self._found: list[Recorded] = []
        self._pending: Recorded | None = None
        self._count = 0
        self._last: Recorded | None = None

    def is_enough(self, event: Recorded) -> bool:
        """Take one more event; or, where there is enough, say so instead."""
        full = len(self._found) >= self._query.limit
        if full or (self._count >= AT_ONCE and self._pending is None):
            return True
        self._count += 1
        self._last = event
        if self._changed is None:
            self._keep(event)
        elif values := _values(self._changed, event):
            if self._pending is not None and _values(self._changed, self._pending) != values:
                self._keep(self._pending)
            self._pending = event
        return False

    def end(self) -> None:
        """There is nothing before: the first value that there was is a change."""
        if self._pending is not None:
            self._keep(self._pending)

    def resumes_before(self, event: Recorded) -> int:
        """Where to ask on from: whatever is not decided yet is looked at once more."""
        return place_of(self._query.source, self._pending or event) + 1

    def answer(self, before: int | None) -> FoundEvents:
        """What was found."""
        back_to = self._last.created if self._last is not None else None
        return FoundEvents(tuple(self._found), before, ChosenBy.LOOKING, self._count, back_to)

    def _keep(self, event: Recorded) -> None:
        if matches(self._query.wanted.question, event):
            self._found.append(event)


def _values(path: JsonPath, event: Recorded) -> tuple[object, ...]:
    return path.values(document_of(event.data))


def types_of(events: Iterable[Recorded]) -> tuple[str, ...]:
    """The types that occur, by name."""
    return tuple(sorted({event.type for event in events}))
