"""Catch-up subscriptions: what was there, what comes, and in between that it was caught up."""

import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from esdbclient import CaughtUp, Checkpoint, EventStoreDBClient, NewEvent, StreamState
from esdbclient.protos.Grpc import streams_pb2
from esdbclient.protos.Grpc.streams_pb2_grpc import StreamsStub

from tests.node.processes import NodeProcess, start_node, wait_until
from tests.node.wiring import (
    EMPTY,
    Options,
    ReadReq,
    ReadResp,
    identifier,
    read_all,
    stream_filter,
    subscribe_stream,
    write,
)

SECONDS = 60.0


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StreamsStub]:
    """A node that writes nothing of its own accord: what is told of all events is exact."""
    running = start_node(tmp_path_factory.mktemp("quiet"), "--system-projections", "off")
    with grpc.insecure_channel(running.target) as channel:
        yield StreamsStub(channel)  # type: ignore[no-untyped-call]
    assert running.stop() == 0


@contextmanager
def subscribed(stub: StreamsStub, request: ReadReq) -> Iterator[Iterator[ReadResp]]:
    """The responses of a subscription, after its confirmation."""
    call = stub.Read(request, timeout=SECONDS)
    try:
        assert uuid.UUID(next(call).confirmation.subscription_id)
        yield call
    finally:
        call.cancel()


def kinds(responses: Iterator[ReadResp], count: int) -> list[int | str]:
    """Revisions of events, and the names of what are none."""
    seen: list[int | str] = []
    while len(seen) < count:
        response = next(responses)
        kind = response.WhichOneof("content")
        assert kind is not None
        seen.append(response.event.event.stream_revision if kind == "event" else kind)
    return seen


@pytest.mark.parametrize(
    ("start", "before", "after"),
    [
        ("start", [0, 1, 2, "caught_up"], [3, 4]),
        (0, [1, 2, "caught_up"], [3, 4]),
        (2, ["caught_up"], [3, 4]),
        (3, ["caught_up"], [4]),
        ("end", ["caught_up"], [3, 4]),
    ],
)
def test_a_stream_is_followed_from_where_one_likes(
    stub: StreamsStub, stream: str, start: int | str, before: list[int | str], after: list[int | str]
) -> None:
    write(stub, stream, 3)
    with subscribed(stub, subscribe_stream(stream, start)) as responses:
        assert kinds(responses, len(before)) == before
        write(stub, stream, 2)
        assert kinds(responses, len(after)) == after


def test_a_stream_that_is_not_there_yet_can_be_waited_for(stub: StreamsStub, stream: str) -> None:
    with subscribed(stub, subscribe_stream(stream)) as responses:
        assert kinds(responses, 1) == ["caught_up"]
        write(stub, stream)
        assert kinds(responses, 1) == [0]


def test_a_subscription_outlives_a_delete_and_ends_with_a_tombstone(
    stub: StreamsStub, client: EventStoreDBClient, stream: str
) -> None:
    write(stub, stream)
    with subscribed(stub, subscribe_stream(stream)) as responses:
        assert kinds(responses, 2) == [0, "caught_up"]
        client.delete_stream(stream, current_version=StreamState.ANY)
        write(stub, stream)
        assert kinds(responses, 1) == [1]
        stub.Tombstone(
            streams_pb2.TombstoneReq(
                options=streams_pb2.TombstoneReq.Options(stream_identifier=identifier(stream), any=EMPTY)
            )
        )
        assert kinds(responses, 1) == [2**63 - 1]
        with pytest.raises(grpc.RpcError) as raised:
            next(responses)
    assert isinstance(raised.value, grpc.Call)
    assert raised.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    with pytest.raises(grpc.RpcError, match="is deleted"):
        next(stub.Read(subscribe_stream(stream), timeout=SECONDS))


def test_links_are_followed_when_they_are_caught_up_with_and_when_they_are_new(stub: StreamsStub, stream: str) -> None:
    write(stub, f"{stream}-target", 2)
    write(stub, stream, data=f"1@{stream}-target".encode(), type="$>")
    with subscribed(stub, subscribe_stream(stream, resolve_links=True)) as responses:
        assert kinds(responses, 2) == [1, "caught_up"]
        write(stub, stream, data=f"0@{stream}-target".encode(), type="$>")
        assert kinds(responses, 1) == [0]
        write(stub, stream, data=b"nonsense", type="$>")
        assert next(responses).event.HasField("link")


def test_a_long_stream_is_caught_up_with_page_by_page(stub: StreamsStub, stream: str) -> None:
    for _ in range(3):
        write(stub, stream, 600)
    with subscribed(stub, subscribe_stream(stream)) as responses:
        assert kinds(responses, 1801) == [*range(1800), "caught_up"]


def test_the_log_is_followed_after_a_position(quiet: StreamsStub, stream: str) -> None:
    write(quiet, stream, 3)
    mine = stream_filter(stream, interval=1000)
    positions = [r.event.commit_position for r in quiet.Read(read_all(filtered=mine))]
    with subscribed(quiet, read_all(positions[0], count=None, filtered=mine)) as responses:
        assert kinds(responses, 4) == [1, 2, "checkpoint", "caught_up"]
        write(quiet, stream)
        assert kinds(responses, 1) == [3]


def test_an_unfiltered_subscription_sees_everything_and_no_checkpoint(quiet: StreamsStub, stream: str) -> None:
    with subscribed(quiet, read_all("start", count=None)) as responses:
        seen = kinds(responses, 1)
        while seen[-1] != "caught_up":
            seen += kinds(responses, 1)
        write(quiet, stream, 2)
        assert kinds(responses, 2) == [0, 1]
    assert "checkpoint" not in seen


