"""Hop 7: one process writes the read model. A lock of the operating system that needs no Qt and dies with its owner."""

import sys
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class FileLock:
    """A lock that is held; :meth:`release` it, or leave its ``with`` block. The file stays."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def release(self) -> None:
        """Let others have it; releasing twice does nothing."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()


def try_lock(path: Path) -> FileLock | None:
    """Take the lock on this file at once; None while another process (or this one) has it. Raises OSError."""
    file = path.open("ab")
    try:
        _lock(file)
    except BlockingIOError:
        file.close()
        return None
    except BaseException:
        file.close()
        raise
    return FileLock(file)


if sys.platform == "win32":

    def _lock(file: BinaryIO) -> None:
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError from error

else:

    def _lock(file: BinaryIO) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
