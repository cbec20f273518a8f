"""Where a group's events come from: a stream or the log, first what is there and then what is written."""

from dataclasses import dataclass
from typing import Protocol

from desk.node.filters import accept_visible
from desk.node.groups.definition import ALL, Definition
from desk.node.groups.message import Message
from desk.node.groups.showing import Showing
from desk.node.pages import Accepts, LogPage, Pages, StreamPage
from desk.node.readers import Readers
from desk.node.records import MAX, StoredEvent
from desk.node.wakeup import Wakeups


@dataclass(frozen=True, slots=True)
class Batch:
    """Some messages. ``place``: how far the source was looked at. ``live``: nothing was behind it.

    ``ended``: the stream is tombstoned.
    """

    messages: tuple[Message, ...]
    place: int
    live: bool
    ended: bool = False


class Source(Protocol):
    """Events in order, each place after the one before."""

    async def after(self, place: int, count: int) -> Batch:
        """At most so many events behind a place; waits where there are none. Raises Failure and LogError."""


class StreamSource:
    """A stream. Soft-deleted or missing, it is waited for."""

    def __init__(self, readers: Readers, wakeups: Wakeups, showing: Showing, stream: str) -> None:
        self._readers = readers
        self._wakeups = wakeups
        self._showing = showing
        self._stream = stream
        self._considered: int | None = None

    async def after(self, place: int, count: int) -> Batch:
        """At most so many events behind a revision; waits where there are none. Raises Failure and LogError."""
        while True:
            events = None if self._considered is None else self._wakeups.tail.after(self._considered)
            if events is None:
                return await self._read(place, count)
            if not events:
                await self._wakeups.wait(self._stream)
                continue
            mine = [event for event in events if event.stream == self._stream and event.revision > place]
            self._considered = mine[count - 1].position if len(mine) > count else events[-1].position
            if mine:
                messages = await _messages(self._readers, self._showing, mine[:count], by_position=False)
                live = self._considered >= self._wakeups.tail.position
                return Batch(messages, messages[-1].place, live)

    async def _read(self, place: int, count: int) -> Batch:
        def read(pages: Pages) -> tuple[StreamPage, tuple[Message, ...]]:
            page = pages.stream_forwards(self._stream, min(place + 1, MAX), count)
            made = (self._showing.message(pages, event, event.revision, live=False) for event in page.events)
            return page, tuple(made)

        page, messages = await self._readers.read(read)
        if page.end.tombstoned:
            return Batch((), place, live=True, ended=True)
        live = page.next is None
        self._considered = page.position if live else None
        reached = page.end.last if page.next is None else page.next - 1
        return Batch(messages, max(place, reached), live)


class LogSource:
    """The whole log, or those of its events that a filter takes."""

    def __init__(self, readers: Readers, wakeups: Wakeups, showing: Showing, accepts: Accepts) -> None:
        self._readers = readers
        self._wakeups = wakeups
        self._showing = showing
        self._accepts = accepts

    async def after(self, place: int, count: int) -> Batch:
        """At most so many events behind a position; waits where there are none. Raises Failure and LogError."""
        while True:
            events = self._wakeups.tail.after(place)
            if events is None:
                return await self._read(place, count)
            if events:
                return await self._take(events, count)
            await self._wakeups.wait(None)

    async def _take(self, events: tuple[StoredEvent, ...], count: int) -> Batch:
        mine: list[StoredEvent] = []
        place = 0
        for event in events:
            place = event.position
            if self._accepts(event.stream, event.type):
                mine.append(event)
                if len(mine) >= count:
                    break
        messages = await _messages(self._readers, self._showing, mine, by_position=True)
        return Batch(messages, place, live=place >= self._wakeups.tail.position)

    async def _read(self, place: int, count: int) -> Batch:
        def read(pages: Pages) -> tuple[LogPage, tuple[Message, ...]]:
            page = pages.log_forwards(place, count, self._accepts)
            made = (self._showing.message(pages, event, event.position, live=False) for event in page.events)
            return page, tuple(made)

        page, messages = await self._readers.read(read)
        return Batch(messages, max(place, *page.considered) if page.considered else place, page.next is None)


async def _messages(
    readers: Readers, showing: Showing, events: list[StoredEvent], *, by_position: bool
) -> tuple[Message, ...]:
    def make(pages: Pages) -> tuple[Message, ...]:
        return tuple(
            showing.message(pages, event, event.position if by_position else event.revision, live=True)
            for event in events
        )

    if not events:
        return ()
    return await readers.read(make)


def source_of(definition: Definition, readers: Readers, wakeups: Wakeups, showing: Showing) -> Source:
    """The source of a group. Raises HandlerThrew for a filter that is none."""
    if definition.source != ALL:
        return StreamSource(readers, wakeups, showing, definition.source)
    accepts = accept_visible if definition.filter is None else definition.filter.compiled().accepts
    return LogSource(readers, wakeups, showing, accepts)
