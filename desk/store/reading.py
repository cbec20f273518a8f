"""Hop 6: events as the client gives them, turned into the port's own, lazily and cheaply."""

import sys
from collections.abc import Generator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from esdbclient import RecordedEvent
from esdbclient.common import construct_recorded_event
from esdbclient.exceptions import GrpcDeadlineExceeded

from desk.cqrs.errors import StoreUnavailable
from desk.cqrs.identity import read_uuid
from desk.cqrs.store import CaughtUp, Checkpoint, Filter, Recorded
from desk.records import dataclass
from desk.store.link import Link
from desk.store.translate import CLIENT_ERRORS, fault_of

if TYPE_CHECKING:
    from esdbclient.streams import ReadResponse

READ_SECONDS: Final = 30.0
"""How long one call may last. A consumer that takes longer over it is continued by another call."""

_JSON: Final = "application/json"
_TICKS: Final = 10_000_000.0
"""Of the store's clock, to a second; as the client divides by it, or a time would differ by how it was read."""


def recorded(event: RecordedEvent) -> Recorded:
    """The port's event. Servers before 22.10 give no position in a stream's reading: it is 0 then."""
    link = event.link
    if link is None:
        return Recorded(
            event.id,
            event.stream_name,
            event.stream_position,
            event.commit_position or 0,
            event.type,
            event.data,
            event.metadata,
            event.recorded_at,
            event.content_type == _JSON,
        )
    # The client stamps a link with the time of the event behind it.
    pointer = replace(recorded(link), created=None)
    return replace(recorded(replace(event, link=None)), position=pointer.position, link=pointer)


def item_of(message: Any) -> Recorded | Checkpoint | CaughtUp | None:
    """What one message of a subscription delivers, read from the wire's form; None for what nobody wants to know.

    Without the client's own object in between, of which nothing else is needed: that is a quarter of a feed's work.
    """
    kind = message.WhichOneof("content")
    if kind == "event":
        return _event_of(message.event)
    if kind == "checkpoint":
        return Checkpoint(message.checkpoint.commit_position)
    return CaughtUp() if kind == "caught_up" else None


def _event_of(read: Any) -> Recorded | None:
    if read.link.id.string:
        resolved = construct_recorded_event(read)
        return None if resolved is None else recorded(resolved)
    event = read.event
    if not event.id.string:  # a link whose event is gone
        return None
    described = event.metadata
    created = described.get("created", "")
    return Recorded(
        read_uuid(event.id.string),
        event.stream_identifier.stream_name.decode(),
        event.stream_revision,
        event.commit_position if read.WhichOneof("position") == "commit_position" else 0,
        described["type"],
        event.data,
        event.custom_metadata,
        datetime.fromtimestamp(int(created) / _TICKS, UTC) if created.isdigit() else None,
        described["content-type"] == _JSON,
    )


def pattern_of(only: Filter | None) -> tuple[str, ...]:
    """The filter as the client wants it.

    The client puts ``^`` and ``$`` around all patterns joined; one group with room on both sides makes that a
    search again, and binds both signs to the whole.
    """
    return () if only is None else (rf"[\s\S]*?(?:{only.pattern})[\s\S]*",)


def asked(link: Link, streams: Any, stream: str | None, place: int | None, only: Filter | None, **how: Any) -> Any:
    """What the client answers with when it is asked for events from a place on: of a stream, or of all (None)."""
    return streams.read(
        stream_name=stream,
        **{"commit_position" if stream is None else "stream_position": place},
        filter_include=pattern_of(only),
        filter_by_stream_name=only is not None and not only.by_type,
        metadata=link.metadata,
        credentials=link.credentials,
        **how,
    )


@dataclass(frozen=True, slots=True)
class ReadRange:
    """What to read: a stream, or (``stream`` None) all of them. ``beyond`` drops events up to that position."""

    stream: str | None
    start: int | None
    backwards: bool
    limit: int | None
    only: Filter | None
    resolve_links: bool
    beyond: int | None = None

    def call(self, link: Link) -> "ReadResponse":
        """Ask the server; nothing is waited for before the first event is."""
        response: ReadResponse = asked(
            link,
            link.streams,
            self.stream,
            self.start,
            self.only,
            backwards=self.backwards,
            resolve_links=self.resolve_links,
            limit=self._count(),
            timeout=READ_SECONDS,
        )
        return response

    def _count(self) -> int:
        """The messages to ask for: the one that will be dropped counts too."""
        return sys.maxsize if self.limit is None else self.limit + (self.beyond is not None)

    def after(self, last: Recorded, count: int) -> "ReadRange":
        """The rest, once ``count`` events up to ``last`` were read."""
        limit = None if self.limit is None else self.limit - count
        if self.stream is None:
            # Forwards the start is included, and it has to be the position of an event.
            return replace(self, start=last.position, limit=limit, beyond=None if self.backwards else last.position)
        revision = (last.link or last).revision
        if self.backwards and revision == 0:
            return replace(self, limit=0)
        return replace(self, start=revision - 1 if self.backwards else revision + 1, limit=limit)


def read(link: Link, reading: ReadRange) -> Iterator[Recorded]:
    """The events asked for. Raises StoreError; a reading cut short by a closing connection is never taken for whole."""
    rest: ReadRange | None = reading
    while rest is not None and (rest.limit is None or rest.limit > 0):
        rest = yield from _one_call(link, rest)


def _one_call(link: Link, reading: ReadRange) -> Generator[Recorded, None, ReadRange | None]:
    """Yield what one call delivers; return the rest where the consumer outlasted the call, else None."""
    last, count = None, 0
    response = None
    try:
        response = reading.call(link)
        for event in response:
            last = recorded(event)
            if reading.beyond is None or last.position > reading.beyond:
                count += 1
                yield last
    except CLIENT_ERRORS as error:
        if last is not None and isinstance(error, GrpcDeadlineExceeded):
            return reading.after(last, count)
        raise fault_of(error, link.where, reading.stream) from None
    finally:
        if response is not None:
            response.stop()
    if link.ended.is_set():
        raise StoreUnavailable(f"The connection to {link.where} was closed while reading.")
    return None
