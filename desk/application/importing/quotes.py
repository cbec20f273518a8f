"""Quotation marks of a CSV file: what is between them, and which one was never closed and swallowed what follows."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from desk.application.importing.isbns import is_meant_as_isbn

if TYPE_CHECKING:
    from desk.application.importing.source import CsvFormat


def reader(lines: Iterable[str], form: "CsvFormat") -> "Iterator[list[str]]":
    """The records of these lines, as Python reads them: a quote that is never closed swallows all the rest."""
    if form.backslash:
        return csv.reader(lines, delimiter=form.delimiter, doublequote=False, escapechar="\\")
    return csv.reader(lines, delimiter=form.delimiter)


def goes_on(line: str, form: "CsvFormat") -> bool:
    """Whether a record that begins with this line would need another one."""
    lines = iter((line, "\n"))
    next(reader(lines, form), None)
    return next(lines, None) is None


def left_open(lines: Sequence[str], form: "CsvFormat", width: int) -> int | None:
    """Which of a record's lines, from 0, has the quotation mark that was left open; None where all are closed.

    A closing one stands before a delimiter or the end of a line. Where another one does so by chance, further down, it
    is told by what lies between: lines that are rows by themselves, with ``width`` cells and an ISBN among them.
    """
    begins = [0, *accumulate(map(len, lines))]
    for begin, end in _cells("".join(lines), form):
        within = [line for line, at in zip(lines, begins, strict=False) if begin < at < end]
        if end < 0 or any(_is_row(line, form, width) for line in within):
            return sum(at <= begin for at in begins) - 1
    return None


def _cells(text: str, form: "CsvFormat") -> Iterator[tuple[int, int]]:
    """Where each cell begins and ends, its delimiter included; -1 and no further ones where its end is not found."""
    sign = re.escape(form.delimiter)
    quoted = r'(?:[^"\\]|\\.|"")*+' if form.backslash else r'(?:[^"]|"")*+'
    cell = re.compile(rf'(?:"{quoted}"|(?!")[^{sign}\r\n]*+)(?:{sign}|\r\n?|\n|\Z)', re.DOTALL)
    begin = 0
    while begin < len(text):
        found = cell.match(text, begin)
        yield begin, found.end() if found else -1
        if found is None:
            return
        begin = found.end()


def _is_row(line: str, form: "CsvFormat", width: int) -> bool:
    cells = next(reader([line], form), [])
    return len(cells) == width and any(is_meant_as_isbn(cell) for cell in cells)
