"""Hop 1: rows become commands; ends when every row is listed or refused. Starting again goes on where it ended.

The id of a book, and of the command that creates it, follows from its ISBN, so that a second import repeats the same
commands. Everything goes over the bus; copies are added only when asked for.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from typing import Final, assert_never
from uuid import UUID

from desk.application.catalogue import IsbnHistory
from desk.application.importing.bulk_sender import (
    IN_FLIGHT,
    BulkSender,
    Delivered,
    News,
    PendingCommand,
    Refused,
    Settled,
)
from desk.application.importing.checking import CheckedRow, WrongRow
from desk.application.importing.errors import ImportFailed
from desk.application.importing.plan import OpenRows
from desk.application.importing.progress import ImportReport, Pace, Progress, Remarks
from desk.application.importing.refused import RefusedRows
from desk.application.session import ImportingPort
from desk.cqrs.errors import StoreUnavailable
from desk.cqrs.identity import NAMESPACE, step_id
from desk.domain.commands import AddCopy, CreateBook
from desk.domain.errors import RefusalCode
from desk.domain.sentences import describe
from desk.domain.streams import import_id
from desk.records import dataclass

MOST_OPEN: Final = 1000
"""Books that may wait for the check of their ISBN, so that memory does not grow with the file."""
_CHUNK: Final = 128
_FAREWELL: Final = 2.0
"""Seconds that a cancelled import waits for answers."""


@dataclass(slots=True)
class _Job:
    """A row on its way. ``known``: the book was there before this import; ``stored``: it is there now."""

    row: CheckedRow
    book_id: UUID
    known: bool = False
    stored: bool = False
    copies: int = 0


class ImportRun:
    """One import. `run` blocks on the caller's thread, and reports on it; `cancel` may be called from any other."""

    def __init__(
        self,
        port: ImportingPort,
        opened: OpenRows,
        refused: RefusedRows,
        *,
        copies: int = 0,
        on_progress: Callable[[Progress], None] = lambda _progress: None,
        in_flight: int = IN_FLIGHT,
    ) -> None:
        self._port, self._opened, self._refused = port, opened, refused
        self._copies, self._on_progress = copies, on_progress
        self._sender = BulkSender(port, in_flight=in_flight)
        self._cancelled = threading.Event()
        self._pace, self._remarks = Pace(), Remarks()
        self._read = self._created = self._already_there = 0
        self._all_read = False
        self._unnamed: list[CheckedRow] = []
        self._named_again: set[str] = set()
        self._ready: deque[PendingCommand] = deque()
        self._jobs: dict[UUID, _Job] = {}
        self._waiting_for = ""
        self._problem = ""

    def cancel(self) -> None:
        """End soon: what was sent is waited for, nothing else is sent. Returns at once."""
        self._cancelled.set()
        self._sender.wake()

    def run(self) -> ImportReport:
        """Import all rows. What is wrong with single rows, or ends the import, is in the report."""
        self._pace = Pace()
        with self._sender:
            try:
                self._work()
            except ImportFailed as failed:
                self._problem = str(failed)
            if self._cancelled.is_set() or self._problem:
                self._take_leave()
        self._on_progress(self._progress())
        return ImportReport(
            created=self._created,
            already_there=self._already_there,
            refused=self._refused.count,
            seconds=self._pace.elapsed,
            cancelled=self._cancelled.is_set(),
            problem=self._problem,
            file_changed=self._opened.changed(),
            first_refused=tuple(self._refused.first),
            remarked=self._remarks.count,
            first_remarks=tuple(self._remarks.first),
        )

    def _work(self) -> None:
        while not self._cancelled.is_set():
            self._send_what_fits()
            if self._all_read and not self._jobs and not self._unnamed:
                return
            for news in self._sender.receive(0.2):
                self._take(news)
            if self._pace.is_time():
                self._on_progress(self._progress())

    def _take_leave(self) -> None:
        """Count what the store still answers; what was stored is found again at the next start in any case."""
        until = time.monotonic() + _FAREWELL
        self._sender.stop_watching()
        with suppress(ImportFailed):
            while self._sender.flying and not self._sender.trouble and time.monotonic() < until:
                for news in self._sender.receive(0.1):
                    self._take(news)
        for job in [job for job in self._jobs.values() if job.stored]:
            self._finish(job)

    def _send_what_fits(self) -> None:
        while self._sender.free and (pending := self._next_command()) is not None:
            self._sender.send(pending)

    def _next_command(self) -> PendingCommand | None:
        while not self._ready and len(self._jobs) < MOST_OPEN:
            if not (self._unnamed or self._read_chunk()) or (self._unnamed and not self._name_chunk()):
                return None
        return self._ready.popleft() if self._ready else None

    def _read_chunk(self) -> bool:
        """Read some rows; false when there are no more."""
        rows = list(islice(self._opened.rows, _CHUNK))
        self._read += len(rows)
        self._all_read = not rows
        for row in rows:
            if isinstance(row, WrongRow):
                self._refused.add(row.record, row.reason)
            else:
                self._remarks.take(row)
                self._unnamed.append(row)
        return bool(rows)

    def _name_chunk(self) -> bool:
        """Give the rows their ids; false where the catalogue cannot be asked yet."""
        try:
            histories = self._port.isbn_history(tuple(row.draft.isbn for row in self._unnamed))
        except StoreUnavailable as error:
            self._waiting_for = str(error)
            return False
        self._waiting_for = ""
        for row in self._unnamed:
            self._begin(row, histories.get(row.draft.isbn))
        self._unnamed.clear()
        return True

    def _begin(self, row: CheckedRow, history: IsbnHistory | None) -> None:
        book_id = import_id(NAMESPACE, row.draft.isbn, history.deleted_before if history else 0)
        owner = history.owner if history else None
        job = _Job(row, book_id)
        if owner is not None and owner.state in ("pending", "listed"):
            if owner.book_id != book_id:
                self._already_there += 1
                return
            job.known = job.stored = True
        self._jobs[book_id] = job
        if not job.known:
            self._ready.append(PendingCommand(row.draft.command(book_id), book_id))
        elif owner is not None and owner.state == "pending":
            self._sender.expect(book_id, at_once=True)
        else:
            self._go_on(job)

    def _take(self, news: News) -> None:
        match news:
            case Delivered(PendingCommand(CreateBook(book_id=book_id)), outcome, answer_lost):
                job = self._jobs[book_id]
                job.stored, job.known = True, outcome.repeated and not answer_lost
                self._sender.expect(book_id, at_once=outcome.repeated)
            case Delivered(pending):
                self._go_on(self._jobs[_book_of(pending)])
            case Refused(pending, reason):
                self._refuse(self._jobs[_book_of(pending)], reason)
            case Settled(book_id, state):
                self._settle(self._jobs[book_id], state)
            case _:
                assert_never(news)

    def _settle(self, job: _Job, state: str) -> None:
        if state == "listed":
            self._go_on(job)
        elif state == "rejected":
            self._refuse(job, describe(RefusalCode.ISBN_ALREADY_CLAIMED, {"isbn": job.row.draft.isbn}))
        elif job.known and job.row.draft.isbn not in self._named_again:
            # Deleted before this import, which the read model did not know yet: now it does, and gives another id.
            self._named_again.add(job.row.draft.isbn)
            del self._jobs[job.book_id]
            self._unnamed.append(job.row)
        else:
            self._finish(job)

    def _go_on(self, job: _Job) -> None:
        """The book is listed: add its next copy, or be done with it."""
        if job.copies == self._copies:
            self._finish(job)
            return
        job.copies += 1
        copy_id = step_id(job.book_id, f"copy/{job.copies}")
        self._ready.append(PendingCommand(AddCopy(book_id=job.book_id), copy_id))

    def _finish(self, job: _Job) -> None:
        del self._jobs[job.book_id]
        if job.known:
            self._already_there += 1
        else:
            self._created += 1

    def _refuse(self, job: _Job, reason: str) -> None:
        del self._jobs[job.book_id]
        self._refused.add(job.row.record, reason)

    def _progress(self) -> Progress:
        done = self._created + self._already_there + self._refused.count
        share = 1.0 if self._all_read else max(self._opened.share(), 1e-9)
        total = max(round(self._read / share), done) if self._read else 0
        rate = self._pace.rate(done)
        return Progress(
            created=self._created,
            already_there=self._already_there,
            refused=self._refused.count,
            total=total,
            rate=rate,
            seconds_left=(total - done) / rate if rate else None,
            waiting_for=self._sender.trouble
            or self._sender.away
            or self._waiting_for
            or self._port.checks_stand_still(),
        )


def _book_of(pending: PendingCommand) -> UUID:
    command = pending.command
    assert isinstance(command, CreateBook | AddCopy)
    return command.book_id
