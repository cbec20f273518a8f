"""The demo's books, and a catalogue in memory to load them into."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.application.demo.books import read_books
from desk.application.importing.checking import Draft
from tests.application.importing.catalogue_in_memory import CatalogueInMemory

LIST = Path(__file__).parents[3] / "resources" / "demo" / "books.csv"


@pytest.fixture(scope="session")
def books() -> tuple[Draft, ...]:
    return read_books(LIST, latest_year=2026)


@pytest.fixture
def catalogue() -> Iterator[CatalogueInMemory]:
    opened = CatalogueInMemory()
    yield opened
    opened.close()
