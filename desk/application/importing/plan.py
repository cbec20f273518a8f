"""What a user decides before an import: the format, the columns, the copies; first as found, then as changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from desk.application.importing.checking import Row, check_rows
from desk.application.importing.columns import ColumnMapping, find_columns, find_isbn_columns, is_header
from desk.application.importing.delimiters import find_format
from desk.application.importing.encodings import GuessEncoding, find_encoding
from desk.application.importing.errors import ImportFailed
from desk.application.importing.repeats import SeenIsbns, without_repeats
from desk.application.importing.source import CsvFormat, CsvSource, Record

PREVIEWED = 100


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
class Preview:
    """The first rows as they would be stored; ``complete`` when the file has no others."""

    rows: tuple[Row, ...]
    complete: bool


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
        header = tuple(cell.strip() or f"Column {number}" for number, cell in enumerate(cells, 1))
        return ImportPlan(path, form, header, find_columns(header), latest_year)
    header = tuple(f"Column {number}" for number in range(1, len(cells) + 1))
    return ImportPlan(path, form, header, find_isbn_columns([record.cells for record in first]), latest_year)


@contextmanager
def open_rows(plan: ImportPlan) -> Iterator[OpenRows]:
    """Read the file by this plan. Raises ImportFailed, also while the rows are read."""
    if missing := plan.mapping.missing():
        names = ", ".join(field.label for field in missing)
        raise ImportFailed(f"No column is chosen for: {names}. Choose one for each.")
    with CsvSource(plan.path, plan.format) as source:
        yield OpenRows(source, plan)


def preview(plan: ImportPlan, limit: int = PREVIEWED) -> Preview:
    """The first rows. Raises ImportFailed."""
    with open_rows(plan) as opened:
        rows = tuple(islice(opened.rows, limit + 1))
    return Preview(rows[:limit], complete=len(rows) <= limit)


def _first_records(path: Path, form: CsvFormat) -> list[Record]:
    with CsvSource(path, form) as source:
        first = list(islice(source.records(), PREVIEWED))
    if not first:
        raise ImportFailed(f"{path.name} has no rows.")
    return first
