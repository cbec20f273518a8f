"""Hop 2: a bounded journal of spans: what became of each message, how long each stage took, and in which story.

A command's spans are: the whole, named as the message; ``validate``; ``handle``, one for each attempt; ``append``.
What happens later on other threads is joined by the position that the store gave: ``receive`` (the event came back),
``project`` (the read model holds it), ``repaint`` (the window shows it), each measured from the acknowledgement on.
"""

import heapq
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final
from uuid import UUID

from desk.cqrs.faults import FaultLog
from desk.cqrs.messages import Envelope, Outcome
from desk.cqrs.pipeline import Proceed

REMEMBERED: Final = 5000
"""Spans kept before the oldest are forgotten."""
AWAITED: Final = 1000
"""Commands of which each later stage is awaited; of the oldest beyond that nothing more is noted."""

RECEIVE: Final = "receive"
PROJECT: Final = "project"
REPAINT: Final = "repaint"


@dataclass(frozen=True, slots=True)
class Span:
    """One piece of work. ``started_at`` is UTC; ``outcome`` is "ok" or the code of a failure.

    ``message_id`` is None for what was noted of a story and of no single message. ``attempt`` counts from 1.
    """

    name: str
    message_id: UUID | None
    correlation_id: UUID
    started_at: datetime
    milliseconds: float
    outcome: str = "ok"
    attempt: int = 1


class Telemetry:
    """The plugin that keeps spans; give the same one to several buses to see one story.

    ``export`` is given each finished span, on the thread that finished it, and must not block; one that raises is
    recorded as a fault and taken off.
    """

    name = "Telemetry"
    in_dry_runs = False

    def __init__(self, faults: FaultLog | None = None) -> None:
        self.enabled = True
        self.export: Callable[[Span], None] | None = None
        self._faults = faults or FaultLog()
        self._spans: deque[Span] = deque(maxlen=REMEMBERED)
        self._stages = {name: _Stage() for name in (RECEIVE, PROJECT, REPAINT)}
        self._lock = threading.Lock()
        self._own = threading.local()

    def __call__(self, env: Envelope[Any], proceed: Proceed) -> Any:
        with self.timed(type(env.message).__name__, env):
            self._own.call = call = _Call()
            try:
                answer = proceed(env)
            except Exception as error:
                if not call.attempts:
                    self._keep("validate", env, call.clock, outcome=_code(error))
                raise
        if isinstance(answer, Outcome) and answer.receipt is not None and not answer.repeated:
            self._await(env, answer.receipt.position)
        return answer

    @contextmanager
    def timed(self, name: str, env: Envelope[Any], attempt: int = 1) -> Iterator[None]:
        """A span of what is done within, for a message; nothing while the plugin is off."""
        clock, outcome = _Clock(), "ok"
        try:
            yield
        except Exception as error:
            outcome = _code(error)
            raise
        finally:
            if self.enabled:
                self._keep(name, env, clock, outcome=outcome, attempt=attempt)

    def note(
        self,
        name: str,
        correlation_id: UUID,
        started_at: datetime,
        milliseconds: float,
        message_id: UUID | None = None,
    ) -> None:
        """Keep a span that somebody else has measured."""
        if self.enabled:
            self._add(Span(name, message_id, correlation_id, started_at, milliseconds))

    def reached(self, stage: str, position: int) -> None:
        """``stage`` (receive, project or repaint) is through with everything up to this position of the store."""
        now = datetime.now(UTC)
        with self._lock:
            awaited = self._stages[stage].reach(position, now)
        for one in awaited:
            self._finish(stage, one, now)

    def attempts(self) -> "Attempts":
        """The innermost plugin, which makes a span of each attempt."""
        return Attempts(self)

    def begin_attempt(self, env: Envelope[Any]) -> int:
        """The number of the attempt that begins on this thread; with the first one, validation is over."""
        call: _Call | None = getattr(self._own, "call", None)
        if call is None:
            return 1
        call.attempts += 1
        if call.attempts == 1:
            self._keep("validate", env, call.clock)
        return call.attempts

    def spans(self, correlation_id: UUID | None = None) -> tuple[Span, ...]:
        """Spans in the order in which they began; of one story, or of all."""
        with self._lock:
            kept = tuple(self._spans)
        wanted = [span for span in kept if correlation_id in (None, span.correlation_id)]
        return tuple(sorted(wanted, key=_order))

    def _await(self, env: Envelope[Any], position: int) -> None:
        awaited = _Awaited(position, env.id, env.correlation_id, datetime.now(UTC))
        with self._lock:
            done = [(name, when) for name, stage in self._stages.items() if (when := stage.add(awaited)) is not None]
        for name, when in done:
            self._finish(name, awaited, when)

    def _finish(self, stage: str, awaited: "_Awaited", now: datetime) -> None:
        # The news of an event may be quicker than the answer to its append: then nothing was waited for.
        milliseconds = max(0.0, (now - awaited.since) / timedelta(milliseconds=1))
        self.note(stage, awaited.correlation_id, awaited.since, milliseconds, awaited.message_id)

    def _keep(self, name: str, env: Envelope[Any], clock: "_Clock", *, outcome: str = "ok", attempt: int = 1) -> None:
        self._add(Span(name, env.id, env.correlation_id, clock.at, clock.milliseconds(), outcome, attempt))

    def _add(self, span: Span) -> None:
        with self._lock:
            self._spans.append(span)
            export = self.export
        if export is None:
            return
        try:
            export(span)
        except Exception as error:  # noqa: BLE001 - an export's bug is recorded and stops no message
            self.export = None
            self._faults.failed("Export of spans", span.name, error, correlation_id=span.correlation_id)


