"""Hop 9, for any system: finding events, by the event index where it has them, else in the store from the newest back.

The questions are :class:`~desk.application.event_question.EventQuestion`; an index and a scan answer them alike.
"""

import json
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime
from enum import Enum
from typing import Final, Protocol
from uuid import UUID

from desk.application.event_question import EventQuestion, JsonPath, matches
from desk.application.scanning import PAGE, UNPROJECTED, BackwardScan
from desk.application.server_filter import server_filter
from desk.application.stream_names import KnownStreams
from desk.cqrs.messages import Query
from desk.cqrs.store import EventStore, Recorded
from desk.records import dataclass

SCANNED_AT_ONCE: Final = 5 * PAGE
"""Events of the store that one answer looks at; whoever wants more asks on from where it ended."""
BUILT_UNASKED: Final = 200_000
"""An embedded store of up to so many events is indexed when somebody opens its streams."""

GROWTH: Final = 1.6
"""Bytes on the disk for each byte of payload and metadata: what is kept, and its words."""
BESIDE: Final = 180
"""Bytes on the disk for each event beside that."""
WRITING: Final = 0.00012
"""Seconds that an event takes to be written."""


@dataclass(frozen=True, slots=True)
class EventLimits:
    """What the index of events was limited to; by default to nothing. Text as the index keeps it: :meth:`parse`."""

    since: datetime | None = None
    categories: tuple[str, ...] = ()
    headers_only: bool = False

    @classmethod
    def parse(cls, text: str) -> "EventLimits":
        """What ``str`` made."""
        if not text:
            return cls()
        given = json.loads(text)
        since = given.get("since")
        return cls(
            datetime.fromisoformat(since) if since else None, tuple(given["categories"]), bool(given["headersOnly"])
        )

    def __str__(self) -> str:
        if self == EventLimits():
            return ""
        since = self.since.isoformat() if self.since else None
        return json.dumps({"since": since, "categories": self.categories, "headersOnly": self.headers_only})

    @property
    def missing(self) -> str:
        """What an index of these limits does not have, as a sentence; empty where it has everything."""
        parts = []
        if self.since is not None:
            parts.append(f"events from before {self.since.astimezone():%Y-%m-%d %H:%M}")
        if self.categories:
            parts.append(f"streams of other categories than {', '.join(self.categories)}")
        if self.headers_only:
            parts.append("payloads and metadata")
        return f"Not indexed: {'; '.join(parts)}." if parts else ""


class ChosenBy(Enum):
    """Who has found the events: the server by its filter, the event index, or somebody who looked at each.

    NARROWED: the server chose some by what it can, and each of these was looked at.
    """

    SERVER = "server"
    INDEX = "index"
    NARROWED = "narrowed"
    LOOKING = "looking"


@dataclass(frozen=True, slots=True)
class FoundEvents:
    """A page of events, the newest first. ``before`` is where to ask on from (as :func:`place_of` of what was looked
    through); None: there is nothing more.

    ``looked_at`` counts the events that were looked at for this page, back to ``back_to`` (the store's clock);
    ``missing`` says what the index does not have, and was not looked at.
    """

    events: tuple[Recorded, ...]
    before: int | None
    by: ChosenBy
    looked_at: int = 0
    back_to: datetime | None = None
    missing: str = ""


@dataclass(frozen=True, slots=True)
class FindEvents(Query[FoundEvents]):
    """Events that a question means, before a position (None: from the newest on).

    Without an index an answer may have fewer than ``limit`` events, or none, and still more to come (``before``).
    """

    question: EventQuestion
    before: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class CountEvents(Query[int | None]):
    """How many events a question means; None where there is no index that could say."""

    question: EventQuestion


@dataclass(frozen=True, slots=True)
class IndexEstimate:
    """What an index of events would take, judged by the newest of them: how many, bytes on the disk, seconds."""

    events: int
    size: int
    seconds: float


@dataclass(frozen=True, slots=True)
class IndexReach:
    """Up to which event (its position and id) an index has the log (None: nothing yet), and what it was limited to."""

    position: int | None
    event_id: UUID | None
    limits: EventLimits


class EventIndexReader(Protocol):
    """What the part ``events`` answers, from any thread. Raises StoreUnavailable where its file cannot be read.

    :meth:`known_streams` is None where the part is not complete, or is paused.
    """

    def reach(self) -> IndexReach | None:
        """None where it is not complete."""

    def find(self, question: EventQuestion, before: int | None, limit: int) -> tuple[Recorded, ...]:
        """Events before a position, the newest first; without their payloads where these were left out."""

    def count(self, question: EventQuestion) -> int: ...

    def known_streams(self) -> KnownStreams | None: ...


