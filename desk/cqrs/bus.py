"""Hop 2: the command bus and the query bus: exactly one handler for each type of message, run on other threads."""

import threading
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import UUID

from desk.cqrs.dryrun import DryRun, Refusal
from desk.cqrs.errors import StoreUnavailable, WiringError
from desk.cqrs.gate import ReadModelGate
from desk.cqrs.messages import Consistency, Envelope, Outcome, Query
from desk.cqrs.pipeline import Proceed, Step, compose

R = TypeVar("R")
Handler = Callable[[Envelope[Any]], Outcome]
Explain = Callable[[Envelope[Any], Any], DryRun]
"""Says what a command would do, on an aggregate that the caller has loaded, or on the stored one where that is None."""
Refusals = Callable[[Exception], Refusal | None]
"""Puts a refusal into words; None for an exception that is no refusal."""
GATE_LIMIT = 2.0
"""Seconds that a command waits for the read model after it was stored."""


@dataclass(frozen=True, slots=True)
class _Registered:
    handler: Proceed
    key: Callable[[Any], str]
    explain: Explain | None


class CommandBus:
    """Takes commands in envelopes to their handlers.

    Commands with the same key (their stream) run in the order of their coming; others side by side on ``lanes``
    threads. ``execute`` never runs a handler on the caller's thread.
    """

    def __init__(self, gate: ReadModelGate, *, lanes: int = 12, refusals: Refusals = lambda _error: None) -> None:
        self._gate, self._refusals = gate, refusals
        self._registered: dict[type, _Registered] = {}
        self._steps: tuple[Step, ...] = ()
        self._sealed = False
        self._closed = False
        self._lanes = [ThreadPoolExecutor(1, thread_name_prefix=f"commands-{n}") for n in range(lanes)]
        self._explaining = ThreadPoolExecutor(1, thread_name_prefix="dry-runs")
        self._running: dict[UUID, Future[Outcome]] = {}
        self._lock = threading.Lock()

    def register(self, kind: type, handler: Handler, key: Callable[[Any], str], explain: Explain | None = None) -> None:
        """Name the handler of a type of command, the stream that a command is about, and what answers "what if?"."""
        if self._sealed or kind in self._registered:
            raise WiringError(f"{kind.__name__} has a handler already, or the bus is sealed")
        self._registered[kind] = _Registered(handler, key, explain)

    def use(self, *steps: Step) -> None:
        """Put plugins around all handlers, outermost first."""
        self._steps = (*self._steps, *steps)

    def seal(self, expected: Iterable[type] = ()) -> None:
        """Compose the plugins once. Raises WiringError where an ``expected`` command has no handler."""
        missing = sorted(kind.__name__ for kind in expected if kind not in self._registered)
        if missing:
            raise WiringError(f"no handler for {', '.join(missing)}")
        for kind, entry in self._registered.items():
            self._registered[kind] = replace(entry, handler=compose(self._steps, entry.handler))
        self._sealed = True

    def steps(self) -> tuple[Step, ...]:
        """The plugins, outermost first."""
        return self._steps

    def execute(self, env: Envelope[Any], *, consistency: Consistency = Consistency.EVENTUAL) -> "Future[Outcome]":
        """Run a command on its lane. The same command, while it still runs, is the same future.

        The future fails with what the domain refuses with, Conflict, a StoreError, or Cancelled.
        """
        entry = self._entry(env)
        with self._lock:
            running = self._running.get(env.id)
            if running is not None:
                return running
            if self._closed:
                raise StoreUnavailable("Desk is closing; nothing was stored.")
            result: Future[Outcome] = Future()
            self._running[env.id] = result
            lane = self._lanes[zlib.crc32(entry.key(env.message).encode()) % len(self._lanes)]
            lane.submit(self._run, entry, env, consistency, result)
        return result

    def execute_inline(self, env: Envelope[Any]) -> Outcome:
        """Run a command on the caller's own thread; for process managers, which have threads of their own."""
        answer: Outcome = self._entry(env).handler(env)
        return answer

    def explain(self, env: Envelope[Any]) -> "Future[DryRun]":
        """What the command would do. Those plugins run that may refuse it, and the decision; nothing is appended.

        The future fails with a StoreError where the store cannot be read.
        """
        self._entry(env)
        with self._lock:
            if self._closed:
                raise StoreUnavailable("Desk is closing.")
            return self._explaining.submit(self.explain_inline, env)

    def explain_inline(self, env: Envelope[Any], loaded: Any = None) -> DryRun:
        """As :meth:`explain`, on the caller's own thread, and on an aggregate that the caller has loaded already."""
        explain = self._entry(env).explain
        if explain is None:
            raise WiringError(f"nothing explains {type(env.message).__name__}")
        checks = tuple(step for step in self._steps if step.in_dry_runs)
        try:
            answer: DryRun = compose(checks, lambda checked: explain(checked, loaded))(env)
        except Exception as error:
            refusal = self._refusals(error)
            if refusal is None:
                raise
            return DryRun(refusal=refusal)
        return answer

    def _entry(self, env: Envelope[Any]) -> _Registered:
        entry = self._registered.get(type(env.message))
        if entry is None or not self._sealed:
            raise WiringError(f"no handler for {type(env.message).__name__}, or the bus is not sealed")
        return entry

    def _run(self, entry: _Registered, env: Envelope[Any], consistency: Consistency, result: "Future[Outcome]") -> None:
        try:
            outcome: Outcome = entry.handler(env)
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to whoever waits for the future
            self._finish(env.id, result, error)
            return
        if consistency is Consistency.EVENTUAL or outcome.receipt is None:
            self._finish(env.id, result, outcome)
            return
        waiting = self._gate.when(outcome.receipt.position, GATE_LIMIT)
        waiting.add_done_callback(lambda gate: self._finish(env.id, result, replace(outcome, gate=gate.result())))

    def _finish(self, command_id: UUID, result: "Future[Outcome]", end: Outcome | Exception) -> None:
        with self._lock:
            self._running.pop(command_id, None)
        with suppress(InvalidStateError):  # nobody wants to know any more
            if isinstance(end, Exception):
                result.set_exception(end)
            else:
                result.set_result(end)

    def close(self) -> None:
        """Refuse new commands, drop those that have not begun, and wait for those that have."""
        with self._lock:
            self._closed = True
        threads = (*self._lanes, self._explaining)
        for thread in threads:
            thread.shutdown(wait=False, cancel_futures=True)
        for thread in threads:
            thread.shutdown(wait=True)
        with self._lock:
            left = dict(self._running)
        for command_id, future in left.items():
            self._finish(command_id, future, StoreUnavailable("Desk is closing; nothing was stored."))


