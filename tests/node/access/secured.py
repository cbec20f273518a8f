"""A node with TLS and cheap passwords inside the test, and calls of it as one user or another."""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
from esdbclient.protos.Grpc import persistent_pb2, shared_pb2, streams_pb2
from google.protobuf.message import Message

from desk.node.access.certificate import Certificate
from desk.node.access.passwords import Cost
from desk.node.descriptors import message_classes
from desk.node.monitoring import MONITORING_MESSAGES
from desk.node.monitoring import PACKAGE as MONITORING
from desk.node.operations import OPERATIONS_MESSAGES
from desk.node.operations import PACKAGE as OPERATIONS
from desk.node.server import Node, NodeSettings
from desk.node.users import PACKAGE as USERS
from desk.node.users import USERS_MESSAGES
from tests.node.wiring import append_requests, event, identifier

CHEAP = Cost(2, 1, 1)
PASSWORD = "of-the-test"
Status = grpc.StatusCode
_SECONDS = 60.0
_SERVICE = "/event_store.client."


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


@dataclass(frozen=True, slots=True)
class As:
    """Calls of a node by one user, or with ``authorization`` None by nobody."""

    channel: grpc.aio.Channel
    blocking: grpc.Channel
    """For calls with many requests: grpcio's asyncio client may lose the status of one that ends before it is sent."""
    authorization: str | None = None

    def user(self, name: str, password: str = PASSWORD) -> "As":
        return As(self.channel, self.blocking, basic(name, password))

    def nobody(self) -> "As":
        return As(self.channel, self.blocking)

    async def unary(self, method: str, request: Message | bytes, answer: type[Message] = shared_pb2.Empty) -> Any:
        call: Any = self.channel.unary_unary(_SERVICE + method, _bytes, answer.FromString)
        return await call(request, metadata=self._metadata(), timeout=_SECONDS)

    async def many(self, method: str, request: Message, answer: type[Message], take: int = 1000) -> list[Any]:
        """The first answers of a stream."""
        call: Any = self.channel.unary_stream(_SERVICE + method, _bytes, answer.FromString)
        stream = call(request, metadata=self._metadata(), timeout=_SECONDS)
        answers: list[Any] = []
        async for each in stream:
            answers.append(each)
            if len(answers) == take:
                stream.cancel()
                break
        return answers

    async def append(self, stream: str, *events: streams_pb2.AppendReq.ProposedMessage) -> streams_pb2.AppendResp:
        method = f"{_SERVICE}streams.Streams/Append"
        call: Any = self.blocking.stream_unary(method, _bytes, streams_pb2.AppendResp.FromString)
        requests = append_requests(stream, events or (event(),))
        answer = await asyncio.to_thread(call, iter(requests), metadata=self._metadata(), timeout=_SECONDS)
        assert isinstance(answer, streams_pb2.AppendResp)
        return answer

    async def batch(self, *requests: streams_pb2.BatchAppendReq) -> list[streams_pb2.BatchAppendResp]:
        return await self._both_ways("streams.Streams/BatchAppend", requests, streams_pb2.BatchAppendResp)

    async def consume(self, stream: str, group: str) -> list[persistent_pb2.ReadResp]:
        """What a consumer is told first, who then leaves."""
        options = persistent_pb2.ReadReq.Options(
            stream_identifier=identifier(stream),
            group_name=group,
            buffer_size=1,
            uuid_option=persistent_pb2.ReadReq.Options.UUIDOption(string=shared_pb2.Empty()),
        )
        requests = [persistent_pb2.ReadReq(options=options)]
        method = "persistent_subscriptions.PersistentSubscriptions/Read"
        return await self._both_ways(method, requests, persistent_pb2.ReadResp, take=1)

    async def read(self, request: streams_pb2.ReadReq, take: int = 1000) -> list[streams_pb2.ReadResp]:
        return await self.many("streams.Streams/Read", request, streams_pb2.ReadResp, take)

    async def set_metadata(self, stream: str, json: bytes) -> None:
        await self.append(f"$${stream}", event(json, "$metadata"))

    async def users(self, method: str, message: str = "UserReq", **options: Any) -> Any:
        request = users_classes()[message](options=options)
        return await self.unary(f"users.Users/{method}", request)

    async def details(self, name: str = "") -> list[Any]:
        classes = users_classes()
        request = classes["UserReq"](options=classes["UserOptions"](login_name=name))
        return [
            answer.user_details for answer in await self.many("users.Users/Details", request, classes["DetailsResp"])
        ]

    async def create(self, name: str, *groups: str, password: str = PASSWORD) -> None:
        await self.users("Create", login_name=name, password=password, full_name=name.title(), groups=groups)

    async def _both_ways(
        self, method: str, requests: Sequence[Message], answer: type[Message], take: int | None = None
    ) -> list[Any]:
        """So many of the answers, or all of them."""
        call: Any = self.blocking.stream_stream(_SERVICE + method, _bytes, answer.FromString)

        def ask() -> list[Any]:
            stream = call(iter(requests), metadata=self._metadata(), timeout=_SECONDS)
            answers = list(islice(stream, take))
            stream.cancel()
            return answers

        return await asyncio.to_thread(ask)

    def _metadata(self) -> tuple[tuple[str, str], ...]:
        return () if self.authorization is None else (("authorization", self.authorization),)


def users_classes() -> dict[str, Any]:
    return dict(message_classes(USERS, USERS_MESSAGES))


def operations_classes() -> dict[str, Any]:
    return dict(message_classes(OPERATIONS, OPERATIONS_MESSAGES))


def monitoring_classes() -> dict[str, Any]:
    return dict(message_classes(MONITORING, MONITORING_MESSAGES))


async def refused(call: Awaitable[Any]) -> grpc.StatusCode:
    """The status of a call that is not answered."""
    try:
        answer = await call
    except grpc.RpcError as error:
        return code_of(error)
    raise AssertionError(f"answered with {answer!r}")


def code_of(error: Any) -> grpc.StatusCode:
    """The status of a call of either kind of channel."""
    code: grpc.StatusCode = error.code()
    return code


def with_secured_node(
    directory: Path, certificate: Certificate, test: Callable[[As], Awaitable[None]], password: str | None = PASSWORD
) -> None:
    """Runs a test as the administrator of a node of its own."""
    settings = NodeSettings(directory, port=0, certificate=certificate, admin_password=password, password_cost=CHEAP)

    async def run() -> None:
        node = await Node.start(settings)
        try:
            assert certificate.ca is not None
            trust = grpc.ssl_channel_credentials(certificate.ca.read_bytes())
            target = f"localhost:{node.port}"
            with grpc.secure_channel(target, trust) as blocking:
                async with grpc.aio.secure_channel(target, trust) as channel:
                    await test(As(channel, blocking, basic("admin", password or node.shown_once or "")))
        finally:
            await node.stop()

    asyncio.run(run())


def with_plain_node(directory: Path, test: Callable[[As], Awaitable[None]], **settings: Any) -> None:
    """Runs a test with a node that asks nobody who calls."""

    async def run() -> None:
        node = await Node.start(NodeSettings(directory, port=0, password_cost=CHEAP), **settings)
        try:
            target = f"127.0.0.1:{node.port}"
            with grpc.insecure_channel(target) as blocking:
                async with grpc.aio.insecure_channel(target) as channel:
                    await test(As(channel, blocking))
        finally:
            await node.stop()

    asyncio.run(run())


def _bytes(message: Message | bytes) -> bytes:
    return message if isinstance(message, bytes) else message.SerializeToString()
