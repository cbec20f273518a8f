"""Hop 1: what the dialog has done on other threads: looking into a file, and importing it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from desk.application.importing.encodings import GuessEncoding
from desk.application.importing.errors import ImportFailed
from desk.application.importing.plan import ImportPlan, OpenRows, Preview, find_plan, open_rows, plan_with, preview
from desk.application.importing.port import CataloguePort
from desk.application.importing.progress import ImportReport, Progress
from desk.application.importing.refused import RefusedRows
from desk.application.importing.run import ImportRun
from desk.application.importing.source import CsvFormat


@dataclass(frozen=True, slots=True)
class Look:
    """A plan with the rows that it leads to, or with the sentence that says why it leads to none."""

    plan: ImportPlan
    preview: Preview
    problem: str = ""


def look_into(path: Path, guess: GuessEncoding) -> Look:
    """Find out everything about a file. Raises ImportFailed where nothing can be found."""
    return look_by(find_plan(path, guess, latest_year=_this_year()))


def look_otherwise(path: Path, form: CsvFormat, copies: int) -> Look:
    """Read the file in this format. Raises ImportFailed where it has no rows in it."""
    return look_by(replace(plan_with(path, form, latest_year=_this_year()), copies=copies))


def look_by(plan: ImportPlan) -> Look:
    """The first rows by this plan."""
    try:
        return Look(plan, preview(plan))
    except ImportFailed as failed:
        return Look(plan, Preview((), complete=True), str(failed))


class ImportJob:
    """One import, which can be cancelled from another thread before and while it runs. Close it in any case."""

    def __init__(self, port: CataloguePort, plan: ImportPlan, on_progress: Callable[[Progress], None]) -> None:
        self.plan = plan
        self.refused = RefusedRows(plan.header, plan.format.delimiter)
        self._port, self._on_progress = port, on_progress
        self._run: ImportRun | None = None
        self._cancelled = self._abandoned = self._ended = False
        self._lock = threading.Lock()

    def work(self) -> ImportReport:
        """Import; blocks. Raises ImportFailed where the file cannot be opened."""
        try:
            with open_rows(self.plan) as opened:
                return self._begin(opened).run()
        finally:
            with self._lock:
                self._run, self._ended = None, True
                if self._abandoned:
                    self.refused.close()

    def cancel(self) -> None:
        """End soon; the next import of the file goes on."""
        with self._lock:
            self._cancelled = True
            if self._run is not None:
                self._run.cancel()

    def close(self) -> None:
        """Nobody wants to know any more: end soon, and forget the refused rows then."""
        self.cancel()
        with self._lock:
            self._abandoned = True
            if self._ended:
                self.refused.close()

    def _begin(self, opened: OpenRows) -> ImportRun:
        run = ImportRun(self._port, opened, self.refused, copies=self.plan.copies, on_progress=self._on_progress)
        with self._lock:
            self._run = run
            if self._cancelled:
                run.cancel()
        return run


def _this_year() -> int:
    return datetime.now().astimezone().year
