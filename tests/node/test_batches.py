"""BatchAppend: many appends on one call."""

import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

import grpc
import pytest
from esdbclient import EventStoreDBClient, NewEvent, StreamState
from esdbclient.exceptions import MaximumAppendSizeExceededError, StreamIsDeleted, WrongCurrentVersion
from esdbclient.protos.Grpc import shared_pb2
from esdbclient.protos.Grpc.streams_pb2_grpc import StreamsStub
from google.protobuf import duration_pb2
from google.protobuf.message import Message

from desk.node.wire import structured_id
from tests.node.wiring import (
    BatchAppendReq,
    BatchAppendResp,
    batch_chunk,
    batch_request,
    event,
    is_missing,
    read_stream,
)

T = TypeVar("T", bound=Message)
SECONDS = 60


def new() -> str:
    return str(uuid.uuid4())


def answers(stub: StreamsStub, *requests: BatchAppendReq) -> dict[str, BatchAppendResp]:
    """What each append on a call is answered, by its correlation id."""
    return {answer.correlation_id.string: answer for answer in stub.BatchAppend(iter(requests))}


def detail(answer: BatchAppendResp, kind: type[T]) -> T:
    message = kind()
    assert answer.error.details.Unpack(message)
    return message


def test_appends_in_flight_are_each_answered_by_their_correlation_id(stub: StreamsStub, stream: str) -> None:
    ids = [new() for _ in range(200)]
    answered = answers(stub, *(batch_request(id, f"{stream}-{n % 7}", [event()]) for n, id in enumerate(ids)))
    assert set(answered) == set(ids)
    assert all(answer.HasField("success") for answer in answered.values())
    assert answered[ids[0]].stream_identifier.stream_name.decode() == f"{stream}-0"
    positions = [answered[id].success.position.commit_position for id in ids]
    assert positions == sorted(set(positions))


def test_an_append_may_come_in_chunks_between_those_of_others(stub: StreamsStub, stream: str) -> None:
    one, two = new(), new()
    answered = answers(
        stub,
        batch_request(one, stream, [event(b"1a")], final=False),
        batch_request(two, stream, [event(b"2a")], final=False),
        batch_chunk(two, [event(b"2b")], final=True),
        batch_chunk(one, [event(b"1b")], final=True),
    )
    assert (answered[one].success.current_revision, answered[two].success.current_revision) == (3, 1)
    assert [r.event.event.data for r in stub.Read(read_stream(stream))] == [b"2a", b"2b", b"1a", b"1b"]


def test_refused_appends_say_why_and_the_call_goes_on(stub: StreamsStub, stream: str) -> None:
    wrong, unnamed, untyped, good = new(), new(), new(), new()
    no_type = event()
    del no_type.metadata["type"]
    answered = answers(
        stub,
        batch_request(wrong, stream, [event()], expected=5),
        batch_request(unnamed, "", [event()]),
        batch_request(untyped, stream, [no_type]),
        batch_request(good, stream, [event()], expected="no_stream"),
    )
    refused = detail(answered[wrong], shared_pb2.WrongExpectedVersion)
    assert (answered[wrong].error.code, answered[wrong].error.message) == (6, "WrongExpectedVersion")
    assert refused.HasField("current_no_stream")
    assert refused.expected_stream_position == 5
    for id in (unnamed, untyped):
        assert (answered[id].error.code, answered[id].error.message) == (3, "BadRequest")
        assert detail(answered[id], shared_pb2.BadRequest).message
    assert answered[good].success.current_revision == 0


def test_an_append_that_expects_nothing_at_all_is_told_what_is_missing(stub: StreamsStub, stream: str) -> None:
    open_ended = batch_request(new(), stream, [event()])
    open_ended.options.ClearField("any")
    (answer,) = answers(stub, open_ended).values()
    assert detail(answer, shared_pb2.BadRequest).message == (
        'Status(StatusCode="InvalidArgument", Detail="\'None\' is not a valid'
        ' EventStore.Client.Streams.BatchAppendReq+Types+Options+ExpectedStreamPositionOneofCase")'
    )


def test_an_append_without_time_is_answered_so(stub: StreamsStub, stream: str) -> None:
    late = batch_request(new(), stream, [event()])
    late.options.deadline.CopyFrom(duration_pb2.Duration(seconds=-1))
    passed = batch_request(new(), stream, [event()])
    passed.options.deadline_21_10_0.FromDatetime(datetime.now(UTC))
    passed.options.deadline_21_10_0.seconds -= 5
    for answer in answers(stub, late, passed).values():
        assert answer.error.message == "Timeout"
    assert is_missing(stub, stream)


