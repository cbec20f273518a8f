"""Hop 7: one process writes the read model. A lock of the operating system that needs no Qt and dies with its owner."""

from pathlib import Path

from filelock import FileLock, Timeout


def try_lock(path: Path, *, wait: float = 0.0) -> FileLock | None:
    """Take the lock on this file, within ``wait`` seconds; None while another process (or this one) has it.

    Release it with ``release()``, from any thread, or by leaving its ``with`` block; the file stays. Raises OSError.
    """
    lock = FileLock(path, thread_local=False)
    try:
        lock.acquire(timeout=wait)
    except Timeout:
        return None
    return lock
