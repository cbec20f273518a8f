"""Asks a running node for a scavenge, and waits for its end: what ``desk node scavenge`` does beside a node."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import grpc
from esdbclient.protos.Grpc import shared_pb2, streams_pb2

from desk.node.care.scavenge import COMPLETED_TYPE, STREAM_PREFIX
from desk.node.descriptors import message_classes
from desk.node.operations import OPERATIONS_MESSAGES, OPERATIONS_SERVICE, PACKAGE
from desk.node.records import LogError

_SECONDS: Final = 10.0
ReadReq = streams_pb2.ReadReq
ReadResp = streams_pb2.ReadResp


def scavenged_by_node(port_file: Path) -> dict[str, Any]:
    """What the node's scavenge came to, as it tells in the scavenge's stream. Raises LogError."""
    try:
        told = json.loads(port_file.read_text())
    except (OSError, ValueError) as error:
        raise LogError("A node is starting or ending in this directory; try again.") from error
    if told["tls"]:
        raise LogError("The running node asks who calls; stop it, or start a scavenge with an administrator's client.")
    with _named(), grpc.insecure_channel(f"127.0.0.1:{told['port']}") as channel:
        id = _start(channel)
        return next(_ends(channel, STREAM_PREFIX + id))


def _start(channel: grpc.Channel) -> str:
    classes = message_classes(PACKAGE, OPERATIONS_MESSAGES)
    start = channel.unary_unary(
        f"/{OPERATIONS_SERVICE}/StartScavenge",
        request_serializer=classes["StartScavengeReq"].SerializeToString,
        response_deserializer=classes["ScavengeResp"].FromString,
    )
    answer: Any = start(classes["StartScavengeReq"](), timeout=_SECONDS)
    return str(answer.scavenge_id)


def _ends(channel: grpc.Channel, stream: str) -> Iterator[dict[str, Any]]:
    options = ReadReq.Options(
        stream=ReadReq.Options.StreamOptions(
            stream_identifier=shared_pb2.StreamIdentifier(stream_name=stream.encode()), start=shared_pb2.Empty()
        ),
        subscription=ReadReq.Options.SubscriptionOptions(),
        no_filter=shared_pb2.Empty(),
        uuid_option=ReadReq.Options.UUIDOption(string=shared_pb2.Empty()),
    )
    read = channel.unary_stream(
        "/event_store.client.streams.Streams/Read",
        request_serializer=ReadReq.SerializeToString,
        response_deserializer=ReadResp.FromString,
    )
    for response in read(ReadReq(options=options)):
        event = response.event.event
        if event.metadata["type"] == COMPLETED_TYPE:
            yield json.loads(event.data)


@contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except grpc.RpcError as error:
        raise LogError(f"The running node did not finish the scavenge: {error.details()}") from error