def test_an_append_that_is_never_finished_is_given_up_in_time(stub: StreamsStub, stream: str) -> None:
    correlation = new()
    unfinished = batch_request(correlation, stream, [event()], final=False)
    unfinished.options.deadline.CopyFrom(duration_pb2.Duration(nanos=200_000_000))
    begun = time.monotonic()
    (answer,) = stub.BatchAppend(iter([unfinished]), timeout=SECONDS)
    assert time.monotonic() - begun > 0.1
    assert answer.error.message == "Timeout"
    assert answer.correlation_id == structured_id(uuid.UUID(correlation).bytes)


def test_chunks_of_an_append_that_was_never_opened_are_ignored(stub: StreamsStub, stream: str) -> None:
    good = new()
    answered = answers(stub, batch_chunk(new(), [event()], final=True), batch_request(good, stream, [event()]))
    assert set(answered) == {good}


def test_a_bad_chunk_without_options_ends_the_call(stub: StreamsStub, stream: str) -> None:
    correlation = new()
    bad = event()
    bad.ClearField("id")
    with pytest.raises(grpc.RpcError) as raised:
        answers(stub, batch_request(correlation, stream, final=False), batch_chunk(correlation, [bad], final=True))
    assert isinstance(raised.value, grpc.Call)
    assert raised.value.code() == grpc.StatusCode.UNKNOWN


def test_an_append_that_grows_too_large_is_refused_at_once(stub: StreamsStub, stream: str) -> None:
    large, good = new(), new()
    answered = answers(
        stub,
        batch_request(large, stream, [event(b"x" * 600_000)], final=False),
        batch_chunk(large, [event(b"x" * 600_000)], final=False),
        batch_chunk(large, [event()], final=True),
        batch_request(good, stream, [event()]),
    )
    assert detail(answered[large], shared_pb2.MaximumAppendSizeExceeded).maxAppendSize == 1 << 20
    assert answered[good].success.current_revision == 0


def test_many_small_events_in_chunks_are_refused_as_soon_as_they_are_too_many(stub: StreamsStub, stream: str) -> None:
    """As a client sends them that fills each chunk with 3 MiB, most of which is not data."""
    small = [event(b'{"message":"test","index":%020d}' % n, type="test") for n in range(21_000)]

    def refused() -> BatchAppendResp:
        answered, correlation = threading.Event(), new()

        def requests() -> Iterator[BatchAppendReq]:
            yield batch_request(correlation, stream, small[:18_000], final=False)
            yield batch_chunk(correlation, small[18_000:], final=False)
            answered.wait(SECONDS)  # its last chunk is still to come

        responses = stub.BatchAppend(requests(), timeout=SECONDS)
        answer: BatchAppendResp = next(responses)
        answered.set()
        assert not list(responses)
        return answer

    (answer,) = in_time(lambda: [refused()])
    assert detail(answer, shared_pb2.MaximumAppendSizeExceeded).maxAppendSize == 1 << 20
    assert is_missing(stub, stream)


def test_appends_in_chunks_do_not_wait_for_one_another(stub: StreamsStub, stream: str) -> None:
    small = [event(b"{}", type="t") for _ in range(12_000)]

    def made() -> Iterable[BatchAppendResp]:
        ids = [new() for _ in range(3)]
        return answers(
            stub,
            *(batch_request(id, f"{stream}-{id}", small[:6_000], final=False) for id in ids),
            *(batch_chunk(id, small[6_000:], final=True) for id in ids),
        ).values()

    assert [answer.success.current_revision for answer in in_time(made)] == [11_999] * 3


def in_time(attempt: Callable[[], Iterable[BatchAppendResp]]) -> list[BatchAppendResp]:
    """The answers of the first attempt that a busy machine gets done within the node's time for an append."""
    for _ in range(5):
        answered = list(attempt())
        if not any(answer.error.message == "Timeout" for answer in answered):
            break
    return answered


def test_a_client_library_sees_its_own_exceptions(client: EventStoreDBClient, stream: str) -> None:
    def append(data: bytes = b"{}", expected: StreamState | int = StreamState.ANY) -> None:
        client.append_to_stream(stream, current_version=expected, events=[NewEvent("T", data)])

    append(expected=StreamState.NO_STREAM)
    with pytest.raises(WrongCurrentVersion):
        append(expected=5)
    with pytest.raises(MaximumAppendSizeExceededError):
        append(b"x" * (1 << 20))
    client.tombstone_stream(stream, current_version=StreamState.ANY)
    with pytest.raises(StreamIsDeleted):
        append()
