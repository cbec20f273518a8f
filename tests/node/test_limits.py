"""Bad input and too much of it: a clear status, bounded memory, and the node goes on."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from esdbclient.protos.Grpc.streams_pb2_grpc import StreamsStub

from desk.node.status import THREW
from tests.node.processes import NodeProcess, start_node
from tests.node.wiring import (
    AppendReq,
    append_requests,
    batch_chunk,
    batch_request,
    event,
    read_all,
    read_stream,
    stream_filter,
    subscribe_stream,
)

SECONDS = 60
SERVICE = "/event_store.client.streams.Streams"
CORRELATION = "3a9d6c0e-0d7e-4b8e-9a8e-0f6f7a1f2b3c"


def goes_on(stub: StreamsStub, stream: str) -> bool:
    return bool(stub.Append(iter(append_requests(stream, [event()])), timeout=SECONDS).HasField("success"))


def test_the_largest_append_is_an_option(tmp_path: Path) -> None:
    node = start_node(tmp_path, "--max-append-size", "2000")
    try:
        with grpc.insecure_channel(node.target) as channel:
            stub = StreamsStub(channel)  # type: ignore[no-untyped-call]
            assert stub.Append(iter(append_requests("s", [event(b"x" * 1900)]))).HasField("success")
            with pytest.raises(grpc.RpcError, match="Maximum Append Size of 2000 Exceeded") as refused:
                stub.Append(iter(append_requests("s", [event(b"x" * 1000), event(b"x" * 1000)])))
            assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
            assert goes_on(stub, "s")
    finally:
        assert node.stop() == 0


def test_whoever_sends_on_and_on_is_told_as_soon_as_it_is_too_much(stub: StreamsStub, stream: str) -> None:
    answered = threading.Event()

    def sending_on() -> Iterator[AppendReq]:
        yield from append_requests(stream, [])
        until = time.monotonic() + SECONDS
        while not answered.is_set() and time.monotonic() < until:
            yield AppendReq(proposed_message=event(b"x" * 10_000))

    call = stub.Append.future(sending_on(), timeout=4 * SECONDS)
    call.add_done_callback(lambda _: answered.set())
    error = call.exception()
    assert answered.is_set()
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert error.details() == f"Maximum Append Size of {1 << 20} Exceeded."
    assert goes_on(stub, stream)


@pytest.mark.parametrize(
    "name",
    [
        " ",
        "with space ",
        "Bücher-書籍-📚",
        "a/b?c#d@e%20",
        "line\nbreak\ttab",
        "nul\0inside",
        "'; DROP TABLE events; --",
    ],
)
def test_a_stream_may_have_any_name(stub: StreamsStub, name: str) -> None:
    assert goes_on(stub, name)
    (read,) = stub.Read(read_stream(name, count=1))
    assert read.event.event.stream_identifier.stream_name.decode() == name


def test_a_stream_may_have_a_long_name(stub: StreamsStub, stream: str) -> None:
    name = f"{stream}-" + "x" * 100_000
    assert goes_on(stub, name)
    (read,) = stub.Read(read_stream(name))
    assert read.event.event.stream_identifier.stream_name.decode() == name


def test_a_name_that_is_not_utf_8_is_stored_with_replacements(stub: StreamsStub, stream: str) -> None:
    requests = append_requests(stream, [event()])
    requests[0].options.stream_identifier.stream_name = stream.encode() + b"\xff"
    assert stub.Append(iter(requests)).HasField("success")
    (read,) = stub.Read(read_stream(f"{stream}\ufffd"))
    assert read.event.event.stream_identifier.stream_name.decode() == f"{stream}\ufffd"


@pytest.mark.parametrize("method", ["Append", "BatchAppend", "Read", "Delete", "Tombstone"])
def test_a_request_that_is_no_protobuf_is_answered_with_an_error(
    node: NodeProcess, stub: StreamsStub, stream: str, method: str
) -> None:
    with grpc.insecure_channel(node.target) as channel:
        send: grpc.StreamStreamMultiCallable[bytes, bytes] = channel.stream_stream(f"{SERVICE}/{method}")
        with pytest.raises(grpc.RpcError) as failed:
            list(send(iter([b"\xff\xff\xff\xff"]), timeout=SECONDS))
    assert isinstance(failed.value, grpc.Call)
    assert (failed.value.code(), failed.value.details()) == (grpc.StatusCode.UNKNOWN, THREW)
    assert goes_on(stub, stream)


def test_an_append_of_very_many_events_is_taken_whole_or_not_at_all(stub: StreamsStub, stream: str) -> None:
    many = [event(b"1", "T") for _ in range(10_000)]
    requests = [
        batch_request(CORRELATION, stream, many[:2000], final=False),
        *(
            batch_chunk(CORRELATION, many[start : start + 2000], final=start == 8000)
            for start in range(2000, 10_000, 2000)
        ),
    ]
    (answer,) = stub.BatchAppend(iter(requests), timeout=SECONDS)
    assert answer.success.current_revision == 9999
    (last,) = stub.Read(read_stream(stream, "end", count=1, backwards=True))
    assert last.event.event.stream_revision == 9999


def test_a_batch_of_nothing_succeeds_and_writes_nothing(stub: StreamsStub, stream: str) -> None:
    (answer,) = stub.BatchAppend(iter([batch_request(CORRELATION, stream)]), timeout=SECONDS)
    assert answer.success.HasField("no_stream")
    (read,) = stub.Read(read_stream(stream))
    assert read.HasField("stream_not_found")


@pytest.mark.parametrize("pattern", ["(", "[z-a]", "*", "(?P<x>a)(?P<x>b", "\\"])
def test_a_pattern_that_is_none_is_an_error_and_the_node_goes_on(stub: StreamsStub, stream: str, pattern: str) -> None:
    with pytest.raises(grpc.RpcError):
        list(stub.Read(read_all(filtered=stream_filter(regex=pattern)), timeout=SECONDS))
    assert goes_on(stub, stream)


def test_a_pattern_that_never_ends_is_given_up_by_a_live_subscription_too(stub: StreamsStub, stream: str) -> None:
    call = stub.Read(read_all("end", count=None, filtered=stream_filter(regex="^(a|aa)+$")), timeout=SECONDS)
    assert next(call).HasField("confirmation")
    assert next(call).HasField("caught_up")
    assert goes_on(stub, "a" * 200 + "!")
    with pytest.raises(grpc.RpcError, match="takes too long"):
        list(call)
    assert goes_on(stub, stream)


@contextmanager
def not_reading(stub: StreamsStub, stream: str) -> Iterator[None]:
    """Subscribers that never take anything."""
    calls = [stub.Read(subscribe_stream(stream)) for _ in range(5)]
    try:
        for call in calls:
            next(call)
        yield
    finally:
        for call in calls:
            call.cancel()


def test_subscribers_that_do_not_read_hold_no_memory(node: NodeProcess, stub: StreamsStub, stream: str) -> None:
    with not_reading(stub, stream):
        for _ in range(20):
            stub.Append(iter(append_requests(stream, [event(b"x" * 1_000_000)])))
        before = memory(node.process.pid)
        for _ in range(80):
            stub.Append(iter(append_requests(stream, [event(b"x" * 1_000_000)])))
        assert memory(node.process.pid) - before < 45  # of 80, for each of five


def memory(pid: int) -> float:
    """In megabytes, what is shared with files left out."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("RssAnon:"))
    return int(kilobytes) / 1024
