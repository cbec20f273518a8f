"""The rows that were refused, each with its reason: on disk while the import runs, saved as CSV when it is over."""

import csv
import io
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from desk.application.importing.errors import ImportFailed
from desk.application.importing.source import CsvRecord
from desk.records import dataclass

SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class ReportedRow:
    """A row as a report shows it: why it was refused, or what of it is stored otherwise than it stands there."""

    line: int
    cells: tuple[str, ...]
    text: str


class RefusedRows:
    """Collects refused rows in a temporary file; the first ones are kept for showing.

    The file has the original columns, then Line and Reason, so that it can be corrected and imported again.
    """

    def __init__(self, header: Sequence[str], delimiter: str = ",") -> None:
        self._width = len(header)
        self._bytes = tempfile.TemporaryFile(prefix="desk-refused-")  # noqa: SIM115 - lives as long as the report
        # The mark at the beginning tells spreadsheets that this is UTF-8.
        self._file = io.TextIOWrapper(self._bytes, "utf-8-sig", errors="backslashreplace", newline="")
        self._writer = csv.writer(self._file, delimiter=delimiter)
        self._writer.writerow((*header, "Line", "Reason"))
        self.first: list[ReportedRow] = []
        self.count = 0

    def close(self) -> None:
        """Forget the rows."""
        self._file.close()

    def add(self, record: CsvRecord, reason: str) -> None:
        """Keep a row. Raises ImportFailed where the disk of the temporary files is full."""
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(ReportedRow(record.line, record.cells, reason))
        padded = (*record.cells, *("" for _ in range(self._width - len(record.cells))))
        try:
            self._writer.writerow((*padded, record.line, reason))
        except OSError as error:
            raise ImportFailed(f"A refused row could not be kept: {error.strerror}.") from error

    def save(self, path: Path) -> None:
        """Write all of them to a file of their own, or leave what was there. Raises ImportFailed."""
        part = path.with_name(path.name + ".part")
        try:
            self._file.flush()
            with part.open("wb") as target:
                self._bytes.seek(0)
                shutil.copyfileobj(self._bytes, target)
            part.replace(path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise ImportFailed(f"{path} cannot be written: {error.strerror}.") from error
        finally:
            self._bytes.seek(0, os.SEEK_END)
