"""A catalogue in memory for each test of an import."""

from collections.abc import Iterator

import pytest

from tests.application.importing.catalogue_in_memory import CatalogueInMemory


@pytest.fixture
def catalogue() -> Iterator[CatalogueInMemory]:
    opened = CatalogueInMemory()
    yield opened
    opened.close()
