"""Reads that end: pages of a stream or of the log, sent as fast as their reader takes them."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from esdbclient.protos.Grpc.shared_pb2 import StreamIdentifier

from desk.node.filters import accept_visible
from desk.node.links import shown
from desk.node.pages import LogPage, LogPages, StreamEvents
from desk.node.read_requests import END, LogRead, StreamRead
from desk.node.readers import Readers
from desk.node.records import MAX
from desk.node.status import stream_deleted, unexpected_result
from desk.node.wire import ReadResp

Send = Callable[[bytes], Awaitable[None]]

_FIRST_PAGE: Final = 32
"""How many events the original looks at before it tells where a stream begins."""


async def read_stream(readers: Readers, request: StreamRead, send: Send) -> None:
    """Sends a number of events of one stream. Raises Failure and LogError."""
    if request.count == 0 or (request.revision == END and not request.backwards):
        raise unexpected_result("Unexpected ReadStreamResult: Error")
    start: int | None = MAX if request.revision == END else request.revision
    left = request.count
    first_page = True
    while start is not None and left > 0:
        page, responses = await readers.read(partial(_stream_page, request, start, left))
        if page.end.tombstoned:
            raise stream_deleted(request.stream)
        if first_page and page.end.missing:
            missing = ReadResp.StreamNotFound(stream_identifier=StreamIdentifier(stream_name=request.stream.encode()))
            await send(ReadResp(stream_not_found=missing).SerializeToString())
            return
        if first_page and request.tell_positions and not request.backwards:
            first = _first_position(page, request)
            if first is not None:
                await send(ReadResp(first_stream_position=first).SerializeToString())
        for response in responses:
            await send(response)
        first_page = False
        left -= len(responses)
        start = page.next
    if request.tell_positions:
        await send(ReadResp(last_stream_position=page.end.last).SerializeToString())


async def read_log(readers: Readers, request: LogRead, send: Send) -> None:
    """Sends a number of events of the whole log. Raises Failure and LogError."""
    bound = _log_bound(request)
    left = request.count
    checked = not request.backwards or request.position == END
    while bound is not None and left > 0:
        page, responses = await readers.read(partial(_log_page, request, bound, left))
        if not checked and request.position > page.position:
            name = "ReadAllResult" if request.filter is None else "FilteredReadAllResult"
            raise unexpected_result(f"Unexpected {name}: Error")
        checked = True
        for response in responses:
            await send(response)
        left -= len(responses)
        bound = page.next


def _stream_page(request: StreamRead, start: int, count: int, pages: LogPages) -> tuple[StreamEvents, list[bytes]]:
    page = pages.stream_events(request.stream, start, count, backwards=request.backwards)
    return page, [shown(pages, event, request.read_options) for event in page.events]


def _first_position(page: StreamEvents, request: StreamRead) -> int | None:
    last, start = page.end.last, request.revision
    if start > last or page.end.first > last:
        first = last + 1
    elif start + min(_FIRST_PAGE, request.count) - 1 < page.end.first:
        first = page.end.first
    else:
        return None
    return None if first == start else first


def _log_bound(request: LogRead) -> int | None:
    if request.backwards:
        return MAX if request.position == END else request.position
    return None if request.position == END else request.position - 1


def _log_page(request: LogRead, bound: int, count: int, pages: LogPages) -> tuple[LogPage, list[bytes]]:
    accepts = accept_visible if request.filter is None else request.filter.accepts
    page = pages.log_events(bound, count, accepts, backwards=request.backwards)
    return page, [shown(pages, event, request.read_options) for event in page.events]
