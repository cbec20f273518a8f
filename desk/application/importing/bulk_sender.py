"""Hop 2: sends many commands, a bounded number at a time, and goes on by itself when the store was away.

A command whose store was away, or whose answer was lost, is sent again with the same id: it is never stored twice.
Belongs to one thread, but for `wake`.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, Future
from datetime import datetime
from itertools import islice
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Final, Self, TypeAlias
from uuid import UUID

from desk.application.catalogue import Announcement
from desk.application.importing.errors import ImportFailed
from desk.application.session import Connection, ImportingPort, Light, SessionEvent
from desk.cqrs.errors import (
    Cancelled,
    Conflict,
    OutcomeUnknown,
    StoreError,
    StoreUnavailable,
    StreamIsGone,
    TooLarge,
    UnknownEvent,
)
from desk.cqrs.messages import Outcome
from desk.domain.commands import Command
from desk.domain.errors import InvalidCommand, RuleBroken
from desk.domain.sentences import describe
from desk.domain.streams import book_id_of
from desk.records import dataclass

IN_FLIGHT: Final = 64
_LOOK_EVERY: Final = 0.05
_LOOK_AT_ALL_EVERY: Final = 1.0
_OLDEST: Final = 100
_REMEMBERED: Final = 4096
"""Books that may have been announced before the answer to the command that caused it."""
_FIRST_PAUSE: Final = 0.25
_LONGEST_PAUSE: Final = 5.0
_SETTLED: Final = frozenset({"listed", "rejected", "deleted"})


@dataclass(frozen=True, slots=True)
class PendingCommand:
    """A command with its id, and the moment it counts for (None: now)."""

    command: Command
    id: UUID
    issued_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """The store has acknowledged it; ``answer_lost``: perhaps it had done so before, and nobody heard."""

    pending: PendingCommand
    outcome: Outcome
    answer_lost: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A rule, or the store, said no to this one command."""

    pending: PendingCommand
    reason: str


@dataclass(frozen=True, slots=True)
class Settled:
    """The read model shows that the check of a book's ISBN is over."""

    book_id: UUID
    state: str


News: TypeAlias = Delivered | Refused | Settled


@dataclass(frozen=True, slots=True)
class _Answered:
    pending: PendingCommand
    future: "Future[Outcome]"


