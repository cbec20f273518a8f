"""Hop 2: what travels through a bus: a message in its envelope, and what comes back."""

import threading
import time
from dataclasses import field, replace
from datetime import date, datetime
from enum import Enum
from typing import Generic, TypeVar
from uuid import UUID

from desk.cqrs.moments import Moments
from desk.cqrs.store import Receipt
from desk.records import dataclass

M = TypeVar("M")
M_co = TypeVar("M_co", covariant=True)
R_co = TypeVar("R_co", covariant=True)


class Query(Generic[R_co]):
    """A query; the type argument is the type of its answer. Frozen dataclasses derive from it."""

    __slots__ = ()


class Origin(Enum):
    """Who sends a message. Commands of process managers are refused from anybody else."""

    USER = "user"
    IMPORT = "import"
    PROCESS_MANAGER = "process manager"


class Consistency(Enum):
    """When a command counts as done: once stored, or once the read model shows it too."""

    EVENTUAL = "eventual"
    READ_YOUR_WRITES = "read your writes"


class GateResult(Enum):
    """How the wait for the read model ended.

    LATE: it is stored, and the read model is still catching up. PARKED: it is stored, and the read model came past it
    without taking it in, as events of its stream wait for somebody's decision. PAUSED: it is stored, and the read model
    takes nothing in until somebody resumes it.
    """

    NOT_ASKED = "not asked"
    REACHED = "reached"
    LATE = "late"
    PARKED = "parked"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Envelope(Generic[M_co]):
    """A message and its circumstances.

    ``id`` names the command: sending it again with the same id repeats it and stores nothing twice.
    ``trigger_id`` is the event that made a process manager send it. ``issued_at`` is the sender's clock in UTC and
    ``today`` its local date: all that a decision may know of time. ``deadline`` is on ``time.monotonic``'s clock.
    """

    message: M_co
    id: UUID
    correlation_id: UUID
    origin: Origin
    user: str
    issued_at: datetime
    today: date
    deadline: float
    trigger_id: UUID | None = None
    cancel: threading.Event = field(default_factory=threading.Event, compare=False)

    def remaining(self) -> float:
        """Seconds left until the deadline, never below zero."""
        return max(0.0, self.deadline - time.monotonic())


@dataclass(frozen=True, slots=True)
class Outcome:
    """The good end of a command.

    ``receipt`` is None where there was nothing to record. ``repeated``: the same command had been stored before,
    and these are its events. ``attempts`` counts conflicts that were retried, plus one.
    """

    receipt: Receipt | None
    events: tuple[object, ...] = ()
    attempts: int = 1
    repeated: bool = False
    gate: GateResult = GateResult.NOT_ASKED


@dataclass(frozen=True, slots=True)
class Sender:
    """Puts messages into envelopes: who sends, from where, and what time it is for the sender."""

    user: str
    moments: Moments
    origin: Origin = Origin.USER
    time_limit: float = 10.0

    def envelope(
        self,
        message: M,
        *,
        command_id: UUID | None = None,
        correlation_id: UUID | None = None,
        trigger_id: UUID | None = None,
        issued_at: datetime | None = None,
    ) -> Envelope[M]:
        """An envelope for ``message``; a new id, and the present moment, where none are given."""
        identity = command_id or self.moments.new_id()
        moment = issued_at or self.moments.now()
        return Envelope(
            message=message,
            id=identity,
            correlation_id=correlation_id or identity,
            origin=self.origin,
            user=self.user,
            issued_at=moment,
            today=moment.astimezone().date(),
            deadline=time.monotonic() + self.time_limit,
            trigger_id=trigger_id,
        )

    def on_behalf_of(self, origin: Origin) -> "Sender":
        """The same user by way of something else."""
        return replace(self, origin=origin)
