"""Which right each method of the protocol needs: one table, so that nothing is forgotten or said twice.

A method that is not in it is not there. The rights are EventStoreDB's, as its users, operators and administrators
were seen to have them.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from esdbclient.protos.Grpc import shared_pb2

from desk.node.access.caller import Caller
from desk.node.access.rights import ALL_STREAM, Rights, StreamAction

Rule = Callable[[Any, Caller, Rights], Awaitable[bool]]
"""Whether a caller may make this request; of a call with many requests it is the first."""

_PREFIX: Final = "/event_store.client."
BATCH_APPEND: Final = f"{_PREFIX}streams.Streams/BatchAppend"
"""The one method that is not decided on when the call begins, but with each append."""


def _callers(may: Callable[[Caller], bool]) -> Rule:
    async def rule(_request: Any, caller: Caller, _rights: Rights) -> bool:
        return may(caller)

    return rule


anybody = _callers(lambda _caller: True)
"""Also without a login."""
users = _callers(lambda caller: caller.known)
"""Whoever has a login."""
operators = _callers(lambda caller: caller.operates)
"""Operators and administrators."""
administrators = _callers(lambda caller: caller.administrates)
"""Administrators alone."""


async def oneself(request: Any, caller: Caller, _rights: Rights) -> bool:
    """The user whom it is about, and administrators."""
    return caller.administrates or (caller.known and caller.name == request.options.login_name)


def name_of(identifier: shared_pb2.StreamIdentifier) -> str:
    """The name as the services read it; a missing one is an ordinary name, which they refuse."""
    return identifier.stream_name.decode("utf-8", errors="replace")


def _on_stream(action: StreamAction) -> Rule:
    async def rule(request: Any, caller: Caller, rights: Rights) -> bool:
        return await rights.allow(caller, action, name_of(request.options.stream_identifier))

    return rule


async def _readers_of_source(request: Any, caller: Caller, rights: Rights) -> bool:
    options = request.options
    source = ALL_STREAM if options.HasField("all") else name_of(_identifier(options))
    return await rights.allow(caller, StreamAction.READ, source)


def _identifier(options: Any) -> shared_pb2.StreamIdentifier:
    identifier: shared_pb2.StreamIdentifier = (
        options.stream.stream_identifier if "stream" in options.DESCRIPTOR.fields_by_name else options.stream_identifier
    )
    return identifier


def _service(name: str, rules: Mapping[str, Rule]) -> dict[str, Rule]:
    return {f"{_PREFIX}{name}/{method}": rule for method, rule in rules.items()}


POLICY: Final[Mapping[str, Rule]] = {
    **_service("gossip.Gossip", {"Read": anybody}),
    **_service("server_features.ServerFeatures", {"GetSupportedMethods": anybody}),
    **_service("monitoring.Monitoring", {"Stats": anybody}),
    **_service(
        "streams.Streams",
        {
            "Append": _on_stream(StreamAction.WRITE),
            "Delete": _on_stream(StreamAction.DELETE),
            "Tombstone": _on_stream(StreamAction.DELETE),
            "Read": _readers_of_source,
        },
    ),
    **_service(
        "persistent_subscriptions.PersistentSubscriptions",
        {
            "Read": _readers_of_source,
            **dict.fromkeys(("GetInfo", "List"), users),
            **dict.fromkeys(("Create", "Update", "Delete", "ReplayParked", "RestartSubsystem"), operators),
        },
    ),
    **_service(
        "projections.Projections",
        {
            **dict.fromkeys(("Create", "Update", "Enable", "Disable", "Reset", "Statistics", "State", "Result"), users),
            **dict.fromkeys(("Delete", "RestartSubsystem"), operators),
        },
    ),
    **_service(
        "operations.Operations",
        dict.fromkeys(
            (
                "StartScavenge",
                "StopScavenge",
                "Shutdown",
                "MergeIndexes",
                "ResignNode",
                "SetNodePriority",
                "RestartPersistentSubscriptions",
            ),
            operators,
        ),
    ),
    **_service(
        "users.Users",
        {
            "Details": users,
            "ChangePassword": oneself,
            **dict.fromkeys(("Create", "Update", "Delete", "Enable", "Disable", "ResetPassword"), administrators),
        },
    ),
}
