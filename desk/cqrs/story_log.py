"""Hop 2: notes what becomes of each command on its way through the bus, and keeps the stories of the last ones.

It stands around everything, plugins included, changes nothing, and waits for nobody. What happens later on other
threads is joined by the position that the store gave.
"""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

from desk.cqrs.aggregate import Aggregate
from desk.cqrs.endings import EndedCommand, Refusals, code_of, ending_of
from desk.cqrs.faults import FaultLog
from desk.cqrs.kept_stories import KeptStories
from desk.cqrs.message_log import MessageKind, MessageLog, MessageRecord
from desk.cqrs.messages import Envelope, Outcome
from desk.cqrs.moments import Moments
from desk.cqrs.passage import DecidingStage, Passage, TimedStage
from desk.cqrs.pipeline import Proceed, Step
from desk.cqrs.registering import HandlerPlace
from desk.cqrs.store import NewEvent
from desk.cqrs.stories import APPEND, Later, Part, Story

REMEMBERED: Final = 200
"""Stories kept before the oldest are forgotten."""


class StoryLog:
    """The recorder. Safe to use from several threads.

    ``on_end`` is given each command that has ended, on the command's thread, before whoever waits for it hears. Only
    of commands that somebody asks for (:meth:`keep`, which the plugin Telemetry does) the story is kept,
    and given to ``tell``, again each time that more of it is known.
    """

    def __init__(
        self,
        moments: Moments,
        refusals: Refusals = lambda _error: None,
        on_end: Callable[[EndedCommand], None] = lambda _ended: None,
        *,
        faults: FaultLog | None = None,
        messages: MessageLog | None = None,
        tell: Callable[[Story], None] = lambda _story: None,
        remember: int = REMEMBERED,
    ) -> None:
        self.on_end = on_end
        self._moments, self._refusals, self._messages, self._tell_one = moments, refusals, messages, tell
        self._faults = faults or FaultLog(moments)
        self._kept = KeptStories(remember)
        self._own = threading.local()
        self._lock = threading.Lock()

    # What the bus puts around a handler

    def whole(self, stream_of: Callable[[Any], str], place: HandlerPlace, inner: Proceed) -> Proceed:
        """``inner``, the handler within its plugins, as the whole of a command."""

        def proceed(env: Envelope[Any]) -> Any:
            before = getattr(self._own, "passage", None)
            self._own.passage = passage = Passage(env, stream_of(env.message), place, self._moments.now())
            try:
                result: Any = inner(env)
            except Exception as error:
                self._end(passage, error)
                raise
            finally:
                self._own.passage = before
            self._end(passage, result)
            return result

        return proceed

    def watched(self, step: Step) -> Step:
        """A plugin, which becomes a stage of the story."""
        return _Watched(step, self)

    def attempt(self, place: HandlerPlace, handler: Proceed) -> Proceed:
        """The handler itself: each call of it is an attempt."""

        def proceed(env: Envelope[Any]) -> Any:
            passage: Passage = self._own.passage
            passage.begin_attempt()
            try:
                with TimedStage(passage, place.name, Part.HANDLER):
                    return handler(env)
            except Exception as error:
                passage.note(outcome=code_of(error))
                raise
            finally:
                passage.attempt = 0

        return proceed

    # What plugins, handlers and the publisher tell, on the thread of the command; without one it is nothing

    def keep(self) -> None:
        """The story of this command is wanted."""
        passage = self._passage
        if passage is not None:
            passage.wanted = True

    def step(self, name: str, part: Part = Part.STEP) -> AbstractContextManager[object]:
        """What is done within is a stage of this name."""
        passage = self._passage
        return nullcontext() if passage is None else TimedStage(passage, name, part)

    def decision(self, aggregate: Aggregate[Any, Any]) -> AbstractContextManager[object]:
        """Within, this aggregate decides: its state before and after is noted, however that ends."""
        passage = self._passage
        return nullcontext() if passage is None or not passage.attempt else DecidingStage(passage, aggregate)

    def appending(self, events: tuple[NewEvent, ...]) -> AbstractContextManager[object]:
        """Within, these are given to the store."""
        passage = self._passage
        if passage is None:
            return nullcontext()
        if passage.attempt:
            passage.note(appended=events)
        return TimedStage(passage, APPEND, Part.STEP)

    @property
    def _passage(self) -> Passage | None:
        return getattr(self._own, "passage", None)

    # What happens later

    def reached(self, later: Later, position: int) -> None:
        """Everything up to this position of the store has come there."""
        now = time.perf_counter()
        with self._lock:
            told = self._kept.reach(later, position, now)
        self._tell(told)

    # What people see

    def stories(self) -> tuple[Story, ...]:
        """Those that are kept, in the order in which they ended, the oldest first."""
        with self._lock:
            return self._kept.stories()

    def _end(self, passage: Passage, result: Outcome | Exception) -> None:
        """Note the end; whatever fails in that is a fault, and the sender still gets the answer."""
        try:
            self._note_end(passage, result)
        except Exception as error:  # noqa: BLE001 - a bug of who watches is recorded, and ends no command
            env = passage.envelope
            self._faults.failed("Story log", type(env.message).__name__, error, correlation_id=env.correlation_id)

    def _note_end(self, passage: Passage, result: Outcome | Exception) -> None:
        env, took = passage.envelope, passage.now()
        ending = ending_of(result, self._refusals, len(passage.attempts))
        if self._messages is not None:
            name, at = type(env.message).__name__, passage.started_at
            code, story = ending.code, env.correlation_id
            self._messages.note(MessageRecord(at, MessageKind.COMMAND, name, code, env.id, story, took))
        if passage.wanted:
            with self._lock:
                told = self._kept.add(passage.started, passage.story(ending, result, took))
            self._tell(told)
        self.on_end(EndedCommand(env, passage.stream, ending, took))

    def _tell(self, stories: list[Story]) -> None:
        for story in stories:
            self._tell_one(story)


class _Watched:
    """A plugin as the pipeline sees it, with a stage around it. Switched with the plugin itself."""

    def __init__(self, step: Step, stories: StoryLog) -> None:
        self._step, self._stories = step, stories
        self.name, self.in_dry_runs = step.name, step.in_dry_runs

    @property
    def enabled(self) -> bool:
        return self._step.enabled

    @enabled.setter
    def enabled(self, enabled: bool) -> None:
        self._step.enabled = enabled

    def __call__(self, env: Envelope[Any], proceed: Proceed) -> Any:
        with self._stories.step(self.name, Part.PLUGIN):
            return self._step(env, proceed)
