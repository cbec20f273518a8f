"""Hops 4 to 6: the port to an event store. What is appended, what comes back, and how it is read.

Revisions count the events of one stream from 0; positions order all events of a store. ``None`` stands for "from
the very beginning" and is never the same as 0. Every blocking call raises :class:`~desk.cqrs.errors.StoreError`
(or a child of it) and nothing else that a network can cause.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import field
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from desk.records import dataclass

NO_STREAM: Final = -1
"""The revision to expect of a stream that has no event yet."""

LARGEST_APPEND: Final = 512 * 1024
"""Bytes of payload and metadata that one decision may have."""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to append: its id is made before the append, so that a repeat is recognised."""

    id: UUID
    type: str
    data: bytes
    metadata: bytes


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as the store gives it back.

    ``created`` is the store's clock in UTC (None where a store says none). ``link`` is the event that pointed
    here, where a link was resolved; the position is then the link's.
    """

    id: UUID
    stream: str
    revision: int
    position: int
    type: str
    data: bytes
    metadata: bytes
    created: datetime | None
    is_json: bool = True
    link: "Recorded | None" = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A filtered feed has considered everything up to this position. For display only: feeds resume from events."""

    position: int


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """A feed has delivered everything that was there; what follows is live."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the store acknowledged: the last event's revision and position, and the ids that it now holds."""

    stream: str
    revision: int
    position: int
    event_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice made by the server over ``$all``: names (or, with ``by_type``, event types) that match ``pattern``.

    The pattern is one regular expression, searched for (anchor it with ``^``); more than one would be joined
    without a group by the client.
    """

    pattern: str
    by_type: bool = field(default=False, kw_only=True)

    @classmethod
    def of_types(cls, names: Iterable[str]) -> "Filter":
        """Events of exactly these types."""
        return cls(f"^({'|'.join(sorted(map(re.escape, names)))})$", by_type=True)


class Feed(Protocol):
    """An endless reading: iterate on one thread, ``stop`` from any other; iteration then ends."""

    def __iter__(self) -> Iterator[Recorded | Checkpoint | CaughtUp]: ...

    def stop(self) -> None: ...


class EventStore(Protocol):
    """A store of streams. Safe to use from several threads."""

    def append(self, stream: str, expected: int, events: tuple[NewEvent, ...], *, timeout: float) -> Receipt:
        """Append all events or none, at exactly the revision ``expected`` (:data:`NO_STREAM` for a new stream).

        The same ids at the same place again are a success that stores nothing. ``timeout`` is in seconds, for
        everything including a repeat. Raises Conflict, StoreUnavailable, OutcomeUnknown, TooLarge, StreamIsGone.
        """

    def read_stream(
        self,
        stream: str,
        *,
        start: int | None = None,
        backwards: bool = False,
        limit: int | None = None,
        resolve_links: bool = False,
    ) -> Iterator[Recorded]:
        """Events of one stream from revision ``start`` on, included. Raises StreamNotFound on the first ``next``."""

    def read_all(
        self,
        *,
        start: int | None = None,
        backwards: bool = False,
        limit: int | None = None,
        only: Filter | None = None,
        resolve_links: bool = False,
    ) -> Iterator[Recorded]:
        """Events of all streams; forwards from position ``start`` on, included; backwards those before it."""

    def follow_all(self, *, after: int | None = None, only: Filter | None = None, resolve_links: bool = False) -> Feed:
        """A feed of all streams: what comes after the position of an event (None: everything), then what is new."""

    def follow_stream(self, stream: str, *, after: int | None = None, resolve_links: bool = False) -> Feed:
        """A feed of one stream: what comes after that revision (None: everything), then what is new."""

    def head(self) -> int | None:
        """The position of the last event of all; None where there is none. A cheap call with a short time limit."""

    def store_id(self) -> UUID | None:
        """The id that the store has given itself; None where it has none. As cheap, and as patient, as :meth:`head`."""

    def event_at(self, position: int) -> Recorded | None:
        """The event at exactly this position, where the store has one."""

    def close(self) -> None:
        """End all feeds and give the connection back."""
