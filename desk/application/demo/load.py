"""Loads the demo: a year of commands over the bus, in their order, a few at a time; again and again without harm."""

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from desk.application.demo.script import write_year
from desk.application.importing.bulk_sender import BulkSender, Delivered, News, PendingCommand, Refused, Settled
from desk.application.importing.checking import Draft
from desk.application.importing.errors import ImportFailed
from desk.application.importing.progress import Pace
from desk.application.session import ImportingPort
from desk.domain.commands import BookCommand, CreateBook
from desk.records import dataclass

_AHEAD: Final = 300
"""Commands that may wait for their book while later ones of other books are sent."""


@dataclass(frozen=True, slots=True)
class DemoProgress:
    """Commands done, of how many; ``waiting_for`` is a sentence while it cannot go on."""

    done: int
    total: int
    waiting_for: str = ""


@dataclass(frozen=True, slots=True)
class DemoReport:
    """How the loading ended. ``left_out`` counts commands for which a book is not as the demo left it.

    ``repeated`` were there already. ``problem`` is a sentence where it ended too early.
    """

    done: int
    repeated: int
    left_out: int
    seconds: float
    cancelled: bool = False
    problem: str = ""


def load_demo(
    port: ImportingPort,
    books: Sequence[Draft],
    now: datetime,
    on_progress: Callable[[DemoProgress], None] = lambda _progress: None,
    cancel: threading.Event | None = None,
) -> DemoReport:
    """Tell the year that ends ``now`` (aware, local time). Blocks; loading it again adds only what is missing."""
    return _Loading(port, write_year(books, now), on_progress, cancel or threading.Event()).run()


class _Loading:
    """Sends commands in order of time; a book has one on its way at most, and none before it is listed."""

    def __init__(
        self,
        port: ImportingPort,
        year: Sequence[PendingCommand],
        on_progress: Callable[[DemoProgress], None],
        cancel: threading.Event,
    ) -> None:
        self._port, self._sender = port, BulkSender(port)
        self._left, self._total = deque(year), len(year)
        self._on_progress, self._cancel = on_progress, cancel
        self._pace = Pace()
        self._queues: defaultdict[UUID, deque[PendingCommand]] = defaultdict(deque)
        self._queued = 0
        self._busy: set[UUID] = set()
        self._gone: set[UUID] = set()
        self._done = self._repeated = self._left_out = 0

    def run(self) -> DemoReport:
        """All of it."""
        problem = ""
        with self._sender:
            try:
                self._work()
            except ImportFailed as failed:
                problem = str(failed)
        self._on_progress(self._progress())
        return DemoReport(
            done=self._done,
            repeated=self._repeated,
            left_out=self._left_out,
            seconds=self._pace.elapsed,
            cancelled=self._cancel.is_set(),
            problem=problem,
        )

    def _work(self) -> None:
        while (self._left or self._busy or self._queued) and not self._cancel.is_set():
            while self._left and self._sender.free and self._queued < _AHEAD:
                self._begin(self._left.popleft())
            for news in self._sender.receive(0.2):
                self._take(news)
            if self._pace.is_time():
                self._on_progress(self._progress())

    def _begin(self, pending: PendingCommand) -> None:
        book_id = _book_of(pending)
        if book_id in self._gone:
            self._left_out += 1
        elif book_id in self._busy:
            self._queues[book_id].append(pending)
            self._queued += 1
        else:
            self._busy.add(book_id)
            self._sender.send(pending)

    def _take(self, news: News) -> None:
        match news:
            case Settled(book_id, state):
                if state == "listed":
                    self._next(book_id)
                else:
                    self._give_up(book_id)
            case Delivered(pending, outcome):
                self._done += 1
                self._repeated += outcome.repeated
                if isinstance(pending.command, CreateBook):
                    self._sender.expect(_book_of(pending), at_once=outcome.repeated)
                else:
                    self._next(_book_of(pending))
            case Refused(pending):
                self._left_out += 1
                self._next(_book_of(pending))

    def _next(self, book_id: UUID) -> None:
        queue = self._queues[book_id]
        if queue:
            self._queued -= 1
            self._sender.send(queue.popleft())
        else:
            self._busy.discard(book_id)

    def _give_up(self, book_id: UUID) -> None:
        """The book was rejected, or deleted earlier: nothing more can happen to it."""
        queue = self._queues.pop(book_id, deque())
        self._queued -= len(queue)
        self._left_out += len(queue)
        self._busy.discard(book_id)
        self._gone.add(book_id)

    def _progress(self) -> DemoProgress:
        waiting_for = self._sender.trouble or self._port.checks_stand_still()
        return DemoProgress(self._done + self._left_out, self._total, waiting_for)


def _book_of(pending: PendingCommand) -> UUID:
    assert isinstance(pending.command, BookCommand)
    return pending.command.book_id
