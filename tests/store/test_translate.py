"""Every failure of the client has a name of ours, and is known to have stored nothing or not known at all."""

from typing import Any

import grpc
import pytest
from esdbclient import exceptions as client
from esdbclient.common import handle_rpc_error

from desk.cqrs.errors import (
    AccessDenied,
    Misconfigured,
    StoreError,
    StoreUnavailable,
    StreamIsGone,
    StreamNotFound,
    TooLarge,
)
from desk.node import status as node_status
from desk.node import streams as node_streams
from desk.store.eventstoredb import STORE_ID
from desk.store.translate import (
    CLIENT_ERRORS,
    NOTHING_WRITTEN,
    NoEventBegins,
    Verdict,
    conflict_of,
    fault_of,
    sentence_of,
    verdict_of,
)

Code = grpc.StatusCode


class Failed(grpc.RpcError, grpc.Call):
    """A failed call as gRPC raises it."""

    def __init__(self, code: grpc.StatusCode, details: str, trailers: tuple[tuple[str, str], ...] = ()) -> None:
        self._code, self._details, self._trailers = code, details, trailers

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return self._details

    def initial_metadata(self) -> Any:
        return ()

    def trailing_metadata(self) -> Any:
        return self._trailers

    def is_active(self) -> bool:
        return False

    def time_remaining(self) -> float:
        return 0.0

    def cancel(self) -> bool:
        return False

    def add_callback(self, callback: Any) -> bool:
        return False


REFUSED = "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:9: Connection refused (111)"

_TRIED = "failed to connect to all addresses; last error: "
_OPENSSL = "Ssl handshake failed (TSI_PROTOCOL_FAILURE): SSL_ERROR_SSL: error:10:SSL routines:OPENSSL_internal:"
HUNG_UP = _TRIED + "UNAVAILABLE: ipv4:127.0.0.1:3901: Socket closed"
PLAIN_THERE = _TRIED + "UNKNOWN: ipv4:127.0.0.1:9: " + _OPENSSL + "WRONG_VERSION_NUMBER: Invalid context"
UNTRUSTED = _TRIED + "UNKNOWN: ipv4:127.0.0.1:9: " + _OPENSSL + "CERTIFICATE_VERIFY_FAILED: unable to get issuer"

