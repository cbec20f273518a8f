"""Hop 3: snapshots: states of long streams, so that a command reads what is newer and not everything.

A cache and never the truth: one that was made by another version of the state, or whose last event is not in the
stream, counts for nothing. Idea: commanded and the Python eventsourcing library; the last event's id is ours.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar
from uuid import UUID

S = TypeVar("S")

EVERY: Final = 200
"""Events after which a stream is worth a snapshot, or another one."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state as it is kept. ``schema`` names the form of ``state``; ``event_id`` is that of the event ``revision``.

    ``commands`` are those whose events are in the stream so far.
    """

    stream: str
    schema: str
    revision: int
    event_id: UUID
    commands: frozenset[UUID]
    state: bytes


class SnapshotShelf(Protocol):
    """Where snapshots are kept. Safe to use from several threads; what goes wrong is a snapshot that is not there."""

    def find(self, stream: str) -> Snapshot | None: ...

    def keep(self, snapshot: Snapshot) -> None: ...


@dataclass(frozen=True, slots=True)
class StateCodec(Generic[S]):
    """A state as bytes and back. ``schema`` changes with the form and with what events mean for it.

    ``decode`` raises ValueError for what is no such state.
    """

    schema: str
    encode: Callable[[S], bytes]
    decode: Callable[[bytes], S]


@dataclass(frozen=True, slots=True)
class Taken(Generic[S]):
    """A snapshot whose state is in its types again."""

    state: S
    revision: int
    event_id: UUID
    commands: frozenset[UUID]


class Snapshots(Generic[S]):
    """The snapshots of one kind of aggregate."""

    def __init__(self, shelf: SnapshotShelf, codec: StateCodec[S], *, every: int = EVERY) -> None:
        self._shelf, self._codec, self._every = shelf, codec, every
        self._kept: dict[str, int] = {}
        self._guard = threading.Lock()

    def find(self, stream: str) -> Taken[S] | None:
        """The latest of this stream that this version can read."""
        found = self._shelf.find(stream)
        if found is None or found.schema != self._codec.schema:
            return None
        try:
            state = self._codec.decode(found.state)
        except ValueError:
            return None
        with self._guard:
            self._kept[stream] = found.revision
        return Taken(state, found.revision, found.event_id, found.commands)

    def forget(self, stream: str) -> None:
        """The snapshot is of another history than the stream's: another is taken as soon as it can be."""
        with self._guard:
            self._kept.pop(stream, None)

    def keep(self, stream: str, taken: Taken[S]) -> None:
        """Take a snapshot, where enough has happened since the last one."""
        with self._guard:
            if taken.revision - self._kept.get(stream, -1) < self._every:
                return
            self._kept[stream] = taken.revision
        state = self._codec.encode(taken.state)
        self._shelf.keep(Snapshot(stream, self._codec.schema, taken.revision, taken.event_id, taken.commands, state))