class QueryBus:
    """Takes questions to their handlers on a few threads.

    A kind that is registered with ``overtake`` has a thread of its own on which only the newest question counts:
    asking anew drops those that wait and calls ``overtake``, which is to interrupt the one that runs.
    """

    def __init__(self, *, threads: int = 3) -> None:
        self._handlers: dict[type, Callable[[Any], Any]] = {}
        self._overtake: dict[type, Callable[[], None]] = {}
        self._newest: dict[type, Future[Any]] = {}
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="queries")
        self._single = ThreadPoolExecutor(1, thread_name_prefix="newest-query")
        self._lock = threading.Lock()
        self._steps: tuple[Step, ...] = ()
        self._wrap: Callable[[Any], Envelope[Any]] | None = None

    def register(
        self, kind: type[Query[R]], handler: Callable[[Any], R], *, overtake: Callable[[], None] | None = None
    ) -> None:
        """Name the handler of a type of question."""
        if self._wrap is not None or kind in self._handlers:
            raise WiringError(f"{kind.__name__} has a handler already, or the bus is sealed")
        self._handlers[kind] = handler
        if overtake is not None:
            self._overtake[kind] = overtake

    def use(self, *steps: Step) -> None:
        """Put plugins around all handlers, outermost first."""
        self._steps = (*self._steps, *steps)

    def seal(self, wrap: Callable[[Any], Envelope[Any]], expected: Iterable[type] = ()) -> None:
        """Compose the plugins once; ``wrap`` makes the envelope of a question."""
        missing = sorted(kind.__name__ for kind in expected if kind not in self._handlers)
        if missing:
            raise WiringError(f"no handler for {', '.join(missing)}")
        for kind, handler in self._handlers.items():
            self._handlers[kind] = compose(self._steps, _opening(handler))
        self._wrap = wrap

    def steps(self) -> tuple[Step, ...]:
        """The plugins, outermost first."""
        return self._steps

    def execute(self, query: Query[R]) -> "Future[R]":
        """Ask. The future fails with whatever the handler raises."""
        handler = self._handlers.get(type(query))
        if handler is None or self._wrap is None:
            raise WiringError(f"no handler for {type(query).__name__}, or the bus is not sealed")
        env = self._wrap(query)
        overtake = self._overtake.get(type(query))
        if overtake is None:
            return self._pool.submit(handler, env)
        with self._lock:
            before = self._newest.get(type(query))
            if before is not None and not before.done() and not before.cancel():
                overtake()
            future = self._single.submit(handler, env)
            self._newest[type(query)] = future
        return future

    def close(self) -> None:
        """Drop what waits, interrupt what can be, and wait for the rest."""
        for overtake in self._overtake.values():
            overtake()
        for pool in (self._single, self._pool):
            pool.shutdown(wait=True, cancel_futures=True)


def _opening(handler: Callable[[Any], Any]) -> Proceed:
    return lambda env: handler(env.message)
