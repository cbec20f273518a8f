"""A session in memory that has streams: histories, pages, inspections, and tails that a test makes speak."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any, TypeVar, cast
from uuid import UUID, uuid5

from desk.application.books_by_name import GetBooksByName, GetTitles
from desk.application.event_question import matches
from desk.application.event_search import ChosenBy, CountEvents, FoundEvents
from desk.application.filtering import FilterEvents
from desk.application.history import FieldValue, HistoryColumns, Inspection, SetBy, ValueChange
from desk.application.inspection.commands import GetRefusedCommands
from desk.application.queries import (
    GetActivity,
    GetBookHistory,
    GetInspection,
    GetStreamPage,
    GetTouches,
    Source,
    StreamPage,
)
from desk.application.session import Session, TailState
from desk.application.story import GetStory
from desk.application.stream_extent import GetStreamExtent, Located, LocateEvent, StreamExtent
from desk.application.stream_names import Extent, GetKnownStreams, KnownStreams, summary_of
from desk.application.streampages import place_of
from desk.application.timeline.rows import append_rows, row_of
from desk.cqrs.errors import StreamNotFound
from desk.cqrs.messages import Query
from desk.cqrs.metadata import Metadata, encode_metadata, parse_metadata
from desk.cqrs.store import Recorded
from tests.sessions import session_of

R = TypeVar("R")
NAMES = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
BEGIN = datetime(2025, 9, 3, 9, 12, 5, tzinfo=UTC)


@cache
def recorded(
    stream: str,
    revision: int,
    type_name: str = "CopyLent",
    *,
    at: datetime | None = None,
    user: str = "ada",
    data: bytes = b'{"copyNo":1}',
    position: int | None = None,
    **more: Any,
) -> Recorded:
    """One event; by default a day after the one before."""
    moment = at or BEGIN + timedelta(days=revision)
    event_id = uuid5(NAMES, f"{stream} {revision}")
    why, by = (UUID(int=event_id.int ^ number) for number in (1, 2))  # a third of the time of three names
    meta = Metadata(correlation_id=why, causation_id=by, user=user, issued_at=moment)
    place = position if position is not None else 1000 + revision * 10
    later = moment + timedelta(milliseconds=3)
    metadata = more.pop("metadata", encode_metadata(meta))
    return Recorded(event_id, stream, revision, place, type_name, data, metadata, later, **more)


@dataclass(slots=True)
class FakeTail:
    """A tail that a test makes speak, on a thread of its own as the real one does."""

    source: Source
    after: int | None
    sink: Callable[[tuple[Recorded, ...]], None]
    on_state: Callable[[TailState], None]
    stopped: bool = False

    def stop(self) -> None:
        """Remembered."""
        self.stopped = True

    def say(self, *events: Recorded) -> None:
        """Deliver from another thread, and wait until that has ended."""
        self._elsewhere(lambda: self.sink(events))

    def tell(self, state: TailState) -> None:
        """Report from another thread."""
        self._elsewhere(lambda: self.on_state(state))

    def _elsewhere(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name="tail")
        thread.start()
        thread.join()


@dataclass(slots=True)
class FakeHistory:
    """``streams`` are in the store, those in ``known`` in the read model too. ``held`` keeps answers back.

    ``answers`` are those to other kinds of queries, by the kind.
    """

    streams: dict[str, list[Recorded]] = field(default_factory=dict)
    known: dict[str, HistoryColumns] = field(default_factory=dict)
    failures: list[Exception] = field(default_factory=list)
    asked: list[object] = field(default_factory=list)
    tails: list[FakeTail] = field(default_factory=list)
    story: FoundEvents = field(default_factory=lambda: FoundEvents((), None, ChosenBy.LOOKING))
    located: Located = field(default_factory=Located)
    chosen_by: ChosenBy = ChosenBy.LOOKING
    answers: dict[type, object] = field(
        default_factory=lambda: {GetRefusedCommands: (), GetTitles: {}, GetBooksByName: ()}
    )
    held: bool = False
    touches: dict[str, tuple[int, ...]] = field(default_factory=dict)
    notebook: Any = None
    waiting: list[Callable[[], None]] = field(default_factory=list)

    def add(self, stream: str, *events: Recorded, known: bool = True) -> None:
        """Events of a stream, also in the read model unless said otherwise."""
        self.streams.setdefault(stream, []).extend(events)
        if known:
            append_rows(self.known.setdefault(stream, HistoryColumns(stream)), map(row_of, events))

    def release(self) -> None:
        """Give the answers that were held back, in order."""
        self.held = False
        waiting, self.waiting = self.waiting, []
        for finish in waiting:
            finish()

    @property
    def tail(self) -> FakeTail:
        """The newest tail."""
        return self.tails[-1]

    @property
    def living(self) -> list[FakeTail]:
        """Tails that nobody stopped."""
        return [tail for tail in self.tails if not tail.stopped]

    # What Session asks for

    @property
    def session(self) -> Session:
        """Panels that only look need nothing but queries, and the name of the store."""
        about = SimpleNamespace(hosts="", name="this computer")
        return session_of(queries=self, about=about, bookmarks=self.notebook)

    def ask(self, query: Query[R], *, at_least: int | None = None) -> "Future[R]":
        """Answer at once, or when released."""
        self.asked.append(query)
        future: Future[R] = Future()

        def finish() -> None:
            try:
                if self.failures:
                    raise self.failures.pop(0)
                future.set_result(cast("R", self._answer(query)))
            except Exception as error:  # noqa: BLE001 - as an executor does
                future.set_exception(error)

        if self.held:
            self.waiting.append(finish)
        else:
            finish()
        return future

    def reader(self) -> None:
        """None is open."""

    def follow(
        self,
        source: Source,
        *,
        after: int | None,
        sink: Callable[[tuple[Recorded, ...]], None],
        on_state: Callable[[TailState], None],
    ) -> FakeTail:
        """A tail in a test's hands."""
        self.tails.append(FakeTail(source, after, sink, on_state))
        return self.tails[-1]

    # Within

    def _answer(self, query: object) -> object:
        match query:
            case GetActivity():
                return self.known.get(query.stream) or HistoryColumns(query.stream)
            case GetStreamPage():
                return self._page(query)
            case GetTouches():
                return dict(self.touches)
            case GetInspection():
                return self._inspection(query)
        return self._of_streams(query)

    def _of_streams(self, query: object) -> object:
        match query:
            case GetBookHistory():
                events = self.streams.get(query.stream, [])
                return tuple(event for event in events if event.revision >= query.from_revision)[: query.limit]
            case GetStreamExtent():
                places = [place_of(Source(query.stream), event) for event in self.streams.get(query.stream, [])]
                return StreamExtent(min(places, default=None), max(places, default=None), None)
            case FilterEvents():
                return self._filtered(query)
            case CountEvents():
                return sum(matches(query.question, event) for event in self._events(Source()))
            case GetStory():
                return self.story
            case LocateEvent():
                return self.located
            case GetKnownStreams():
                newest = sorted((events[-1] for events in self.streams.values()), key=lambda event: -event.position)
                return KnownStreams(tuple(map(summary_of, newest)), Extent.NEWEST_EVENTS)
        return self.answers[type(query)]

    def _events(self, source: Source) -> list[Recorded]:
        if source.stream is not None:
            return self.streams.get(source.stream, [])
        every = [event for events in self.streams.values() for event in events]
        every.sort(key=lambda event: event.position)
        return [event for event in every if not source.category or event.stream.startswith(f"{source.category}-")]

    def _page(self, query: GetStreamPage) -> StreamPage:
        events = self._events(query.source)
        if not events:
            return StreamPage(query.source, (), older=False, newer=False, missing=f"There is no {query.source}.")
        places = [place_of(query.source, event) for event in events]
        if query.around is not None:
            first = max(sum(place <= query.around for place in places) - query.limit // 2, 0)
            last = min(first + query.limit, len(events))
        elif query.oldest or query.after is not None:
            first = 0 if query.oldest else sum(place <= cast("int", query.after) for place in places)
            last = min(first + query.limit, len(events))
        else:
            last = len(events) if query.before is None else sum(place < query.before for place in places)
            first = max(last - query.limit, 0)
        return StreamPage(query.source, tuple(events[first:last]), older=first > 0, newer=last < len(events))

    def _filtered(self, query: FilterEvents) -> FoundEvents:
        """Looks at 1,000 events at a time."""
        places = [(place_of(query.source, event), event) for event in reversed(self._events(query.source))]
        left = [(place, event) for place, event in places if query.before is None or place < query.before]
        looked = left[:1000]
        found = [event for _, event in looked if query.wanted.lets_through(event)][: query.limit]
        full = len(found) == query.limit
        before = place_of(query.source, found[-1]) if full else looked[-1][0] if len(left) > 1000 else None
        return FoundEvents(tuple(found), before, self.chosen_by, len(looked), looked[-1][1].created)

    def _inspection(self, query: GetInspection) -> Inspection:
        event = next((e for e in self.streams.get(query.stream, []) if e.revision == query.revision), None)
        if event is None:
            raise StreamNotFound(f"{query.stream} has no event of revision {query.revision}.")
        meta = parse_metadata(event.metadata)
        first = SetBy(0, "BookCreated", "ben", BEGIN.timestamp())
        old, new = "The Hobit, or there and back", "The Hobbit, or There and Back Again"
        changes = (ValueChange("title", old, new, first), ValueChange("copies/1/state", None, "available", None))
        now = SetBy(query.revision, event.type, meta.user or "", BEGIN.timestamp())
        state = (
            FieldValue("title", new, now),
            FieldValue("language", "en", first),
            FieldValue("copies/1/state", "available", now),
            FieldValue("copies/1/due_on", "2026-03-12", first),
        )
        compared = None if query.since is None else self.streams[query.stream][query.since]
        return Inspection(event, changes, state, meta.issued_at, meta.user, compared=compared)
