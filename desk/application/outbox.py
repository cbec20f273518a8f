"""Hop 2: keeps a user's command on this machine's disk from before it is sent until its end is known.

An answer can be lost, and so can the program, at any moment: then nobody knows whether the command was stored. Sending
it again with the same id settles that, as it cannot be stored twice.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol
from uuid import UUID

from desk.application.envelopes import EnvelopeCodec, once_more
from desk.cqrs.errors import Conflict, OutcomeUnknown, StoreError, UnknownEvent
from desk.cqrs.messages import Envelope, Origin, Outcome
from desk.domain.errors import InvalidCommand, RuleBroken
from desk.records import dataclass

if TYPE_CHECKING:
    from desk.cqrs.pipeline import Proceed

ASK_AGAIN_AFTER: Final = 2.0
"""Seconds until an unknown outcome is asked for again while the store is there."""
_ENDINGS_REMEMBERED: Final = 200
_GIVEN_UP: Final = "It was given up before its end was known; the book's history tells whether it was stored."
_INTERRUPTED: Final = "Desk ended before the answer came."


class GivenUp(Exception):
    """Nobody wants to know any longer whether the command was stored."""

    code = "GivenUp"


@dataclass(frozen=True, slots=True)
class WaitingCommand:
    """A command whose end is not known. ``problem`` is the last sentence about why; ``issued_at`` is in UTC.

    ``stuck``: it is not for the store's sake that it has no end, and so it is sent again when somebody says so, or at
    the next start, and not by itself.
    """

    command_id: UUID
    command: Any
    user: str
    issued_at: datetime
    problem: str
    stuck: bool = False


class KeptCommands(Protocol):
    """Where commands outlive the program. Raises StoreUnavailable where the disk refuses."""

    def put(self, command_id: UUID, data: bytes) -> None: ...

    def remove(self, command_id: UUID) -> None: ...

    def waiting(self) -> list[tuple[UUID, bytes]]: ...


@dataclass(slots=True)
class _Entry:
    envelope: Envelope[Any]
    problem: str
    ending: "Future[Outcome]" = field(default_factory=Future)
    heard: bool = False
    stuck: bool = False


class Outbox:
    """The outbox. Part of the command bus as its plugin, and a thread of its own that settles: see :meth:`run`.

    ``send`` gives an envelope to the bus; ``changed`` is called, on any thread, whenever another command waits or one
    is settled; ``refused`` when one is refused in the end and nobody asked for its :meth:`ending`.
    """

    name = "Outbox"
    in_dry_runs = False

    def __init__(
        self,
        kept: KeptCommands,
        send: Callable[[Envelope[Any]], "Future[Outcome]"],
        *,
        changed: Callable[[], None] = lambda: None,
        refused: Callable[[WaitingCommand, Exception], None] = lambda _waiting, _error: None,
    ) -> None:
        self.enabled = True
        self._kept, self._send, self._changed, self._refused = kept, send, changed, refused
        self._codec = EnvelopeCodec()
        self._waiting: dict[UUID, _Entry] = {}
        self._ended: OrderedDict[UUID, Future[Outcome]] = OrderedDict()
        self._given_up: deque[UUID] = deque()
        self._lock = threading.Lock()
        self._wake, self._live, self._stopped = threading.Event(), threading.Event(), threading.Event()

    # What people see and do

    def waiting(self) -> tuple[WaitingCommand, ...]:
        """The commands whose end is not known, the oldest first."""
        with self._lock:
            return tuple(_described(entry) for entry in self._waiting.values())

    def resend(self, command_id: UUID) -> "Future[Outcome]":
        """Send it now, the very same. The future is this attempt's; KeyError for a command that does not wait."""
        with self._lock:
            envelope = self._waiting[command_id].envelope
        attempt: Future[Outcome] = Future()
        self._send(once_more(envelope)).add_done_callback(partial(self._attempted, command_id, attempt))
        return attempt

    def _attempted(self, command_id: UUID, attempt: "Future[Outcome]", sent: "Future[Outcome]") -> None:
        """The first attempt may be stored, so only the domain's word, or a conflict, is an end; no absence is."""
        error = None if sent.cancelled() else sent.exception()
        if sent.cancelled():
            attempt.cancel()
        elif error is None:
            self._settle(command_id, sent.result())
            attempt.set_result(sent.result())
        else:
            if isinstance(error, RuleBroken | InvalidCommand | Conflict):
                self._settle(command_id, error)
            else:
                self._note(command_id, error)
            attempt.set_exception(error)

    def _note(self, command_id: UUID, error: BaseException) -> None:
        with self._lock:
            entry = self._waiting.get(command_id)
            if entry is None:
                return
            told, entry.stuck = entry.stuck, not isinstance(error, StoreError)
            entry.problem = str(error) or type(error).__name__
        if entry.stuck and not told:
            self._changed()

    def discard(self, command_id: UUID) -> None:
        """Forget it: what was stored stays stored, and nothing is sent any more. Its ending is GivenUp."""
        with self._lock:
            entry = self._waiting.pop(command_id, None)
        if entry is not None:
            self._given_up.append(command_id)
            self._conclude(command_id, entry, GivenUp(_GIVEN_UP))
            self._wake.set()

    def ending(self, command_id: UUID) -> "Future[Outcome]":
        """How the command ends, once it does: of one that waits, or waited lately. Raises KeyError of any other."""
        with self._lock:
            entry = self._waiting.get(command_id)
            if entry is None:
                return self._ended[command_id]
            entry.heard = True
            return entry.ending

    # The plugin

    def __call__(self, env: Envelope[Any], proceed: "Proceed") -> Any:
        if env.origin is not Origin.USER or self._waits(env.id):
            return proceed(env)
        self._kept.put(env.id, self._codec.encode(env))
        try:
            outcome = proceed(env)
        except OutcomeUnknown as error:
            self._keep(env, str(error))
            raise
        except Exception:
            self._forget(env.id)
            raise
        self._forget(env.id)
        return outcome

    def _waits(self, command_id: UUID) -> bool:
        with self._lock:
            return command_id in self._waiting

    def _keep(self, env: Envelope[Any], problem: str) -> None:
        with self._lock:
            self._waiting[env.id] = _Entry(env, problem)
        self._changed()
        self._wake.set()

    def _settle(self, command_id: UUID, end: Outcome | Exception) -> None:
        self._forget(command_id)
        with self._lock:
            entry = self._waiting.pop(command_id, None)
        if entry is not None:
            self._conclude(command_id, entry, end)
            if isinstance(end, Exception) and not entry.heard:
                self._refused(_described(entry), end)

    def _conclude(self, command_id: UUID, entry: _Entry, end: Outcome | Exception) -> None:
        with self._lock:
            self._ended[command_id] = entry.ending
            while len(self._ended) > _ENDINGS_REMEMBERED:
                self._ended.popitem(last=False)
        if isinstance(end, Exception):
            entry.ending.set_exception(end)
        else:
            entry.ending.set_result(end)
        self._changed()

    def _forget(self, command_id: UUID) -> None:
        """A command that cannot be removed now is sent once more at the next start, which does no harm."""
        with suppress(StoreError):
            self._kept.remove(command_id)

    # Settling

    def adopt(self) -> tuple[UUID, ...]:
        """Take over what an earlier run left behind; the ids of those that only another version can read."""
        unreadable = []
        for command_id, data in self._kept.waiting():
            try:
                entry = _Entry(self._codec.decode(data), _INTERRUPTED)
            except (ValueError, UnknownEvent, InvalidCommand):
                unreadable.append(command_id)
                continue
            with self._lock:
                self._waiting[command_id] = entry
        self._wake.set()
        return tuple(unreadable)

    def connected(self, *, live: bool) -> None:
        """The store is there, or is not; nothing is sent while it is away."""
        if live:
            self._live.set()
            self._wake.set()
        else:
            self._live.clear()

    def run(self) -> None:
        """Ask again for whatever waits: once the store is back, and now and then while it is there. Blocks."""
        while not self._stopped.is_set():
            self._wake.wait(ASK_AGAIN_AFTER if self._live.is_set() and self._waiting else None)
            self._wake.clear()
            while self._given_up:
                self._forget(self._given_up.popleft())
            if self._live.is_set() and not self._stopped.is_set():
                self.send_waiting()

    def send_waiting(self) -> None:
        """Send again whatever waits for the store's sake; returns at once."""
        for waiting in self.waiting():
            if waiting.stuck:
                continue
            with suppress(KeyError, StoreError):  # settled meanwhile, or the bus is closing
                self.resend(waiting.command_id)

    def stop(self) -> None:
        """End :meth:`run`; what waits is sent at the next start."""
        self._stopped.set()
        self._wake.set()


def _described(entry: _Entry) -> WaitingCommand:
    env = entry.envelope
    return WaitingCommand(env.id, env.message, env.user, env.issued_at, entry.problem, entry.stuck)
