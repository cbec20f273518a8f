"""The directory of one node: a lock that a killed node does not leave behind, and files for its owner alone."""

import contextlib
import os
import stat
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

LOCK_FILE: Final = "node.lock"
PORT_FILE: Final = "node.port"
"""Says where the node listens that holds the lock."""

_OWN_FILES: Final = ("node.sqlite*", LOCK_FILE, f"{PORT_FILE}*", "tls/*")
_OWNER: Final = stat.S_IRWXU
_PRIVATE_FILE: Final = stat.S_IRUSR | stat.S_IWUSR


class DirectoryInUse(Exception):
    """Another node holds the directory."""


def hold(directory: Path) -> FileLock:
    """The lock on a directory: held until its ``release``, or until the process ends in whatever way.

    It is the operating system's lock on the file, as older versions take it: they exclude this one, and it them.
    Raises DirectoryInUse, and OSError where the file cannot be made.
    """
    # Whichever thread made it, any may release it.
    lock = FileLock(directory / LOCK_FILE, mode=_PRIVATE_FILE, thread_local=False)
    try:
        lock.acquire(blocking=False)
    except Timeout as error:
        raise DirectoryInUse(f"Another node is running on {directory}; stop it, or use that one.") from error
    return lock


def keep_to_owner() -> None:
    """Lets this process make files and directories that nobody but its owner may read."""
    os.umask(stat.S_IRWXG | stat.S_IRWXO)


def make_private(directory: Path) -> None:
    """Takes from everybody else what an older version let them read.

    A directory that all may use stays as it is, and so does one that somebody lives in.
    """
    if os.name != "posix":
        return
    paths = [directory / "tls", *(path for pattern in _OWN_FILES for path in directory.glob(pattern))]
    if not _is_home(directory):
        paths.append(directory)
    for path in paths:
        # What belongs to another owner is theirs to change, and what is gone meanwhile needs no change.
        with contextlib.suppress(PermissionError, FileNotFoundError):
            mode = stat.S_IMODE(path.stat().st_mode)
            if not mode & stat.S_ISVTX:
                path.chmod(mode & _OWNER)


def _is_home(directory: Path) -> bool:
    with contextlib.suppress(OSError, RuntimeError):  # nobody's home is known
        return directory.samefile(Path.home())
    return False
