"""What projections wrote, as soon as there is so much of it."""

import json
import uuid
from collections.abc import Sequence
from typing import Any

from esdbclient import EventStoreDBClient, NewEvent, RecordedEvent, StreamState
from esdbclient.exceptions import NotFound

from tests.node.processes import wait_until


def append(client: EventStoreDBClient, stream: str, *events: NewEvent) -> None:
    client.append_to_stream(stream, current_version=StreamState.ANY, events=events)


def thing(type: str = "Happened", data: bytes = b"{}", metadata: bytes = b"", *, json: bool = True) -> NewEvent:
    if json:
        return NewEvent(type=type, data=data, metadata=metadata)
    return NewEvent(type=type, data=data, metadata=metadata, content_type="application/octet-stream")


def link(text: str) -> NewEvent:
    return thing("$>", text.encode(), json=False)


def read(client: EventStoreDBClient, stream: str, *, resolve_links: bool = False) -> Sequence[RecordedEvent]:
    try:
        return client.get_stream(stream, resolve_links=resolve_links)
    except NotFound:
        return ()


def written(client: EventStoreDBClient, stream: str, last: str) -> Sequence[RecordedEvent]:
    """All of a stream, once the event with these data is in it."""
    wait_until(lambda: any(event.data == last.encode() for event in read(client, stream)))
    return read(client, stream)


def texts(events: Sequence[RecordedEvent]) -> list[str]:
    return [event.data.decode() for event in events]


def notes(event: RecordedEvent) -> dict[str, Any]:
    """What a projection notes beside a link."""
    fields = json.loads(event.metadata)
    assert isinstance(fields, dict)
    return fields


def fresh(prefix: str = "c") -> str:
    """A category, type or id that no other test uses."""
    return f"{prefix}{uuid.uuid4().hex}"