STATUSES = [
    (Code.UNAVAILABLE, REFUSED, StoreUnavailable, Verdict.NOT_SENT),
    (Code.UNAVAILABLE, "DNS resolution failed for nowhere:2113", StoreUnavailable, Verdict.NOT_SENT),
    (Code.UNAVAILABLE, "Server Is Not Ready", StoreUnavailable, Verdict.NOT_SENT),
    (Code.UNAVAILABLE, "Server Is Too Busy", StoreUnavailable, Verdict.NOT_SENT),
    (Code.UNAVAILABLE, "Ssl handshake failed: SSL_ERROR_SSL", StoreUnavailable, Verdict.NOT_SENT),
    (Code.UNAVAILABLE, PLAIN_THERE, Misconfigured, Verdict.NOT_SENT),
    (Code.UNAVAILABLE, UNTRUSTED, Misconfigured, Verdict.NOT_SENT),
    (Code.UNAVAILABLE, HUNG_UP, StoreUnavailable, Verdict.NOT_SENT),
    (Code.UNAVAILABLE, "Socket closed", StoreUnavailable, Verdict.LOST),
    (Code.UNAVAILABLE, "recvmsg:Connection reset by peer", StoreUnavailable, Verdict.LOST),
    # Words that nobody has put into the table decide nothing, however much they seem to say.
    (Code.UNAVAILABLE, "log.sqlite cannot be written (readonly).", StoreUnavailable, Verdict.LOST),
    (Code.UNAVAILABLE, "The stream is deleted", StoreUnavailable, Verdict.LOST),
    (Code.UNAVAILABLE, "proxy.connection-refused.example: reset", StoreUnavailable, Verdict.LOST),
    (Code.INTERNAL, "Server Is Too Busy", StoreUnavailable, Verdict.LOST),
    (Code.UNKNOWN, "Maximum Append Size of 1048576 Exceeded.", StoreUnavailable, Verdict.LOST),
    (Code.RESOURCE_EXHAUSTED, "Nothing was written: the disk is full.", StoreUnavailable, Verdict.NOT_STORED),
    (Code.INTERNAL, "Nothing was written: the disk is full.", StoreUnavailable, Verdict.LOST),
    (Code.RESOURCE_EXHAUSTED, "Received message larger than max (9 vs. 4)", TooLarge, Verdict.NOT_STORED),
    (Code.INVALID_ARGUMENT, "Maximum Append Size of 1048576 Exceeded.", TooLarge, Verdict.NOT_STORED),
    (Code.INVALID_ARGUMENT, "Invalid Transaction", StoreError, Verdict.NOT_STORED),
    (Code.UNIMPLEMENTED, "Method is unimplemented.", StoreError, Verdict.NOT_STORED),
    (Code.PERMISSION_DENIED, "Access Denied", AccessDenied, Verdict.NOT_STORED),
    (Code.UNAUTHENTICATED, "Unauthenticated", AccessDenied, Verdict.NOT_STORED),
    (Code.FAILED_PRECONDITION, "Event stream 'book-1' is deleted.", StreamIsGone, Verdict.NOT_STORED),
    (Code.NOT_FOUND, "Leader info available", StoreUnavailable, Verdict.WRONG_NODE),
    (Code.ALREADY_EXISTS, "Subscription group g exists.", StoreError, Verdict.NOT_STORED),
    (Code.DEADLINE_EXCEEDED, "Deadline Exceeded", StoreUnavailable, Verdict.LOST),
    (Code.ABORTED, "Operation timed out: Commit phase timeout.", StoreUnavailable, Verdict.LOST),
    (Code.ABORTED, "Operation timed out: Consumer too slow to handle", StoreUnavailable, Verdict.LOST),
    (Code.CANCELLED, "Channel closed!", StoreUnavailable, Verdict.LOST),
    (Code.CANCELLED, "Locally cancelled by application!", StoreUnavailable, Verdict.LOST),
    (Code.UNKNOWN, "Exception was thrown by handler.", StoreUnavailable, Verdict.LOST),
    (Code.UNKNOWN, "Unexpected ReadStreamResult: Error", StoreUnavailable, Verdict.LOST),
    (Code.UNKNOWN, "Unexpected ReadAllResult: InvalidPosition", NoEventBegins, Verdict.LOST),
    (Code.UNKNOWN, "Unexpected ReadAllResult: Error", NoEventBegins, Verdict.LOST),
    (Code.INVALID_ARGUMENT, "Trying to read from an invalid position.", NoEventBegins, Verdict.LOST),
    (Code.UNAVAILABLE, "failed to connect: position.example:2113", StoreUnavailable, Verdict.NOT_SENT),
    (Code.INTERNAL, "Received RST_STREAM with error code 2", StoreUnavailable, Verdict.LOST),
]

EXCEPTIONS = [
    (client.NotFound("Stream 'book-1' not found"), StreamNotFound, Verdict.NOT_STORED),
    (client.StreamIsDeleted("Stream 'book-1' is deleted"), StreamIsGone, Verdict.NOT_STORED),
    (client.AccessDeniedError(), AccessDenied, Verdict.NOT_STORED),
    (client.MaximumAppendSizeExceededError("Max size is 10"), TooLarge, Verdict.NOT_STORED),
    (client.BadRequestError("Bad request: no type"), StoreError, Verdict.NOT_STORED),
    (client.InvalidTransactionError(), StoreError, Verdict.NOT_STORED),
    (client.DiscoveryFailed("Failed to obtain cluster info"), StoreUnavailable, Verdict.NOT_SENT),
    (client.FollowerNotFound(), StoreUnavailable, Verdict.NOT_SENT),
    (FileNotFoundError(2, "No such file or directory", "ca.crt"), StoreUnavailable, Verdict.NOT_SENT),
    (ValueError("Cannot invoke RPC on closed channel!"), StoreUnavailable, Verdict.NOT_SENT),
    (client.AppendDeadlineExceeded(), StoreUnavailable, Verdict.LOST),
    (client.UnknownError(), StoreUnavailable, Verdict.LOST),
    (client.EventStoreDBClientException("Batch append response not received"), StoreUnavailable, Verdict.LOST),
]


