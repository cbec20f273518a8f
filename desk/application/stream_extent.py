"""How far a stream reaches, what its own metadata hides of it, and where in it something stands."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID

from desk.application.event_json import object_in
from desk.application.event_question import UnreadableQuestion
from desk.application.queries import Source
from desk.application.streampages import pages_backwards, place_of
from desk.cqrs.errors import AccessDenied, StreamIsGone, StreamNotFound
from desk.cqrs.messages import Query
from desk.cqrs.store import EventStore, Recorded
from desk.records import dataclass

PAGE: Final = 1_000
PAGES: Final = 10
"""Pages that one question looks through where nothing leads to an event directly."""
DELETED_FROM: Final = 2**63 - 1
"""What ``$tb`` is for a stream that was deleted: everything is before it."""

Goal = int | datetime | UUID


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """What a stream's own metadata says; None for what it does not say. ``max_age`` is in seconds."""

    revision: int
    max_count: int | None = None
    max_age: int | None = None
    truncate_before: int | None = None
    acl: Any = None
    custom: Mapping[str, Any] | None = None

    @property
    def is_deletion(self) -> bool:
        """Whether it says that the stream was deleted."""
        return self.truncate_before == DELETED_FROM


@dataclass(frozen=True, slots=True)
class StreamExtent:
    """The revisions of the first and last event that can be read; None where there is none."""

    first: int | None
    last: int | None
    metadata: StreamSettings | None

    @property
    def count(self) -> int:
        return 0 if self.first is None or self.last is None else self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class GetStreamExtent(Query[StreamExtent]):
    """How far a stream reaches."""

    stream: str


@dataclass(frozen=True, slots=True)
class Located:
    """Where something stands in its source (``place`` as :func:`place_of`), or a sentence why nowhere.

    Where neither is said, nothing was found down to ``before``, and asking goes on from there; ``looked`` events so
    far.
    """

    place: int | None = None
    why_not: str = ""
    before: int | None = None
    looked: int = 0


@dataclass(frozen=True, slots=True)
class LocateEvent(Query[Located]):
    """Where an event stands: at a revision (or, with ``by_position``, at or after a position), nearest to a moment, or
    with an id. ``before``: only what stands before that place was not looked at yet."""

    source: Source
    goal: Goal
    by_position: bool = False
    before: int | None = None


def read_goal(text: str, source: Source) -> LocateEvent:
    """What somebody typed: ``4901`` is a revision in a stream and a position else; ``position 81920``, a date with or
    without a time in this computer's zone, an event's id. Raises UnreadableQuestion."""
    typed = text.strip()
    number = re.fullmatch(r"(?:(position|revision)\s*)?([0-9][0-9,]*)(@\S+)?", typed, re.IGNORECASE)
    if number is not None:
        by_position = source.stream is None or (number[1] or "").lower() == "position"
        return LocateEvent(source, int(number[2].replace(",", "")), by_position=by_position)
    try:
        return LocateEvent(source, UUID(typed))
    except ValueError:
        pass
    try:
        return LocateEvent(source, datetime.fromisoformat(typed).astimezone(UTC))
    except ValueError:
        wrong = f"{typed!r} is no revision, position (position 81920), date (2026-03-04 15:30) or id of an event."
        raise UnreadableQuestion(wrong) from None


class StreamExtents:
    """Answers GetStreamExtent and LocateEvent."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    def extent(self, query: GetStreamExtent) -> StreamExtent:
        """Raises StoreError; a stream that is not there reaches nowhere."""
        first, last = (self._end(query.stream, backwards=backwards) for backwards in (False, True))
        metadata = self._metadata(query.stream)
        if first is None or last is None:
            return StreamExtent(None, None, metadata)
        return StreamExtent(first.revision, last.revision, metadata)

    def locate(self, query: LocateEvent) -> Located:
        """Raises StoreError."""
        stream, goal = query.source.stream, query.goal
        if stream is None:
            return self._in_all(query)
        if isinstance(goal, UUID):
            return self._scan(query, lambda event: event.id == goal or (event.link or event).id == goal)
        first, last = (self._end(stream, backwards=backwards) for backwards in (False, True))
        if first is None or last is None:
            return Located(why_not=f"There is no stream named {stream}, or it was deleted.")
        if isinstance(goal, int) and not query.by_position:
            return _at_revision(goal, first.revision, last.revision)
        return Located(self._bisect(stream, first, last, _measure(goal)))

    def _in_all(self, query: LocateEvent) -> Located:
        goal = query.goal
        if isinstance(goal, int):
            return Located(goal)
        if isinstance(goal, UUID):
            return self._scan(query, lambda event: event.id == goal)
        return self._scan(query, lambda event: event.created is not None and event.created <= goal)

    def _end(self, stream: str, *, backwards: bool) -> Recorded | None:
        try:
            return next(iter(self._store.read_stream(stream, backwards=backwards, limit=1)), None)
        except (StreamNotFound, StreamIsGone):
            return None

    def _metadata(self, stream: str) -> StreamSettings | None:
        try:
            event = self._end(f"$${stream}", backwards=True)
        except AccessDenied:
            return None
        return read_stream_metadata(event) if event is not None else None

    def _bisect(self, stream: str, first: Recorded, last: Recorded, far: Callable[[Recorded], float]) -> int:
        """The event nearest to where ``far`` is 0; it is below before that, and above after."""
        low, high = first, last
        while high.revision - low.revision > 1:
            middle = next(iter(self._store.read_stream(stream, start=(low.revision + high.revision) // 2, limit=1)))
            low, high = (middle, high) if far(middle) <= 0 else (low, middle)
        return min((low, high), key=lambda event: abs(far(event))).revision

    def _scan(self, query: LocateEvent, is_wanted: Callable[[Recorded], bool]) -> Located:
        """From the newest event backwards, a few pages."""
        before, looked = query.before, 0
        for page in islice(pages_backwards(self._store, query.source, before, PAGE, as_stored=True), PAGES):
            for event in page:
                looked += 1
                if is_wanted(event):
                    return Located(place_of(query.source, event), looked=looked)
            if len(page) < PAGE:
                return Located(why_not="There is no such event here.", looked=looked)
            before = place_of(query.source, page[-1])
        return Located(before=before, looked=looked)


def read_stream_metadata(event: Recorded) -> StreamSettings:
    """What an event of a ``$$`` stream says; what makes no sense is not said."""
    fields = object_in(event.data)
    custom = {name: value for name, value in fields.items() if not name.startswith("$")}
    return StreamSettings(
        event.revision,
        _number(fields.get("$maxCount")),
        _number(fields.get("$maxAge")),
        _number(fields.get("$tb")),
        fields.get("$acl"),
        custom or None,
    )


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _at_revision(goal: int, first: int, last: int) -> Located:
    if goal > last:
        return Located(why_not=f"The newest event of this stream has revision {last:,}.")
    if goal < first:
        return Located(why_not=f"The oldest event of this stream that can still be read has revision {first:,}.")
    return Located(goal)


def _measure(goal: int | datetime | UUID) -> Callable[[Recorded], float]:
    if isinstance(goal, datetime):
        return lambda event: (event.created - goal).total_seconds() if event.created is not None else 0.0
    assert isinstance(goal, int)
    return lambda event: event.position - goal
