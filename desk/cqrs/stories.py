"""Hop 2: the story of a command, once it has ended: what it passed, what was decided and stored, and what came of it.

A story holds references to what is frozen anyway (the envelope, states, events, the receipt); nothing is copied.
"""

from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from desk.cqrs.endings import OK, CommandEnding
from desk.cqrs.messages import Envelope, Outcome
from desk.cqrs.registering import HandlerPlace
from desk.cqrs.store import NewEvent
from desk.records import dataclass

LOAD, DECIDE, APPEND = "load", "decide", "append"
"""The steps of a handler's work."""


class Part(Enum):
    """What a stage is: a plugin, the handler, or a step of the handler's work."""

    PLUGIN = "plugin"
    HANDLER = "handler"
    STEP = "step"


class Later(Enum):
    """What happens to the events of a command after the answer, on other threads."""

    RECEIVE = "receive"
    """They came back from the store."""
    PROJECT = "project"
    """The read model holds them."""
    REPAINT = "repaint"
    """The window shows them."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a command's way. ``start`` and ``milliseconds`` count from the beginning of its story.

    ``outcome`` is "ok" or the code of what came out of it; ``attempt`` counts from 1, and is 0 outside of all attempts.
    """

    name: str
    part: Part
    start: float
    milliseconds: float
    outcome: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run of the handler: the aggregate before and after it, what was decided, and what was given to the store.

    ``version`` is the revision that was decided on, and ``before`` the state there; both None where it came to no
    decision. ``after`` is the state with the decided events, be they stored or not. ``outcome`` is "ok" or a code.
    """

    number: int
    version: int | None = None
    before: object = None
    after: object = None
    decided: tuple[object, ...] = ()
    appended: tuple[NewEvent, ...] = ()
    outcome: str = OK


@dataclass(frozen=True, slots=True)
class Story:
    """A command that has ended. ``number`` counts stories, so that a later version of the same one is known.

    ``ended_by`` names the plugin, the step or the handler that ended it: who refused or failed, or who had the last
    word of a success. ``outcome`` is what the sender got, None where that was an exception. ``started_at`` is in UTC;
    ``received``, ``projected`` and ``repainted`` are milliseconds from there, None as long as it has not happened.
    ``led_to`` are the ids of the commands that process managers sent because of its events.
    """

    number: int
    envelope: Envelope[Any]
    stream: str
    handler: HandlerPlace
    started_at: datetime
    milliseconds: float
    stages: tuple[Stage, ...]
    attempts: tuple[Attempt, ...]
    ending: CommandEnding
    ended_by: str
    outcome: Outcome | None
    received: float | None = None
    projected: float | None = None
    repainted: float | None = None
    led_to: tuple[UUID, ...] = ()

    @property
    def name(self) -> str:
        """The type of the command."""
        return type(self.envelope.message).__name__

    @property
    def acknowledged(self) -> float:
        """When the store had answered, in milliseconds from the beginning; of one that asked nothing: its end."""
        appends = [stage.start + stage.milliseconds for stage in self.stages if stage.name == APPEND]
        return appends[-1] if appends else self.milliseconds

    @property
    def event_ids(self) -> tuple[UUID, ...]:
        """The events that this very run has stored."""
        if self.outcome is None or self.outcome.receipt is None or self.outcome.repeated:
            return ()
        return self.outcome.receipt.event_ids

    def when(self, later: Later) -> float | None:
        """When that was, in milliseconds from the beginning."""
        return {Later.RECEIVE: self.received, Later.PROJECT: self.projected, Later.REPAINT: self.repainted}[later]
