"""Reads the demo's list of books, the way any file is read that is imported."""

from pathlib import Path

from desk.application.importing.checking import CheckedRow, Draft
from desk.application.importing.errors import ImportFailed
from desk.application.importing.plan import open_rows, plan_with
from desk.application.importing.source import CsvFormat


def read_books(path: Path, *, latest_year: int) -> tuple[Draft, ...]:
    """The books of ``resources/demo/books.csv``. Raises ImportFailed where one is wrong."""
    plan = plan_with(path, CsvFormat("utf-8", ","), latest_year=latest_year)
    with open_rows(plan) as opened:
        rows = tuple(opened.rows)
    books = tuple(row.draft for row in rows if isinstance(row, CheckedRow))
    if len(books) < len(rows):
        raise ImportFailed(f"{path.name} is damaged; install Desk again.")
    return books
