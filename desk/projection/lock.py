"""Hop 7: one process writes the read model. A lock of the operating system that needs no Qt and dies with its owner."""

from pathlib import Path

from filelock import FileLock, Timeout


def try_lock(path: Path) -> FileLock | None:
    """Take the lock on this file at once; None while another process (or this one) has it. Raises OSError.

    Release it with ``release()``, from any thread, or by leaving its ``with`` block; the file stays.
    """
    lock = FileLock(path, thread_local=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return None
    return lock
