"""Hop 2: the journal of commands on this machine: what was sent, by whom, how long it took, and how it ended.

It is written behind the answers, in batches, on a thread of its own. Nothing waits for it; where the disk refuses, that
is a fault, told once, and what cannot be written waits in memory, up to a number.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice
from typing import Final, Protocol
from uuid import UUID

from desk.application.envelopes import EnvelopeCodec
from desk.cqrs.endings import End, EndedCommand
from desk.cqrs.errors import StoreError
from desk.records import dataclass

GATHERED: Final = 0.2
"""Seconds in which ended commands are gathered into one batch."""
BATCH: Final = 200
"""Commands written in one transaction: few enough that nobody who writes to the same file waits for long."""
MOST_WAITING: Final = 10_000
"""Commands that wait for a disk that refuses before the oldest of them are dropped."""
RETRY_AFTER: Final = 2.0
"""Seconds until the next try where the disk refuses."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A command that was sent, and its end. One that is sent again, with the same id, has an entry for each time.

    ``number`` counts the entries of the file; None before it is written. ``payload`` is the envelope as the outbox
    keeps it. ``issued_at`` is in UTC; ``milliseconds`` is from the bus until the answer.
    """

    command_id: UUID
    stream: str
    type: str
    payload: bytes
    user: str
    origin: str
    issued_at: datetime
    milliseconds: float
    attempts: int
    end: End
    code: str
    sentence: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """Which entries are wanted: those of one command, of one stream, with one of these ends; by default all."""

    command_id: UUID | None = None
    stream: str | None = None
    ends: tuple[End, ...] = ()


class KeptJournal(Protocol):
    """Where the journal is kept. Both raise StoreUnavailable where the disk refuses or the file is damaged."""

    def add(self, entries: Sequence[JournalEntry]) -> None:
        """Add these, all or none; the oldest of too many go."""

    def entries(self, wanted: JournalFilter, limit: int) -> tuple[JournalEntry, ...]:
        """The newest first, at most ``limit``."""


class Journal:
    """The journal. ``fault`` is called with a title and a sentence when writing begins to fail.

    Safe to use from several threads. ``run`` blocks; give it a thread.
    """

    def __init__(self, kept: KeptJournal, fault: Callable[[str, str], None]) -> None:
        self._kept, self._fault = kept, fault
        self._codec = EnvelopeCodec()
        self._waiting: deque[EndedCommand] = deque(maxlen=MOST_WAITING)
        self._writing = threading.Lock()
        self._failing = False
        self._wake, self._stopped = threading.Event(), threading.Event()

    def note(self, ended: EndedCommand) -> None:
        """A command has ended. Never waits, never raises."""
        self._waiting.append(ended)
        self._wake.set()

    def read(self, wanted: JournalFilter = JournalFilter(), *, limit: int = 100) -> tuple[JournalEntry, ...]:
        """The newest entries of the journal, with all that had ended before this call; waits for the disk.

        Raises StoreUnavailable.
        """
        self.flush()
        return self._kept.entries(wanted, limit)

    def run(self) -> None:
        """Write what ends, until :meth:`stop`, and then once more."""
        while not self._stopped.is_set():
            self._wake.wait()
            self._stopped.wait(GATHERED)
            self._wake.clear()
            if not self.flush():
                self._stopped.wait(RETRY_AFTER)
                self._wake.set()
        self.flush()

    def stop(self) -> None:
        """End soon; what has ended is written before, where the disk lets it."""
        self._stopped.set()
        self._wake.set()

    def flush(self) -> bool:
        """Write whatever waits, and tell whether the disk took it; waits for the disk."""
        with self._writing:
            while batch := tuple(islice(self._waiting.copy(), BATCH)):
                try:
                    self._kept.add([self._entry(ended) for ended in batch])
                except StoreError as error:
                    self._tell(error)
                    return False
                for ended in batch:
                    self._drop(ended)
                self._failing = False
        return True

    def _drop(self, written: EndedCommand) -> None:
        """Take it from the front, unless too many have pushed it out meanwhile."""
        if self._waiting and self._waiting[0] is written:
            self._waiting.popleft()

    def _tell(self, error: StoreError) -> None:
        told, self._failing = self._failing, True
        if not told:
            said = f"{error} Commands go on; up to {MOST_WAITING:,} of them are written once that is possible again."
            self._fault("The journal of commands cannot be written", said)

    def _entry(self, ended: EndedCommand) -> JournalEntry:
        env, ending = ended.envelope, ended.ending
        return JournalEntry(
            command_id=env.id,
            stream=ended.stream,
            type=type(env.message).__name__,
            payload=self._codec.encode(env),
            user=env.user,
            origin=env.origin.value,
            issued_at=env.issued_at,
            milliseconds=ended.milliseconds,
            attempts=ending.attempts,
            end=ending.end,
            code=ending.code,
            sentence=ending.sentence,
        )
