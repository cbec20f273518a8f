"""The Projections service: steers the system projections and says how they are.

Projections of one's own would need JavaScript, and this node has none: Create and Update say so. Where versions of
EventStoreDB differ, the answers are those of 24.10.
"""

from typing import Any, Final

import grpc
from esdbclient.protos.Grpc import projections_pb2, shared_pb2
from google.protobuf.struct_pb2 import Struct, Value

from desk.node.calls import Context, Handler, unary_stream, unary_unary
from desk.node.projected.states import ProjectionState
from desk.node.projected.subsystem import Projections
from desk.node.status import Failure, HandlerThrew

SERVICE: Final = "event_store.client.projections.Projections"

_NO_JAVASCRIPT: Final = "This node runs the five system projections; it has no JavaScript for projections of your own."
_NEVER_DELETED: Final = "We currently don't allow for the deletion of System Projections."
_PARTS_PER_CENT: Final = 100.0


class ProjectionsService:
    """The service's ten methods."""

    def __init__(self, projections: Projections) -> None:
        self._projections = projections

    def handlers(self) -> dict[str, Handler]:
        """The methods by name."""
        return {
            "Create": unary_unary(self.create, projections_pb2.CreateReq),
            "Update": unary_unary(self.update, projections_pb2.UpdateReq),
            "Delete": unary_unary(self.delete, projections_pb2.DeleteReq),
            "Statistics": unary_stream(self.statistics, projections_pb2.StatisticsReq),
            "Disable": unary_unary(self.disable, projections_pb2.DisableReq),
            "Enable": unary_unary(self.enable, projections_pb2.EnableReq),
            "Reset": unary_unary(self.reset, projections_pb2.ResetReq),
            "State": unary_unary(self.state, projections_pb2.StateReq),
            "Result": unary_unary(self.result, projections_pb2.ResultReq),
            "RestartSubsystem": unary_unary(lambda _request: self._projections.restart(), shared_pb2.Empty),
        }

    async def create(self, request: projections_pb2.CreateReq) -> bytes:
        """Never creates one. Raises Failure."""
        continuous = request.options.continuous
        if request.options.WhichOneof("mode") is None:
            raise HandlerThrew("The request says neither one-time nor transient nor continuous.")
        if continuous.track_emitted_streams and not continuous.emit_enabled:
            raise HandlerThrew("Emitted streams cannot be tracked where none may be emitted.")
        raise Failure(grpc.StatusCode.UNIMPLEMENTED, _NO_JAVASCRIPT)

    async def update(self, request: projections_pb2.UpdateReq) -> bytes:
        """Never changes one. Raises Failure."""
        if request.options.WhichOneof("emit_option") is None:
            raise HandlerThrew("The request does not say whether events may be emitted.")
        self._found(request.options.name)
        raise Failure(grpc.StatusCode.UNIMPLEMENTED, _NO_JAVASCRIPT)

    async def delete(self, request: projections_pb2.DeleteReq) -> bytes:
        """Never deletes one. Raises Failure."""
        self._named(request)
        raise Failure(grpc.StatusCode.FAILED_PRECONDITION, _NEVER_DELETED)

    async def enable(self, request: projections_pb2.EnableReq) -> None:
        """Lets one run. Raises Failure and LogError."""
        await self._projections.enable(self._named(request).name)

    async def disable(self, request: projections_pb2.DisableReq) -> None:
        """Stops one; without a checkpoint it counts as aborted. Raises Failure and LogError."""
        await self._projections.disable(self._named(request).name, abort=not request.options.write_checkpoint)

    async def reset(self, request: projections_pb2.ResetReq) -> None:
        """Lets one write its output anew. Raises Failure and LogError."""
        await self._projections.reset(self._named(request).name)

    async def state(self, request: projections_pb2.StateReq) -> bytes:
        """The state of one, which is empty: system projections only write. Raises Failure."""
        self._named(request)
        return projections_pb2.StateResp(state=Value(struct_value=Struct())).SerializeToString()

    async def result(self, request: projections_pb2.ResultReq) -> bytes:
        """The result of one, which is empty too. Raises Failure."""
        self._named(request)
        return projections_pb2.ResultResp(result=Value(struct_value=Struct())).SerializeToString()

    async def statistics(self, request: projections_pb2.StatisticsReq, context: Context) -> None:
        """How one is, or all of a kind, or all of them: system projections are continuous. Raises Failure."""
        if not request.HasField("options"):
            raise HandlerThrew("The request has no options.")
        match request.options.WhichOneof("mode"):
            case "name":
                wanted = [self._found(request.options.name)]
            case "transient" | "one_time":
                wanted = []
            case _:
                wanted = list(self._projections.states.values())
        for state in wanted:
            details = _details(state, self._projections.end)
            await context.write(projections_pb2.StatisticsResp(details=details).SerializeToString())

    def _named(self, request: Any) -> ProjectionState:
        if not request.HasField("options"):
            raise HandlerThrew("The request has no options.")
        return self._found(request.options.name)

    def _found(self, name: str) -> ProjectionState:
        state = self._projections.states.get(name)
        if state is None:
            raise Failure(grpc.StatusCode.NOT_FOUND, f"Projection '{name}' not found")
        return state


def _details(state: ProjectionState, end: int) -> projections_pb2.StatisticsResp.Details:
    """``end`` is where the log ends: what is behind it is progress."""
    checkpoint = state.checkpoint
    return projections_pb2.StatisticsResp.Details(
        coreProcessingTime=int(state.seconds * 1000),
        version=checkpoint.version,
        epoch=checkpoint.epoch,
        effectiveName=state.name,
        status=state.status,
        stateReason=state.reason,
        name=state.name,
        mode="Continuous",
        position=_position(checkpoint.position),
        progress=min(_PARTS_PER_CENT, _PARTS_PER_CENT * checkpoint.position / end) if end else _PARTS_PER_CENT,
        lastCheckpoint=_position(state.kept.position),
        eventsProcessedAfterRestart=state.events,
    )


def _position(position: int) -> str:
    return f"C:{position}/P:{position}"
