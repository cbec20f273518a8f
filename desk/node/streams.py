"""Hop 5: the Streams service: appends, reads and subscriptions as EventStoreDB's protocol has them."""

from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from esdbclient.protos.Grpc import streams_pb2

from desk.node.appends import Appends
from desk.node.batches import BatchCall
from desk.node.calls import Context, Handler, stream_stream, stream_unary, unary_stream, unary_unary
from desk.node.commits import Commits
from desk.node.intake import Intake
from desk.node.read_requests import LogRead, LogSubscription, StreamRead, StreamSubscription, parse
from desk.node.readers import Readers
from desk.node.reads import read_log, read_stream
from desk.node.subscriptions import LogTail, StreamTail, headers_beyond
from desk.node.wakeup import Wakeups

SERVICE: Final = "event_store.client.streams.Streams"
STORE_ID: Final = "store-id"
"""The header, of Desk's own, that tells a reader of $all which log this is."""


class StreamsService:
    """The service's five methods. ``limit`` is the largest append, in bytes; ``store_id`` is told with ``$all``."""

    def __init__(
        self, commits: Commits, readers: Readers, wakeups: Wakeups, limit: int, store_id: UUID | None = None
    ) -> None:
        self._headers = () if store_id is None else ((STORE_ID, str(store_id)),)
        self._commits = commits
        self._limit = limit
        self._intake = Intake()
        self._appends = Appends(commits, self._intake, limit)
        self._readers = readers
        self._wakeups = wakeups

    def handlers(self) -> dict[str, Handler]:
        """The methods by name."""
        return {
            "Append": stream_unary(self._appends.append, streams_pb2.AppendReq),
            "BatchAppend": stream_stream(self._batch, streams_pb2.BatchAppendReq),
            "Read": unary_stream(self._read, streams_pb2.ReadReq),
            "Delete": unary_unary(self._appends.delete, streams_pb2.DeleteReq),
            "Tombstone": unary_unary(self._appends.tombstone, streams_pb2.TombstoneReq),
        }

    async def _batch(self, requests: AsyncIterator[streams_pb2.BatchAppendReq], context: Context) -> None:
        await BatchCall(self._commits, self._intake, self._limit, context.write).run(requests)

    async def _read(self, request: streams_pb2.ReadReq, context: Context) -> None:
        match parse(request):
            case StreamRead() as wanted:
                await read_stream(self._readers, wanted, context.write)
            case LogRead() as wanted:
                await context.send_initial_metadata(self._headers)
                await read_log(self._readers, wanted, context.write)
            case StreamSubscription() as wanted:
                await StreamTail(self._readers, self._wakeups, wanted, context.write).run()
            case LogSubscription() as wanted:
                end = self._wakeups.tail.position
                if wanted.after is not None and wanted.after > end:
                    await context.send_initial_metadata(headers_beyond(end, wanted.after))
                await LogTail(self._readers, self._wakeups, wanted, context.write).run()
