"""How a call fails: the status codes, texts and trailers by which EventStoreDB's clients know what happened."""

from collections.abc import Mapping
from typing import Final

import grpc

from desk.node.records import (
    LogError,
    LogFull,
    StreamDeleted,
    WriteRefused,
    WrongExpectedVersion,
)

THREW: Final = "Exception was thrown by handler."
UNIMPLEMENTED: Final = "Method is unimplemented."
CLOSING: Final = "The node is closing."
NOTHING_WRITTEN: Final = "nothing-written"
"""The trailer, of Desk's own, of a call that ended as the disk failed: nothing of a write is stored."""


class Failure(Exception):
    """A call that ends with a status other than OK."""

    def __init__(self, code: grpc.StatusCode, details: str, trailers: Mapping[str, str] | None = None) -> None:
        super().__init__(details)
        self.code = code
        self.details = details
        self.trailers = tuple((key, _ascii(value)) for key, value in (trailers or {}).items())


class HandlerThrew(Failure):
    """A request that makes the original's handler throw; ``reason`` is said in a batch, and nowhere else."""

    def __init__(self, reason: str) -> None:
        super().__init__(grpc.StatusCode.UNKNOWN, THREW)
        self.reason = reason


class PropertyMissing(Failure):
    """An event without its type or content type."""

    def __init__(self, name: str) -> None:
        trailers = {
            "exception": "missing-required-metadata-property",
            "required-metadata-properties": "type,content-type",
        }
        super().__init__(grpc.StatusCode.INVALID_ARGUMENT, f"Required Metadata Property '{name}' is missing", trailers)


def invalid_argument(details: str, trailers: Mapping[str, str] | None = None) -> Failure:
    """The client asked for something impossible."""
    return Failure(grpc.StatusCode.INVALID_ARGUMENT, details, trailers)


def not_valid(value: str, kind: str) -> Failure:
    """A choice that is open or unknown; ``kind`` is what the original calls it."""
    return invalid_argument(f"'{value}' is not a valid EventStore.Client.{kind}")


def unexpected_result(details: str) -> Failure:
    """An answer that the original gives where it does not know better."""
    return Failure(grpc.StatusCode.UNKNOWN, details)


def closing() -> Failure:
    """The node ends, and whoever waits is told so."""
    return Failure(grpc.StatusCode.UNAVAILABLE, CLOSING)


def access_denied() -> Failure:
    """The caller is known, or is nobody, and may not do this."""
    return Failure(grpc.StatusCode.PERMISSION_DENIED, "Access Denied", {"exception": "access-denied"})


def unimplemented() -> Failure:
    """A method that is not there."""
    return Failure(grpc.StatusCode.UNIMPLEMENTED, UNIMPLEMENTED)


def unauthenticated() -> Failure:
    """The caller gave an invalid login."""
    return Failure(grpc.StatusCode.UNAUTHENTICATED, "Unauthenticated")


def too_busy() -> Failure:
    """More is asked than can be waited for."""
    return Failure(grpc.StatusCode.UNAVAILABLE, "Server Is Too Busy")


def too_large(limit: int) -> Failure:
    """An append of more than the largest size, in bytes."""
    return invalid_argument(
        f"Maximum Append Size of {limit} Exceeded.",
        {"exception": "maximum-append-size-exceeded", "maximum-append-size": str(limit)},
    )


def stream_deleted(stream: str) -> Failure:
    """A stream that was ended for ever."""
    return Failure(
        grpc.StatusCode.FAILED_PRECONDITION,
        f"Event stream '{stream}' is deleted.",
        {"exception": "stream-deleted", "stream-name": stream},
    )


def user_not_found(name: str) -> Failure:
    """There is no user of this name."""
    trailers = {"exception": "user-not-found", "login-name": name}
    return Failure(grpc.StatusCode.NOT_FOUND, f"User '{name}' is not found.", trailers)


def user_conflict(name: str) -> Failure:
    """There is a user of this name already, with another password."""
    trailers = {"exception": "user-conflict", "login-name": name}
    return Failure(grpc.StatusCode.FAILED_PRECONDITION, "Conflict.", trailers)


def refused_delete(refused: WrongExpectedVersion) -> Failure:
    """A delete or tombstone of a stream that is not where it was expected."""
    stream, expected, actual = refused.stream, refused.expected, refused.actual
    return Failure(
        grpc.StatusCode.FAILED_PRECONDITION,
        f"Delete failed due to WrongExpectedVersion. Stream: {stream}, Expected version: {expected},"
        f" Actual version: {actual}",
        {
            "exception": "wrong-expected-version",
            "stream-name": stream,
            "expected-version": str(expected),
            "actual-version": str(actual),
        },
    )


def failure_of(error: WriteRefused | LogError) -> Failure:
    """The status of a write that was refused, or that the disk did not take."""
    match error:
        case StreamDeleted():
            return stream_deleted(error.stream)
        case WrongExpectedVersion():
            return refused_delete(error)
        case LogFull():
            return Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, str(error), {NOTHING_WRITTEN: "full"})
        case _:
            return Failure(grpc.StatusCode.UNAVAILABLE, str(error), {NOTHING_WRITTEN: "unavailable"})


def _ascii(value: str) -> str:
    """Trailers are plain ASCII: what is not, and what would break a line, is shown as a question mark."""
    return "".join(c if " " <= c <= "~" else "?" for c in value)
