"""Hop 2: what passed lately: commands, queries, durable events and faults, in one bounded log.

It notes what passed, and nothing more: it keeps no message, so that nobody can change one, and it delays nobody.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import Any, Final
from uuid import UUID

from desk.cqrs.endings import OK, code_of
from desk.cqrs.faults import Fault, FaultLog
from desk.cqrs.messages import Envelope
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.moments import Moments
from desk.cqrs.pipeline import Proceed
from desk.cqrs.store import Recorded
from desk.records import dataclass

REMEMBERED: Final = 1000
"""Messages of each kind that are kept before the oldest are forgotten."""
_LONGEST_METADATA: Final = 4096
"""Bytes of an event's metadata that are kept; longer ones are another program's, and say nothing of a story here."""


class MessageKind(Enum):
    """The four kinds of what passes."""

    COMMAND = "command"
    QUERY = "query"
    EVENT = "event"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """Something that passed: when (UTC), the name of its type, and "ok" or the code of its failure.

    The ids are None where another program, which has none, wrote an event; a fault has no id of its own.
    ``milliseconds`` is what a command or a query took.
    """

    at: datetime
    kind: MessageKind
    name: str
    outcome: str
    message_id: UUID | None
    correlation_id: UUID | None
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class EventNote:
    """A durable event that came back. Its metadata is read when somebody looks: in a long replay nobody does."""

    at: datetime
    name: str
    event_id: UUID
    metadata: bytes

    def record(self) -> MessageRecord:
        """As all messages are told."""
        correlation_id = parse_metadata(self.metadata).correlation_id
        return MessageRecord(self.at, MessageKind.EVENT, self.name, OK, self.event_id, correlation_id)


class MessageLog:
    """What passed lately. Safe to use from several threads.

    ``on_message`` and ``on_event`` are given each at once: see :class:`~desk.cqrs.live_feed.LiveFeed`.
    """

    def __init__(
        self,
        moments: Moments,
        faults: FaultLog,
        on_message: Callable[[MessageRecord], None] = lambda _message: None,
        on_event: Callable[[EventNote], None] = lambda _event: None,
        *,
        remember: int = REMEMBERED,
    ) -> None:
        self._moments, self._faults, self._on_message, self._on_event = moments, faults, on_message, on_event
        kinds = (MessageKind.COMMAND, MessageKind.QUERY)
        self._messages = {kind: deque[MessageRecord](maxlen=remember) for kind in kinds}
        self._events: deque[EventNote] = deque(maxlen=remember)
        self._lock = threading.Lock()

    def note(self, message: MessageRecord) -> None:
        """A command or a query has passed."""
        with self._lock:
            self._messages[message.kind].append(message)
        self._on_message(message)

    def queries(self, inner: Proceed) -> Proceed:
        """``inner``, and a note of each query that went through it."""

        def proceed(env: Envelope[Any]) -> Any:
            at, started, outcome = self._moments.now(), time.perf_counter(), OK
            try:
                return inner(env)
            except Exception as error:
                outcome = code_of(error)
                raise
            finally:
                took, name = (time.perf_counter() - started) * 1e3, type(env.message).__name__
                self.note(MessageRecord(at, MessageKind.QUERY, name, outcome, env.id, env.correlation_id, took))

        return proceed

    def event(self, recorded: Recorded) -> None:
        """A durable event has come back from the store."""
        metadata = recorded.metadata if len(recorded.metadata) <= _LONGEST_METADATA else b""
        note = EventNote(self._moments.now(), recorded.type, recorded.id, metadata)
        with self._lock:
            self._events.append(note)
        self._on_event(note)

    def messages(self) -> tuple[MessageRecord, ...]:
        """All that is kept of the four kinds, the oldest first."""
        with self._lock:
            messages, events = [one for kept in self._messages.values() for one in kept], tuple(self._events)
        messages += (event.record() for event in events)
        messages += (fault_record(fault) for fault in self._faults.faults())
        return tuple(sorted(messages, key=lambda one: one.at))


def fault_record(fault: Fault) -> MessageRecord:
    """A fault as all messages are told."""
    name = fault.message or fault.title
    return MessageRecord(fault.at, MessageKind.FAULT, name, fault.title, None, fault.correlation_id)
