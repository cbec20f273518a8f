"""The yardstick of the node's speed: a gRPC server whose append is one durable SQLite commit, and nothing else.

It checks no expectation, knows no metadata and no second reader of anything; reads replay prepared bytes from memory.
``python -m tests.benchmarks.bare_server DIR`` prints the port it listens on. Only ``node_speed`` talks to it.
"""

import queue
import sqlite3
import sys
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from esdbclient.protos.Grpc import shared_pb2, streams_pb2

AppendReq = streams_pb2.AppendReq
AppendResp = streams_pb2.AppendResp
BatchAppendReq = streams_pb2.BatchAppendReq
BatchAppendResp = streams_pb2.BatchAppendResp
ReadReq = streams_pb2.ReadReq
ReadResp = streams_pb2.ReadResp
Proposed = AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage


class BareStore:
    """Streams as lists of serialised responses, and one table that makes them durable."""

    def __init__(self, directory: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(directory / "bare.sqlite", isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("CREATE TABLE events (position INTEGER PRIMARY KEY, stream TEXT, response BLOB)")
        self._position = 0
        self._streams: dict[str, list[bytes]] = defaultdict(list)
        self._followers: dict[str, list[queue.SimpleQueue[bytes]]] = defaultdict(list)

    def store(self, stream: str, messages: Iterable[Proposed]) -> tuple[int, int]:
        """One commit; the last revision and position."""
        with self._lock:
            kept = self._streams[stream]
            self._connection.execute("BEGIN IMMEDIATE")
            for message in messages:
                self._position += 1
                response = _response(stream, len(kept), self._position, message)
                kept.append(response)
                self._connection.execute("INSERT INTO events VALUES (?, ?, ?)", (self._position, stream, response))
                for follower in self._followers[stream]:
                    follower.put(response)
            self._connection.execute("COMMIT")
            return len(kept) - 1, self._position

    def append(self, requests: Iterator[AppendReq], _context: grpc.ServicerContext) -> bytes:
        stream = next(requests).options.stream_identifier.stream_name.decode()
        revision, position = self.store(stream, [request.proposed_message for request in requests])
        place = AppendResp.Position(commit_position=position, prepare_position=position)
        success = AppendResp.Success(current_revision=revision, position=place)
        return AppendResp(success=success).SerializeToString()

    def batch_append(self, requests: Iterator[BatchAppendReq], _context: grpc.ServicerContext) -> Iterator[bytes]:
        for request in requests:
            identifier = request.options.stream_identifier
            revision, position = self.store(identifier.stream_name.decode(), request.proposed_messages)
            place = shared_pb2.AllStreamPosition(commit_position=position, prepare_position=position)
            yield BatchAppendResp(
                correlation_id=request.correlation_id,
                stream_identifier=identifier,
                success=BatchAppendResp.Success(current_revision=revision, position=place),
            ).SerializeToString()

    def read(self, request: ReadReq, context: grpc.ServicerContext) -> Iterator[bytes]:
        stream = request.options.stream.stream_identifier.stream_name.decode()
        if not request.options.HasField("subscription"):
            yield from tuple(self._streams[stream])
            return
        new: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        with self._lock:
            before = tuple(self._streams[stream])
            self._followers[stream].append(new)
        context.add_callback(lambda: new.put(b""))
        confirmation = ReadResp.SubscriptionConfirmation(subscription_id="bare")
        yield ReadResp(confirmation=confirmation).SerializeToString()
        yield from before
        while response := new.get():
            yield response


def _response(stream: str, revision: int, position: int, message: Proposed) -> bytes:
    recorded = ReadResp.ReadEvent.RecordedEvent(
        id=message.id,
        stream_identifier=shared_pb2.StreamIdentifier(stream_name=stream.encode()),
        stream_revision=revision,
        prepare_position=position,
        commit_position=position,
        metadata={**message.metadata, "created": "17000000000000000"},
        custom_metadata=message.custom_metadata,
        data=message.data,
    )
    return ReadResp(event=ReadResp.ReadEvent(event=recorded, commit_position=position)).SerializeToString()


def main(directory: str) -> None:
    store = BareStore(Path(directory))
    handlers: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
        "Append": grpc.stream_unary_rpc_method_handler(store.append, AppendReq.FromString),
        "BatchAppend": grpc.stream_stream_rpc_method_handler(store.batch_append, BatchAppendReq.FromString),
        "Read": grpc.unary_stream_rpc_method_handler(store.read, ReadReq.FromString),
    }
    server = grpc.server(ThreadPoolExecutor(32))
    service = "event_store.client.streams.Streams"
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"bare server ready on 127.0.0.1:{port}", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main(sys.argv[1])
