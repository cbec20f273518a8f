"""Links to events that lead from anywhere into Desk: ``desk://open?stream=NAME&revision=N&id=ID&store=HOSTS``.

And why a link within a store leads nowhere.
"""

from typing import Final
from urllib.parse import parse_qs, quote, urlsplit
from uuid import UUID

from desk.application.stream_extent import GetStreamExtent, StreamExtent
from desk.cqrs.messages import Query
from desk.cqrs.store import Recorded
from desk.records import dataclass

LINK_BEGINS: Final = "desk://"


@dataclass(frozen=True, slots=True)
class EventAddress:
    """An event as a link names it. ``store`` are hosts and ports, empty for the embedded store of a computer."""

    stream: str
    revision: int | None = None
    event_id: UUID | None = None
    store: str = ""

    def __str__(self) -> str:
        parts = {"stream": self.stream, "revision": self.revision, "id": self.event_id, "store": self.store}
        query = "&".join(
            f"{name}={quote(str(value), safe='')}" for name, value in parts.items() if value not in (None, "")
        )
        return f"desk://open?{query}"


class UnreadableLink(ValueError):
    """What was given is no link to an event; the text is a sentence."""


def address_of(event: Recorded, store: str) -> EventAddress:
    """The event's own address; of a link's, that of the event it leads to."""
    return EventAddress(event.stream, event.revision, event.id, store)


def read_address(text: str) -> EventAddress:
    """A link, or ``NAME@REVISION``, or a stream's name. Raises UnreadableLink."""
    typed = text.strip()
    if not typed.startswith(LINK_BEGINS):
        name, at, revision = typed.rpartition("@")
        if at and name and revision.isdecimal():
            return EventAddress(name, int(revision))
        return EventAddress(typed)
    parts = urlsplit(typed)
    given = {name: values[0] for name, values in parse_qs(parts.query).items()}
    try:
        revision_given, id_given = given.get("revision"), given.get("id")
        revision_read = int(revision_given) if revision_given is not None else None
        event_id = UUID(id_given) if id_given is not None else None
    except ValueError:
        raise UnreadableLink(f"{typed} has a revision or an id that is none.") from None
    if parts.netloc != "open" or not given.get("stream"):
        raise UnreadableLink(f"{typed} names no stream. A link is desk://open?stream=NAME&revision=N.")
    return EventAddress(given["stream"], revision_read, event_id, given.get("store", ""))


def wrong_event(address: EventAddress, event: Recorded | None) -> str:
    """A sentence where an event is not the one that a link names; else empty."""
    if event is None:
        return f"{address.stream} has no event of revision {address.revision} here."
    if address.event_id is not None and event.id != address.event_id:
        return (
            f"{address.stream} has another event at revision {address.revision} here than the link names: it was made"
            " in another store, or the stream was deleted and written anew."
        )
    return ""


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """What an event that is a link names."""

    stream: str
    revision: int

    @classmethod
    def of(cls, link: Recorded) -> "LinkTarget | None":
        """As its data say; None where they say nothing of the kind."""
        revision, at, stream = link.data.decode("utf-8", "replace").partition("@")
        return cls(stream, int(revision)) if at and stream and revision.isdecimal() else None

    @property
    def question(self) -> Query[StreamExtent]:
        """What has to be known to say why it leads nowhere."""
        return GetStreamExtent(self.stream)


def why_dangling(target: LinkTarget, extent: StreamExtent) -> str:
    """Why a link leads nowhere, as far as its goal's stream tells."""
    settings = extent.metadata
    if extent.first is None or extent.last is None:
        if settings is not None and settings.is_deletion:
            return f"the stream {target.stream} was deleted"
        return f"there is no stream {target.stream}: it never was, was deleted, or is tombstoned"
    if target.revision > extent.last:
        return f"{target.stream} ends with revision {extent.last:,}"
    if target.revision < extent.first:
        limits = limits_of(extent)
        return f"{target.stream} begins with revision {extent.first:,} now" + (f" ({limits})" if limits else "")
    return f"{target.stream} has that revision now"


def limits_of(extent: StreamExtent) -> str:
    """What a stream's own metadata keep of it, in words; empty where they say nothing."""
    settings, parts = extent.metadata, []
    if settings is None:
        return ""
    if settings.max_count is not None:
        parts.append(f"only the newest {settings.max_count:,} events are kept")
    if settings.max_age is not None:
        parts.append(f"events are kept for {settings.max_age:,} seconds")
    if settings.truncate_before is not None and not settings.is_deletion:
        parts.append(f"everything before revision {settings.truncate_before:,} was cut off")
    if settings.is_deletion:
        parts.append("it was deleted once")
    if settings.acl is not None:
        parts.append("the stream has its own access list")
    return ", ".join(parts)


def what_is_hidden(extent: StreamExtent | None) -> str:
    """What of a stream cannot be read, and why, as far as its own metadata tell; empty where nothing is hidden."""
    if extent is None:
        return ""
    limits = limits_of(extent)
    if not extent.first:
        return limits[:1].upper() + limits[1:]
    hidden = f"{extent.first:,} earlier events cannot be read any more"
    return f"{hidden}: {limits}" if limits else hidden
