"""Hop 3: an aggregate: state folded from a stream, its version, and the events of one decision."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from desk.cqrs.messages import Envelope
from desk.cqrs.store import NO_STREAM, Receipt

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
class Earlier(Generic[E]):
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
    seen: Mapping[UUID, Earlier[E]]


class Keeper(Protocol):
    """Who remembers states for the next command, and is told what became of this one."""

    def remember(self, loaded: Loaded[Any, Any]) -> None: ...

    def doubt(self, stream: str) -> None: ...


class Aggregate(Generic[S, E]):
    """One aggregate in the hands of one handler: load, execute one command, commit through a publisher.

    ``loaded`` may be an assumption (a cached state, or "surely new"). An acceptance on an assumption is safe, as the
    append names the version; a refusal is not, so it is decided again on what the store really has.
    """

    def __init__(
        self,
        decider: Decider[S, E],
        loaded: Loaded[S, E],
        reload: Callable[[], Loaded[S, E]] | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        self._decider, self._loaded, self._reload, self._keeper = decider, loaded, reload, keeper
        self.pending: tuple[E, ...] = ()
        self.earlier: Earlier[E] | None = None
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
            if not self.pending and self.earlier is None and self._load_really():
                self._decide(env)

    def _decide(self, env: Envelope[object]) -> None:
        self.earlier = self._loaded.seen.get(env.id)
        if self.earlier is not None:
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

    def committed(self, command_id: UUID, receipt: Receipt) -> None:
        """The store has acknowledged the pending events: they are part of the state now."""
        earlier = Earlier(receipt, self.pending)
        self._loaded = replace(
            self._loaded,
            state=self._pending_state,
            version=receipt.revision,
            seen={**self._loaded.seen, command_id: earlier},
        )
        self.pending = ()
        if self._keeper is not None:
            self._keeper.remember(self._loaded)

    def doubted(self) -> None:
        """The store did not acknowledge: the pending events stay, and nobody may go on from this state unread."""
        if self._keeper is not None:
            self._keeper.doubt(self.stream)
