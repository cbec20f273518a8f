"""Hop 5: many appends on one long-lived BatchAppend call: they need no call of their own, and the node groups commits.

Each append is one message that is final by itself, so it arrives whole or not at all; its answer is found by its
correlation id. A call of its own for each append costs two to three times as much on both sides.
"""

import threading
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import grpc
from esdbclient import NewEvent as Proposed
from esdbclient import StreamState
from esdbclient import exceptions as client
from esdbclient.common import handle_rpc_error
from esdbclient.protos.Grpc import shared_pb2

if TYPE_CHECKING:
    from esdbclient.streams import StreamsService

Answer = SimpleQueue[Any]
"""Gets the one answer of one append, or the exception that ended its call."""


class AppendCall:
    """One BatchAppend call, from its first append until it breaks or is closed. Safe to use from several threads.

    It raises the client's exceptions, like a call for one append alone.
    """

    def __init__(self, streams: "StreamsService", metadata: Any, credentials: grpc.CallCredentials | None) -> None:
        self._streams = streams
        self._outgoing: SimpleQueue[Any] = SimpleQueue()
        self._waiting: dict[str, Answer] = {}
        self._unanswered = 0  # those of whom nobody waits any longer too
        self._guard = threading.Lock()
        self._ended: Exception | None = None
        self._call = streams._stub.BatchAppend(
            iter(self._outgoing.get, None),
            metadata=streams._metadata(metadata, requires_leader=True),
            credentials=credentials,
        )
        self._reader = threading.Thread(target=self._read, name="append-answers", daemon=True)
        self._reader.start()

    @property
    def broken(self) -> bool:
        """Whether the call has ended, so that a new one is needed."""
        return self._ended is not None

    def append(self, stream: str, expected: int | StreamState, events: tuple[Proposed, ...], patience: float) -> int:
        """The position of the last event, once the server has it; waits ``patience`` seconds at most."""
        correlation, answer = uuid4(), Answer()
        request = self._streams._construct_batch_append_req(stream, expected, events, correlation, patience)
        with self._guard:
            if self._ended is not None:
                raise self._ended
            self._waiting[str(correlation)] = answer
            self._unanswered += 1
        self._outgoing.put(request)
        try:
            answered = answer.get(timeout=patience)
        except Empty:
            raise client.AppendDeadlineExceeded from None
        finally:
            with self._guard:
                self._waiting.pop(str(correlation), None)
        if isinstance(answered, Exception):
            raise answered
        _raise_with_its_sentence(answered)
        position: int = self._streams._convert_batch_append_resp(answered, stream, expected)
        return position

    def close(self) -> None:
        """End the call; appends that still wait are lost."""
        self._outgoing.put(None)
        self._call.cancel()
        self._reader.join(2.0)

    def _read(self) -> None:
        try:
            for response in self._call:
                with self._guard:
                    self._unanswered -= 1
                    answer = self._waiting.pop(response.correlation_id.string, None)
                if answer is not None:
                    answer.put(response)
            self._end(client.EventStoreDBClientException("The call ended before the answer came."))
        except grpc.RpcError as error:
            ended = handle_rpc_error(error)
            ended.__cause__ = error  # the client drops some calls' trailers
            self._end(ended)
        except ValueError as error:  # how gRPC says that its channel was closed
            self._end(error)
        except Exception as error:  # noqa: BLE001 - whatever ended it, waiting appends and the next ones must learn of it
            self._end(client.EventStoreDBClientException(f"The call broke: {type(error).__name__}: {error}"))

    def _end(self, error: Exception) -> None:
        with self._guard:
            self._ended = error
            waiting, self._waiting = self._waiting, {}
        self._outgoing.put(None)
        if self._unanswered > 1:
            # Which of them the error is about is not said: of each it is unknown what became of it.
            error = client.EventStoreDBClientException(f"The call that several appends share has ended: {error}")
        for answer in waiting.values():
            answer.put(error)


def _raise_with_its_sentence(response: Any) -> None:
    """Raises what a server says in words; the client drops the words of errors that it has no class for."""
    if response.WhichOneof("result") != "error":
        return
    details, message = response.error.details, response.error.message
    known = details.Is(shared_pb2.Unknown.DESCRIPTOR) or not details.type_url or "Empty" in details.type_url
    if known and " " in message:
        raise client.EventStoreDBClientException(message)
