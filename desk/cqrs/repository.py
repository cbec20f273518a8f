"""Hop 3: loads aggregates by reading their streams once, forwards; remembers the states of a few."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from desk.cqrs.aggregate import Aggregate, Decider, Earlier, Loaded
from desk.cqrs.errors import StreamNotFound
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.registry import EventRegistry
from desk.cqrs.store import NO_STREAM, Receipt, Recorded

S = TypeVar("S")
E = TypeVar("E")

LONGEST_REMEMBERED = 200
"""Streams with more commands than this are not remembered, as each commit copies what was seen."""


class Streams(Protocol):
    """Where streams are read: an event store, or an in-process publisher."""

    def read_stream(self, stream: str, *, start: int | None = None) -> Iterator[Recorded]:
        """The events from revision ``start`` on, included, in order. Raises StreamNotFound on the first ``next``."""


class Repository(Generic[S, E]):
    """Aggregates of one kind. Safe to use from several threads.

    ``remember`` states are kept in memory; they are frozen, so nothing is copied. They are assumptions: see
    :class:`~desk.cqrs.aggregate.Aggregate`.
    """

    def __init__(
        self,
        store: Streams,
        registry: EventRegistry,
        decider: Decider[S, E],
        *,
        remember: int = 1024,
    ) -> None:
        self._store, self._registry, self._decider = store, registry, decider
        self._capacity = remember
        self._remembered: OrderedDict[str, Loaded[S, E]] = OrderedDict()
        self._doubted: set[str] = set()
        self._lock = threading.Lock()

    def get(self, stream: str, *, surely_new: bool = False) -> Aggregate[S, E]:
        """The aggregate of this stream; one that is not there yet has the version NO_STREAM.

        ``surely_new`` saves the read where the stream is most likely to be begun by this very command.
        Raises UnknownEvent for a stream with events of a newer Desk, StoreError where the store cannot be read.
        """
        with self._lock:
            assumed = self._remembered.get(stream)
            if assumed is None and surely_new and stream not in self._doubted:
                assumed = Loaded(stream, self._decider.initial, NO_STREAM, {})
            self._doubted.discard(stream)
        if assumed is None:
            return Aggregate(self._decider, self.load(stream), keeper=self)
        return Aggregate(self._decider, assumed, lambda: self.load(stream), self)

    def at(self, loaded: Loaded[S, E]) -> Aggregate[S, E]:
        """An aggregate that has been loaded already, as the truth and not as an assumption."""
        return Aggregate(self._decider, loaded, keeper=self)

    def load(self, stream: str, *, upto: int | None = None) -> Loaded[S, E]:
        """Read the stream and fold it, up to and including revision ``upto`` where one is given."""
        state, version = self._decider.initial, NO_STREAM
        seen: dict[UUID, Earlier[E]] = {}
        with suppress(StreamNotFound):
            for recorded in self._store.read_stream(stream):
                if upto is not None and recorded.revision > upto:
                    break
                meta = parse_metadata(recorded.metadata)
                event: E = self._registry.decode(recorded.type, meta.schema, recorded.data)
                state, version = self._decider.evolve(state, event), recorded.revision
                if meta.command_id is not None:
                    seen[meta.command_id] = _with(seen.get(meta.command_id), recorded, event)
        return Loaded(stream, state, version, seen)

    def remember(self, loaded: Loaded[S, E]) -> None:
        """Keep a state that the store has just acknowledged."""
        with self._lock:
            present = self._remembered.get(loaded.stream)
            if len(loaded.seen) > LONGEST_REMEMBERED or (present and present.version > loaded.version):
                return
            self._remembered[loaded.stream] = loaded
            self._remembered.move_to_end(loaded.stream)
            while len(self._remembered) > self._capacity:
                self._remembered.popitem(last=False)

    def doubt(self, stream: str) -> None:
        """What was assumed of this stream is not so, or no longer: the next ``get`` reads it."""
        with self._lock:
            self._remembered.pop(stream, None)
            self._doubted.add(stream)


def _with(before: Earlier[E] | None, recorded: Recorded, event: E) -> Earlier[E]:
    ids = (*before.receipt.event_ids, recorded.id) if before else (recorded.id,)
    events = (*before.events, event) if before else (event,)
    return Earlier(Receipt(recorded.stream, recorded.revision, recorded.position, ids), events)
