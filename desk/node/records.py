"""What passes between the node's services and its log: writes, what became of them, and stored events.

Revisions and positions are ``int``. A revision counts a stream's events from 0; a position orders all events of the
log, rises with every commit and is at least 1.
"""

from typing import Final

from desk.records import dataclass

ANY: Final = -2
NO_STREAM: Final = -1
STREAM_EXISTS: Final = -4

MAX: Final = 2**63 - 1
"""The revision of the event that ends a stream for ever, and the ``$tb`` of a stream that was deleted."""

LINK_TYPE: Final = "$>"
METADATA_TYPE: Final = "$metadata"
TOMBSTONE_TYPE: Final = "$streamDeleted"
METADATA_PREFIX: Final = "$$"


@dataclass(frozen=True, slots=True)
class Proposed:
    """An event that somebody wants written. ``id`` has 16 bytes."""

    id: bytes
    type: str
    is_json: bool
    data: bytes
    metadata: bytes

    @property
    def size(self) -> int:
        """What counts against the largest append, in bytes."""
        return len(self.data) + len(self.metadata) + 2 * len(self.type)


@dataclass(frozen=True, slots=True)
class Append:
    """Events for one stream, which is expected at a revision or in one of the states above."""

    stream: str
    expected: int
    events: tuple[Proposed, ...]


@dataclass(frozen=True, slots=True)
class Delete:
    """Hide a stream's events; the stream can be written again."""

    stream: str
    expected: int


@dataclass(frozen=True, slots=True)
class Tombstone:
    """End a stream for ever."""

    stream: str
    expected: int


@dataclass(frozen=True, slots=True)
class KeyValue:
    """A value that a part of the node, its ``owner``, keeps beside the events; None forgets it."""

    owner: str
    key: str
    value: bytes | None


@dataclass(frozen=True, slots=True)
class WriteBatch:
    """Appends to different streams, and values kept beside them, that all stand or all fall: one transaction."""

    appends: tuple[Append, ...] = ()
    key_values: tuple[KeyValue, ...] = ()


Write = Append | Delete | Tombstone | WriteBatch


def size_of(write: Write) -> int:
    """The bytes that a write brings: those of its events and values."""
    match write:
        case Append():
            return sum(event.size for event in write.events)
        case WriteBatch():
            return sum(map(size_of, write.appends)) + sum(len(each.value or b"") for each in write.key_values)
    return 0


@dataclass(frozen=True, slots=True)
class WriteResult:
    """A write that stands. ``revision`` is -1 for a stream without events, ``position`` None when it is unknown."""

    revision: int
    position: int | None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event of the log; ``response`` is the serialised ReadResp that a reader is sent who asks for no other form."""

    position: int
    stream: str
    revision: int
    type: str
    response: bytes


class WriteRefused(Exception):
    """A write that the log's rules do not allow."""


class WrongExpectedVersion(WriteRefused):
    """The stream is not where the writer expected it; ``actual`` is -1 for a stream without events."""

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        super().__init__(f"Stream {stream!r} is at {actual}, not at {expected}.")
        self.stream = stream
        self.expected = expected
        self.actual = actual


class StreamDeleted(WriteRefused):
    """The stream was ended for ever, or was deleted and is expected to exist."""

    def __init__(self, stream: str) -> None:
        super().__init__(f"Event stream '{stream}' is deleted.")
        self.stream = stream


class LogError(Exception):
    """The log's file cannot be used; the text says what to do about it."""


class LogFull(LogError):
    """Nothing was written, because there is no room; reading goes on, and so does writing once there is room."""


class LogUnavailable(LogError):
    """Nothing was written, or nothing could be read, for the disk or the file fails."""
