"""Hop 1: what the dialog has done on other threads: looking into a file, and importing it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from desk.application.importing.encodings import GuessEncoding
from desk.application.importing.plan import (
    ImportPlan,
    ImportPreview,
    OpenRows,
    find_plan,
    open_rows,
    plan_with,
    preview,
)
from desk.application.importing.progress import ImportReport, Progress
from desk.application.importing.refused import RefusedRows
from desk.application.importing.run import ImportRun
from desk.application.importing.source import CsvFormat
from desk.application.importing.unfinished import UnfinishedImport
from desk.application.session import ImportingPort


def preview_file(path: Path, guess: GuessEncoding, latest_year: int) -> ImportPreview:
    """Find out everything about a file. Raises ImportFailed where nothing can be found."""
    return preview(find_plan(path, guess, latest_year=latest_year))


def preview_in_format(path: Path, form: CsvFormat, copies: int, latest_year: int) -> ImportPreview:
    """Read the file in this format. Raises ImportFailed where it has no rows in it."""
    return preview(replace(plan_with(path, form, latest_year=latest_year), copies=copies))


class ImportJob:
    """One import, which can be cancelled from another thread before and while it runs. Close it in any case.

    It is noted as unfinished until it has ended, or was cancelled.
    """

    def __init__(
        self,
        port: ImportingPort,
        plan: ImportPlan,
        unfinished: UnfinishedImport,
        on_progress: Callable[[Progress], None],
    ) -> None:
        self.plan = plan
        self.refused = RefusedRows(plan.header, plan.format.delimiter)
        self._port, self._unfinished, self._on_progress = port, unfinished, on_progress
        self._run: ImportRun | None = None
        self._cancelled = self._abandoned = self._ended = False
        self._lock = threading.Lock()

    def work(self) -> ImportReport:
        """Import; blocks. Raises ImportFailed where the file cannot be opened."""
        try:
            with open_rows(self.plan) as opened:
                self._unfinished.note(self.plan)
                report = self._begin(opened).run()
            if not report.problem and not self._abandoned:
                self._unfinished.forget()
            return report
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
        with self._lock:
            self._abandoned = True  # first of all: what ends now stays noted as unfinished
            if self._ended:
                self.refused.close()
        self.cancel()

    def _begin(self, opened: OpenRows) -> ImportRun:
        run = ImportRun(self._port, opened, self.refused, copies=self.plan.copies, on_progress=self._on_progress)
        with self._lock:
            self._run = run
            if self._cancelled:
                run.cancel()
        return run
