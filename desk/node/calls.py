"""One call from end to end: the request is decoded, the answer sent, and what goes wrong becomes a status.

A ``Failure`` and what the log refuses are answers; anything else is a bug: it is logged, and the client is told that
the handler threw.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import DecodeError, Message

from desk.node.records import LogError, WriteRefused
from desk.node.status import UNIMPLEMENTED, Failure, HandlerThrew, failure_of

Request = TypeVar("Request", bound=Message)
Answer = TypeVar("Answer")
Context = Any
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"

_log = logging.getLogger(__name__)


class Broken:
    """The request is not a message of the expected kind."""


def unary_unary(method: Callable[[Request], Awaitable[bytes | None]], kind: type[Request]) -> Handler:
    """A method with one request and one answer; None is an empty one."""

    async def call(request: Request | Broken, context: Context) -> bytes:
        return await answered(context, method, await _whole(request, context)) or b""

    return grpc.unary_unary_rpc_method_handler(call, request_deserializer=_parser(kind))


def stream_unary(method: Callable[[AsyncIterator[Request]], Awaitable[bytes]], kind: type[Request]) -> Handler:
    """A method with many requests and one answer."""

    async def call(requests: AsyncIterator[Request], context: Context) -> bytes:
        return await answered(context, method, requests)

    return grpc.stream_unary_rpc_method_handler(call, request_deserializer=kind.FromString)


def unary_stream(method: Callable[[Request, Context], Awaitable[None]], kind: type[Request]) -> Handler:
    """A method with one request, which writes many answers to its context."""

    async def call(request: Request | Broken, context: Context) -> None:
        await answered(context, method, await _whole(request, context), context)

    return grpc.unary_stream_rpc_method_handler(call, request_deserializer=_parser(kind))


def stream_stream(method: Callable[[AsyncIterator[Request], Context], Awaitable[None]], kind: type[Request]) -> Handler:
    """A method with many requests, which writes many answers to its context."""

    async def call(requests: AsyncIterator[Request], context: Context) -> None:
        await answered(context, method, requests, context)

    return grpc.stream_stream_rpc_method_handler(call, request_deserializer=kind.FromString)


class Unimplemented(grpc.GenericRpcHandler):
    """Answers every method that nobody else does."""

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Handler:
        """A method that takes anything, and does nothing."""

        async def call(_requests: AsyncIterator[bytes], context: Context) -> None:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, UNIMPLEMENTED)

        return grpc.stream_stream_rpc_method_handler(call)


async def answered(context: Context, method: Callable[..., Awaitable[Answer]], *arguments: Any) -> Answer:
    """The answer; where there is none the call ends with a status."""
    try:
        return await method(*arguments)
    except Failure as failure:
        await _abort(context, failure)
    except (WriteRefused, LogError) as error:
        await _abort(context, failure_of(error))
    except DecodeError:
        await _abort(context, HandlerThrew("The request could not be decoded."))
    except Exception:
        if context.cancelled() or context.done():
            raise  # the client has gone, and what was to be sent fails
        _log.exception("A call failed")
        await _abort(context, HandlerThrew("A bug."))
    raise AssertionError("to abort is to raise")


def _parser(kind: type[Request]) -> Callable[[bytes], Request | Broken]:
    """Does not raise: gRPC would tell the client of it in words of its own."""

    def parse(data: bytes) -> Request | Broken:
        try:
            return kind.FromString(data)
        except DecodeError:
            return Broken()

    return parse


async def _whole(request: Request | Broken, context: Context) -> Request:
    if isinstance(request, Broken):
        await _abort(context, HandlerThrew("The request could not be decoded."))
        raise AssertionError("to abort is to raise")
    return request


async def _abort(context: Context, failure: Failure) -> None:
    context.set_trailing_metadata(failure.trailers)
    await context.abort(failure.code, failure.details)
