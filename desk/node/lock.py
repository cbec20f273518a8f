"""One node a directory: a lock of the operating system, which a killed node does not leave behind."""

import contextlib
import os
import sys
from pathlib import Path
from typing import Final

LOCK_FILE: Final = "node.lock"
PORT_FILE: Final = "node.port"
"""Says where the node listens that holds the lock."""


class DirectoryInUse(Exception):
    """Another node holds the directory."""


class DirectoryLock:
    """Held from its making until ``release``, or until the process ends in whatever way.

    Raises DirectoryInUse, and OSError where the file cannot be made.
    """

    def __init__(self, directory: Path) -> None:
        self._file = os.open(directory / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(self._file)
        except OSError as error:
            os.close(self._file)
            raise DirectoryInUse(f"Another node is running on {directory}; stop it, or use that one.") from error

    def release(self) -> None:
        """Lets another node have the directory."""
        with contextlib.suppress(OSError):
            os.close(self._file)


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
