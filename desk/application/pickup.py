"""The process manager HoldPickup: a copy that is set aside and not fetched in time goes to the next reader, or back.

It keeps a row for each copy on the hold shelf. On the day after the last day for fetching it, the book is told; the
book decides. Dates decide, never timers: a machine that slept for a week, or a clock that was set, is only late.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from typing import Any, Final, Protocol
from uuid import UUID

from desk.application.command_events import SentBy, commands_sent_by
from desk.cqrs.errors import Conflict, StoreError, StreamIsGone
from desk.cqrs.identity import step_id
from desk.cqrs.messages import Envelope, Outcome, Sender
from desk.cqrs.metadata import parse_metadata
from desk.cqrs.process import ProcessManagerState, ProcessPhase
from desk.cqrs.registry import EventRegistry
from desk.cqrs.store import Filter, Recorded
from desk.domain.commands import ExpireHold
from desk.domain.errors import RefusalCode, RuleBroken
from desk.domain.events import CopySetAside
from desk.domain.streams import book_id_of
from desk.records import dataclass

NAME: Final = SentBy.HOLD_PICKUP.value
KINDS: Final = frozenset({"CopySetAside", "HoldFulfilled", "HoldCancelled", "HoldExpired", "HoldRequeued"})
SENDS: Final = commands_sent_by(SentBy.HOLD_PICKUP)
FEED: Final = Filter.of_types(KINDS)
LOOK_EVERY: Final = 60.0
"""Seconds between two looks at the date: a clock that is set, or a machine that slept, tells nobody."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A copy on the hold shelf: ``due_on`` is the last day on which it can be fetched."""

    hold_id: UUID
    set_aside_event_id: UUID
    book_id: UUID
    due_on: date
    correlation_id: UUID


class Deadlines(Protocol):
    """Where deadlines are kept, beside the position of who keeps them: each call is one transaction.

    Raises StoreUnavailable where the disk refuses.
    """

    def load(self, name: str) -> tuple[int, UUID] | None: ...

    def save(self, name: str, position: int, event_id: UUID) -> None: ...

    def set_deadline(self, name: str, position: int, event_id: UUID, deadline: Deadline) -> None:
        """Keep a deadline, in place of an earlier one of this hold, and the position."""

    def end_deadline(self, name: str, position: int, event_id: UUID, hold_id: UUID) -> None:
        """Remove a hold's deadline, and keep the position."""

    def drop_deadline(self, set_aside_event_id: UUID) -> None:
        """Remove the deadline that this event has set, if it is still there."""

    def overdue(self, today: date) -> list[Deadline]:
        """Those whose last day is before ``today``, in the order of that day."""


class HoldPickup:
    """Reacts to copies that are set aside, in the order of the store, and tells books of deadlines that are over."""

    def __init__(
        self,
        deadlines: Deadlines,
        registry: EventRegistry,
        send: Callable[[Envelope[Any]], Outcome],
        sender: Sender,
    ) -> None:
        self._deadlines, self._registry, self._send, self._sender = deadlines, registry, send, sender
        self._too_early: tuple[date, set[UUID]] = (date.min, set())

    def load(self, name: str) -> tuple[int, UUID] | None:
        """Part of being Positions."""
        return self._deadlines.load(name)

    def save(self, name: str, position: int, event_id: UUID) -> None:
        """Part of being Positions: what set and ended no deadline is passed too. Of what did, each reaction has kept
        the position already, in one transaction with its row."""
        self._deadlines.save(name, position, event_id)

    def react(self, recorded: Recorded) -> None:
        """Keep or remove a deadline. Raises StoreUnavailable where the disk refuses."""
        book_id = book_id_of(recorded.stream)
        if book_id is None:
            return  # somebody else's stream that only looks like ours
        meta = parse_metadata(recorded.metadata)
        event = self._registry.decode(recorded.type, meta.schema, recorded.data)
        if isinstance(event, CopySetAside):
            correlation = meta.correlation_id or recorded.id
            deadline = Deadline(event.hold_id, recorded.id, book_id, event.pickup_until, correlation)
            self._deadlines.set_deadline(NAME, recorded.position, recorded.id, deadline)
        else:
            self._deadlines.end_deadline(NAME, recorded.position, recorded.id, event.hold_id)

    def expire_overdue(self) -> None:
        """Tell the books whose deadlines are over, the earliest first. Raises StoreError and Conflict: try later."""
        now = self._sender.moments.now()
        today = now.astimezone().date()
        if self._too_early[0] != today:
            self._too_early = (today, set())
        for deadline in self._deadlines.overdue(today):
            if deadline.set_aside_event_id not in self._too_early[1]:
                self._expire(deadline, now)

    def _expire(self, deadline: Deadline, now: datetime) -> None:
        envelope = self._sender.envelope(
            ExpireHold(book_id=deadline.book_id, hold_id=deadline.hold_id),
            command_id=step_id(deadline.set_aside_event_id, "expire"),
            correlation_id=deadline.correlation_id,
            trigger_id=deadline.set_aside_event_id,
            issued_at=now,
        )
        try:
            self._send(envelope)
        except RuleBroken as refusal:
            if refusal.code is RefusalCode.PICKUP_PERIOD_NOT_OVER:
                # Set aside anew, which the feed is about to say: the row stays, and waits for another day.
                self._too_early[1].add(deadline.set_aside_event_id)
                return
        except StreamIsGone:
            pass  # somebody has taken the whole book away: nobody waits any more
        self._deadlines.drop_deadline(deadline.set_aside_event_id)


class DeadlineTimer:
    """The thread that looks at the date, while the process manager is live. ``run`` blocks; give it a thread.

    ``halt`` is called for a bug; the timer then rests until the process manager is live again.
    """

    def __init__(
        self,
        expire_overdue: Callable[[], None],
        halt: Callable[[Exception, str], None],
        *,
        look_every: float = LOOK_EVERY,
    ) -> None:
        self._expire_overdue, self._halt, self._look_every = expire_overdue, halt, look_every
        self._live, self._wake, self._stopped = threading.Event(), threading.Event(), threading.Event()

    def entered(self, state: ProcessManagerState) -> None:
        """The process manager is in another state: nothing is sent before it has reacted to all that was there."""
        if state.phase is ProcessPhase.LIVE:
            self._live.set()
            self._wake.set()
        else:
            self._live.clear()

    def run(self) -> None:
        """Look, until :meth:`stop`."""
        while not self._stopped.is_set():
            self._wake.wait(self._look_every)
            self._wake.clear()
            if self._live.is_set() and not self._stopped.is_set():
                self._look()

    def _look(self) -> None:
        try:
            with suppress(StoreError, Conflict):  # the next look repeats it
                self._expire_overdue()
        except Exception as error:  # noqa: BLE001 - a bug halts this process manager and nobody else
            self._live.clear()
            self._halt(error, "telling a book that the days for fetching a copy are over")

    def stop(self) -> None:
        """End soon."""
        self._stopped.set()
        self._wake.set()