class SearchPort(Protocol):
    """What belongs to finding events, and is no query. Safe to use from any thread; nothing waits."""

    def estimate(self) -> "Future[IndexEstimate]":
        """What an index of all events would take."""

    def streams_opened(self) -> None:
        """Somebody looks at streams: a small embedded store's events are indexed from now on."""

    def pinned(self) -> tuple[JsonPath, ...]:
        """The paths that are columns, and so have an index of their own."""

    def pin(self, path: JsonPath) -> "Future[None]":
        """Have an index for the values at this path. Fails with IndexRefused."""

    def unpin(self, path: JsonPath) -> "Future[None]":
        """Have none. Fails with IndexRefused."""


class EventSearch:
    """Answers FindEvents and CountEvents over an index, where there is one, and the store."""

    def __init__(self, store: EventStore, index: EventIndexReader | None) -> None:
        self._store, self._index = store, index

    def find(self, query: FindEvents) -> FoundEvents:
        """A page. Raises StoreError."""
        index, reach = self._index, self._reach(query.question)
        if index is None or reach is None:
            return self._scanned(query, None)
        last = -1 if reach.position is None else reach.position
        newest: tuple[Recorded, ...] = ()
        looked = 0
        if query.before is None or query.before > last + 1:
            scanned = self._scanned(query, last)
            if scanned.before is not None:
                return scanned
            newest, looked = scanned.events, scanned.looked_at
        before = last + 1 if query.before is None else min(query.before, last + 1)
        indexed = index.find(query.question, before, query.limit - len(newest))
        events = newest + with_payloads(self._store, reach, indexed)
        more = events[-1].position if len(events) == query.limit else None
        return FoundEvents(events, more, ChosenBy.INDEX, looked, missing=reach.limits.missing)

    def count(self, query: CountEvents) -> int | None:
        """Of all that the index has."""
        index, reach = self._index, self._reach(query.question)
        return None if index is None or reach is None else index.count(query.question)

    def _reach(self, question: EventQuestion) -> IndexReach | None:
        """None where the index is not there, or has nothing of what is asked for."""
        reach = None if self._index is None else self._index.reach()
        return None if reach is None or not can_answer(reach, question) else reach

    def _scanned(self, query: FindEvents, down_to: int | None) -> FoundEvents:
        chosen = server_filter(query.question)
        by = ChosenBy.LOOKING if chosen is None else ChosenBy.NARROWED
        only = UNPROJECTED if chosen is None else chosen.filter
        scan = BackwardScan(self._store, only, since=query.question.since, before=query.before, down_to=down_to)
        found: list[Recorded] = []
        for page in scan:
            found += [event for event in page.events if matches(query.question, event)]
            if len(found) >= query.limit or scan.looked.events >= SCANNED_AT_ONCE:
                break
        looked = scan.looked
        if len(found) > query.limit or (len(found) == query.limit and not looked.whole):
            found = found[: query.limit]
            return FoundEvents(tuple(found), found[-1].position, by, looked.events, found[-1].created)
        before = None if looked.whole else looked.position
        return FoundEvents(tuple(found), before, by, looked.events, looked.created)


def can_answer(reach: IndexReach, question: EventQuestion) -> bool:
    """Whether an index has what is asked for: one of headers alone knows no text."""
    return not (reach.limits.headers_only and (question.text or question.paths))


def with_payloads(store: EventStore, reach: IndexReach, found: tuple[Recorded, ...]) -> tuple[Recorded, ...]:
    """Events that an index has found, with what it does not have of them. Raises StoreError."""
    if not reach.limits.headers_only:
        return found
    return tuple(store.event_at(event.position) or event for event in found)


def estimate_of(newest: Sequence[Recorded], head: int, seconds: float) -> IndexEstimate:
    """Judged by the newest events, which took so many seconds to be read; ``head`` is the position of the last."""
    if not newest:
        return IndexEstimate(0, 0, 0.0)
    span = max(1, newest[0].position - newest[-1].position)
    events = len(newest) if len(newest) < PAGE else max(PAGE, round(head * (len(newest) - 1) / span))
    average = sum(len(event.data) + len(event.metadata) for event in newest) / len(newest)
    size = round(events * (average * GROWTH + BESIDE))
    return IndexEstimate(events, size, events * (seconds / len(newest) + WRITING))
