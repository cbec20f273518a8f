"""What projections read: events of ordinary streams and of their metadata streams, each looked at once for all."""

import json
from typing import Any, Final, NoReturn

from desk.node import metadata
from desk.node.records import METADATA_PREFIX, METADATA_TYPE, TOMBSTONE_TYPE, StoredEvent
from desk.node.wire import JSON, recorded_event
from desk.records import dataclass

_CORRELATION: Final = "$correlationId"


@dataclass(frozen=True, slots=True)
class SourceEvent:
    """An event that is projected. ``created`` is in 100 ns ticks since 1970, UTC.

    ``described`` is the stream itself, or the one whose metadata the event is. ``ends`` tells that with this event a
    stream was deleted or ended. ``correlation`` is what the metadata say, if they are JSON and say a string.
    """

    position: int
    stream: str
    revision: int
    type: str
    id: str
    is_json: bool
    data: bytes
    created: int
    described: str
    ends: bool
    correlation: str | None

    @property
    def is_metadata(self) -> bool:
        """Whether the event is of a metadata stream."""
        return self.described != self.stream

    @property
    def category(self) -> str | None:
        """The category of the stream, or of the one that the event describes."""
        return category_of(self.described)


def is_projected(stream: str, _type: str) -> bool:
    """Whether projections read this stream: what the system writes is left out, and with it their own output."""
    return not stream.removeprefix(METADATA_PREFIX).startswith("$")


def category_of(stream: str) -> str | None:
    """What a stream's name says before its first hyphen; None where nothing is there, or it is the system's."""
    category, hyphen, _ = stream.partition("-")
    return category if hyphen and category and not stream.startswith("$") else None


def source(event: StoredEvent) -> SourceEvent | None:
    """An event as projections see it; None for one that says it is JSON and is not."""
    recorded = recorded_event(event.response)
    is_json = recorded.metadata["content-type"] == JSON
    if is_json and not is_valid_json(recorded.data):
        return None
    described = event.stream
    ends = event.type == TOMBSTONE_TYPE
    if described.startswith(METADATA_PREFIX):
        described = described.removeprefix(METADATA_PREFIX)
        ends = event.type == METADATA_TYPE and metadata.of_event(recorded.data, is_json=is_json).deleted
    return SourceEvent(
        event.position,
        event.stream,
        event.revision,
        event.type,
        recorded.id.string,
        is_json,
        recorded.data,
        int(recorded.metadata["created"]),
        described,
        ends,
        _correlation(recorded.custom_metadata),
    )


def is_valid_json(data: bytes) -> bool:
    """Whether bytes are JSON as the standard has it, in UTF-8, without a byte-order mark."""
    try:
        _parsed(data)
    except (ValueError, RecursionError):
        return False
    return True


def _parsed(data: bytes) -> Any:
    # As text: of bytes Python would guess the encoding. Numbers as floats: integers have a limit of their own.
    return json.loads(data.decode(), parse_int=float, parse_constant=_no_json)


def _no_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON.")


def _correlation(custom_metadata: bytes) -> str | None:
    if _CORRELATION.encode() not in custom_metadata:
        return None  # most have none, and are not worth parsing
    try:
        fields = _parsed(custom_metadata)
    except (ValueError, RecursionError):
        return None
    value = fields.get(_CORRELATION) if isinstance(fields, dict) else None
    return value if isinstance(value, str) and _is_text(value) else None


def _is_text(value: str) -> bool:
    """Whether UTF-8 can write it: JSON may have half of a surrogate pair."""
    return not any("\ud800" <= character <= "\udfff" for character in value)
