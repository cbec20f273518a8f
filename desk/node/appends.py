"""Append, Delete and Tombstone: one write a call."""

from collections.abc import AsyncIterator

from esdbclient.protos.Grpc import streams_pb2

from desk.node.commits import Commits
from desk.node.intake import EVENT_BYTES, Intake
from desk.node.proposals import NONE, expectation, proposed, stream_name
from desk.node.records import Append, Delete, Proposed, Tombstone, WriteResult, WrongExpectedVersion
from desk.node.status import HandlerThrew, too_large

AppendReq = streams_pb2.AppendReq
AppendResp = streams_pb2.AppendResp


class Appends:
    """Answers calls that write once. ``limit`` is the largest append, in bytes."""

    def __init__(self, commits: Commits, intake: Intake, limit: int) -> None:
        self._commits = commits
        self._intake = intake
        self._limit = limit

    async def append(self, requests: AsyncIterator[AppendReq]) -> bytes:
        """Writes the events of one call. Raises Failure, and what the log refuses with."""
        events: list[Proposed] = []
        try:
            options = await self._received(requests, events)
            return await self._append(options, tuple(events))
        finally:
            self._intake.give_back(sum(event.size + EVENT_BYTES for event in events))

    async def _append(self, options: AppendReq.Options, events: tuple[Proposed, ...]) -> bytes:
        kind = options.WhichOneof("expected_stream_revision")
        expected = expectation("AppendReq", kind, options.revision)
        write = Append(stream_name(options.stream_identifier), expected, events)
        try:
            written = await self._commits.write(write)
        except WrongExpectedVersion as refused:
            return _wrong_version(options, refused.actual).SerializeToString()
        answer = AppendResp()
        tell_success(answer.success, written)
        return answer.SerializeToString()

    async def delete(self, request: streams_pb2.DeleteReq) -> bytes:
        """Hides a stream's events. Raises Failure, and what the log refuses with."""
        return await self._end(Delete, request, streams_pb2.DeleteResp())

    async def tombstone(self, request: streams_pb2.TombstoneReq) -> bytes:
        """Ends a stream for ever. Raises Failure, and what the log refuses with."""
        return await self._end(Tombstone, request, streams_pb2.TombstoneResp())

    async def _end(
        self,
        kind: type[Delete | Tombstone],
        request: streams_pb2.DeleteReq | streams_pb2.TombstoneReq,
        answer: streams_pb2.DeleteResp | streams_pb2.TombstoneResp,
    ) -> bytes:
        options = request.options
        which = options.WhichOneof("expected_stream_revision")
        expected = expectation(type(request).__name__, which, options.revision)
        written = await self._commits.write(kind(stream_name(options.stream_identifier), expected))
        answer.position.commit_position = answer.position.prepare_position = written.position or 0
        return answer.SerializeToString()

    async def _received(self, requests: AsyncIterator[AppendReq], events: list[Proposed]) -> AppendReq.Options:
        options: AppendReq.Options | None = None
        size = 0
        async for request in requests:
            content = request.WhichOneof("content")
            if options is None:
                if content != "options":
                    raise HandlerThrew("The first message has no options.")
                options = request.options
                # Here alone: whoever waited in the midst of an append would hold what he has received so far.
                await self._intake.room()
                continue
            if content != "proposed_message":
                raise HandlerThrew("A later message has no event.")
            event = proposed(request.proposed_message)
            size += event.size
            if size > self._limit:
                raise too_large(self._limit)
            events.append(event)
            self._intake.take(event.size + EVENT_BYTES)
        if options is None:
            raise HandlerThrew("There is no message at all.")
        return options


def tell_success(success: AppendResp.Success | streams_pb2.BatchAppendResp.Success, written: WriteResult) -> None:
    """Fills in where a stream ends after a write, and where its last event is."""
    if written.revision < 0:
        success.no_stream.SetInParent()
    else:
        success.current_revision = written.revision
    if written.position is None:
        success.no_position.SetInParent()
    else:
        success.position.commit_position = success.position.prepare_position = written.position


def _wrong_version(options: AppendReq.Options, actual: int) -> AppendResp:
    """The answer in both its present and its older fields: clients of all ages read it."""
    answer = AppendResp.WrongExpectedVersion()
    if actual < 0:
        answer.current_no_stream.SetInParent()
        answer.no_stream_20_6_0.SetInParent()
    else:
        answer.current_revision = answer.current_revision_20_6_0 = actual
    match options.WhichOneof("expected_stream_revision"):
        case "any" | "stream_exists" as kind:
            getattr(answer, f"expected_{kind}").SetInParent()
            getattr(answer, f"{kind}_20_6_0").SetInParent()
        case "no_stream":
            answer.expected_no_stream.SetInParent()
            answer.expected_revision_20_6_0 = NONE
        case _:
            answer.expected_revision = answer.expected_revision_20_6_0 = options.revision
    return AppendResp(wrong_expected_version=answer)
