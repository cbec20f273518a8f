"""A few threads that read the log, each page on a connection that no other page is using."""

import asyncio
import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from desk.node.pages import LogPages
from desk.node.schema import failures_of

T = TypeVar("T")

READERS: Final = 4
"""More would only wait for one another: what takes time is Python, not the disk."""


class Readers:
    """Reads pages without holding up the event loop. Raises LogError when the file cannot be opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: queue.SimpleQueue[LogPages] = queue.SimpleQueue()
        self._all = [LogPages(path) for _ in range(READERS)]
        for pages in self._all:
            self._idle.put(pages)
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="reader")

    async def read(self, job: Callable[[LogPages], T]) -> T:
        """What a job reads. Raises LogError."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, job)

    def close(self) -> None:
        """Waits for pages under way and closes the connections."""
        self._threads.shutdown()
        for pages in self._all:
            pages.close()

    def _run(self, job: Callable[[LogPages], T]) -> T:
        pages = self._idle.get()
        try:
            with failures_of(self._path):
                return job(pages)
        finally:
            self._idle.put(pages)
