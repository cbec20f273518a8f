"""What comes through a pipe as a file: an import reads its file several times, and a pipe can be read once."""

import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from desk.application.importing.errors import ImportFailed

_NAME: Final = "The input"
"""Sentences begin with the name of the file."""


@contextmanager
def as_file(path: Path) -> Iterator[Path]:
    """The path itself, or for a pipe or a terminal that of a copy, gone afterwards. ``-`` is the standard input.

    Waits for the end of what comes. Raises ImportFailed.
    """
    source = Path("/dev/stdin") if str(path) == "-" else path
    if not _flows(source):
        yield source
        return
    with tempfile.TemporaryDirectory(prefix="desk-import-") as folder:
        copy = Path(folder) / _NAME
        try:
            with source.open("rb") as stream, copy.open("wb") as target:
                shutil.copyfileobj(stream, target)
        except OSError as error:
            raise ImportFailed(f"{_NAME} cannot be read: {error.strerror or error}.") from error
        yield copy


def _flows(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except OSError:
        return False  # whoever opens it says why that cannot be done
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
