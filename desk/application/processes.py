"""The process managers of a session: what they follow, what they keep, and how they are."""

from collections.abc import Callable
from typing import Any, Protocol

from desk.application import pickup, registration
from desk.application.codec import event_registry
from desk.application.handlers import Aggregates
from desk.application.pickup import Deadlines, DeadlineTimer, HoldPickup
from desk.application.registration import BookRegistration
from desk.cqrs.known_store import KnownStore
from desk.cqrs.messages import Envelope, Origin, Outcome, Sender
from desk.cqrs.process import Positions, ProcessManagerRunner, ProcessManagerState, ProcessPhase
from desk.records import dataclass


class Kept(Positions, Deadlines, Protocol):
    """The file of a session's own: positions and deadlines."""


@dataclass(frozen=True, slots=True)
class Worker:
    """Something that wants a thread: ``run`` blocks until ``stop`` is called."""

    name: str
    run: Callable[[], None]
    stop: Callable[[], None]


class ProcessManagers:
    """BookRegistration and HoldPickup over one store. ``send`` runs a command on the caller's thread.

    ``changed`` is called, on any thread, whenever one of them is in another state.
    """

    def __init__(
        self,
        aggregates: Aggregates,
        store: KnownStore,
        send: Callable[[Envelope[Any]], Outcome],
        sender: Sender,
        kept: Kept,
        changed: Callable[[ProcessManagerState], None],
    ) -> None:
        self._changed, self._store = changed, store.store
        registry, on_behalf = event_registry(), sender.on_behalf_of(Origin.PROCESS_MANAGER)
        register = BookRegistration(aggregates, registry, send, on_behalf)
        self._fetch = fetch = HoldPickup(kept, registry, send, on_behalf)
        self._registration = ProcessManagerRunner(
            registration.NAME, store, kept, registration.FEED, registration.KINDS, register.react, on_state=changed
        )
        self._pickup = ProcessManagerRunner(
            pickup.NAME, store, fetch, pickup.FEED, pickup.KINDS, fetch.react, on_state=self._pickup_entered, lanes=1
        )
        self._timer = DeadlineTimer(fetch.expire_overdue, self._pickup.halt)

    @property
    def wires(self) -> tuple[tuple[str, frozenset[str], tuple[type, ...]], ...]:
        """What each of them reacts to, and the commands that it sends; for the wiring report."""
        return (
            (registration.NAME, registration.KINDS, registration.SENDS),
            (pickup.NAME, pickup.KINDS, pickup.SENDS),
        )

    @property
    def workers(self) -> tuple[Worker, ...]:
        """What is to run, each on a thread of its own; to be stopped in reverse."""
        named = (
            (registration.NAME, self._registration),
            (pickup.NAME, self._pickup),
            (f"{pickup.NAME}-timer", self._timer),
        )
        return tuple(Worker(name, each.run, each.stop) for name, each in named)

    def states(self) -> tuple[ProcessManagerState, ...]:
        """How each of them is."""
        return (self._registration.state, self._pickup.state)

    def checks_stand_still(self) -> str:
        """A sentence while BookRegistration is halted, so that no new book is listed; else empty."""
        state = self._registration.state
        if state.phase is not ProcessPhase.HALTED:
            return ""
        return f"{state.name} has halted, so that the ISBNs of new books are not checked: {state.why}."

    def are_at_rest(self) -> bool:
        """Whether nothing is left to do for them: all events that are theirs are done with, no deadline is over.

        Asks the store, and tells books of deadlines. Raises StoreError and Conflict.
        """
        head = self._store.head()
        for runner, feed, kinds in (
            (self._registration, registration.FEED, registration.KINDS),
            (self._pickup, pickup.FEED, pickup.KINDS),
        ):
            theirs = (event for event in self._store.read_all(backwards=True, only=feed) if event.type in kinds)
            last = next(theirs, None)
            if last is not None and (runner.reached is None or runner.reached < last.position):
                return False
        self._fetch.expire_overdue()
        return self._store.head() == head

    def wake(self) -> None:
        """The store is back."""
        self._registration.wake()
        self._pickup.wake()

    def resume(self, name: str) -> None:
        """Have the one of this name go on after a halt. Raises KeyError for a name that none has."""
        {runner.name: runner for runner in (self._registration, self._pickup)}[name].resume()

    def _pickup_entered(self, state: ProcessManagerState) -> None:
        self._timer.entered(state)
        self._changed(state)
