"""A desk in memory for each test."""

from collections.abc import Iterator

import pytest

from tests.application.desk_in_memory import DeskInMemory, open_desk


@pytest.fixture
def desk() -> Iterator[DeskInMemory]:
    opened = open_desk()
    yield opened
    opened.close()
