"""BatchAppend: many appends in flight on one call, each answered by its correlation id when it is durable."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import field
from functools import partial
from typing import Final

from esdbclient.protos.Grpc import code_pb2, shared_pb2, status_pb2, streams_pb2
from google.protobuf import any_pb2
from google.protobuf.message import Message

from desk.node.appends import tell_success
from desk.node.commits import Commits
from desk.node.intake import EVENT_BYTES, MOST_BYTES, Intake
from desk.node.log import Outcome
from desk.node.proposals import expectation, proposed, stream_name
from desk.node.records import (
    ANY,
    NO_STREAM,
    STREAM_EXISTS,
    Append,
    Proposed,
    StreamDeleted,
    WriteResult,
    WrongExpectedVersion,
)
from desk.node.status import Failure, HandlerThrew, PropertyMissing
from desk.node.wire import id_bytes, structured_id
from desk.records import dataclass

BatchAppendReq = streams_pb2.BatchAppendReq
BatchAppendResp = streams_pb2.BatchAppendResp

LONGEST_WAIT: Final = 2.0
"""Seconds in which an append has to be finished, however long its client would wait."""
MOST_UNANSWERED: Final = 4096
"""How many appends of one call may wait for a commit, or for the client to take their answers."""
MOST_UNFINISHED: Final = 4 * MOST_BYTES
"""With so many bytes in appends whose last chunk is still to come, a call waits for room in their midst as well."""


@dataclass(frozen=True, slots=True)
class Denied:
    """The first message of an append that its caller may not make."""

    request: BatchAppendReq


@dataclass(slots=True)
class _Pending:
    """An append whose last chunk is still to come."""

    correlation: shared_pb2.UUID
    options: BatchAppendReq.Options
    stream: str
    expected: int
    events: list[Proposed] = field(default_factory=list)
    size: int = 0
    held: int = 0
    expiry: asyncio.TimerHandle | None = None


class BatchCall:
    """One BatchAppend call. ``write`` sends an answer to the client, ``limit`` is the largest append in bytes."""

    def __init__(self, commits: Commits, intake: Intake, limit: int, write: Callable[[bytes], Awaitable[None]]) -> None:
        self._commits = commits
        self._intake = intake
        self._limit = limit
        self._write = write
        self._pending: dict[bytes, _Pending] = {}
        self._answers: asyncio.Queue[BatchAppendResp | Exception | None] = asyncio.Queue()
        self._uncommitted = 0
        self._received_all = False
        self._room = asyncio.Event()

    async def run(self, requests: AsyncIterator[BatchAppendReq | Denied]) -> None:
        """Answers until the client has finished and so has every append. Raises Failure."""
        iterator = aiter(requests)
        await self._intake.room()
        try:
            self._take(await anext(iterator))
        except StopAsyncIteration:
            return
        if self._uncommitted:
            # Most calls bring one append: it is answered before it is known whether others follow.
            await self._send(await self._answers.get())
        receiving = asyncio.ensure_future(self._receive(iterator))
        try:
            while (answer := await self._answers.get()) is not None:
                await self._send(answer)
        finally:
            receiving.cancel()
            for key in list(self._pending):
                self._forget(key)

    async def _send(self, answer: BatchAppendResp | Exception | None) -> None:
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            await self._write(answer.SerializeToString())
            self._room.set()

    async def _receive(self, requests: AsyncIterator[BatchAppendReq | Denied]) -> None:
        try:
            await self._room_for_more()
            async for request in requests:
                self._take(request)
                while self._uncommitted + self._answers.qsize() >= MOST_UNANSWERED:
                    self._room.clear()
                    await self._room.wait()
                await self._room_for_more()
            self._received_all = True
            self._end_when_done()
        except Exception as error:  # noqa: BLE001 -- the task that answers raises it again
            self._answers.put_nowait(error)

    async def _room_for_more(self) -> None:
        """Waits while the node holds too much, but not for what this call itself holds of unfinished appends.

        Only their next chunks can end those: whoever did not receive them would wait until they are given up.
        """
        if not 0 < sum(pending.held for pending in self._pending.values()) < MOST_UNFINISHED:
            await self._intake.room()

    def _take(self, received: BatchAppendReq | Denied) -> None:
        request = received.request if isinstance(received, Denied) else received
        key = request.correlation_id.SerializeToString(deterministic=True)
        if isinstance(received, Denied):
            self._forget(key)
            self._refuse(request.correlation_id, request.options, shared_pb2.AccessDenied())
            return
        try:
            pending = self._pending.get(key)
            if pending is None:
                if not request.HasField("options"):
                    return
                pending = self._open(key, request)
            if pending is not None:
                self._add(key, pending, request)
        except Failure as error:
            if not request.HasField("options"):
                if isinstance(error, PropertyMissing):
                    raise HandlerThrew(str(error)) from error
                raise
            self._forget(key)
            self._refuse(request.correlation_id, request.options, _bad_request(error))

    def _open(self, key: bytes, request: BatchAppendReq) -> _Pending | None:
        options = request.options
        if not request.HasField("correlation_id"):
            raise HandlerThrew("Value cannot be null. (Parameter 'dto')")
        if not options.HasField("stream_identifier"):
            raise HandlerThrew("Object reference not set to an instance of an object.")
        kind = options.WhichOneof("expected_stream_position")
        seconds = min(_seconds_left(options), LONGEST_WAIT)
        expected = expectation("BatchAppendReq", kind, options.stream_position)
        pending = _Pending(request.correlation_id, options, stream_name(options.stream_identifier), expected)
        if seconds <= 0:
            self._refuse(pending.correlation, options, shared_pb2.Timeout())
            return None
        self._pending[key] = pending
        if not request.is_final:
            loop = asyncio.get_running_loop()
            pending.expiry = loop.call_later(seconds, self._expire, key)
        return pending

    def _add(self, key: bytes, pending: _Pending, request: BatchAppendReq) -> None:
        for message in request.proposed_messages:
            event = proposed(message)
            pending.events.append(event)
            pending.size += event.size
            pending.held += event.size + EVENT_BYTES
            self._intake.take(event.size + EVENT_BYTES)
            if pending.size > self._limit:
                self._forget(key)
                exceeded = shared_pb2.MaximumAppendSizeExceeded(maxAppendSize=self._limit)
                self._refuse(pending.correlation, pending.options, exceeded)
                return
        if request.is_final:
            self._drop(key)
            self._uncommitted += 1
            append = Append(pending.stream, pending.expected, tuple(pending.events))
            self._commits.submit(append, partial(self._done, pending))

    def _drop(self, key: bytes) -> _Pending | None:
        pending = self._pending.pop(key, None)
        if pending is not None and pending.expiry is not None:
            pending.expiry.cancel()
        return pending

    def _forget(self, key: bytes) -> None:
        """An append that is not made after all."""
        pending = self._drop(key)
        if pending is not None:
            self._intake.give_back(pending.held)

    def _expire(self, key: bytes) -> None:
        pending = self._pending[key]
        self._forget(key)
        correlation = pending.correlation
        if correlation.WhichOneof("value") == "string":
            correlation = structured_id(id_bytes(correlation))  # as the original answers here
        self._refuse(correlation, pending.options, shared_pb2.Timeout())
        self._end_when_done()

    def _done(self, pending: _Pending, outcome: Outcome | Exception) -> None:
        self._uncommitted -= 1
        self._intake.give_back(pending.held)
        match outcome:
            case WriteResult():
                answer = _answer(pending.correlation, pending.options)
                tell_success(answer.success, outcome)
                self._answers.put_nowait(answer)
            case WrongExpectedVersion():
                self._refuse(pending.correlation, pending.options, _wrong_version(outcome))
            case StreamDeleted():
                deleted = shared_pb2.StreamDeleted(stream_identifier=pending.options.stream_identifier)
                self._refuse(pending.correlation, pending.options, deleted)
            case _:
                self._answers.put_nowait(outcome)
        self._end_when_done()

    def _refuse(self, correlation: shared_pb2.UUID, options: BatchAppendReq.Options, detail: Message) -> None:
        packed = any_pb2.Any()
        packed.Pack(detail)
        message = detail.DESCRIPTOR.name
        answer = _answer(correlation if correlation.WhichOneof("value") else None, options)
        answer.error.CopyFrom(status_pb2.Status(code=_CODES[message], message=message, details=packed))
        self._answers.put_nowait(answer)

    def _end_when_done(self) -> None:
        if self._received_all and not self._pending and not self._uncommitted:
            self._answers.put_nowait(None)


_CODES: Final = {
    "AccessDenied": code_pb2.PERMISSION_DENIED,
    "WrongExpectedVersion": code_pb2.ALREADY_EXISTS,
    "StreamDeleted": code_pb2.NOT_FOUND,
    "Timeout": code_pb2.DEADLINE_EXCEEDED,
    "MaximumAppendSizeExceeded": code_pb2.INVALID_ARGUMENT,
    "BadRequest": code_pb2.INVALID_ARGUMENT,
}


def _seconds_left(options: BatchAppendReq.Options) -> float:
    match options.WhichOneof("deadline_option"):
        case "deadline":
            return options.deadline.seconds + options.deadline.nanos / 1e9
        case "deadline_21_10_0":
            until = options.deadline_21_10_0
            return until.seconds + until.nanos / 1e9 - time.time()
        case _:
            return LONGEST_WAIT


def _answer(correlation: shared_pb2.UUID | None, options: BatchAppendReq.Options) -> BatchAppendResp:
    """An answer without its result."""
    return BatchAppendResp(
        correlation_id=correlation,
        stream_identifier=options.stream_identifier if options.HasField("stream_identifier") else None,
    )


def _bad_request(error: Failure) -> shared_pb2.BadRequest:
    match error:
        case HandlerThrew():
            return shared_pb2.BadRequest(message=error.reason)
        case PropertyMissing():
            return shared_pb2.BadRequest(message="The given key was not present in the dictionary.")
        case _:
            code = "".join(word.capitalize() for word in error.code.name.split("_"))
            return shared_pb2.BadRequest(message=f'Status(StatusCode="{code}", Detail="{error.details}")')


def _wrong_version(refused: WrongExpectedVersion) -> shared_pb2.WrongExpectedVersion:
    detail = shared_pb2.WrongExpectedVersion()
    if refused.actual < 0:
        detail.current_no_stream.SetInParent()
    else:
        detail.current_stream_revision = refused.actual
    state = {ANY: "any", STREAM_EXISTS: "stream_exists", NO_STREAM: "no_stream"}.get(refused.expected)
    if state is None:
        detail.expected_stream_position = refused.expected
    else:
        getattr(detail, f"expected_{state}").SetInParent()
    return detail
