"""Hop 6: the event bus: fans events that are durable out to volatile listeners, each with a queue of its own.

Events come from a :class:`~desk.cqrs.source.MessageSource` only, never from a command's handler: a listener hears of
an event if and only if it is stored, whoever stored it. Listeners are volatile: what happens while nobody listens, or
while a queue is full, they miss. Whoever must not miss an event has a feed and a position of its own.
"""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

from desk.cqrs.errors import UnknownEvent, WiringError
from desk.cqrs.faults import FaultLog
from desk.cqrs.metadata import Metadata, parse_metadata
from desk.cqrs.registry import EventRegistry
from desk.cqrs.store import Recorded
from desk.records import dataclass

CAPACITY: Final = 10_000
"""Events that may wait for one listener."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A durable event as a listener gets it."""

    event: Any
    meta: Metadata
    recorded: Recorded


EventHandler = Callable[[Delivery], None]


@dataclass(frozen=True, slots=True)
class ListenerState:
    """How a listener is doing: what it was given, what it failed over, what it missed as its queue was full."""

    name: str
    kinds: tuple[str, ...]
    delivered: int
    failed: int
    missed: int
    waiting: int
    stopped: bool


class Subscription:
    """One listener: a bounded queue, in strict order, and the one thread that empties it."""

    def __init__(
        self,
        name: str,
        kinds: tuple[str, ...],
        handler: EventHandler,
        faults: FaultLog,
        around: Callable[[], AbstractContextManager[object]],
        capacity: int,
    ) -> None:
        self.name, self.kinds = name, kinds
        self._handler, self._faults, self._around = handler, faults, around
        self._capacity = capacity
        self._queue: deque[Delivery] = deque()
        self._changed = threading.Condition()
        self._stopped = False
        self._delivered = self._failed = self._missed = 0
        self._overrun = False
        self._busy = False
        self._thread = threading.Thread(target=self._work, name=f"listener-{name}")
        self._thread.start()

    def state(self) -> ListenerState:
        """How it is doing now."""
        with self._changed:
            waiting = len(self._queue) + self._busy
            return ListenerState(
                self.name, self.kinds, self._delivered, self._failed, self._missed, waiting, self._stopped
            )

    def offer(self, delivery: Delivery) -> None:
        """Queue an event; never waits. Where the queue is full the event is missed, which is a fault, told once."""
        with self._changed:
            if self._stopped:
                return
            if len(self._queue) < self._capacity:
                self._queue.append(delivery)
                self._changed.notify()
                return
            self._missed += 1
            told, self._overrun = self._overrun, True
        if not told:
            error = OverflowError(f"{self._capacity:,} events wait for it already; it misses those that come now")
            self._faults.failed(self.name, delivery.recorded.type, error, correlation_id=delivery.meta.correlation_id)

    def stop(self) -> None:
        """Deliver nothing more, and wait for the present delivery to end, unless called by the handler itself."""
        with self._changed:
            self._stopped = True
            self._queue.clear()
            self._changed.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _work(self) -> None:
        with self._around():
            while (delivery := self._next()) is not None:
                self._deliver(delivery)

    def _next(self) -> Delivery | None:
        with self._changed:
            self._busy = False
            if not self._queue:
                self._overrun = False
            self._changed.wait_for(lambda: self._queue or self._stopped)
            if self._stopped:
                return None
            self._busy = True
            return self._queue.popleft()

    def _deliver(self, delivery: Delivery) -> None:
        try:
            self._handler(delivery)
        except Exception as error:  # noqa: BLE001 - a listener's bug is recorded; it goes on with the next event
            self._faults.failed(self.name, delivery.recorded.type, error, correlation_id=delivery.meta.correlation_id)
            with self._changed:
                self._failed += 1
        else:
            with self._changed:
                self._delivered += 1


class EventBus:
    """Fan-out of durable events. ``publish`` is the sink of a message source. Safe to use from several threads.

    ``around`` is entered on each listener's thread for as long as it lives (see
    :meth:`~desk.cqrs.gate.ReadModelGate.feed_thread`).
    """

    def __init__(
        self,
        registry: EventRegistry,
        faults: FaultLog,
        *,
        around: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._registry, self._faults, self._around = registry, faults, around
        self._subscriptions: tuple[Subscription, ...] = ()
        self._by_type: dict[str, tuple[Subscription, ...]] = {}
        self._closed = False
        self._lock = threading.Lock()

    def subscribe(
        self,
        kinds: tuple[type, ...],
        handler: EventHandler,
        *,
        name: str,
        capacity: int = CAPACITY,
    ) -> Subscription:
        """Give events of these classes to ``handler``, in their order, until the subscription is stopped.

        Raises WiringError for a class that is not a registered event, for none at all, and for a name that is taken.
        """
        if not kinds:
            raise WiringError(f"{name} listens to nothing")
        names = tuple(self._registry.schema_of_kind(kind).type_name for kind in kinds)
        with self._lock:
            if self._closed:
                raise WiringError("the event bus is closed")
            self._subscriptions = tuple(one for one in self._subscriptions if not one.state().stopped)
            if any(one.name == name for one in self._subscriptions):
                raise WiringError(f"{name} listens already")
            made = Subscription(name, names, handler, self._faults, self._around, capacity)
            self._subscriptions = (*self._subscriptions, made)
            everybody = {type_name for one in self._subscriptions for type_name in one.kinds}
            self._by_type = {
                type_name: tuple(one for one in self._subscriptions if type_name in one.kinds)
                for type_name in everybody
            }
        return made

    def publish(self, recorded: Recorded) -> None:
        """Queue a durable event for all who listen to its type; never waits, never raises."""
        listeners = self._by_type.get(recorded.type)
        if not listeners:
            return
        meta = parse_metadata(recorded.metadata)
        try:
            event = self._registry.decode(recorded.type, meta.schema, recorded.data)
        except UnknownEvent:
            return  # written by a newer version: nobody here knows what to do with it
        except ValueError as error:
            self._faults.failed("Event bus", recorded.type, error, correlation_id=meta.correlation_id)
            return
        delivery = Delivery(event, meta, recorded)
        for one in listeners:
            one.offer(delivery)

    def listeners(self) -> tuple[ListenerState, ...]:
        """How all listeners are doing, in the order in which they subscribed."""
        return tuple(one.state() for one in self._subscriptions)

    def close(self) -> None:
        """Stop all listeners, and wait for those that are at work."""
        with self._lock:
            self._closed = True
            subscriptions, self._subscriptions, self._by_type = self._subscriptions, (), {}
        for one in subscriptions:
            one.stop()
