"""Hop 5: the client's exceptions, turned into the port's errors at this border and nowhere else."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

import grpc
from esdbclient import exceptions as client

from desk.cqrs.errors import (
    AccessDenied,
    Conflict,
    Misconfigured,
    StoreError,
    StoreUnavailable,
    StreamIsGone,
    StreamNotFound,
    TooLarge,
)
from desk.store.foreign_words import Meaning, last_revision, meaning_of

CLIENT_ERRORS: Final = (client.EventStoreDBClientException, grpc.RpcError, ValueError, OSError)
"""All that a call of the client can raise because of a network, a server or a certificate.

ValueError is how gRPC says that its channel was closed by another thread.
"""


class NoEventBegins(StoreError):
    """No event begins at the position that was asked for; raised to the adapter only."""


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
_CODES: Final[Mapping[grpc.StatusCode | None, type[StoreError]]] = {
    grpc.StatusCode.PERMISSION_DENIED: AccessDenied,
    grpc.StatusCode.UNAUTHENTICATED: AccessDenied,
    grpc.StatusCode.RESOURCE_EXHAUSTED: StoreUnavailable,
    grpc.StatusCode.UNIMPLEMENTED: StoreError,
    grpc.StatusCode.INVALID_ARGUMENT: StoreError,
    grpc.StatusCode.OUT_OF_RANGE: StoreError,
    grpc.StatusCode.DATA_LOSS: StoreError,
}
_CODES_OF_TYPES: Final = (
    # Of these the client keeps the words alone.
    (client.ServiceUnavailable, grpc.StatusCode.UNAVAILABLE),
    (client.InternalError, grpc.StatusCode.INTERNAL),
    (client.FailedPrecondition, grpc.StatusCode.FAILED_PRECONDITION),
)
_MEANINGS: Final[Mapping[Meaning, tuple[type[StoreError], Verdict]]] = {
    Meaning.STREAM_DELETED: (StreamIsGone, Verdict.NOT_STORED),
    Meaning.TOO_LARGE: (TooLarge, Verdict.NOT_STORED),
    Meaning.NOBODY_THERE: (StoreUnavailable, Verdict.NOT_SENT),
    Meaning.NO_SUCH_HOST: (StoreUnavailable, Verdict.NOT_SENT),
    Meaning.HUNG_UP: (StoreUnavailable, Verdict.NOT_SENT),
    Meaning.NO_TLS_THERE: (Misconfigured, Verdict.NOT_SENT),
    Meaning.CERTIFICATE_NOT_TRUSTED: (Misconfigured, Verdict.NOT_SENT),
    Meaning.NO_STORE_THERE: (StoreUnavailable, Verdict.NOT_SENT),
    Meaning.TOO_BUSY: (StoreUnavailable, Verdict.NOT_SENT),
    Meaning.NO_EVENT_BEGINS: (NoEventBegins, Verdict.LOST),
}
_NOT_CONNECTED: Final[Mapping[Meaning, str]] = {
    Meaning.NOBODY_THERE: "No event store answers at {where}.",
    Meaning.NO_SUCH_HOST: "No address is known for the host in {where}. Check the name, and the network.",
    Meaning.HUNG_UP: "{where} closes each connection at once, as a store does that speaks TLS only."
    " If it does, leave tls=false out of the connection string.",
    Meaning.NO_TLS_THERE: "{where} does not speak TLS. If that is as it should be, add tls=false to the connection"
    " string.",
    Meaning.CERTIFICATE_NOT_TRUSTED: "The certificate of {where} is not trusted, or is for another name."
    " Name who signed it with tlsCaFile=FILE in the connection string.",
    Meaning.NO_STORE_THERE: "What answers at {where} is no event store. Check host and port.",
}
"""Why there is no connection, and what to do."""
NOTHING_WRITTEN: Final = "nothing-written"
"""The trailer, of Desk's own node, of a write that its disk did not take."""


