"""What a group writes down: its definition, its checkpoint, its parked events."""

import json
import uuid
from datetime import UTC, datetime
from typing import Final

from desk.node.groups.definition import (
    Definition,
    as_json,
    checkpoint_stream,
    parked_stream,
    place_text,
)
from desk.node.groups.message import Park
from desk.node.groups.message_encoder import event_at
from desk.node.links import shown
from desk.node.metadata import deletion
from desk.node.pages import LogPages
from desk.node.read_requests import ReadOptions
from desk.node.records import ANY, LINK_TYPE, METADATA_PREFIX, METADATA_TYPE, Append, KeyValue, Proposed, WriteBatch
from desk.node.wire import recorded_event

DEFINITIONS: Final = "groups"
CHECKPOINTS: Final = "group checkpoints"
"""Under these names values are kept beside the events, by the group's key."""

_CONFIG_STREAM: Final = "$persistentSubscriptionConfig"
_CONFIG_TYPE: Final = "$PersistentConfig"
_CHECKPOINT_TYPE: Final = "$SubscriptionCheckpoint"
_CHECKPOINTS_KEPT: Final = 2


def kept(definition: Definition) -> WriteBatch:
    """A group as it is from now on."""
    text = as_json(definition)
    return WriteBatch((_announced(text),), (KeyValue(DEFINITIONS, definition.key, text),))


def forgotten(pages: LogPages, definition: Definition) -> WriteBatch:
    """A group that is no more, nor are its checkpoints and parked events."""
    key = definition.key
    deletions = tuple(
        _metadata(stream, deletion())
        for stream in (checkpoint_stream(key), parked_stream(key))
        if not pages.end_of(stream).missing
    )
    gone = json.dumps({"deleted": {"source": definition.source, "group": definition.group}}).encode()
    key_values = tuple(KeyValue(owner, key, None) for owner in (DEFINITIONS, CHECKPOINTS))
    return WriteBatch((*deletions, _announced(gone)), key_values)


def checkpoint(definition: Definition, place: int, *, first: bool) -> WriteBatch:
    """How far a group has come: as a value, from which it goes on, and as an event, which clients may read."""
    stream = checkpoint_stream(definition.key)
    text = place_text(definition.source, place)
    event = Proposed(uuid.uuid4().bytes, _CHECKPOINT_TYPE, True, json.dumps(text).encode(), b"")
    limits = (_metadata(stream, b'{"$maxCount":%d}' % _CHECKPOINTS_KEPT),) if first else ()
    return WriteBatch((*limits, Append(stream, ANY, (event,))), (KeyValue(CHECKPOINTS, definition.key, b"%d" % place),))


def truncation(definition: Definition, revision: int) -> WriteBatch:
    """Parked events below a revision were replayed and dealt with."""
    return WriteBatch((_metadata(parked_stream(definition.key), b'{"$tb":%d}' % revision),))


def parked(definition: Definition, events: tuple[Proposed, ...]) -> WriteBatch:
    """Events that are put aside."""
    return WriteBatch((Append(parked_stream(definition.key), ANY, events),))


def parked_event(pages: LogPages, definition: Definition, park: Park) -> Proposed | None:
    """A link to the event that is parked, and why it is; None where the event was scavenged meanwhile."""
    event = event_at(pages, park.message.position)
    if event is None:
        return None
    target = f"{event.revision}@{event.stream}".encode()
    if event.type == LINK_TYPE:
        if park.message.replayed:
            target = recorded_event(event.response).data
        elif definition.settings.resolve_links:
            response = shown(pages, event, ReadOptions(resolve_links=True, structured_ids=False))
            found = recorded_event(response)
            if found.HasField("id"):
                target = b"%d@%s" % (found.stream_revision, found.stream_identifier.stream_name)
    about: dict[str, object] = {"added": datetime.now(UTC).isoformat(), "reason": park.reason}
    if event.revision:
        about["subscriptionEventNumber"] = event.revision
    return Proposed(uuid.uuid4().bytes, LINK_TYPE, False, target, json.dumps(about).encode())


def joined(*parts: WriteBatch) -> WriteBatch:
    """All of them, in one transaction."""
    appends = tuple(append for part in parts for append in part.appends)
    return WriteBatch(appends, tuple(key_value for part in parts for key_value in part.key_values))


def _announced(text: bytes) -> Append:
    """Readers of the log see that the groups have changed, as in EventStoreDB."""
    return Append(_CONFIG_STREAM, ANY, (Proposed(uuid.uuid4().bytes, _CONFIG_TYPE, True, text, b""),))


def _metadata(stream: str, data: bytes) -> Append:
    event = Proposed(uuid.uuid4().bytes, METADATA_TYPE, True, data, b"")
    return Append(METADATA_PREFIX + stream, ANY, (event,))
