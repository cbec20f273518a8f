"""Hop 5: the client's exceptions, turned into the port's errors at this border and nowhere else."""

import re
from enum import Enum, auto
from typing import Final

import grpc
from esdbclient import exceptions as client

from desk.cqrs.errors import (
    AccessDenied,
    Conflict,
    StoreError,
    StoreUnavailable,
    StreamIsGone,
    StreamNotFound,
    TooLarge,
)
from desk.cqrs.store import NO_STREAM

CLIENT_ERRORS: Final = (client.EventStoreDBClientException, grpc.RpcError, ValueError, OSError)
"""All that a call of the client can raise because of a network, a server or a certificate.

ValueError is how gRPC says that its channel was closed by another thread.
"""


class Verdict(Enum):
    """What a failed append says about the events."""

    NOT_STORED = auto()
    """The server refused them."""
    NOT_SENT = auto()
    """They never left, or met a server that did not look at them."""
    WRONG_NODE = auto()
    """They met a follower, which stores nothing; the leader may."""
    LOST = auto()
    """Stored or not: the answer did not come, or said neither."""


_TYPES: Final[tuple[tuple[type[Exception], type[StoreError]], ...]] = (
    (client.NodeIsNotLeader, StoreUnavailable),
    (client.NotFound, StreamNotFound),
    (client.StreamIsDeleted, StreamIsGone),
    (client.AccessDeniedError, AccessDenied),
    (client.MaximumAppendSizeExceededError, TooLarge),
    (client.BadRequestError, StoreError),
    (client.InvalidTransactionError, StoreError),
    (client.AlreadyExists, StoreError),
)
_CODES: Final[tuple[tuple[grpc.StatusCode, type[StoreError]], ...]] = (
    (grpc.StatusCode.PERMISSION_DENIED, AccessDenied),
    (grpc.StatusCode.UNAUTHENTICATED, AccessDenied),
    (grpc.StatusCode.RESOURCE_EXHAUSTED, StoreUnavailable),
    (grpc.StatusCode.UNIMPLEMENTED, StoreError),
    (grpc.StatusCode.INVALID_ARGUMENT, StoreError),
    (grpc.StatusCode.OUT_OF_RANGE, StoreError),
    (grpc.StatusCode.DATA_LOSS, StoreError),
)
_TEXTS: Final[tuple[tuple[str, type[StoreError]], ...]] = (
    ("is deleted", StreamIsGone),
    ("Maximum Append Size", TooLarge),
    ("larger than max", TooLarge),
)
_NOT_SENT: Final = re.compile(
    "failed to connect|connection refused|name resolution|dns resolution|empty address list|ssl_error"
    "|closed channel|server is not ready|server is too busy|server is busy",
    re.IGNORECASE,
)
_NOT_STORED: Final = re.compile("nothing was (written|stored)|cannot be (read or )?written", re.IGNORECASE)
"""How a server says that its disk failed, under whatever code."""
_REVISION: Final = re.compile(r"last event is (\d+) not ")


def sentence_of(error: Exception) -> str:
    """What the server (or gRPC) said, without the wrapping."""
    cause = error.args[0] if error.args and isinstance(error.args[0], grpc.RpcError) else error
    if isinstance(cause, grpc.Call):
        return str(cause.details() or cause.code().name)
    return str(cause).strip() or type(error).__name__


def answer_behind(error: StoreError) -> str:
    """What the server, or gRPC, said word for word, of an error that was translated here; empty where nobody did."""
    behind = error.__context__
    return sentence_of(behind) if isinstance(behind, CLIENT_ERRORS) else ""


def fault_of(error: Exception, where: str, stream: str | None = None) -> StoreError:
    """The port's error for an exception of the client; ``where`` is the server's address, for the sentence."""
    said = sentence_of(error)
    kind = _kind_of(error, said)
    if kind is StreamNotFound:
        return StreamNotFound(f"The stream {stream} has no events." if stream else said)
    if kind is StreamIsGone:
        return StreamIsGone(f"The stream {stream or 'asked for'} was deleted for good.")
    if kind is AccessDenied:
        return AccessDenied(f"The event store at {where} refused access: {said}. Check user name and password.")
    if isinstance(error, client.DeadlineExceeded):
        return StoreUnavailable(f"The event store at {where} did not answer in time.")
    if isinstance(error, client.SSLError):
        return StoreUnavailable(f"No secure connection to {where}: {said}. Check the certificate, and tls=false.")
    if kind is StoreUnavailable and _NOT_SENT.search(said) and "server is" not in said.casefold():
        return StoreUnavailable(f"No event store answers at {where}.")
    return kind(f"The event store at {where} says: {said}")


def _kind_of(error: Exception, said: str) -> type[StoreError]:
    for text, kind in _TEXTS:
        if text in said:
            return kind
    for exception, kind in _TYPES:
        if isinstance(error, exception):
            return kind
    code = _code_of(error)
    for known, kind in _CODES:
        if code is known:
            return kind
    return StoreUnavailable


def _code_of(error: Exception) -> grpc.StatusCode | None:
    cause = error.args[0] if error.args and isinstance(error.args[0], grpc.RpcError) else error
    return cause.code() if isinstance(cause, grpc.Call) else None


def verdict_of(error: Exception) -> Verdict:
    """What a failed append means for its events. When in doubt the answer was lost: repeating does no harm."""
    if isinstance(error, client.NodeIsNotLeader):
        return Verdict.WRONG_NODE
    if isinstance(error, client.DiscoveryFailed | OSError) or _NOT_SENT.search(sentence_of(error)):
        return Verdict.NOT_SENT
    refused = isinstance(error, client.WrongCurrentVersion | client.FailedPrecondition)
    if refused or _NOT_STORED.search(sentence_of(error)):
        return Verdict.NOT_STORED
    if any(isinstance(error, exception) for exception, _ in _TYPES) or any(
        _code_of(error) is code for code, _ in _CODES
    ):
        return Verdict.NOT_STORED
    return Verdict.LOST


def conflict_of(error: Exception, stream: str, expected: int) -> Conflict | None:
    """The conflict that this exception reports, if it does; the client has the actual revision only in its text."""
    if not isinstance(error, client.WrongCurrentVersion):
        return None
    text = str(error)
    found = _REVISION.search(text)
    if found:
        return Conflict(stream, expected, int(found[1]))
    return Conflict(stream, expected, NO_STREAM if "does not exist" in text else None)
