"""Hop 2: the command bus: exactly one handler for each type of command, run on other threads, in plugins."""

import threading
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from desk.cqrs.dryrun import DryRun
from desk.cqrs.endings import Refusals
from desk.cqrs.errors import Cancelled, Conflict, StoreError, StoreUnavailable, WiringError
from desk.cqrs.faults import FaultLog
from desk.cqrs.gate import ReadModelGate
from desk.cqrs.messages import Consistency, Envelope, Outcome
from desk.cqrs.pipeline import Proceed, Step, compose
from desk.cqrs.plugins.in_flight import InFlight
from desk.cqrs.registering import check_handler, name_of, place_of
from desk.cqrs.report import MessageWire, WiringReport
from desk.cqrs.story_log import StoryLog
from desk.records import dataclass

Handler = Callable[[Envelope[Any]], Outcome]
Explain = Callable[[Envelope[Any], Any], DryRun]
"""Says what a command would do, on an aggregate that the caller has loaded, or on the stored one where that is None."""
EXPECTED: Final = (Conflict, StoreError, Cancelled)
"""Ends of a command that are neither good nor refusals nor bugs."""
GATE_LIMIT: Final = 2.0
"""Seconds that a command waits for the read model after it was stored."""


@dataclass(frozen=True, slots=True)
class _Registered:
    handler: Proceed
    key: Callable[[Any], str]
    explain: Explain | None
    wire: MessageWire


class CommandBus:
    """Takes commands in envelopes to their handlers.

    Commands with the same key (their stream) run in the order of their coming; others side by side on ``lanes``
    threads. ``execute`` never runs a handler on the caller's thread.
    """

    def __init__(
        self,
        gate: ReadModelGate,
        *,
        lanes: int = 12,
        in_flight: InFlight | None = None,
        refusals: Refusals = lambda _error: None,
        faults: FaultLog | None = None,
        stories: StoryLog | None = None,
    ) -> None:
        self._stories = stories
        self._gate, self._in_flight, self._refusals = gate, in_flight, refusals
        self._faults = faults
        self._registered: dict[type, _Registered] = {}
        self._steps: tuple[Step, ...] = ()
        self._sealed = False
        self._closed = False
        self._lanes = [ThreadPoolExecutor(1, thread_name_prefix=f"commands-{n}") for n in range(lanes)]
        self._explaining = ThreadPoolExecutor(1, thread_name_prefix="dry-runs")
        self._open: set[Future[Outcome]] = set()
        self._lock = threading.Lock()

    def register(
        self,
        kind: type,
        handler: Handler,
        key: Callable[[Any], str],
        explain: Explain | None = None,
        *,
        leads_to: tuple[type, ...] = (),
    ) -> None:
        """Name the handler of a type of command, the stream that a command is about, and what answers "what if?".

        ``leads_to`` are the events that such a command can lead to, for the report. Raises WiringError for a second
        handler, a sealed bus, what is not a message, and a handler that is written for another message.
        """
        check_handler(kind, handler)
        if self._sealed or kind in self._registered:
            raise WiringError(f"{kind.__name__} has a handler already, or the bus is sealed")
        wire = MessageWire(kind.__name__, name_of(handler), tuple(event.__name__ for event in leads_to))
        self._registered[kind] = _Registered(handler, key, explain, wire)

    def use(self, *steps: Step) -> None:
        """Put plugins around all handlers, outermost first."""
        self._steps = (*self._steps, *steps)

    def seal(self, expected: Iterable[type] = ()) -> WiringReport:
        """Compose the plugins once. Raises WiringError where an ``expected`` command has no handler."""
        missing = sorted(kind.__name__ for kind in expected if kind not in self._registered)
        if missing or self._sealed:
            raise WiringError(f"no handler for {', '.join(missing)}" if missing else "the bus is sealed already")
        for kind, entry in self._registered.items():
            self._registered[kind] = replace(entry, handler=self._composed(entry))
        self._sealed = True
        return WiringReport(
            commands=tuple(entry.wire for entry in self._registered.values()),
            command_plugins=tuple(step.name for step in self._steps),
        )

    def _composed(self, entry: _Registered) -> Proceed:
        """The handler in its plugins; where stories are told, each of them is a stage."""
        stories, place = self._stories, place_of(entry.handler)
        if stories is None:
            return compose(self._steps, entry.handler)
        steps = [stories.watched(step) for step in self._steps]
        return stories.whole(entry.key, place, compose(steps, stories.attempt(place, entry.handler)))

    def steps(self) -> tuple[Step, ...]:
        """The plugins, outermost first."""
        return self._steps

    def execute(self, env: Envelope[Any], *, consistency: Consistency = Consistency.EVENTUAL) -> "Future[Outcome]":
        """Run a command on its lane. The same command, while it still runs, is the same future.

        The future fails with what the domain refuses with, Conflict, a StoreError, or Cancelled. Raises WiringError
        where the thread of a feed asks for READ_YOUR_WRITES: that would deadlock.
        """
        if consistency is Consistency.READ_YOUR_WRITES:
            self._gate.refuse_on_feed_threads()
        entry, result = self._entry(env), Future[Outcome]()
        with self._lock:
            if self._in_flight is not None:
                running = self._in_flight.enter(env.id, result)
                if running is not result:
                    return running
            if self._closed:
                self._leave(env, result)
                raise StoreUnavailable("Desk is closing; nothing was stored.")
            self._open.add(result)
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
            self._take_note(entry, env, error)
            self._finish(env, result, error)
            return
        receipt = outcome.receipt
        if consistency is Consistency.EVENTUAL or receipt is None:
            self._finish(env, result, outcome)
            return
        with self._lock:
            self._open.discard(result)  # it is stored: whatever closes now, the gate has the last word
        waiting = self._gate.when(receipt.position, GATE_LIMIT, receipt.stream)
        waiting.add_done_callback(lambda gate: self._finish(env, result, replace(outcome, gate=gate.result())))

    def _take_note(self, entry: _Registered, env: Envelope[Any], error: Exception) -> None:
        """A bug goes into the log of faults; refusals and what is expected are the caller's alone."""
        if self._faults is not None and self._refusals(error) is None and not isinstance(error, EXPECTED):
            self._faults.failed(entry.wire.handler, entry.wire.message, error, correlation_id=env.correlation_id)

    def _finish(self, env: Envelope[Any], result: "Future[Outcome]", end: Outcome | Exception) -> None:
        with self._lock:
            self._leave(env, result)
        with suppress(InvalidStateError):  # nobody wants to know any more
            if isinstance(end, Exception):
                result.set_exception(end)
            else:
                result.set_result(end)

    def _leave(self, env: Envelope[Any], result: "Future[Outcome]") -> None:
        self._open.discard(result)
        if self._in_flight is not None:
            self._in_flight.leave(env.id, result)

    def close(self) -> None:
        """Refuse new commands, drop those that have not begun, and wait for those that have.

        Those that are stored and wait for the read model end with the gate.
        """
        with self._lock:
            self._closed = True
        threads = (*self._lanes, self._explaining)
        for thread in threads:
            thread.shutdown(wait=False, cancel_futures=True)
        for thread in threads:
            thread.shutdown(wait=True)
        with self._lock:
            left, self._open = self._open, set()
        for result in left:
            with suppress(InvalidStateError):
                result.set_exception(StoreUnavailable("Desk is closing; nothing was stored."))
