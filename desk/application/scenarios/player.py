"""Plays a scenario cue by cue over a throw-away catalogue. Blocks: a window gives it a thread of its own.

Nothing is sent before the process managers have nothing left to do, and only then the clock moves: so ids and times
follow from the file alone.
"""

import threading
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final, TypeVar
from uuid import UUID

from desk.application.care import ReadModelCare
from desk.application.queries import GetStreamPage, Source
from desk.application.scenarios.expectations import ANSWER, why_not
from desk.application.scenarios.failures import fail
from desk.application.scenarios.ground import CannotBeShown, StageCatalogue, StageWindow, Stopped, Wrong, wait_until
from desk.application.scenarios.scenario import (
    DONE,
    Cue,
    Fail,
    ForeignAppend,
    Press,
    RebuildRows,
    Scenario,
    Send,
    SetSpeed,
    Show,
    Step,
    Wait,
    scenario_id,
)
from desk.application.session import FaultRefused, Light
from desk.cqrs.endings import code_of
from desk.cqrs.errors import StoreError, StoreUnavailable
from desk.domain.commands import BookCommand, CorrectBookDetails
from desk.domain.streams import book_stream

PATIENCE: Final = 60.0
"""Seconds that anything but a key may take."""

BETWEEN: Final = timedelta(minutes=1)
"""What passes on the scenario's clock from one command to the next."""

R = TypeVar("R")


class CueFailed(Exception):
    """A cue did not go as the file says. ``number`` counts from 0; the text is a sentence with its line."""

    def __init__(self, number: int, cue: Cue, why: str) -> None:
        super().__init__(f"Cue {number + 1} (line {cue.line}), “{cue.say}”: {why}")
        self.number, self.why = number, why


class Player:
    """One run of a scenario from its first cue on. ``stop`` may be set at any time, from any thread."""

    def __init__(self, scenario: Scenario, catalogue: StageCatalogue, window: StageWindow) -> None:
        self._scenario, self._catalogue, self._window = scenario, catalogue, window
        self._session = catalogue.session
        self._moment = scenario.clock
        self._sent = 0
        self.stop = threading.Event()

    def play(self, number: int) -> None:
        """Do what a cue does, wait for what it waits for (but not for a key, nor for seconds), and see that all is as
        it expects. Raises CueFailed, or Stopped.
        """
        cue = self._scenario.cues[number]
        try:
            if cue.at is not None:
                self._settle()
                self._moment = max(self._moment, cue.at)
                self._catalogue.set_moment(self._moment)
            for step in cue.steps:
                self._do(step)
            for wait in cue.waits:
                self._wait(wait)
            if cue.expectations:
                self._settle()
            for expected in cue.expectations:
                if why := why_not(expected, self._session):
                    raise Wrong(why)
        except (Wrong, CannotBeShown, FaultRefused, StoreError) as error:
            raise CueFailed(number, cue, str(error)) from error
        except TimeoutError:
            raise CueFailed(number, cue, f"nothing answered within {ANSWER:g} s") from None

    def play_all(self) -> None:
        """All cues, until nothing is left to do; for a rehearsal. Raises CueFailed, or Stopped."""
        for number in range(len(self._scenario.cues)):
            self.play(number)
        self.finish()

    def finish(self) -> None:
        """Wait until nothing is left to do. Raises CueFailed, for the last cue, or Stopped."""
        try:
            self._settle()
        except Wrong as wrong:
            last = len(self._scenario.cues) - 1
            raise CueFailed(last, self._scenario.cues[last], str(wrong)) from wrong

    def pass_time(self) -> None:
        """The clock moves on, as before each command; also for one that is sent by hand, to be recorded."""
        if self._sent:
            self._moment += BETWEEN
            self._catalogue.set_moment(self._moment)
        self._sent += 1

    def _do(self, step: Step) -> None:
        match step:
            case Send():
                self._send(step)
            case Press(keys):
                self._window.press(keys)
            case Show():
                # Without the store, rows are shown as they are: that they need none is what a killed node shows.
                if step.book_id is not None and not self._care.state().paused and self._store_answers():
                    self._wait_for_read_model()
                self._window.show(step)
            case SetSpeed(speed):
                self._window.set_speed(speed)
            case ForeignAppend():
                self._catalogue.append(step, self._next())
            case RebuildRows():
                self._result(self._care.rebuild(lambda _progress: None).future)
            case Fail():
                fail(step, self._session, self._next, self.stop)

    def _send(self, step: Send) -> None:
        command_id = self._next()
        command = self._as_seen(step.command) if step.sees_newest else step.command
        name = type(command).__name__
        try:
            outcome = self._result(self._session.commands.execute(command, command_id=command_id))
        except (Stopped, TimeoutError):
            raise
        except Exception as error:  # each end of a command has a code
            if code_of(error) != step.ends:
                raise Wrong(f"{name} ended with {code_of(error)}, and “{step.ends}” is expected ({error})") from error
            return
        if step.ends != DONE:
            raise Wrong(f"{name} was done, and {step.ends} is expected")
        if step.attempts not in (None, outcome.attempts):
            raise Wrong(f"{name} took {outcome.attempts} attempts, and {step.attempts} are expected")

    def _as_seen(self, command: BookCommand) -> BookCommand:
        """With the newest revision of the book, as somebody has it who looks at it now."""
        assert isinstance(command, CorrectBookDetails)
        page = self._session.queries.ask(GetStreamPage(Source(stream=book_stream(command.book_id)), limit=1))
        events = page.result(ANSWER).events
        return replace(command, seen_revision=events[-1].revision) if events else command

    def _next(self) -> UUID:
        """The clock moves on, once nothing is left to do at the moment that was; the id of what is sent next."""
        self._settle()
        self.pass_time()
        return scenario_id(self._scenario.seed, "command", self._sent)

    def _settle(self) -> None:
        if not wait_until(self._catalogue.is_at_rest, PATIENCE, self.stop):
            raise Wrong(f"process managers or the outbox still have something to do after {PATIENCE:g} s")

    def _wait(self, wait: Wait) -> None:
        match wait:
            case Wait.STORE:
                if not wait_until(self._store_answers, PATIENCE, self.stop):
                    raise Wrong(f"the store does not answer: {self._session.connection.state.text}")
            case Wait.READ_MODEL:
                self._wait_for_read_model()

    def _wait_for_read_model(self) -> None:
        self._settle()
        care, last = self._care, self._last_position()
        if care.state().paused:
            raise Wrong("the projection is stopped, so that the read model would be waited for without end")
        if last is not None and not wait_until(lambda: (care.state().position or 0) >= last, PATIENCE, self.stop):
            raise Wrong(f"the read model does not hold everything after {PATIENCE:g} s")

    def _store_answers(self) -> bool:
        return self._session.connection.state.light is Light.GREEN

    def _last_position(self) -> int | None:
        """Of what the store holds; asked again while it is just being started anew."""
        found: list[int | None] = []

        def ask() -> bool:
            with suppress(StoreUnavailable):
                found.append(self._catalogue.last_position())
            return bool(found)

        if not wait_until(ask, PATIENCE, self.stop):
            raise Wrong(f"the store does not answer: {self._session.connection.state.text}")
        return found[0]

    @property
    def _care(self) -> ReadModelCare:
        care = self._session.care
        assert care is not None  # a throw-away catalogue keeps its own read model
        return care

    def _result(self, future: "Future[R]") -> R:
        if not wait_until(future.done, PATIENCE, self.stop):
            raise TimeoutError
        return future.result()
