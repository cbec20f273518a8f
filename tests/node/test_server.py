"""The node composed inside the test: what cannot be seen from outside."""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

import grpc
import grpc.aio
import pytest
from esdbclient.protos.Grpc import streams_pb2_grpc

from desk.node.appends import Appends
from desk.node.listening import PortTaken
from desk.node.server import Node, NodeSettings
from tests.node.wiring import append_requests, batch_request, event, read_all, read_stream, subscribe_stream

Stub = streams_pb2_grpc.StreamsStub


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


def with_node(directory: Path, test: Callable[[Node, Stub], Awaitable[None]]) -> None:
    async def run() -> None:
        node = await Node.start(NodeSettings(directory, port=0))
        try:
            async with grpc.aio.insecure_channel(f"127.0.0.1:{node.port}") as channel:
                await test(node, Stub(channel))  # type: ignore[no-untyped-call]
        finally:
            await node.stop()

    asyncio.run(run())


def test_a_subscriber_that_leaves_is_forgotten(tmp_path: Path) -> None:
    async def test(node: Node, stub: Stub) -> None:
        calls = [stub.Read(request) for request in (subscribe_stream("s"), read_all(count=None))]
        await until(lambda: node.waiting == 2)
        for call in calls:
            call.cancel()
        await until(lambda: node.waiting == 0)

    with_node(tmp_path, test)


def test_a_reader_that_leaves_in_the_middle_leaves_no_trace(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def test(_node: Node, stub: Stub) -> None:
        await stub.Append(iter(append_requests("s", [event(b"x" * 1000) for _ in range(1000)])))
        for _ in range(20):
            call = stub.Read(read_stream("s"))
            await call.read()
            call.cancel()
        assert len([response async for response in stub.Read(read_stream("s"))]) == 1000

    with caplog.at_level(logging.ERROR, "desk.node"):
        with_node(tmp_path, test)
    assert [record for record in caplog.records if record.name.startswith("desk.node")] == []


def test_a_checkpoint_beyond_the_end_of_the_log_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def test(node: Node, stub: Stub) -> None:
        calls = [stub.Read(read_all(position, count=None)) for position in (1, 999)]
        await until(lambda: node.waiting == 2)
        headers = [dict(iter(await call.initial_metadata())) for call in calls]
        assert [each.get("log-ends-at") for each in headers] == [None, "1"]
        for call in calls:
            call.cancel()

    with_node(tmp_path, test)
    assert [record.args for record in caplog.records if record.name.startswith("desk.node")] == [(999, 1)]


def test_a_bug_is_logged_and_the_client_is_told_that_the_handler_threw(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_self: Appends, _requests: object) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(Appends, "append", broken)

    async def test(_node: Node, stub: Stub) -> None:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await stub.Append(iter(append_requests("s", [event()])))
        assert raised.value.code() == grpc.StatusCode.UNKNOWN
        assert raised.value.details() == "Exception was thrown by handler."

    with_node(tmp_path, test)
    assert any(record.exc_info and record.exc_info[0] is ZeroDivisionError for record in caplog.records)


def test_a_node_that_cannot_listen_lets_go_of_its_log(tmp_path: Path) -> None:
    async def test(node: Node, _stub: Stub) -> None:
        with pytest.raises(PortTaken):
            await Node.start(NodeSettings(tmp_path / "other", port=node.port))
        following = await Node.start(NodeSettings(tmp_path / "other", port=0))
        await following.stop()

    (tmp_path / "other").mkdir()
    with_node(tmp_path, test)


def test_a_batch_call_receives_no_more_than_may_wait_and_still_answers_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.node.batches.MOST_UNANSWERED", 3)
    monkeypatch.setattr("desk.node.intake.MOST_BYTES", 2000)

    async def test(_node: Node, stub: Stub) -> None:
        requests = [batch_request(str(uuid.uuid4()), "s", [event()]) for _ in range(200)]
        answers = [answer.correlation_id.string async for answer in stub.BatchAppend(iter(requests))]
        assert answers == [request.correlation_id.string for request in requests]

    with_node(tmp_path, test)


def test_a_log_that_turns_out_to_be_damaged_is_named(tmp_path: Path) -> None:
    async def fill(_node: Node, stub: Stub) -> None:
        await stub.Append(iter(append_requests("s", [event(b"x" * 1000) for _ in range(500)])))

    async def read(_node: Node, stub: Stub) -> None:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            async for _ in stub.Read(read_stream("s")):
                pass
        assert raised.value.code() == grpc.StatusCode.UNAVAILABLE
        assert str(tmp_path / "node.sqlite") in (raised.value.details() or "")

    with_node(tmp_path, fill)
    with (tmp_path / "node.sqlite").open("r+b") as file:
        file.seek(20 * 4096)
        file.write(b"\xff" * 100 * 4096)
    with_node(tmp_path, read)