class BulkSender:
    """Used as a context: news comes in while it is open.

    ``trouble`` is a sentence while a command's end says that the store is away, and ``away`` while the connection does,
    which is earlier where commands are under way: they wait for their answers first. Both are empty otherwise.
    """

    def __init__(self, port: ImportingPort, *, in_flight: int = IN_FLIGHT) -> None:
        self._port, self._most = port, in_flight
        self._inbox: SimpleQueue[_Answered | Announcement | Connection | None] = SimpleQueue()
        self._flying = 0
        self._again: deque[PendingCommand] = deque()
        self._unsure: set[UUID] = set()
        self._pause, self._resume_at = _FIRST_PAUSE, 0.0
        # In the order of their creation, which is about that of their listing.
        self._awaited: dict[UUID, None] = {}
        self._announced: dict[UUID, None] = {}  # the latest last
        self._look_at: set[UUID] = set()
        self._looking = True
        self._looked_at = self._looked_at_all = time.monotonic()
        self._leave: Callable[[], None] | None = None
        self.trouble = self.away = ""

    def __enter__(self) -> Self:
        self._leave = self._port.listen(self._hear)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._leave is not None:
            self._leave()

    @property
    def free(self) -> int:
        """How many more commands may be sent now."""
        return 0 if self.trouble else self._most - self._flying

    @property
    def flying(self) -> int:
        """Commands without an answer, those included that will be sent again."""
        return self._flying + len(self._again)

    def send(self, pending: PendingCommand) -> None:
        """Send a command; what becomes of it comes as news."""
        self._flying += 1
        try:
            future = self._port.send(pending.command, pending.id, pending.issued_at)
        except StoreError as error:
            future = Future()
            future.set_exception(error)
        future.add_done_callback(lambda done: self._inbox.put(_Answered(pending, done)))

    def expect(self, book_id: UUID, *, at_once: bool = False) -> None:
        """Have it said when the check of this book's ISBN is over; ``at_once``: it may be over for long."""
        self._awaited[book_id] = None
        if at_once or book_id in self._announced:
            self._look_at.add(book_id)

    def receive(self, timeout: float) -> list[News]:
        """What is new; waits for something at most so many seconds. Raises ImportFailed where the store forbids all.

        Exceptions that are bugs come out as they are.
        """
        self._send_again()
        news: list[News] = []
        for item in self._items(timeout):
            if isinstance(item, _Answered):
                news += self._conclude(item.pending, item.future)
            elif isinstance(item, Announcement):
                self._note(item)
            elif isinstance(item, Connection):
                self._note_connection(item)
        return news + self._settled()

    def _note_connection(self, connection: Connection) -> None:
        is_there = connection.light is Light.GREEN
        self.away = "" if is_there else connection.text
        if is_there:
            self._resume_at = 0.0

    def stop_watching(self) -> None:
        """The checks of ISBNs are not waited for any longer; the read model may close meanwhile."""
        self._looking = False

    def wake(self) -> None:
        """Have `receive` come back; from any thread."""
        self._inbox.put(None)

    def _hear(self, event: SessionEvent) -> None:
        if isinstance(event, Announcement | Connection):
            self._inbox.put(event)

    def _items(self, timeout: float) -> "Iterable[_Answered | Announcement | Connection | None]":
        wait = min(timeout, _LOOK_EVERY) if self._look_at else timeout
        if self._again and not self._flying:
            wait = min(wait, max(0.0, self._resume_at - time.monotonic()))
        items = []
        try:
            items.append(self._inbox.get(timeout=wait))
            while True:
                items.append(self._inbox.get_nowait())
        except Empty:
            return items

    def _conclude(self, pending: PendingCommand, future: "Future[Outcome]") -> list[News]:
        self._flying -= 1
        try:
            outcome = future.result(timeout=0)
        except StoreUnavailable as error:
            self._hold(pending, str(error))
            return []
        except OutcomeUnknown as error:
            self._unsure.add(pending.id)
            self._hold(pending, str(error))
            return []
        except (Cancelled, CancelledError):
            self._hold(pending, "Desk is closing.")
            return []
        except Exception as error:
            reason = _reason(error)
            if reason is None:
                raise
            self._all_is_well()
            return [Refused(pending, reason)]
        self._all_is_well()
        answer_lost = pending.id in self._unsure
        self._unsure.discard(pending.id)
        return [Delivered(pending, outcome, answer_lost)]

    def _all_is_well(self) -> None:
        self.trouble, self._pause = "", _FIRST_PAUSE

    def _hold(self, pending: PendingCommand, reason: str) -> None:
        """Keep it for another time; a first trouble, or a failed try, begins a pause."""
        self._again.append(pending)
        if not self.trouble or not self._flying:
            self._resume_at = time.monotonic() + self._pause
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        self.trouble = reason

    def _send_again(self) -> None:
        """After a pause one command tries whether the store is back; once it is, all others follow."""
        if self.trouble:
            if self._again and not self._flying and time.monotonic() >= self._resume_at:
                self.send(self._again.popleft())
            return
        while self._again and self.free:
            self.send(self._again.popleft())

    def _note(self, announcement: Announcement) -> None:
        """While the read model catches up, its announcements name no streams."""
        if not announcement.live or not announcement.streams:
            self._look_at.update(islice(self._awaited, _OLDEST))
            return
        touched = frozenset(book_id for stream in announcement.streams if (book_id := book_id_of(stream)) is not None)
        self._announced.update(dict.fromkeys(touched))
        for forgotten in list(islice(self._announced, max(0, len(self._announced) - _REMEMBERED))):
            del self._announced[forgotten]
        self._look_at |= self._awaited.keys() & touched

    def _settled(self) -> list[News]:
        """Books whose check is over. All are looked at now and then: a window's own process announces elsewhere."""
        now = time.monotonic()
        if not self._looking or now - self._looked_at < _LOOK_EVERY:
            return []
        if now - self._looked_at_all >= _LOOK_AT_ALL_EVERY:
            self._look_at, self._looked_at_all = set(self._awaited), now
        if not self._look_at:
            return []
        self._looked_at = now
        try:
            states = self._port.states(tuple(self._look_at))
        except StoreUnavailable:
            return []  # the read model is still being opened
        self._look_at.clear()
        settled = [Settled(book_id, state) for book_id, state in states.items() if state in _SETTLED]
        for each in settled:
            del self._awaited[each.book_id]
        return list(settled)


def _reason(error: Exception) -> str | None:
    """Why one command was refused; None for a bug. Raises ImportFailed where every other one would fare alike."""
    if isinstance(error, RuleBroken):
        return describe(error.code, error.params)
    if isinstance(error, InvalidCommand):
        return " ".join(describe(each.code, each.params) for each in error.errors)
    if isinstance(error, Conflict):
        return "The book was changed by somebody else at the same time. Import it again."
    if isinstance(error, TooLarge | StreamIsGone | UnknownEvent):
        return str(error)
    if isinstance(error, StoreError):
        raise ImportFailed(str(error)) from error
    return None
