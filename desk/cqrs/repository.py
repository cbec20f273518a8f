"""Hop 3: loads aggregates by reading their streams once, forwards, and saves what they decided."""

import threading
from collections import OrderedDict
from contextlib import suppress
from typing import Generic, TypeVar
from uuid import UUID

from desk.cqrs.aggregate import Aggregate, Decider, Loaded, PriorOutcome
from desk.cqrs.errors import Cancelled, Conflict, OutcomeUnknown, StoreError, StreamNotFound
from desk.cqrs.messages import Envelope, Outcome
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.publisher import EventPublisher
from desk.cqrs.registry import EventRegistry
from desk.cqrs.store import NO_STREAM, EventStore, Receipt, Recorded

S = TypeVar("S")
E = TypeVar("E")

LONGEST_REMEMBERED = 200
"""Streams with more commands than this are not remembered, as each commit copies what was seen."""

REMEMBERED = 1024
"""Streams whose states are kept in memory at most."""


class StateCache(Generic[S, E]):
    """The states of some streams as they were last stored from here, or read. Safe to use from several threads.

    States are frozen, so nothing is copied. They are assumptions: somebody else may have written since.
    """

    def __init__(self) -> None:
        self._states: OrderedDict[str, Loaded[S, E]] = OrderedDict()
        self._invalid: set[str] = set()
        self._lock = threading.Lock()

    def assume(self, stream: str, otherwise: Loaded[S, E] | None) -> Loaded[S, E] | None:
        """What a stream may be taken for without reading it: its last known state, or else ``otherwise``.

        None where neither is there, or where the last assumption about this stream turned out to be wrong.
        """
        with self._lock:
            known = self._states.get(stream)
            if known is None and stream not in self._invalid:
                known = otherwise
            self._invalid.discard(stream)
            return known

    def remember(self, loaded: Loaded[S, E]) -> None:
        """Keep a state that the store has just acknowledged or shown."""
        with self._lock:
            present = self._states.get(loaded.stream)
            if len(loaded.seen) > LONGEST_REMEMBERED or (present and present.version > loaded.version):
                return
            self._states[loaded.stream] = loaded
            self._states.move_to_end(loaded.stream)
            while len(self._states) > REMEMBERED:
                self._states.popitem(last=False)

    def invalidate(self, stream: str) -> None:
        """What was assumed of this stream is not so, or no longer: the next command to it reads it."""
        with self._lock:
            self._states.pop(stream, None)
            self._invalid.add(stream)


class Repository(Generic[S, E]):
    """Aggregates of one kind: loaded from where streams are read, saved by a publisher.

    Safe to use from several threads. What it assumes of a stream is decided again where it matters: see
    :class:`~desk.cqrs.aggregate.Aggregate`.
    """

    def __init__(
        self, streams: EventStore, publisher: EventPublisher, registry: EventRegistry, decider: Decider[S, E]
    ) -> None:
        self._streams, self._publisher, self._registry, self._decider = streams, publisher, registry, decider
        self._states: StateCache[S, E] = StateCache()

    def get(self, stream: str, *, surely_new: bool = False) -> Aggregate[S, E]:
        """The aggregate of this stream; one that is not there yet has the version NO_STREAM.

        ``surely_new`` saves the read where the stream is most likely to be begun by this very command.
        Raises UnknownEvent for a stream with events of a newer Desk, StoreError where the store cannot be read.
        """
        nothing: Loaded[S, E] = Loaded(stream, self._decider.initial, NO_STREAM, {})
        assumed = self._states.assume(stream, nothing if surely_new else None)
        if assumed is None:
            loaded = self.load(stream)
            if surely_new and loaded.version != NO_STREAM:  # taken for new again it would be sent in vain
                self._states.remember(loaded)
            return self.at(loaded)
        return Aggregate(self._decider, assumed, lambda: self.load(stream))

    def at(self, loaded: Loaded[S, E]) -> Aggregate[S, E]:
        """An aggregate that has been loaded already, as the truth and not as an assumption."""
        return Aggregate(self._decider, loaded)

    def load(self, stream: str, *, upto: int | None = None) -> Loaded[S, E]:
        """Read the stream and fold it, up to and including revision ``upto`` where one is given."""
        state, version = self._decider.initial, NO_STREAM
        seen: dict[UUID, PriorOutcome[E]] = {}
        with suppress(StreamNotFound):
            for recorded in self._streams.read_stream(stream):
                if upto is not None and recorded.revision > upto:
                    break
                meta = parse_metadata(recorded.metadata)
                event: E = self._registry.decode(recorded.type, meta.schema, recorded.data)
                state, version = self._decider.evolve(state, event), recorded.revision
                if meta.command_id is not None:
                    seen[meta.command_id] = _with(seen.get(meta.command_id), recorded, event)
        return Loaded(stream, state, version, seen)

    def save(self, aggregate: Aggregate[S, E], env: Envelope[object]) -> Outcome:
        """Publish all that it decided, at the version it was decided on; blocks until that is acknowledged.

        A repeat of a command, and one that led to nothing, are saved without asking the store.
        Raises Conflict, StoreError, Cancelled; the aggregate keeps its pending events unless they are stored.
        """
        if aggregate.prior is not None:
            return Outcome(aggregate.prior.receipt, aggregate.prior.events, repeated=True)
        events = aggregate.pending
        if not events:
            return Outcome(None)
        if env.cancel.is_set():
            raise Cancelled("given up before anything was stored")
        try:
            receipt = self._publisher.publish_all(aggregate.stream, aggregate.version, events, env)
        except (Conflict, StoreError) as error:
            self._states.invalidate(aggregate.stream)
            if isinstance(error, OutcomeUnknown):
                error.command_id = env.id
            raise
        self._states.remember(aggregate.committed(env.id, receipt))
        return Outcome(receipt, events)


def _with(before: PriorOutcome[E] | None, recorded: Recorded, event: E) -> PriorOutcome[E]:
    ids = (*before.receipt.event_ids, recorded.id) if before else (recorded.id,)
    events = (*before.events, event) if before else (event,)
    return PriorOutcome(Receipt(recorded.stream, recorded.revision, recorded.position, ids), events)
