"""A whole copy of a log, taken while a node writes to it: ``desk node backup``.

The copy is of one moment: everything that was acknowledged before it began, and nothing that is half there.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from desk.node.records import LogError
from desk.node.schema import failures_of, open_for_reading

_PAGES_AT_ONCE: Final = 2048


class BackupRefused(Exception):
    """Nothing was copied; the text says why."""


def back_up(log: Path, copy: Path, shown: Callable[[float], None], *, overwrite: bool) -> int:
    """Copies a log and returns the position of the copy's last event; ``shown`` is told how much is done, up to 1.

    The copy is written beside its place, is on the disk before it gets its name, and then is there whole.
    Raises BackupRefused, LogError, and OSError where the copy cannot be written.
    """
    if not log.exists():
        raise LogError(f"There is no log at {log}; name its directory with --data.")
    if copy.exists() and (not overwrite or copy.samefile(log)):
        raise BackupRefused(f"{copy} is there already; name another file, or allow it with --overwrite.")
    partial = copy.with_name(copy.name + ".partial")
    partial.unlink(missing_ok=True)
    try:
        position = _copy(log, partial, shown)
        _sync(partial)
        partial.replace(copy)
    finally:
        partial.unlink(missing_ok=True)
    if os.name == "posix":  # elsewhere a directory cannot be opened
        _sync(copy.parent)
    return position


def _copy(log: Path, copy: Path, shown: Callable[[float], None]) -> int:
    def progress(_status: int, left: int, total: int) -> None:
        shown((total - left) / total if total else 1.0)

    with failures_of(log), closing(open_for_reading(log)) as source:
        # What is read from here on is of this moment, however long it takes and whatever is written.
        source.execute("BEGIN")
        (position,) = source.execute("SELECT coalesce(max(position), 0) FROM events").fetchone()
        with failures_of(copy), closing(sqlite3.connect(copy)) as target:
            target.execute("PRAGMA synchronous = OFF")  # it is made durable as a whole
            source.backup(target, pages=_PAGES_AT_ONCE, progress=progress)
        return int(position)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
