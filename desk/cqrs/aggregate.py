"""Hop 3: an aggregate: state folded from a stream, its version, and the events of one decision."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Generic, TypeVar
from uuid import UUID

from desk.cqrs.messages import Envelope
from desk.cqrs.store import NO_STREAM, Receipt
from desk.records import dataclass

S = TypeVar("S")
E = TypeVar("E")


@dataclass(frozen=True)
class Decider(Generic[S, E]):
    """A domain as three pure things. ``refusals`` are the exceptions by which ``decide`` says no."""

    initial: S
    decide: Callable[[S, Envelope[object]], tuple[E, ...]]
    evolve: Callable[[S, E], S]
    refusals: tuple[type[Exception], ...]


@dataclass(frozen=True, slots=True)
class PriorOutcome(Generic[E]):
    """What a command that is already in the stream had led to."""

    receipt: Receipt
    events: tuple[E, ...]


@dataclass(frozen=True, slots=True)
class Loaded(Generic[S, E]):
    """An aggregate as of one revision. ``version`` is the revision of the last event read; absent: NO_STREAM.

    ``seen`` has the commands whose events are in the stream.
    """

    stream: str
    state: S
    version: int
    seen: Mapping[UUID, PriorOutcome[E]]


class Aggregate(Generic[S, E]):
    """One aggregate in the hands of one handler: load, execute one command, save to the repository.

    ``loaded`` may be an assumption (a cached state, or "surely new"). An acceptance on an assumption is safe, as the
    append names the version; a refusal is not, so it is decided again on what the store really has.
    """

    def __init__(
        self,
        decider: Decider[S, E],
        loaded: Loaded[S, E],
        reload: Callable[[], Loaded[S, E]] | None = None,
    ) -> None:
        self._decider, self._loaded, self._reload = decider, loaded, reload
        self.pending: tuple[E, ...] = ()
        self.prior: PriorOutcome[E] | None = None
        self._pending_state = loaded.state

    @property
    def stream(self) -> str:
        return self._loaded.stream

    @property
    def state(self) -> S:
        return self._loaded.state

    @property
    def pending_state(self) -> S:
        """The state as it will be once the pending events are stored."""
        return self._pending_state

    @property
    def version(self) -> int:
        """The revision of the stream's last event that was read or committed; NO_STREAM where there is none."""
        return self._loaded.version

    @property
    def exists(self) -> bool:
        return self.version != NO_STREAM

    def execute(self, env: Envelope[object]) -> None:
        """Decide; the events become pending. A command seen before leads to its first outcome instead.

        Raises whatever the domain refuses with.
        """
        try:
            self._decide(env)
        except self._decider.refusals:
            if not self._load_really():
                raise
            self._decide(env)
        else:
            if not self.pending and self.prior is None and self._load_really():
                self._decide(env)

    def _decide(self, env: Envelope[object]) -> None:
        self.prior = self._loaded.seen.get(env.id)
        if self.prior is not None:
            return
        events = self._decider.decide(self._loaded.state, env)
        state = self._loaded.state
        for event in events:
            state = self._decider.evolve(state, event)
        self.pending, self._pending_state = events, state

    def _load_really(self) -> bool:
        if self._reload is None:
            return False
        self._loaded, self._reload = self._reload(), None
        return True

    def committed(self, command_id: UUID, receipt: Receipt) -> Loaded[S, E]:
        """The store has acknowledged the pending events: they are part of the state now, which is returned."""
        self._loaded = replace(
            self._loaded,
            state=self._pending_state,
            version=receipt.revision,
            seen={**self._loaded.seen, command_id: PriorOutcome(receipt, self.pending)},
        )
        self.pending = ()
        return self._loaded
