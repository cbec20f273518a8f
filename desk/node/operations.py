"""The Operations service: what an operator asks of a running node."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from esdbclient.protos.Grpc import shared_pb2

from desk.node.calls import Handler, unary_unary
from desk.node.care.scavenge import Scavenger
from desk.node.descriptors import message_classes
from desk.node.groups.registry import Groups
from desk.node.status import invalid_argument

PACKAGE: Final = "event_store.client.operations"
OPERATIONS_SERVICE: Final = f"{PACKAGE}.Operations"
OPERATIONS_MESSAGES: Final[Mapping[str, Mapping[str, tuple[int, str]]]] = {
    "StartOptions": {"thread_count": (1, "int32"), "start_from_chunk": (2, "int32")},
    "StopOptions": {"scavenge_id": (1, "string")},
    "StartScavengeReq": {"options": (1, "StartOptions")},
    "StopScavengeReq": {"options": (1, "StopOptions")},
    # The result is an enumeration, and a number on the wire.
    "ScavengeResp": {"scavenge_id": (1, "string"), "scavenge_result": (2, "int32")},
    "SetNodePriorityReq": {"priority": (1, "int32")},
}

STARTED: Final = 0
IN_PROGRESS: Final = 1
STOPPED: Final = 2


class Operations:
    """The service's seven methods. ``shutdown`` lets the node end, after the answer."""

    def __init__(self, scavenger: Scavenger, groups: Groups, shutdown: Callable[[], None]) -> None:
        self._scavenger = scavenger
        self._groups = groups
        self._shutdown = shutdown
        self._classes = message_classes(PACKAGE, OPERATIONS_MESSAGES)

    def handlers(self) -> dict[str, Handler]:
        """The methods by name. A log in one file has no indexes to merge, and a node alone nobody to resign to."""
        nothing = shared_pb2.Empty
        return {
            "StartScavenge": unary_unary(self._start_scavenge, self._classes["StartScavengeReq"]),
            "StopScavenge": unary_unary(self._stop_scavenge, self._classes["StopScavengeReq"]),
            "Shutdown": unary_unary(self._end, nothing),
            "MergeIndexes": unary_unary(self._accept, nothing),
            "ResignNode": unary_unary(self._accept, nothing),
            "SetNodePriority": unary_unary(self._accept, self._classes["SetNodePriorityReq"]),
            "RestartPersistentSubscriptions": unary_unary(lambda _request: self._groups.restart(), nothing),
        }

    async def _start_scavenge(self, _request: Any) -> bytes:
        result = STARTED if self._scavenger.running is None else IN_PROGRESS
        return self._scavenge(self._scavenger.start(), result)

    async def _stop_scavenge(self, request: Any) -> bytes:
        id = request.options.scavenge_id
        if not id:
            raise invalid_argument("scavenge_id is required")
        self._scavenger.stop(id)
        return self._scavenge(id, STOPPED)

    def _scavenge(self, id: str, result: int) -> bytes:
        return self._classes["ScavengeResp"](scavenge_id=id, scavenge_result=result).SerializeToString()

    async def _end(self, _request: Any) -> None:
        self._shutdown()

    async def _accept(self, _request: Any) -> None:
        """There is nothing to do."""
