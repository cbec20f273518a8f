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
        return _refusing(unimplemented()) if rule is None else _Guarded(handler, rule, caller, self._rights).handler()


class _Guarded:
    """One call of a method, by a caller who is known."""

    def __init__(self, behind: Handler, rule: Rule, caller: Caller, rights: Rights) -> None:
        self._behind = behind
        self._rule = rule
        self._caller = caller
        self._rights = rights

    def handler(self) -> Handler:
        """The same kind of method, with a check before it."""
        behind = self._behind
        guarded = self._many if behind.request_streaming else self._one
        kind = next(kind for kind in _KINDS if getattr(behind, kind) is not None)
        return _handler(kind, guarded(getattr(behind, kind)), behind)

    def _one(self, method: Any) -> Callable[[Any, Context], Awaitable[Any]]:
        async def call(request: Any, context: Context) -> Any:
            if not isinstance(request, Broken):  # which the method refuses
                await answered(context, self._check, request)
            return await method(request, context)

        return call

    def _many(self, method: Any) -> Callable[[AsyncIterator[Any], Context], Awaitable[Any]]:
        async def call(requests: AsyncIterator[Any], context: Context) -> Any:
            received = aiter(requests)
            try:
                first = await anext(received)
            except StopAsyncIteration:
                return await method(received, context)
            await answered(context, self._check, first)
            return await method(_from(first, received), context)

        return call

    async def _check(self, request: Any) -> None:
        if not await self._rule(request, self._caller, self._rights):
            raise access_denied()


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


async def _from(first: Any, others: AsyncIterator[Any]) -> AsyncIterator[Any]:
    yield first
    async for other in others:
        yield other


def _refusing(failure: Failure) -> Handler:
    async def refuse() -> None:
        raise failure

    async def call(_requests: AsyncIterator[bytes], context: Context) -> None:
        await answered(context, refuse)

    return grpc.stream_stream_rpc_method_handler(call)
