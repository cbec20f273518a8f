"""The five system projections: which events each takes, into which stream, and what it writes for them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import UTC, datetime
from typing import Final

from desk.node.links import pointed_to
from desk.node.pages import LogPages
from desk.node.projected.source import SourceEvent, source
from desk.node.records import LINK_TYPE, Proposed
from desk.records import dataclass

STREAM_NAME_TYPE: Final = "$@"
"""The type of an event that names a stream; it is not a link."""

_TICKS: Final = 10_000_000
_DELETED: Final[Mapping[str, int | str]] = {"$deleted": -1}
_NOTHING_MORE: Final[Mapping[str, int | str]] = {}
_ENCODE: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Emitted:
    """What a projection writes for an event: into which stream, and what beside the notes that all have.

    ``cause`` is the event that is linked to, which is another than the one read where a link was followed.
    """

    stream: str
    cause: SourceEvent
    data: str
    more: Mapping[str, int | str] = field(default_factory=dict)
    type: str = LINK_TYPE

    def event(self, id: bytes, version: str, position: int) -> Proposed:
        """The event to be written, by a projection of this version, for what is at this position."""
        notes = {"$v": version, "$c": position, "$p": position, **self.more, "$causedBy": self.cause.id}
        if self.cause.is_json and self.cause.correlation is not None:
            notes["$correlationId"] = self.cause.correlation
        return Proposed(id, self.type, False, self.data.encode(), _ENCODE(notes).encode())


Projection = Callable[[SourceEvent, LogPages], Emitted | None]


def streams(event: SourceEvent, _pages: LogPages) -> Emitted | None:
    """A link to the first event of each stream."""
    if event.revision != 0:
        return None
    return Emitted("$streams", event, f"0@{event.stream}")


def stream_by_category(event: SourceEvent, _pages: LogPages) -> Emitted | None:
    """The name of each stream, by category."""
    if event.revision != 0 or event.is_metadata or event.category is None:
        return None
    return Emitted(f"$category-{event.category}", event, event.stream, type=STREAM_NAME_TYPE)


def by_category(event: SourceEvent, pages: LogPages) -> Emitted | None:
    """A link to each event, by category; of metadata only to what deletes a stream. Links are followed."""
    if event.category is None or (event.is_metadata and not event.ends):
        return None
    into = f"$ce-{event.category}"
    original: Mapping[str, int | str] = {"$o": event.described}
    if event.type == LINK_TYPE and not event.is_metadata:
        return _followed(event, pages, into, original)
    return Emitted(into, event, _link_to(event), {**original, **_DELETED} if event.ends else original)


def by_event_type(event: SourceEvent, _pages: LogPages) -> Emitted | None:
    """A link to each event, by type; links are left out.

    An event of a metadata stream is named by the stream that it describes, as in the original.
    """
    if event.type == LINK_TYPE:
        return None
    kind, more = ("$deleted", _DELETED) if event.ends else (event.type, _NOTHING_MORE)
    return Emitted(f"$et-{kind}", event, f"{event.revision}@{event.described}", more)


def by_correlation_id(event: SourceEvent, _pages: LogPages) -> Emitted | None:
    """A link to each event whose metadata name what it belongs to; links are left out."""
    if event.type == LINK_TYPE or event.correlation is None:
        return None
    return Emitted(f"$bc-{event.correlation}", event, _link_to(event), {"$eventTimestamp": _moment(event.created)})


PROJECTIONS: Final[Mapping[str, Projection]] = {
    "$streams": streams,
    "$stream_by_category": stream_by_category,
    "$by_category": by_category,
    "$by_event_type": by_event_type,
    "$by_correlation_id": by_correlation_id,
}


def _link_to(event: SourceEvent) -> str:
    return f"{event.revision}@{event.stream}"


def _followed(link: SourceEvent, pages: LogPages, into: str, original: Mapping[str, int | str]) -> Emitted | None:
    """The link's target is linked to, if there is one; what makes no sense is copied."""
    target = pointed_to(link.data)
    if target is None:
        return Emitted(into, link, link.data.decode("utf-8", errors="replace"), original)
    revision, stream = target
    stored = pages.event_at(stream, revision) if stream else None
    found = source(stored) if stored is not None else None
    if found is None:
        return None
    text = found.data.decode("utf-8", errors="replace") if found.type == LINK_TYPE else _link_to(found)
    return Emitted(into, found, text, original)


def _moment(ticks: int) -> str:
    seconds, rest = divmod(ticks, _TICKS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest // 10:06d}Z"
