"""Where a group's events come from: a stream or the log, first what is there and then what is written."""

from functools import partial

from desk.node.filters import EventFilter, accept_visible
from desk.node.groups.definition import ALL, Definition
from desk.node.groups.message import GroupMessage
from desk.node.groups.message_encoder import MessageEncoder
from desk.node.pages import Accepts, LogPage, LogPages, StreamEvents
from desk.node.readers import Readers
from desk.node.records import MAX, StoredEvent
from desk.node.wakeup import Wakeups
from desk.records import dataclass


@dataclass(frozen=True, slots=True)
class SourceBatch:
    """Some messages. ``place``: how far the source was looked at. ``live``: nothing was behind it.

    ``ended``: the stream is tombstoned.
    """

    messages: tuple[GroupMessage, ...]
    place: int
    live: bool
    ended: bool = False


class StreamSource:
    """A stream. Soft-deleted or missing, it is waited for."""

    def __init__(self, readers: Readers, wakeups: Wakeups, encoder: MessageEncoder, stream: str) -> None:
        self._readers = readers
        self._wakeups = wakeups
        self._encoder = encoder
        self._stream = stream
        self._considered: int | None = None

    async def after(self, place: int, count: int) -> SourceBatch:
        """At most so many events behind a revision; waits where there are none. Raises Failure and LogError."""
        while True:
            events = None if self._considered is None else await self._wakeups.after(self._considered, self._stream)
            if events is None:
                return await self._read(place, count)
            mine = [event for event in events if event.stream == self._stream and event.revision > place]
            self._considered = mine[count - 1].position if len(mine) > count else events[-1].position
            if mine:
                messages = await self._readers.read(partial(self._encoder.messages, events=mine[:count], live=True))
                live = self._considered >= self._wakeups.tail.position
                return SourceBatch(messages, messages[-1].place, live)

    async def _read(self, place: int, count: int) -> SourceBatch:
        def read(pages: LogPages) -> tuple[StreamEvents, tuple[GroupMessage, ...]]:
            page = pages.stream_events(self._stream, min(place + 1, MAX), count)
            return page, self._encoder.messages(pages, page.events, live=False)

        page, messages = await self._readers.read(read)
        if page.end.tombstoned:
            return SourceBatch((), place, live=True, ended=True)
        live = page.next is None
        self._considered = page.position if live else None
        reached = page.end.last if page.next is None else page.next - 1
        return SourceBatch(messages, max(place, reached), live)


class LogSource:
    """The whole log, or those of its events that a filter takes."""

    def __init__(self, readers: Readers, wakeups: Wakeups, encoder: MessageEncoder, accepts: Accepts) -> None:
        self._readers = readers
        self._wakeups = wakeups
        self._encoder = encoder
        self._accepts = accepts

    async def after(self, place: int, count: int) -> SourceBatch:
        """At most so many events behind a position; waits where there are none. Raises Failure and LogError."""
        events = await self._wakeups.after(place, None)
        return await (self._read(place, count) if events is None else self._take(events, count))

    async def _take(self, events: tuple[StoredEvent, ...], count: int) -> SourceBatch:
        mine: list[StoredEvent] = []
        place = 0
        for event in events:
            place = event.position
            if self._accepts(event.stream, event.type):
                mine.append(event)
                if len(mine) >= count:
                    break
        messages: tuple[GroupMessage, ...] = ()
        if mine:
            messages = await self._readers.read(partial(self._encoder.messages, events=mine, live=True))
        return SourceBatch(messages, place, live=place >= self._wakeups.tail.position)

    async def _read(self, place: int, count: int) -> SourceBatch:
        def read(pages: LogPages) -> tuple[LogPage, tuple[GroupMessage, ...]]:
            page = pages.log_events(place, count, self._accepts)
            return page, self._encoder.messages(pages, page.events, live=False)

        page, messages = await self._readers.read(read)
        return SourceBatch(messages, max(place, *page.considered) if page.considered else place, page.next is None)


def source_of(
    definition: Definition, readers: Readers, wakeups: Wakeups, encoder: MessageEncoder
) -> StreamSource | LogSource:
    """The source of a group. Raises HandlerThrew for an invalid filter."""
    if definition.source != ALL:
        return StreamSource(readers, wakeups, encoder, definition.source)
    accepts = accept_visible if definition.filter is None else EventFilter(definition.filter).accepts
    return LogSource(readers, wakeups, encoder, accepts)
