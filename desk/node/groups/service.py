"""Hop 5: the PersistentSubscriptions service, as EventStoreDB's protocol has it."""

from collections.abc import AsyncIterator, Mapping
from typing import Final

from esdbclient.protos.Grpc import persistent_pb2, shared_pb2

from desk.node.access.logins import name_and_password
from desk.node.calls import Context, Handler, stream_stream, unary_unary
from desk.node.groups import failures
from desk.node.groups.definition import ALL
from desk.node.groups.member import ConsumerIdentity
from desk.node.groups.registry import Groups
from desk.node.groups.requests import named, wanted
from desk.node.proposals import stream_name
from desk.node.records import MAX
from desk.node.status import HandlerThrew

SERVICE: Final = "event_store.client.persistent_subscriptions.PersistentSubscriptions"

_SYSTEM_USER: Final = "system"
_UNKNOWN_CONNECTION: Final = "<unknown>"


class PersistentSubscriptions:
    """The service's eight methods. ``secured``: consumers have logins, which were checked before they come here."""

    def __init__(self, groups: Groups, *, secured: bool) -> None:
        self._groups = groups
        self._secured = secured

    def handlers(self) -> dict[str, Handler]:
        """The methods by name."""
        return {
            "Create": unary_unary(lambda request: self._groups.create(wanted(request)), persistent_pb2.CreateReq),
            "Update": unary_unary(lambda request: self._groups.update(wanted(request)), persistent_pb2.UpdateReq),
            "Delete": unary_unary(self.delete, persistent_pb2.DeleteReq),
            "Read": stream_stream(self.read, persistent_pb2.ReadReq),
            "GetInfo": unary_unary(self.info, persistent_pb2.GetInfoReq),
            "ReplayParked": unary_unary(self.replay_parked, persistent_pb2.ReplayParkedReq),
            "List": unary_unary(self.list, persistent_pb2.ListReq),
            "RestartSubsystem": unary_unary(lambda _request: self._groups.restart(), shared_pb2.Empty),
        }

    async def delete(self, request: persistent_pb2.DeleteReq) -> None:
        """Deletes a group; its consumers are dropped. Raises Failure, WriteRefused and LogError, as do all."""
        await self._groups.delete(*named(request.options))

    async def read(self, requests: AsyncIterator[persistent_pb2.ReadReq], context: Context) -> None:
        """A consumer: sends it events, and takes what it says of them."""
        async for request in requests:
            if request.WhichOneof("content") != "options":
                break
            options = request.options
            if options.buffer_size < 0:
                raise HandlerThrew("The buffer size is less than none.")
            group = self._groups.find(*named(options))
            headers = {key: str(value) for key, value in context.invocation_metadata() or ()}
            await group.consume(options, requests, context.write, identity_of(headers, secured=self._secured))
            return
        raise HandlerThrew("The first message has no options.")

    async def info(self, request: persistent_pb2.GetInfoReq) -> bytes:
        """Tells about a group."""
        info = await self._groups.info(*named(request.options))
        return persistent_pb2.GetInfoResp(subscription_info=info).SerializeToString()

    async def replay_parked(self, request: persistent_pb2.ReplayParkedReq) -> None:
        """Sends parked events again."""
        source, name = named(request.options)
        group = self._groups.find(source, name)
        limited = request.options.WhichOneof("stop_at_option") == "stop_at"
        stop = request.options.stop_at if limited else MAX
        if stop < 0:
            reason = "Cannot stop replaying parked message at a negative version."
            raise failures.failed(source, name, reason)
        await group.replay.begin(stop)

    async def list(self, request: persistent_pb2.ListReq) -> bytes:
        """Tells about the groups of a source, or about all."""
        options = request.options
        source = None
        if options.WhichOneof("list_option") == "list_for_stream":
            chosen = options.list_for_stream
            source = stream_name(chosen.stream) if chosen.WhichOneof("stream_option") == "stream" else ALL
        infos = await self._groups.infos(source)
        return persistent_pb2.ListResp(subscriptions=infos).SerializeToString()


def identity_of(headers: Mapping[str, str], *, secured: bool) -> ConsumerIdentity:
    """Who consumes, as groups tell it; without TLS logins mean nothing. Raises Failure for an invalid login."""
    authorization = headers.get("authorization") if secured else None
    user = _SYSTEM_USER if authorization is None else name_and_password(authorization)[0]
    return ConsumerIdentity(user, headers.get("connection-name", _UNKNOWN_CONNECTION))