def test_checkpoints_tell_how_far_a_filter_looked(quiet: StreamsStub, stream: str) -> None:
    with subscribed(
        quiet, read_all("end", count=None, filtered=stream_filter(f"{stream}-mine", window=2, interval=2))
    ) as responses:
        assert kinds(responses, 1) == ["caught_up"]
        write(quiet, f"{stream}-other", 3)
        write(quiet, f"{stream}-mine", 2)
        assert kinds(responses, 3) == [0, "checkpoint", 1]


def test_a_checkpoint_is_a_place_to_go_on_from(client: EventStoreDBClient, stream: str) -> None:
    client.append_to_stream(
        stream, current_version=StreamState.ANY, events=[NewEvent("Other", b"{}") for _ in range(50)]
    )
    client.append_to_stream(stream, current_version=StreamState.ANY, events=[NewEvent("Mine", b"{}")])
    with client.subscribe_to_all(
        filter_include=["Mine"], include_checkpoints=True, include_caught_up=True, window_size=5
    ) as subscription:
        checkpoint = 0
        for recorded in subscription:
            if isinstance(recorded, Checkpoint):
                checkpoint = recorded.commit_position or 0
            if isinstance(recorded, CaughtUp):
                break
    client.append_to_stream(stream, current_version=StreamState.ANY, events=[NewEvent("Mine", b'{"n":2}')])
    with client.subscribe_to_all(filter_include=["Mine"], commit_position=checkpoint) as subscription:
        assert next(subscription).data == b'{"n":2}'


def test_a_subscription_from_beyond_the_end_waits(stub: StreamsStub, stream: str) -> None:
    with subscribed(stub, read_all(2**40, count=None, filtered=stream_filter(stream))) as responses:
        assert kinds(responses, 1) == ["caught_up"]


def test_the_checkpoint_interval_cannot_be_zero(stub: StreamsStub) -> None:
    with pytest.raises(grpc.RpcError, match="Exception was thrown by handler"):
        next(stub.Read(read_all(count=None, filtered=stream_filter("x", interval=0)), timeout=SECONDS))


def test_many_writers_and_readers_agree_on_one_order(
    node: NodeProcess, client: EventStoreDBClient, stream: str
) -> None:
    """Subscriptions begin at any moment of the writing; none misses an event or sees one twice."""
    writers, each = 4, 60

    def write_some(number: int) -> None:
        own = EventStoreDBClient(node.uri)
        for _ in range(each):
            own.append_to_stream(f"{stream}-{number}", current_version=StreamState.ANY, events=[NewEvent("T", b"{}")])
        own.close()

    seen: list[list[tuple[int, str, int]]] = []

    def follow() -> None:
        with client.subscribe_to_all(filter_include=[f"{stream}-\\d"], filter_by_stream_name=True) as subscription:
            mine = []
            for recorded in subscription:
                mine.append((recorded.commit_position or 0, recorded.stream_name, recorded.stream_position))
                if len(mine) == writers * each:
                    break
            seen.append(mine)

    threads = [threading.Thread(target=write_some, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    followers = []
    for _ in range(5):
        followers.append(threading.Thread(target=follow))
        followers[-1].start()
        time.sleep(0.02)
    for thread in [*threads, *followers]:
        thread.join(SECONDS)
    assert len(seen) == 5
    assert all(one == seen[0] for one in seen)
    assert seen[0] == sorted(seen[0])
    for number in range(writers):
        assert [r for _, name, r in seen[0] if name == f"{stream}-{number}"] == list(range(each))


def test_a_slow_subscriber_misses_nothing_and_holds_up_nobody(stub: StreamsStub, stream: str) -> None:
    """It reads nothing while far more is written than the node holds for subscribers."""
    with (
        subscribed(stub, subscribe_stream(stream)) as slow,
        subscribed(stub, read_all("end", count=None, filtered=stream_filter(stream, interval=10**6))) as fast,
    ):
        assert kinds(slow, 1) == kinds(fast, 1) == ["caught_up"]
        for _ in range(12):
            write(stub, stream, 250, data=b"x" * 3000)
        assert kinds(fast, 3000) == list(range(3000))
        assert kinds(slow, 3000) == list(range(3000))
        write(stub, stream)
        assert kinds(slow, 1) == [3000]


def test_a_thousand_idle_subscriptions_cost_nothing_and_one_of_them_is_woken(
    node: NodeProcess, stub: StreamsStub, stream: str
) -> None:
    calls = [stub.Read(subscribe_stream(f"{stream}-{number}", "end")) for number in range(1000)]
    try:
        for call in calls:
            assert kinds(call, 2) == ["confirmation", "caught_up"]
        wait_until(lambda: seconds_used(node.process.pid, 0.5) <= 0.03)
        write(stub, f"{stream}-500")
        assert kinds(calls[500], 1) == [0]
    finally:
        for call in calls:
            call.cancel()


def test_a_structured_id_is_sent_live_too(stub: StreamsStub, stream: str) -> None:
    request = subscribe_stream(stream, "end")
    request.options.uuid_option.CopyFrom(Options.UUIDOption(structured=EMPTY))
    with subscribed(stub, request) as responses:
        assert kinds(responses, 1) == ["caught_up"]
        write(stub, stream)
        assert next(responses).event.event.id.WhichOneof("value") == "structured"


def seconds_used(pid: int, seconds: float) -> float:
    """What a process takes of a processor meanwhile; what was begun before may have to be finished first."""

    def used() -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before = used()
    time.sleep(seconds)
    return used() - before
