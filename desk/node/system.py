"""What clients ask when they connect: who is in the cluster, and which methods there are."""

import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Final

from esdbclient.protos.Grpc import gossip_pb2, shared_pb2

from desk.node.calls import Handler, unary_unary
from desk.node.descriptors import SERVER_FEATURES, SERVER_FEATURES_MESSAGES, message_classes
from desk.node.wire import structured_id
from desk.records import dataclass

GOSSIP_SERVICE: Final = "event_store.client.gossip.Gossip"
FEATURES_SERVICE: Final = "event_store.client.server_features.ServerFeatures"
VERSION: Final = "24.10.0"
"""Clients decide by it what they may ask; where EventStoreDB's versions differ the node answers as this one."""

_STREAM_AND_ALL: Final = ("stream", "all")
_FEATURES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "event_store.client.streams.streams": {"batchappend": ("deadline_duration",), "read": ("position", "events")},
    "event_store.client.projections.projections": {"create": ("track_emitted_streams",)},
    "event_store.client.persistent_subscriptions.persistentsubscriptions": dict.fromkeys(
        ("create", "delete", "getinfo", "list", "read", "replayparked", "restartsubsystem", "update"), _STREAM_AND_ALL
    ),
}
"""What clients look for in a method before they use it in some way."""


@dataclass(frozen=True, slots=True)
class Gossip:
    """A cluster of one. ``host`` and ``port`` are what clients are told to connect to."""

    host: str
    port: int
    instance: uuid.UUID = field(default_factory=uuid.uuid4)

    def handlers(self) -> dict[str, Handler]:
        """The methods by name."""
        return {"Read": unary_unary(self.read, shared_pb2.Empty)}

    async def read(self, _request: shared_pb2.Empty) -> bytes:
        """The members: this node, which leads."""
        member = gossip_pb2.MemberInfo(
            instance_id=structured_id(self.instance.bytes),
            time_stamp=time.time_ns() // 100,
            state=gossip_pb2.MemberInfo.Leader,
            is_alive=True,
            http_end_point=gossip_pb2.EndPoint(address=self.host, port=self.port),
        )
        return gossip_pb2.ClusterInfo(members=[member]).SerializeToString()


class ServerFeatures:
    """Tells which methods there are, so that clients need not try."""

    def __init__(self, services: Mapping[str, Iterable[str]]) -> None:
        """The methods of each other service by its name."""
        classes = message_classes(SERVER_FEATURES, SERVER_FEATURES_MESSAGES)
        methods = [
            classes["SupportedMethod"](
                method_name=method.lower(),
                service_name=service.lower(),
                features=_FEATURES.get(service.lower(), {}).get(method.lower(), ()),
            )
            for service, names in {**services, FEATURES_SERVICE: ("GetSupportedMethods",)}.items()
            for method in names
        ]
        answer = classes["SupportedMethods"](methods=methods, event_store_server_version=VERSION)
        self._answer = answer.SerializeToString()

    def handlers(self) -> dict[str, Handler]:
        """The methods by name."""
        return {"GetSupportedMethods": unary_unary(self.supported, shared_pb2.Empty)}

    async def supported(self, _request: shared_pb2.Empty) -> bytes:
        """The methods that this node implements."""
        return self._answer
