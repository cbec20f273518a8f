"""What takes long to make and is then only copied: made once for all processes of a run."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The directory, which is made where no process of this run, beside each other as they are, has it yet."""
    of_all = factory.getbasetemp().parent if os.environ.get("PYTEST_XDIST_WORKER") else None
    directory = (of_all or factory.mktemp(name)) / name
    with FileLock(directory.with_suffix(".lock")):
        if not directory.exists():
            make(directory.with_suffix(".new"))
            directory.with_suffix(".new").rename(directory)
    return directory