class Attempts:
    """Telemetry's inner half: stands around the handler, inside of the retry, and is switched with the outer one."""

    name = "Telemetry of attempts"
    in_dry_runs = False

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    @property
    def enabled(self) -> bool:
        return self._telemetry.enabled

    @enabled.setter
    def enabled(self, enabled: bool) -> None:
        self._telemetry.enabled = enabled

    def __call__(self, env: Envelope[Any], proceed: Proceed) -> Any:
        attempt = self._telemetry.begin_attempt(env)
        with self._telemetry.timed("handle", env, attempt):
            return proceed(env)


class _Clock:
    def __init__(self) -> None:
        self.at, self._started = datetime.now(UTC), time.perf_counter()

    def milliseconds(self) -> float:
        return (time.perf_counter() - self._started) * 1e3


class _Call:
    """One message on its way through the plugins of one thread."""

    def __init__(self) -> None:
        self.clock, self.attempts = _Clock(), 0


@dataclass(frozen=True, slots=True)
class _Awaited:
    position: int
    message_id: UUID
    correlation_id: UUID
    since: datetime


class _Stage:
    """How far a later stage is, and which commands it has still to come to."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, _Awaited]] = []
        self._order = count()
        self._position, self._at = -1, datetime.min.replace(tzinfo=UTC)

    def add(self, awaited: _Awaited) -> datetime | None:
        """Await a command; where the stage is through with it already, since when."""
        if awaited.position <= self._position:
            return self._at
        heapq.heappush(self._waiting, (awaited.position, next(self._order), awaited))
        if len(self._waiting) > AWAITED:
            heapq.heappop(self._waiting)
        return None

    def reach(self, position: int, now: datetime) -> list[_Awaited]:
        # Not the highest ever: while a read model is rebuilt, its position begins anew.
        self._position, self._at = position, now
        done = []
        while self._waiting and self._waiting[0][0] <= position:
            done.append(heapq.heappop(self._waiting)[2])
        return done


def _order(span: Span) -> tuple[datetime, float]:
    """By beginning; of those that begin at once a part comes after its whole, and a later stage after an earlier."""
    later = span.name in (RECEIVE, PROJECT, REPAINT)
    return span.started_at, span.milliseconds if later else -span.milliseconds


def _code(error: Exception) -> str:
    return str(getattr(error, "code", type(error).__name__))
