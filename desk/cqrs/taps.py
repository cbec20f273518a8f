"""Hop 2: read-only taps on all that passes: commands, questions, durable events and faults, in one bounded log.

A tap notes what passed, and nothing more: it keeps no message, so that nobody can change one, and it calls nobody, so
that nobody can delay one.
"""

import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final
from uuid import UUID

from desk.cqrs.faults import Fault, FaultLog
from desk.cqrs.messages import Envelope
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.pipeline import Proceed
from desk.cqrs.store import Recorded

REMEMBERED: Final = 1000
"""Messages of each family that are kept before the oldest are forgotten."""
_LONGEST_METADATA: Final = 4096
"""Bytes of an event's metadata that are kept; longer ones are another program's, and say nothing of a story here."""


class Family(Enum):
    """The four families of what passes."""

    COMMAND = "command"
    QUERY = "question"
    EVENT = "event"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Passed:
    """Something that passed: when (UTC), the name of its type, and "ok" or the code of its failure.

    The ids are None where another program, which has none, wrote an event; a fault has no id of its own.
    """

    at: datetime
    family: Family
    name: str
    outcome: str
    message_id: UUID | None
    correlation_id: UUID | None


class MessageLog:
    """What passed lately. Safe to use from several threads."""

    def __init__(self, faults: FaultLog, *, remember: int = REMEMBERED) -> None:
        self._faults = faults
        self._messages = {family: deque[Passed](maxlen=remember) for family in (Family.COMMAND, Family.QUERY)}
        # Metadata is read when somebody looks: while a long history comes back, nobody does.
        self._events: deque[tuple[datetime, str, UUID, bytes]] = deque(maxlen=remember)
        self._lock = threading.Lock()

    def around(self, family: Family, inner: Proceed) -> Proceed:
        """``inner``, and a note of each message that went through it."""

        def proceed(env: Envelope[Any]) -> Any:
            at, outcome = datetime.now(UTC), "ok"
            try:
                return inner(env)
            except Exception as error:
                outcome = str(getattr(error, "code", type(error).__name__))
                raise
            finally:
                passed = Passed(at, family, type(env.message).__name__, outcome, env.id, env.correlation_id)
                with self._lock:
                    self._messages[family].append(passed)

        return proceed

    def event(self, recorded: Recorded) -> None:
        """A durable event has come back from the store."""
        metadata = recorded.metadata if len(recorded.metadata) <= _LONGEST_METADATA else b""
        with self._lock:
            self._events.append((datetime.now(UTC), recorded.type, recorded.id, metadata))

    def messages(self) -> tuple[Passed, ...]:
        """All that is kept of the four families, the oldest first."""
        with self._lock:
            messages, events = [one for kept in self._messages.values() for one in kept], tuple(self._events)
        messages += (_passed_event(*event) for event in events)
        messages += (_passed_fault(fault) for fault in self._faults.faults())
        return tuple(sorted(messages, key=lambda one: one.at))


def _passed_event(at: datetime, name: str, event_id: UUID, metadata: bytes) -> Passed:
    return Passed(at, Family.EVENT, name, "ok", event_id, parse_metadata(metadata).correlation_id)


def _passed_fault(fault: Fault) -> Passed:
    return Passed(fault.at, Family.FAULT, fault.message or fault.title, fault.title, None, fault.correlation_id)
