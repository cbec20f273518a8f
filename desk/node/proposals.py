"""What writers send, parsed at the edge: stream names, expectations and proposed events."""

from typing import Final

from esdbclient.protos.Grpc import shared_pb2, streams_pb2

from desk.node.records import ANY, MAX, NO_STREAM, STREAM_EXISTS, Proposed
from desk.node.status import HandlerThrew, PropertyMissing, not_valid
from desk.node.wire import JSON, id_bytes

ProposedMessage = streams_pb2.AppendReq.ProposedMessage | streams_pb2.BatchAppendReq.ProposedMessage

NONE: Final = 2**64 - 1
"""The revision or position that stands for "none" on the wire."""

_NO_ID: Final = bytes(16)


def stream_name(identifier: shared_pb2.StreamIdentifier) -> str:
    """The name in an identifier; bytes that are not UTF-8 are replaced. Raises HandlerThrew where there is none."""
    name = identifier.stream_name.decode("utf-8", errors="replace")
    if not name:
        raise HandlerThrew("Specified argument was out of the range of valid values. (Parameter 'eventStreamId')")
    return name


def expectation(request: str, kind: str | None, revision: int) -> int:
    """What a stream is expected at, from the name of the option that was set in a request. Raises Failure."""
    match kind:
        case "no_stream":
            return NO_STREAM
        case "any":
            return ANY
        case "stream_exists":
            return STREAM_EXISTS
        case "revision" | "stream_position":
            return signed(revision)
        case _:
            of = "Position" if request == "BatchAppendReq" else "Revision"
            raise not_valid("None", f"Streams.{request}+Types+Options+ExpectedStream{of}OneofCase")


def signed(value: int) -> int:
    """A revision or position of the wire: -1 stands for none. Raises HandlerThrew for what does not fit."""
    if value == NONE:
        return -1
    if value > MAX:
        raise HandlerThrew("Specified argument was out of the range of valid values. (Parameter 'value')")
    return value


def proposed(message: ProposedMessage) -> Proposed:
    """An event that somebody wants written. Raises Failure."""
    headers = message.metadata
    kind, content_type = headers.get("type"), headers.get("content-type")
    if kind is None:
        raise PropertyMissing("type")
    if content_type is None:
        raise PropertyMissing("content-type")
    if not message.HasField("id"):
        raise HandlerThrew("Value cannot be null. (Parameter 'dto')")
    try:
        event_id = id_bytes(message.id)
    except ValueError as error:
        raise HandlerThrew("Unrecognized Guid format.") from error
    if event_id == _NO_ID:
        raise HandlerThrew("Empty eventId provided. (Parameter 'eventId')")
    if not kind:
        raise HandlerThrew("Empty eventType provided. (Parameter 'eventType')")
    return Proposed(event_id, kind, content_type == JSON, message.data, message.custom_metadata)