def sentence_of(error: Exception) -> str:
    """What the server (or gRPC) said, without the wrapping."""
    call = _call_of(error)
    if call is not None:
        return str(call.details() or call.code().name)
    return str(error).strip() or type(error).__name__


def fault_of(error: Exception, where: str, stream: str | None = None) -> StoreError:
    """The port's error for an exception of the client; ``where`` is the server's address, for the sentence."""
    if isinstance(error, client.DiscoveryFailed) and isinstance(error.__cause__, CLIENT_ERRORS):
        error = error.__cause__  # what became of the last attempt to ask the cluster
    fault = _fault_of(error, where, stream)
    fault.answered = sentence_of(error)
    return fault


def _fault_of(error: Exception, where: str, stream: str | None) -> StoreError:
    said, meaning = sentence_of(error), _meaning_of(error)
    kind = _kind_of(error)
    if kind is StreamNotFound:
        return StreamNotFound(f"The stream {stream} has no events." if stream else said)
    if kind is StreamIsGone:
        return StreamIsGone(f"The stream {stream or 'asked for'} was deleted for good.")
    if kind is AccessDenied:
        return AccessDenied(f"The event store at {where} refused access: {said}. Check user name and password.")
    if isinstance(error, client.DeadlineExceeded):
        return StoreUnavailable(f"The event store at {where} did not answer in time.")
    if isinstance(error, client.SSLError) and meaning in (None, Meaning.NOBODY_THERE):
        return StoreUnavailable(f"No secure connection to {where}: {said}. Check the certificate, and tls=false.")
    if meaning is not None and meaning in _NOT_CONNECTED:
        return kind(_NOT_CONNECTED[meaning].format(where=where))
    return kind(f"The event store at {where} says: {said}")


def _kind_of(error: Exception) -> type[StoreError]:
    meaning = _meaning_of(error)
    if meaning is not None:
        return _MEANINGS[meaning][0]
    for exception, kind in _TYPES:
        if isinstance(error, exception):
            return kind
    return _CODES.get(code_of(error), StoreUnavailable)


def _meaning_of(error: Exception) -> Meaning | None:
    return meaning_of(code_of(error), sentence_of(error))


def _call_of(error: Exception) -> grpc.Call | None:
    """The call that failed, where it was one: the client wraps it, or it is the cause."""
    for cause in (error, *error.args[:1], error.__cause__):
        if isinstance(cause, grpc.Call):
            return cause
    return None


def code_of(error: Exception) -> grpc.StatusCode | None:
    """The status with which a call failed; None where it was no call, or the client has dropped it."""
    call = _call_of(error)
    if call is not None:
        return call.code()
    return next((code for kind, code in _CODES_OF_TYPES if isinstance(error, kind)), None)


def _is_known_to_be_unwritten(error: Exception) -> bool:
    call = _call_of(error)
    return call is not None and any(key == NOTHING_WRITTEN for key, _ in call.trailing_metadata() or ())


def verdict_of(error: Exception) -> Verdict:
    """What a failed append means for its events. When in doubt the answer was lost: repeating does no harm."""
    if isinstance(error, client.NodeIsNotLeader):
        return Verdict.WRONG_NODE
    if isinstance(error, client.DiscoveryFailed | OSError):
        return Verdict.NOT_SENT
    meaning = _meaning_of(error)
    if meaning is not None:
        return _MEANINGS[meaning][1]
    if isinstance(error, client.WrongCurrentVersion | client.FailedPrecondition) or _is_known_to_be_unwritten(error):
        return Verdict.NOT_STORED
    if code_of(error) in _CODES or any(isinstance(error, exception) for exception, _ in _TYPES):
        return Verdict.NOT_STORED
    return Verdict.LOST


def conflict_of(error: Exception, stream: str, expected: int) -> Conflict | None:
    """The conflict that this exception reports, if it does; the client has the actual revision only in its text."""
    if not isinstance(error, client.WrongCurrentVersion):
        return None
    return Conflict(stream, expected, last_revision(str(error)))
