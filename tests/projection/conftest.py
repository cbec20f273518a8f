"""What the projection's tests share."""

from pathlib import Path

import pytest

from tests.projection.library import Library


@pytest.fixture
def library() -> Library:
    """An empty library."""
    return Library()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the read model is to be."""
    return tmp_path / "read-model.sqlite"
