"""What clients ask when they connect: who is in the cluster, and which methods there are."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from esdbclient.protos.Grpc import gossip_pb2, shared_pb2

from desk.node.calls import Handler, unary_unary
from desk.node.descriptors import SERVER_FEATURES, SERVER_FEATURES_MESSAGES, message_classes
from desk.node.wire import structured_id

GOSSIP_SERVICE: Final = "event_store.client.gossip.Gossip"
FEATURES_SERVICE: Final = "event_store.client.server_features.ServerFeatures"
VERSION: Final = "24.10.0"
"""Clients decide by it what they may ask; where EventStoreDB's versions differ the node answers as this one."""

_METHODS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "event_store.client.streams.streams": {
        "append": (),
        "batchappend": ("deadline_duration",),
        "delete": (),
        "read": ("position", "events"),
        "tombstone": (),
    },
    "event_store.client.projections.projections": dict.fromkeys(
        (
            "create",
            "delete",
            "disable",
            "enable",
            "reset",
            "restartsubsystem",
            "result",
            "state",
            "statistics",
            "update",
        ),
        (),
    ),
    "event_store.client.persistent_subscriptions.persistentsubscriptions": dict.fromkeys(
        ("create", "delete", "getinfo", "list", "read", "replayparked", "restartsubsystem", "update"), ("stream", "all")
    ),
    "event_store.client.gossip.gossip": {"read": ()},
    "event_store.client.server_features.serverfeatures": {"getsupportedmethods": ()},
}


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

    def __init__(self) -> None:
        classes = message_classes(SERVER_FEATURES, SERVER_FEATURES_MESSAGES)
        methods = [
            classes["SupportedMethod"](method_name=method, service_name=service, features=features)
            for service, names in _METHODS.items()
            for method, features in names.items()
        ]
        answer = classes["SupportedMethods"](methods=methods, event_store_server_version=VERSION)
        self._answer = answer.SerializeToString()

    def handlers(self) -> dict[str, Handler]:
        """The methods by name."""
        return {"GetSupportedMethods": unary_unary(self.supported, shared_pb2.Empty)}

    async def supported(self, _request: shared_pb2.Empty) -> bytes:
        """The methods that this node implements."""
        return self._answer
