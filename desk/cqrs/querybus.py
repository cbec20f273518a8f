"""Hop 2: the query bus: exactly one handler for each type of query, run on a few threads, in plugins."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, TypeVar, cast

from desk.cqrs.errors import ReadModelPaused, StoreError, StoreUnavailable, WiringError
from desk.cqrs.faults import FaultLog
from desk.cqrs.message_log import MessageLog
from desk.cqrs.messages import Envelope, GateResult, Query
from desk.cqrs.pipeline import Proceed, Step, compose
from desk.cqrs.plugins.freshness import Freshness
from desk.cqrs.registering import check_handler, name_of
from desk.cqrs.report import MessageWire, WiringReport

R = TypeVar("R")

_PAUSED: Final = "The read model is paused, and what was asked for is not in it yet. Resume it, or let events through."

THREADS: Final = 3
"""That answer queries side by side."""


class QueryBus:
    """Takes queries to their handlers on a few threads.

    A kind that is registered with ``overtake`` has a thread of its own on which only the newest query counts:
    asking anew drops those that wait and calls ``overtake``, which is to interrupt the one that runs.
    ``expected`` are the failures that are the caller's alone; any other is recorded as a fault as well.
    """

    def __init__(
        self,
        *,
        freshness: Freshness | None = None,
        faults: FaultLog | None = None,
        expected: tuple[type[Exception], ...] = (StoreError,),
        log: MessageLog | None = None,
    ) -> None:
        self._log, self._freshness, self._faults, self._expected = log, freshness, faults, expected
        self._handlers: dict[type, Callable[[Any], Any]] = {}
        self._overtake: dict[type, Callable[[], None]] = {}
        self._newest: dict[type, Future[Any]] = {}
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="queries")
        self._single = ThreadPoolExecutor(1, thread_name_prefix="newest-query")
        self._closed = False
        self._lock = threading.Lock()
        self._steps: tuple[Step, ...] = ()
        self._wrap: Callable[[Any], Envelope[Any]] | None = None

    def register(
        self, kind: type[Query[R]], handler: Callable[[Any], R], *, overtake: Callable[[], None] | None = None
    ) -> None:
        """Name the handler of a type of query. Raises WiringError as the command bus does."""
        check_handler(kind, handler)
        if not issubclass(kind, Query):
            raise WiringError(f"{kind.__name__} is not a query")
        if self._wrap is not None or kind in self._handlers:
            raise WiringError(f"{kind.__name__} has a handler already, or the bus is sealed")
        self._handlers[kind] = handler
        if overtake is not None:
            self._overtake[kind] = overtake

    def use(self, *steps: Step) -> None:
        """Put plugins around all handlers, outermost first."""
        self._steps = (*self._steps, *steps)

    def seal(self, wrap: Callable[[Any], Envelope[Any]]) -> WiringReport:
        """Compose the plugins once; ``wrap`` makes the envelope of a query. Raises WiringError the second time."""
        if self._wrap is not None:
            raise WiringError("the bus is sealed already")
        wires = tuple(MessageWire(kind.__name__, name_of(handler)) for kind, handler in self._handlers.items())
        for kind, handler in self._handlers.items():
            asked = compose(self._steps, _opening(handler))
            if self._log is not None:
                asked = self._log.queries(asked)
            self._handlers[kind] = self._watched(name_of(handler), asked)
        self._wrap = wrap
        return WiringReport(queries=wires, query_plugins=tuple(step.name for step in self._steps))

    def steps(self) -> tuple[Step, ...]:
        """The plugins, outermost first."""
        return self._steps

    def execute(self, query: Query[R], *, at_least: int | None = None) -> "Future[R]":
        """Ask; with ``at_least``, once the read model holds that position, or after a while in any case.

        The future fails with whatever the handler raises; with ReadModelPaused where the read model does not come to
        that position as somebody has paused it. Raises WiringError for a query without handler, and
        where the thread of a feed asks for a position: that would deadlock. Once it is closed the future fails with
        StoreUnavailable.
        """
        handler = self._handlers.get(type(query))
        if handler is None or self._wrap is None:
            raise WiringError(f"no handler for {type(query).__name__}, or the bus is not sealed")
        env = self._wrap(query)
        waiting = None
        if at_least is not None and self._freshness is not None:
            waiting = self._freshness.wait_for(at_least)
        if waiting is None:
            return cast("Future[R]", self._submit(handler, env))
        answer: Future[R] = Future()
        waiting.add_done_callback(lambda gate: self._ask_late(handler, env, answer, gate.result()))
        return answer

    def _submit(self, handler: Proceed, env: Envelope[Any]) -> "Future[Any]":
        overtake = self._overtake.get(type(env.message))
        with self._lock:
            if self._closed:
                return _closing()
            if overtake is not None:
                return self._ask_newest(handler, env, overtake)
            return self._pool.submit(handler, env)

    def _ask_late(self, handler: Proceed, env: Envelope[Any], answer: "Future[Any]", gate: GateResult) -> None:
        if not answer.set_running_or_notify_cancel():
            return
        if gate is GateResult.PAUSED:
            answer.set_exception(ReadModelPaused(_PAUSED))
            return
        self._submit(handler, env).add_done_callback(lambda done: _pass_on(done, answer))

    def _ask_newest(self, handler: Proceed, env: Envelope[Any], overtake: Callable[[], None]) -> "Future[Any]":
        before = self._newest.get(type(env.message))
        if before is not None and not before.done() and not before.cancel():
            overtake()
        future = self._newest[type(env.message)] = self._single.submit(handler, env)
        return future

    def _watched(self, name: str, inner: Proceed) -> Proceed:
        """The handler in its plugins; what it raises as a bug is recorded."""

        def proceed(env: Envelope[Any]) -> Any:
            try:
                return inner(env)
            except self._expected:
                raise
            except Exception as error:
                if self._faults is not None:
                    self._faults.failed(name, type(env.message).__name__, error, correlation_id=env.correlation_id)
                raise

        return proceed

    def close(self) -> None:
        """Refuse new queries, drop those that wait, interrupt what can be, and wait for the rest."""
        with self._lock:
            self._closed = True
        for overtake in self._overtake.values():
            overtake()
        for pool in (self._single, self._pool):
            pool.shutdown(wait=True, cancel_futures=True)


def _opening(handler: Callable[[Any], Any]) -> Proceed:
    return lambda env: handler(env.message)


def _closing() -> "Future[Any]":
    failed: Future[Any] = Future()
    failed.set_exception(StoreUnavailable("Desk is closing."))
    return failed


def _pass_on(done: "Future[Any]", answer: "Future[Any]") -> None:
    if done.cancelled():  # by the closing bus, or by a newer query
        answer.set_exception(StoreUnavailable("Another question was asked meanwhile, or Desk is closing."))
        return
    error = done.exception()
    if error is not None:
        answer.set_exception(error)
    else:
        answer.set_result(done.result())
