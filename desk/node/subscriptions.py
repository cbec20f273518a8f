"""Hop 6: catch-up subscriptions: what is in the log, then what is written, woken by each commit."""

import logging
import uuid
from typing import Final

from desk.node.filters import accept_visible
from desk.node.links import shown
from desk.node.pages import PAGE_EVENTS, LogPage, LogPages, StreamEvents
from desk.node.read_requests import LogSubscription, ReadOptions, StreamSubscription
from desk.node.readers import Readers
from desk.node.reads import Send
from desk.node.records import LINK_TYPE, MAX, StoredEvent
from desk.node.status import stream_deleted
from desk.node.wakeup import Wakeups
from desk.node.wire import ReadResp, with_structured_ids

LOG_ENDS_AT: Final = "log-ends-at"
"""The header, of Desk's own, that tells a client whose checkpoint is beyond the end of the log where that is."""

_CAUGHT_UP: Final = ReadResp(caught_up=ReadResp.CaughtUp()).SerializeToString()
"""What follows was written after the subscription began."""

_log = logging.getLogger(__name__)


class StreamTail:
    """One subscription to one stream: ``_after`` is the last revision sent, ``_considered`` the log's position."""

    def __init__(self, readers: Readers, wakeups: Wakeups, request: StreamSubscription, send: Send) -> None:
        self._readers = readers
        self._wakeups = wakeups
        self._stream = request.stream
        self._read_options = request.read_options
        self._send = send
        self._after = -1 if request.after is None else request.after
        self._from_end = request.after is None
        self._considered = 0

    async def run(self) -> None:
        """Sends the stream's events, and those to come, until the client leaves. Raises Failure and LogError."""
        page, responses = await self._page()
        await self._send(_confirmation())
        if self._from_end:
            self._from_end = False
            self._after = page.end.last
            self._considered = page.position
        else:
            await self._catch_up(page, responses)
        await self._send(_CAUGHT_UP)
        while True:
            events = await self._wakeups.after(self._considered, self._stream)
            if events is None:
                await self._catch_up(*await self._page())
            else:
                self._considered = events[-1].position
                await self._send_new(events)

    async def _catch_up(self, page: StreamEvents, responses: list[bytes]) -> None:
        while True:
            for response in responses:
                await self._send(response)
            if page.next is None:
                break
            self._after = page.next - 1
            page, responses = await self._page()
        self._after = max(self._after, page.end.last)
        self._considered = page.position

    async def _page(self) -> tuple[StreamEvents, list[bytes]]:
        page, responses = await self._readers.read(self._read_page)
        if page.end.tombstoned:
            raise stream_deleted(self._stream)
        return page, responses

    def _read_page(self, pages: LogPages) -> tuple[StreamEvents, list[bytes]]:
        count = 0 if self._from_end else PAGE_EVENTS
        page = pages.stream_events(self._stream, min(self._after + 1, MAX), count)
        return page, [shown(pages, event, self._read_options) for event in page.events]

    async def _send_new(self, events: tuple[StoredEvent, ...]) -> None:
        for event in events:
            if event.stream == self._stream and event.revision > self._after:
                await self._send(await _shown_live(self._readers, event, self._read_options))
                if event.revision == MAX:
                    raise stream_deleted(self._stream)
                self._after = event.revision


class LogTail:
    """One subscription to the whole log, filtered or not."""

    def __init__(self, readers: Readers, wakeups: Wakeups, request: LogSubscription, send: Send) -> None:
        self._readers = readers
        self._wakeups = wakeups
        self._request = request
        self._send = send
        self._accepts = accept_visible if request.filter is None else request.filter.accepts
        self._considered = 0
        self._since_checkpoint = 0
        self._checkpoint = 0

    async def run(self) -> None:
        """Sends the log's events, and those to come, until the client leaves. Raises Failure and LogError."""
        await self._send(_confirmation())
        if self._request.after is None:
            self._considered = self._wakeups.tail.position
        else:
            self._considered = self._request.after
            reached = await self._catch_up()
            if self._request.filter is not None and reached >= self._considered and reached > self._checkpoint:
                await self._send_checkpoint(reached)
        await self._send(_CAUGHT_UP)
        while True:
            events = await self._wakeups.after(self._considered, None)
            if events is None:
                await self._catch_up()
            else:
                await self._send_new(events)

    async def _catch_up(self) -> int:
        """Sends what the log holds, and returns the position at which it ends."""
        while True:
            page, responses = await self._readers.read(self._read_page)
            for position in page.considered:
                response = responses.get(position)
                if response is not None:
                    await self._send(response)
                await self._consider(position)
            if page.next is None:
                return page.position

    def _read_page(self, pages: LogPages) -> tuple[LogPage, dict[int, bytes]]:
        page = pages.log_events(self._considered, PAGE_EVENTS, self._accepts)
        read_options = self._request.read_options
        return page, {event.position: shown(pages, event, read_options) for event in page.events}

    async def _send_new(self, events: tuple[StoredEvent, ...]) -> None:
        for event in events:
            if self._accepts(event.stream, event.type):
                await self._send(await _shown_live(self._readers, event, self._request.read_options))
            await self._consider(event.position)

    async def _consider(self, position: int) -> None:
        """Counts an event, sent or not, and sends the checkpoint that is due."""
        self._considered = position
        self._since_checkpoint += 1
        if self._since_checkpoint >= self._request.interval:
            await self._send_checkpoint(position)

    async def _send_checkpoint(self, position: int) -> None:
        self._since_checkpoint = 0
        self._checkpoint = position
        checkpoint = ReadResp.Checkpoint(commit_position=position, prepare_position=position)
        await self._send(ReadResp(checkpoint=checkpoint).SerializeToString())


def _confirmation() -> bytes:
    content = ReadResp.SubscriptionConfirmation(subscription_id=str(uuid.uuid4()))
    return ReadResp(confirmation=content).SerializeToString()


async def _shown_live(readers: Readers, event: StoredEvent, read_options: ReadOptions) -> bytes:
    if read_options.resolve_links and event.type == LINK_TYPE:
        return await readers.read(lambda pages: shown(pages, event, read_options, live=True))
    return with_structured_ids(event.response) if read_options.structured_ids else event.response


def headers_beyond(end: int, after: int) -> tuple[tuple[str, str]]:
    """For a client whose checkpoint is beyond the end of the log, which is logged too.

    The protocol has no word for it, and the recorded servers let such a client wait: a header changes nothing.
    """
    _log.warning(
        "A client wants what follows position %d, and the log ends at %d. It followed another log, or this one"
        " was put back from a backup; it sees nothing until the log is as long, and has to begin anew.",
        after,
        end,
    )
    return ((LOG_ENDS_AT, str(end)),)
