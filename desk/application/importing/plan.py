"""What a user decides before an import: the format, the columns, the copies; first as found, then as changed."""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from textwrap import shorten
from typing import Final

from desk.application.importing.checking import CheckedRow, Row, check_rows
from desk.application.importing.columns import ColumnMapping, find_columns, find_isbn_columns, is_header
from desk.application.importing.delimiters import find_format
from desk.application.importing.encodings import GuessEncoding, find_encoding
from desk.application.importing.errors import ImportFailed
from desk.application.importing.repeats import SeenIsbns, without_repeats
from desk.application.importing.source import CsvFormat, CsvRecord, CsvSource
from desk.records import dataclass

PREVIEWED: Final = 100
_LOOKED_THROUGH: Final = 20_000
"""Rows after those that are previewed, read where all of these are wrong: a spreadsheet ruins a whole column."""
_SAMPLES: Final = 3
_SAMPLE_LENGTH: Final = 48


class ColumnsMissing(ImportFailed):
    """A field that a book cannot be without has no column; another choice of columns helps."""


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """Everything that an import of one file depends on. ``header`` names the columns, found or made up.

    ``latest_year``: years after it are still to come. ``copies`` are added to each book.
    """

    path: Path
    format: CsvFormat
    header: tuple[str, ...]
    mapping: ColumnMapping
    latest_year: int
    copies: int = 0


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """A plan with the first records as they stand in the file, and the rows that it makes of them.

    There are no rows while a required column is not chosen; ``problem`` says so. ``complete``: the file has no others.
    ``importable``: there is a row that can be imported, or may be one beyond what was read.
    """

    plan: ImportPlan
    records: tuple[CsvRecord, ...]
    rows: tuple[Row, ...] = ()
    complete: bool = True
    importable: bool = False
    problem: str = ""

    def samples(self, column: int) -> str:
        """What the first records have in this column, shortened; empty where they have nothing there."""
        cells = (record.cells[column] for record in self.records if column < len(record.cells))
        found = islice(dict.fromkeys(cell.strip() for cell in cells if cell.strip()), _SAMPLES)
        return shorten(", ".join(found), _SAMPLE_LENGTH, placeholder="…")


class OpenRows:
    """The checked rows of a file that is being read."""

    def __init__(self, source: CsvSource, plan: ImportPlan) -> None:
        records = source.records()
        body = islice(records, 1, None) if plan.format.header else records
        checked = check_rows(body, plan.mapping, width=len(plan.header), latest_year=plan.latest_year)
        self._source = source
        self.rows: Iterator[Row] = without_repeats(checked, SeenIsbns())

    def share(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return self._source.share()

    def changed(self) -> bool:
        """Whether somebody wrote to the file since it was opened."""
        return self._source.changed()


def find_plan(path: Path, guess: GuessEncoding, *, latest_year: int, encoding: str = "") -> ImportPlan:
    """The plan as far as the file itself tells, its encoding too where none is given. Raises ImportFailed."""
    form = find_format(path, encoding or find_encoding(path, guess))
    first, *_ = _first_records(path, form)
    form = replace(form, header=is_header(first.cells))
    return plan_with(path, form, latest_year=latest_year)


def plan_with(path: Path, form: CsvFormat, *, latest_year: int) -> ImportPlan:
    """The plan for a format that is known; the columns are found anew. Raises ImportFailed."""
    first = _first_records(path, form)
    cells = first[0].cells
    if form.header:
        header = tuple(cell.strip() or column_name(number) for number, cell in enumerate(cells))
        return ImportPlan(path, form, header, find_columns(header), latest_year)
    header = tuple(map(column_name, range(len(cells))))
    return ImportPlan(path, form, header, find_isbn_columns([record.cells for record in first]), latest_year)


def column_name(number: int) -> str:
    """What a column without a name is called; ``number`` is counted from 0."""
    return f"Column {number + 1}"


@contextmanager
def open_rows(plan: ImportPlan) -> Iterator[OpenRows]:
    """Read the file by this plan. Raises ImportFailed, also while the rows are read."""
    if missing := plan.mapping.missing():
        names = ", ".join(field.label for field in missing)
        raise ColumnsMissing(f"No column is chosen for: {names}. Choose one for each.")
    with closing(CsvSource(plan.path, plan.format)) as source:
        yield OpenRows(source, plan)


def preview(plan: ImportPlan) -> ImportPreview:
    """The first rows, and whether any row is right. Raises ImportFailed where the file cannot be read."""
    first = _first_records(plan.path, plan.format)
    body = tuple(first[1:] if plan.format.header else first)
    try:
        with open_rows(plan) as opened:
            rows = tuple(islice(opened.rows, PREVIEWED + 1))
            complete = len(rows) <= PREVIEWED
            importable = _one_is_right(rows) or (not complete and _one_may_be_right(opened.rows))
    except ColumnsMissing as missing:
        return ImportPreview(plan, body, problem=str(missing))
    return ImportPreview(plan, body, rows[:PREVIEWED], complete, importable)


def _one_is_right(rows: Iterable[Row]) -> bool:
    return any(isinstance(row, CheckedRow) for row in rows)


def _one_may_be_right(rows: Iterator[Row]) -> bool:
    """Whether there is a right one among the next rows, or more than are read here."""
    return _one_is_right(islice(rows, _LOOKED_THROUGH)) or next(rows, None) is not None


def _first_records(path: Path, form: CsvFormat) -> list[CsvRecord]:
    with closing(CsvSource(path, form)) as source:
        first = list(islice(source.records(), PREVIEWED))
    if not first:
        raise ImportFailed(f"{path.name} has no rows.")
    return first
