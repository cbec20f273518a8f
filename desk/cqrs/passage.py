"""Hop 2: one command on its way through the bus: the stages that it passes, and the attempts of its handler."""

import time
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Any

from desk.cqrs.aggregate import Aggregate
from desk.cqrs.endings import OK, CommandEnding, code_of
from desk.cqrs.messages import Envelope, Outcome
from desk.cqrs.registering import HandlerPlace
from desk.cqrs.stories import DECIDE, Attempt, Part, Stage, Story


class Passage:
    """One command on its way, on the one thread that takes it through. Times are milliseconds from its beginning."""

    __slots__ = (
        "attempt",
        "attempts",
        "culprit",
        "envelope",
        "error",
        "place",
        "stages",
        "started",
        "started_at",
        "stream",
        "wanted",
    )

    def __init__(self, envelope: Envelope[Any], stream: str, place: HandlerPlace, started_at: datetime) -> None:
        self.envelope, self.stream, self.place = envelope, stream, place
        self.started_at, self.started = started_at, time.perf_counter()
        self.stages: list[Stage] = []
        self.attempts: list[Attempt] = []
        self.attempt = 0
        self.error: BaseException | None = None
        self.culprit = ""
        self.wanted = False

    def now(self) -> float:
        return (time.perf_counter() - self.started) * 1e3

    def begin_attempt(self) -> None:
        self.attempt = len(self.attempts) + 1
        self.attempts.append(Attempt(self.attempt))

    def note(self, **found: Any) -> None:
        """More of the last attempt is known."""
        self.attempts[-1] = replace(self.attempts[-1], **found)

    def leave(self, name: str, part: Part, start: float, attempt: int, error: BaseException | None) -> None:
        """A stage is over. The innermost one that an exception comes out of is who ended the command by it."""
        outcome = OK
        if error is not None:
            outcome = code_of(error)
            if error is not self.error:
                self.error, self.culprit = error, name
        self.stages.append(Stage(name, part, start, self.now() - start, outcome, attempt))

    def story(self, ending: CommandEnding, result: Outcome | Exception, took: float) -> Story:
        stages = tuple(sorted(self.stages, key=lambda stage: (stage.start, -stage.milliseconds)))
        failed = isinstance(result, Exception)
        return Story(
            number=0,
            envelope=self.envelope,
            stream=self.stream,
            handler=self.place,
            started_at=self.started_at,
            milliseconds=took,
            stages=stages,
            attempts=tuple(self.attempts),
            ending=ending,
            # Of a success the last one to begin had the last word: the append, or who answered without one.
            ended_by=self.culprit if failed else stages[-1].name if stages else "",
            outcome=result if isinstance(result, Outcome) else None,
        )


class TimedStage:
    """A stage while it lasts."""

    __slots__ = ("_attempt", "_name", "_part", "_passage", "_start")

    def __init__(self, passage: Passage, name: str, part: Part) -> None:
        self._passage, self._name, self._part, self._attempt = passage, name, part, passage.attempt

    def __enter__(self) -> None:
        self._start = self._passage.now()

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._passage.leave(self._name, self._part, self._start, self._attempt, error)


class DecidingStage(TimedStage):
    """The step in which an aggregate decides."""

    __slots__ = ("_aggregate",)

    def __init__(self, passage: Passage, aggregate: Aggregate[Any, Any]) -> None:
        super().__init__(passage, DECIDE, Part.STEP)
        self._aggregate = aggregate

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        # Only now: what the aggregate assumed at first it may have read again in between.
        found = self._aggregate
        after = found.pending_state if found.pending else found.state
        self._passage.note(version=found.version, before=found.state, decided=found.pending, after=after)
        super().__exit__(_kind, error, _trace)
