"""CSV files for tests, and rows read from them."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from desk.application.importing.checking import CheckedRow, Row, WrongRow
from desk.application.importing.columns import ColumnMapping, Field
from desk.application.importing.encodings import guess_western
from desk.application.importing.plan import ImportPlan, find_plan, open_rows
from desk.application.importing.source import CsvFormat, CsvRecord, CsvSource

SAMPLE = Path(__file__).parents[2] / "data" / "books-300.csv"
HEADER = "ISBN,Title,Author,Year\n"


def written(directory: Path, text: str | bytes, name: str = "books.csv") -> Path:
    """A file with this text, in UTF-8 where it is no bytes."""
    path = directory / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def plan_of(path: Path) -> ImportPlan:
    """The plan that is found, as on a day in 2026."""
    return find_plan(path, guess_western, latest_year=2026)


def columns(*numbers: int | None, **named: int) -> ColumnMapping:
    """A mapping: the columns of the first fields in their order, and of others by the field's name."""
    return ColumnMapping.of({**dict(zip(Field, numbers, strict=False)), **{Field(n): c for n, c in named.items()}})


def rows_of(path: Path) -> list[Row]:
    """All rows, as they would be imported."""
    with open_rows(plan_of(path)) as opened:
        return list(opened.rows)


def good(rows: list[Row]) -> list[CheckedRow]:
    return [row for row in rows if isinstance(row, CheckedRow)]


def wrong(rows: list[Row]) -> list[WrongRow]:
    return [row for row in rows if isinstance(row, WrongRow)]


def records_of(path: Path, form: CsvFormat) -> list[CsvRecord]:
    with closing(CsvSource(path, form)) as source:
        return list(source.records())


def isbns(count: int) -> Iterator[str]:
    """Different ISBNs with right check digits."""
    for number in range(count):
        core = f"978{number:09d}"
        total = sum(int(d) * (3 if place % 2 else 1) for place, d in enumerate(core))
        yield core + str(-total % 10)


def many_books(directory: Path, count: int) -> Path:
    """A file of so many different books."""
    lines = [f"{isbn},Book {number},Author {number},1999\n" for number, isbn in enumerate(isbns(count))]
    return written(directory, HEADER + "".join(lines))
