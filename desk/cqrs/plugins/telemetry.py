"""Hop 2: a bounded journal of spans: which message, when, how long, in which story."""

import threading
import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from desk.cqrs.messages import Envelope
from desk.cqrs.pipeline import Proceed

REMEMBERED = 2000
"""Spans kept before the oldest are forgotten."""


@dataclass(frozen=True, slots=True)
class Span:
    """One piece of work. ``started_at`` is UTC; ``outcome`` is "ok" or the code of a failure."""

    name: str
    message_id: UUID
    correlation_id: UUID
    started_at: datetime
    milliseconds: float
    outcome: str


class Telemetry:
    """The plugin that keeps spans; give the same one to several buses to see one story."""

    name = "Telemetry"
    in_dry_runs = False

    def __init__(self) -> None:
        self.enabled = True
        self._spans: deque[Span] = deque(maxlen=REMEMBERED)
        self._lock = threading.Lock()

    def __call__(self, env: Envelope[Any], proceed: Proceed) -> Any:
        started_at, started = datetime.now(UTC), time.perf_counter()
        outcome = "ok"
        try:
            return proceed(env)
        except Exception as error:
            outcome = str(getattr(error, "code", type(error).__name__))
            raise
        finally:
            milliseconds = (time.perf_counter() - started) * 1e3
            span = Span(type(env.message).__name__, env.id, env.correlation_id, started_at, milliseconds, outcome)
            with self._lock:
                self._spans.append(span)

    def spans(self, correlation_id: UUID | None = None) -> tuple[Span, ...]:
        """Spans, oldest first; of one story, or of all."""
        with self._lock:
            kept = tuple(self._spans)
        return tuple(span for span in kept if correlation_id in (None, span.correlation_id))
