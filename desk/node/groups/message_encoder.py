"""How events of the log become messages: what a consumer sees of each, and what pins it to one of them."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from esdbclient.protos.Grpc import streams_pb2

from desk.node.groups.definition import ALL, PINNED, PINNED_BY_CORRELATION, Definition
from desk.node.groups.message import GroupMessage
from desk.node.groups.wire import event_id, in_one_place
from desk.node.links import shown
from desk.node.pages import LogPages
from desk.node.read_requests import ReadOptions
from desk.node.records import LINK_TYPE, StoredEvent

RecordedEvent = streams_pb2.ReadResp.ReadEvent.RecordedEvent

_CORRELATION: Final = "$correlationId"


class MessageEncoder:
    """Makes the messages of one group."""

    def __init__(self, definition: Definition) -> None:
        settings = definition.settings
        self._by_position = definition.source == ALL
        self._read_options = ReadOptions(settings.resolve_links, structured_ids=False)
        self._pin: Callable[[bytes], str] | None = None
        if settings.strategy == PINNED:
            self._pin = _stream_pin
        elif settings.strategy == PINNED_BY_CORRELATION:
            self._pin = _correlation_pin

    def messages(self, pages: LogPages, events: Iterable[StoredEvent], *, live: bool) -> tuple[GroupMessage, ...]:
        """Events of the source."""
        return tuple(self._message(pages, event, live=live) for event in events)

    def _message(self, pages: LogPages, event: StoredEvent, *, live: bool) -> GroupMessage:
        response = shown(pages, event, self._read_options, live=live)
        if self._read_options.resolve_links and event.type == LINK_TYPE:
            response = in_one_place(response)
        place = event.position if self._by_position else event.revision
        return GroupMessage(event_id(event.response), place, event.position, self._pin_of(response), response)

    def replayed(self, pages: LogPages, record: StoredEvent) -> GroupMessage:
        """A parked event; what the record links to is shown in any case."""
        pin = self._pin_of(_resolved(pages, record)) if self._pin else ""
        return GroupMessage(event_id(record.response), record.revision, record.position, pin, replayed=True)

    def responses(self, pages: LogPages, messages: Sequence[GroupMessage], limit: int) -> list[bytes | None]:
        """What a consumer is sent once more, of the first messages up to so many bytes; None for an event that was
        scavenged meanwhile."""
        found: list[bytes | None] = []
        size = 0
        for message in messages:
            response = self._response(pages, message)
            found.append(response)
            size += len(response or b"")
            if size >= limit:
                break
        return found

    def _response(self, pages: LogPages, message: GroupMessage) -> bytes | None:
        event = event_at(pages, message.position)
        if event is None:
            return None
        if message.replayed or self._read_options.resolve_links:
            return _resolved(pages, event)
        return event.response

    def _pin_of(self, response: bytes) -> str:
        return self._pin(response) if self._pin else ""


def event_at(pages: LogPages, position: int) -> StoredEvent | None:
    """The event at a position, hidden or not."""
    events = pages.log_events(position - 1, 1, lambda _stream, _type: True).events
    return events[0] if events and events[0].position == position else None


def _resolved(pages: LogPages, event: StoredEvent) -> bytes:
    return in_one_place(shown(pages, event, ReadOptions(resolve_links=True, structured_ids=False)))


def _stream_pin(response: bytes) -> str:
    return _stream_of(_event_of(response))


def _correlation_pin(response: bytes) -> str:
    event = _event_of(response)
    try:
        fields = json.loads(event.custom_metadata)
    except (ValueError, RecursionError):
        fields = None
    found = fields.get(_CORRELATION) if isinstance(fields, dict) else None
    return found if isinstance(found, str) else _stream_of(event)


def _event_of(response: bytes) -> RecordedEvent:
    event = streams_pb2.ReadResp.FromString(response).event
    return event.event if event.HasField("event") else event.link


def _stream_of(event: RecordedEvent) -> str:
    """The stream of an event, or for a link that of the event that it stands for."""
    if event.metadata["type"] == LINK_TYPE:
        _, at, target = event.data.decode("utf-8", errors="replace").partition("@")
        if at and target:
            return target
    return event.stream_identifier.stream_name.decode("utf-8", errors="replace")
