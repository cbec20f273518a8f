"""Checks for every method of a node with TLS who calls and whether they may. A node without TLS has no gate.

The services behind it know nothing of users, but for BatchAppend, where each append is allowed or denied by itself.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

import grpc
import grpc.aio

from desk.node.access.caller import Caller
from desk.node.access.logins import Logins
from desk.node.access.policy import BATCH_APPEND, POLICY, Rule, name_of
from desk.node.access.rights import Rights, StreamAction
from desk.node.batches import Denied
from desk.node.calls import Broken, Context, Handler, answered
from desk.node.status import Failure, access_denied, unimplemented

_KINDS: Final = ("unary_unary", "unary_stream", "stream_unary", "stream_stream")


class Gate(grpc.aio.ServerInterceptor):
    """Lets calls pass, or answers them itself."""

    def __init__(self, logins: Logins, rights: Rights) -> None:
        self._logins = logins
        self._rights = rights

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable["Handler | None"]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler:
        """The method that was called, behind a check of its caller's rights."""
        headers = dict(handler_call_details.invocation_metadata or ())
        authorization = headers.get("authorization")
        try:
            caller = await self._logins.caller(None if authorization is None else str(authorization))
        except Failure as failure:
            return _refusing(failure)
        handler = await continuation(handler_call_details)
        if handler is None:
            raise AssertionError("one answers whatever nobody else does")
        method = handler_call_details.method
        if method == BATCH_APPEND:
            return _each_append(handler, caller, self._rights)
        rule = POLICY.get(method)
        return _refusing(unimplemented()) if rule is None else _guarded(handler, rule, caller, self._rights)


def _guarded(behind: Handler, rule: Rule, caller: Caller, rights: Rights) -> Handler:
    """The same kind of method, with a check before it: of its request, or of the first one."""
    kind = next(kind for kind in _KINDS if getattr(behind, kind) is not None)
    method: Any = getattr(behind, kind)

    async def check(request: Any) -> None:
        if not await rule(request, caller, rights):
            raise access_denied()

    async def one(request: Any, context: Context) -> Any:
        if not isinstance(request, Broken):  # which the method refuses
            await answered(context, check, request)
        return await method(request, context)

    async def many(requests: AsyncIterator[Any], context: Context) -> Any:
        return await method(_checked(requests, check), context)

    return _handler(kind, many if behind.request_streaming else one, behind)


async def _checked(requests: AsyncIterator[Any], check: Callable[[Any], Awaitable[None]]) -> AsyncIterator[Any]:
    checked = False
    async for request in requests:
        if not checked:
            await check(request)
            checked = True
        yield request


def _each_append(behind: Handler, caller: Caller, rights: Rights) -> Handler:
    method: Any = behind.stream_stream

    async def call(requests: AsyncIterator[Any], context: Context) -> Any:
        return await method(_allowed(requests, caller, rights), context)

    return _handler("stream_stream", call, behind)


def _handler(kind: str, method: Any, behind: Handler) -> Handler:
    made: Handler = getattr(grpc, f"{kind}_rpc_method_handler")(
        method, request_deserializer=behind.request_deserializer
    )
    return made


async def _allowed(requests: AsyncIterator[Any], caller: Caller, rights: Rights) -> AsyncIterator[Any]:
    """The requests of a batch call; one that begins an append which is not allowed is marked."""
    async for request in requests:
        if request.HasField("options"):
            stream = name_of(request.options.stream_identifier)
            if not await rights.allow(caller, StreamAction.WRITE, stream):
                yield Denied(request)
                continue
        yield request


def _refusing(failure: Failure) -> Handler:
    async def refuse() -> None:
        raise failure

    async def call(_requests: AsyncIterator[bytes], context: Context) -> None:
        await answered(context, refuse)

    return grpc.stream_stream_rpc_method_handler(call)