@pytest.mark.parametrize(("code", "details", "kind", "verdict"), STATUSES)
def test_each_status_has_one_name_and_one_verdict(
    code: grpc.StatusCode, details: str, kind: type[StoreError], verdict: Verdict
) -> None:
    error = handle_rpc_error(Failed(code, details))
    assert isinstance(error, CLIENT_ERRORS)
    assert (type(fault_of(error, "there:2113", "book-1")), verdict_of(error)) == (kind, verdict)


@pytest.mark.parametrize(("error", "kind", "verdict"), EXCEPTIONS)
def test_each_exception_has_one_name_and_one_verdict(
    error: Exception, kind: type[StoreError], verdict: Verdict
) -> None:
    assert isinstance(error, CLIENT_ERRORS)
    assert (type(fault_of(error, "there:2113", "book-1")), verdict_of(error)) == (kind, verdict)


def test_no_exception_of_the_client_is_without_a_name() -> None:
    kinds = [
        kind
        for kind in vars(client).values()
        if isinstance(kind, type) and issubclass(kind, client.EventStoreDBClientException)
    ]
    for kind in kinds:
        assert issubclass(kind, CLIENT_ERRORS)
        assert isinstance(fault_of(kind("a sentence"), "there:2113"), StoreError)


def test_a_full_disk_is_told_in_the_servers_own_words() -> None:
    error = handle_rpc_error(Failed(Code.RESOURCE_EXHAUSTED, "Nothing was written: the disk is full."))
    assert str(fault_of(error, "there:2113")).endswith("Nothing was written: the disk is full.")
    assert sentence_of(client.UnknownError()) == "UnknownError"


def test_an_absent_server_is_told_without_the_noise_of_grpc() -> None:
    error = handle_rpc_error(Failed(Code.UNAVAILABLE, REFUSED))
    assert str(fault_of(error, "there:2113")) == "No event store answers at there:2113."


@pytest.mark.parametrize(
    ("details", "sentence"),
    [
        (
            "DNS resolution failed for there:2113: Name or service not known",
            "No address is known for the host in there",
        ),
        (HUNG_UP, "there:2113 closes each connection at once, as a store does that speaks TLS only."),
        (PLAIN_THERE, "there:2113 does not speak TLS. If that is as it should be, add tls=false"),
        (UNTRUSTED, "The certificate of there:2113 is not trusted, or is for another name."),
        (_TRIED + "INTERNAL: Trying to connect an http1.x server (HTTP status 400)", "is no event store"),
    ],
)
def test_each_way_in_which_there_is_no_connection_has_a_sentence(details: str, sentence: str) -> None:
    """The same where a cluster is asked for its leader."""
    error = handle_rpc_error(Failed(Code.UNAVAILABLE, details))
    assert sentence in str(fault_of(error, "there:2113"))
    asked = client.DiscoveryFailed(f"Failed to obtain cluster info: {details}")
    asked.__cause__ = error
    assert str(fault_of(asked, "there:2113")) == str(fault_of(error, "there:2113"))
    assert verdict_of(asked) is Verdict.NOT_SENT


@pytest.mark.parametrize(
    ("text", "actual"),
    [
        ("Stream position of last event is 7 not 3", 7),
        ("Stream 'book-1' does not exist", -1),
        ("something else", None),
    ],
)
def test_a_conflict_knows_the_actual_revision_where_the_client_says_it(text: str, actual: int | None) -> None:
    conflict = conflict_of(client.WrongCurrentVersion(text), "book-1", 3)
    assert conflict is not None
    assert (conflict.stream, conflict.expected, conflict.actual) == ("book-1", 3, actual)
    assert conflict_of(client.NotFound(), "book-1", 3) is None


def test_a_node_whose_disk_failed_says_by_a_trailer_that_nothing_is_written() -> None:
    """The client keeps of an unavailable server nothing but its words: the call has to come along."""
    call = Failed(Code.UNAVAILABLE, "whatever it says", ((NOTHING_WRITTEN, "unavailable"),))
    error = handle_rpc_error(call)
    error.__cause__ = call
    assert verdict_of(error) is Verdict.NOT_STORED
    assert type(fault_of(error, "there:2113")) is StoreUnavailable


def test_both_programs_spell_their_trailers_and_headers_alike() -> None:
    """The node imports nothing of Desk, nor Desk of the node: this is where they meet."""
    assert node_status.NOTHING_WRITTEN == NOTHING_WRITTEN
    assert node_streams.STORE_ID == STORE_ID
