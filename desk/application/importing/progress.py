"""How an import is getting on, and how it ended: what a progress bar and a report show."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final

from desk.application.importing.checking import CheckedRow
from desk.application.importing.refused import SHOWN, ReportedRow
from desk.records import dataclass

MOST_A_SECOND: Final = 5
_RECENT: Final = 10.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of rows so far. ``total`` is an estimate until the file is read to its end.

    ``rate`` is rows a second of late, ``seconds_left`` None while nothing can be said. ``waiting_for`` is a sentence
    while the import waits for something.
    """

    created: int
    already_there: int
    refused: int
    total: int
    rate: float
    seconds_left: float | None
    waiting_for: str = ""

    @property
    def done(self) -> int:
        """Rows of which it is known what became of them."""
        return self.created + self.already_there + self.refused


class Remarks:
    """Counts rows of which something is stored otherwise than it stands in the file, and keeps the first ones."""

    def __init__(self) -> None:
        self.first: list[ReportedRow] = []
        self.count = 0

    def take(self, row: CheckedRow) -> None:
        """Note what is to be said of this row, if anything is."""
        if not row.notes:
            return
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(ReportedRow(row.record.line, row.record.cells, " ".join(row.notes)))


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The end of an import. ``seconds`` is from the start until every book was listed.

    ``cancelled``: the user ended it; starting it again goes on. ``problem`` is a sentence where it ended too early;
    ``file_changed``: somebody wrote to the file meanwhile. ``remarked``: so many rows that were read are stored
    otherwise than they stand there.
    """

    created: int
    already_there: int
    refused: int
    seconds: float
    cancelled: bool = False
    problem: str = ""
    file_changed: bool = False
    first_refused: tuple[ReportedRow, ...] = ()
    remarked: int = 0
    first_remarks: tuple[ReportedRow, ...] = ()

    @property
    def rows(self) -> int:
        """Rows of which it is known what became of them."""
        return self.created + self.already_there + self.refused

    @property
    def rate(self) -> float:
        """Rows a second, over the whole time."""
        return self.rows / self.seconds if self.seconds else 0.0

    def summary(self) -> str:
        """The report in one line."""
        return (
            f"{self.created:,} created, {self.already_there:,} already there, {self.refused:,} refused: "
            f"{self.rows:,} rows in {self.seconds:,.1f} s, {self.rate:,.0f} a second."
        )


class Pace:
    """Measures a rate over the last ten seconds, and says when it is time to report again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._samples: deque[tuple[float, int]] = deque([(self._began, 0)])
        self._told = float("-inf")

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._began

    def is_time(self) -> bool:
        """Whether a report is due; true at most five times a second."""
        now = self._clock()
        if now - self._told < 1 / MOST_A_SECOND:
            return False
        self._told = now
        return True

    def rate(self, done: int) -> float:
        """Rows a second of late; asked once for each report."""
        now = self._clock()
        self._samples.append((now, done))
        while len(self._samples) > 2 and now - self._samples[0][0] > _RECENT:
            self._samples.popleft()
        since, before = self._samples[0]
        return (done - before) / (now - since) if now > since else 0.0
