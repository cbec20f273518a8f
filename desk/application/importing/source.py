"""Reads a CSV file record by record: memory does not grow with the file, and no wrong line hides the others."""

import csv
import os
import stat
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TextIO

from desk.application.importing.errors import ImportFailed
from desk.application.importing.quotes import goes_on, left_open, reader
from desk.records import dataclass

LONGEST_LINE: Final = 1 << 20
LONGEST_RECORD: Final = 200
"""Lines that one record may go over: more, and a quote was never closed."""
_LEFT_OPEN: Final = "A quotation mark opens in line {line} and is never closed. Close or remove it."
_STRAY: Final = "A quotation mark in this row is neither doubled nor at the end of a cell. Check how the row was read."
_CELL_TOO_LONG: Final = "A cell of this row is too long to be read. Shorten it."
_BEGINNING: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class CsvFormat:
    """How a file is to be read. ``header``: its first record has the names of the columns.

    ``backslash``: quotes within quotes are written as backslash and quote, and not doubled.
    """

    encoding: str
    delimiter: str
    header: bool = True
    backslash: bool = False


@dataclass(frozen=True, slots=True)
class CsvRecord:
    """A record as it stands in the file. ``line`` is where it begins, from 1; ``problem`` why it cannot be read.

    ``doubt`` is a sentence where it may have been meant otherwise than it was read.
    """

    line: int
    cells: tuple[str, ...]
    problem: str = ""
    doubt: str = ""


class _QuoteLeftOpen(Exception):
    """A record takes more lines than a record can have."""


class CsvSource:
    """One reading of one file, from its beginning to its end. Opening and reading raise ImportFailed."""

    def __init__(self, path: Path, form: CsvFormat) -> None:
        self.path, self.format = path, form
        require_file(path)
        try:
            self._text: TextIO = path.open(encoding=form.encoding, errors="surrogateescape", newline="")
        except (OSError, LookupError) as error:
            raise _unreadable(path, error) from error
        self._opened = os.fstat(self._text.fileno())
        self._lines = _CsvLines(self._text)

    def close(self) -> None:
        """Close the file; no error comes out of that."""
        self._text.close()

    def records(self) -> Iterator[CsvRecord]:
        """All records, the header too where there is one; empty ones are left out."""
        try:
            yield from _records(self._lines, self.format)
        except (OSError, UnicodeError) as error:
            raise _unreadable(self.path, error) from error

    def beginning(self) -> str:
        """Some of the text as it stands there, instead of its records."""
        try:
            return self._text.read(_BEGINNING)
        except (OSError, UnicodeError) as error:
            raise _unreadable(self.path, error) from error

    def share(self) -> float:
        """How much of the file has been read, 0 to 1."""
        if self._text.closed or not self._opened.st_size:
            return 1.0
        return min(1.0, self._text.buffer.tell() / self._opened.st_size)

    def changed(self) -> bool:
        """Whether the file was written to, replaced or removed since it was opened."""
        try:
            now = self.path.stat()
        except OSError:
            return True
        then = self._opened
        return (now.st_ino, now.st_size, now.st_mtime_ns) != (then.st_ino, then.st_size, then.st_mtime_ns)


def require_file(path: Path) -> None:
    """Raises ImportFailed for what is none, before it is opened: a pipe would be waited for, and ends once read."""
    try:
        is_file = stat.S_ISREG(path.stat().st_mode)
    except OSError as error:
        raise _unreadable(path, error) from error
    if not is_file:
        raise ImportFailed(f"{path.name} is not a file. Choose a CSV file.")


class _CsvLines:
    """The lines of a text, of which those of the present record can be given back."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> "_CsvLines":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._text.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        if len(line) == LONGEST_LINE:
            raise ImportFailed(f"Line {self.number + 1} has more than a million characters. This is no CSV file.")
        self.taken.append(line)
        self.number += 1
        if len(self.taken) > LONGEST_RECORD:
            raise _QuoteLeftOpen
        return line

    def at_end(self) -> bool:
        """Whether nothing follows; may read one line ahead."""
        if not self._again and (line := self._text.readline(LONGEST_LINE)):
            self._again.append(line)
        return not self._again

    def give_back_after(self, kept: int) -> str:
        """The lines of this record after so many will come again; those that are kept are the answer."""
        self._again.extendleft(reversed(self.taken[kept:]))
        self.number -= len(self.taken) - kept
        return "".join(self.taken[:kept])


def _records(lines: _CsvLines, form: CsvFormat) -> Iterator[CsvRecord]:
    records, width = reader(lines, form), 0
    while True:
        lines.taken.clear()
        first, problem = lines.number + 1, ""
        try:
            cells = next(records, None)
            if cells is None:
                return
            is_whole = _is_whole(lines, form, width)
        except (csv.Error, _QuoteLeftOpen) as error:
            cells, is_whole = [], False
            problem = _CELL_TOO_LONG if len(lines.taken) == 1 and isinstance(error, csv.Error) else ""
        if not is_whole:
            records = reader(lines, form)
            yield _unreadable_record(lines, form, first, width, problem)
        elif any(cell and not cell.isspace() for cell in cells) and not (
            first == 1 and announced_delimiter(lines.taken[0])
        ):
            width = width or len(cells)
            yield CsvRecord(first, tuple(cells), doubt=_doubt(lines, form, width))


def _is_whole(lines: _CsvLines, form: CsvFormat, width: int) -> bool:
    """Whether no quote of this record was left open, to swallow the lines behind it."""
    if len(lines.taken) > 1:
        return left_open(lines.taken, form, width) is None
    (line,) = lines.taken
    return not ('"' in line and lines.at_end() and goes_on(line, form))


def _doubt(lines: _CsvLines, form: CsvFormat, width: int) -> str:
    """Of a record of one line: more lines have been looked at already."""
    alone = len(lines.taken) == 1 and '"' in lines.taken[0] and left_open(lines.taken, form, width) is not None
    return _STRAY if alone else ""


def announced_delimiter(line: str) -> str | None:
    """The sign that a first line ``sep=;`` names, as some spreadsheets write it."""
    bare = line.strip('\r\n"\ufeff')
    return bare[4] if len(bare) == 5 and bare[:4].lower() == "sep=" else None


def _unreadable_record(lines: _CsvLines, form: CsvFormat, line: int, width: int, problem: str) -> CsvRecord:
    """The lines as far as the quote that was left open; those after it are read as rows of their own."""
    opened = 0 if problem else left_open(lines.taken, form, width) or 0
    text = lines.give_back_after(opened + 1)
    cells = tuple(text.rstrip("\r\n").split(form.delimiter))
    return CsvRecord(line, cells, problem or _LEFT_OPEN.format(line=line + opened))


def _unreadable(path: Path, error: Exception) -> ImportFailed:
    if isinstance(error, LookupError):
        return ImportFailed(f"There is no such encoding: {error}.")
    if isinstance(error, UnicodeError):
        return ImportFailed(f"{path.name} does not have the chosen encoding. Choose another one.")
    why = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return ImportFailed(f"{path.name} cannot be read: {why}.")
