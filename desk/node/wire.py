"""Serialised events: written piece by piece at the append, and taken apart only where a reader asks for another form.

An event is stored as the ``ReadResp`` that a plain reader is sent, ids in their string form. It is put together here
from bytes because it has to be made once for every event that is written, and building message objects for it takes
most of an append's time; protobuf's wire format is ``key, length, bytes`` and little else.
"""

import uuid
from typing import Final

from esdbclient.protos.Grpc import shared_pb2, streams_pb2

from desk.node.records import Proposed, StoredEvent

ReadResp = streams_pb2.ReadResp
RecordedEvent = ReadResp.ReadEvent.RecordedEvent

JSON: Final = "application/json"
_JSON_ENTRY: Final = b"\x32\x20\x0a\x0ccontent-type\x12\x10application/json"
_BYTES_ENTRY: Final = b"\x32\x28\x0a\x0ccontent-type\x12\x18application/octet-stream"
_HALF: Final = 2**64


def varint(value: int) -> bytes:
    """A number as protobuf writes it."""
    if value < 0x80:
        return bytes((value,))
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    digits.append(value)
    return bytes(digits)


def stream_field(stream: str) -> bytes:
    """The field of a RecordedEvent that names its stream."""
    name = stream.encode()
    inner = b"\x1a" + varint(len(name)) + name
    return b"\x12" + varint(len(inner)) + inner


def created_field(ticks: int) -> bytes:
    """The metadata entry ``created``: 100 ns ticks since 1970, UTC."""
    digits = b"%d" % ticks
    entry = b"\x0a\x07created\x12" + varint(len(digits)) + digits
    return b"\x32" + varint(len(entry)) + entry


def stored_response(event: Proposed, stream: bytes, created: bytes, revision: int, position: int) -> bytes:
    """The ReadResp of an event; ``stream`` and ``created`` are the fields made above."""
    kind = event.type.encode()
    entry = b"\x0a\x04type\x12" + varint(len(kind)) + kind
    place = varint(position)
    recorded = b"".join(
        (
            b"\x0a\x26\x12\x24",
            id_text(event.id).encode(),
            stream,
            b"\x18",
            varint(revision),
            b"\x20",
            place,
            b"\x28",
            place,
            b"\x32",
            varint(len(entry)),
            entry,
            created,
            _JSON_ENTRY if event.is_json else _BYTES_ENTRY,
            _bytes_field(b"\x3a", event.metadata),
            _bytes_field(b"\x42", event.data),
        )
    )
    read_event = b"".join((b"\x0a", varint(len(recorded)), recorded, b"\x18", place))
    return b"\x0a" + varint(len(read_event)) + read_event


def _bytes_field(key: bytes, value: bytes) -> bytes:
    return key + varint(len(value)) + value if value else b""


def id_text(event_id: bytes) -> str:
    """An id of 16 bytes in its usual form, lower-case with hyphens."""
    digits = event_id.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def id_bytes(message: shared_pb2.UUID) -> bytes:
    """The 16 bytes of an id in either of its forms. Raises ValueError for anything else."""
    if message.WhichOneof("value") == "string":
        return uuid.UUID(message.string).bytes
    halves = message.structured
    return b"".join(
        (half % _HALF).to_bytes(8, "big") for half in (halves.most_significant_bits, halves.least_significant_bits)
    )


def structured_id(event_id: bytes) -> shared_pb2.UUID:
    """An id as its two halves, which are signed."""
    high, low = (int.from_bytes(event_id[start : start + 8], "big", signed=True) for start in (0, 8))
    return shared_pb2.UUID(
        structured=shared_pb2.UUID.Structured(most_significant_bits=high, least_significant_bits=low)
    )


def recorded_event(response: bytes) -> RecordedEvent:
    """The event of a stored response."""
    return ReadResp.FromString(response).event.event


def with_structured_ids(response: bytes) -> bytes:
    """The same response, its ids as two signed halves."""
    message = ReadResp.FromString(response)
    for part in (message.event.event, message.event.link):
        if part.HasField("id"):
            part.id.CopyFrom(structured_id(id_bytes(part.id)))
    return message.SerializeToString()


def resolved_response(link: StoredEvent, target: StoredEvent | None) -> bytes:
    """A link beside the event that it points to, or alone where it points to none."""
    message = ReadResp()
    message.event.link.CopyFrom(recorded_event(link.response))
    if target is not None:
        message.event.event.CopyFrom(recorded_event(target.response))
    message.event.commit_position = link.position
    return message.SerializeToString()
