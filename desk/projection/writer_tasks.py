"""Hop 7: what others ask of the projector's thread, the only one that writes the read model; done between batches."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlite_utils import Database

from desk.application.care import CareRefused
from desk.projection.batch import BatchWriter, Written
from desk.projection.opening import fulfil
from desk.records import dataclass

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WriterContext:
    """What a task has in its hands: the one writing connection, and a way to say what it wrote.

    ``reopen`` has the projector open the file again once the task is done: it was replaced as a whole.
    """

    path: Path
    db: Database
    writer: BatchWriter
    publish: Callable[[Written], None]
    reopen: Callable[[], None]


class WriterTasks:
    """Asked from any thread, run by one."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Callable[[WriterContext], Any], Future[Any]]] = deque()
        self._guard = threading.Lock()
        self._closed = False

    def ask(self, work: Callable[[WriterContext], T]) -> "Future[T]":
        """Have it done soon. The future fails with what ``work`` raises, or CareRefused once closed."""
        future: Future[T] = Future()
        with self._guard:
            if not self._closed:
                self._waiting.append((work, future))
                return future
        future.set_exception(CareRefused("The catalogue is being closed."))
        return future

    def run(self, context: WriterContext) -> None:
        """Do what was asked."""
        while True:
            with self._guard:
                if not self._waiting:
                    return
                work, future = self._waiting.popleft()
            if future.set_running_or_notify_cancel():
                fulfil(future, partial(work, context), context.path)

    def close(self) -> None:
        """Refuse what was not done, and whatever is asked from now on."""
        with self._guard:
            self._closed = True
            left = list(self._waiting)
            self._waiting.clear()
        for _, future in left:
            if future.set_running_or_notify_cancel():
                future.set_exception(CareRefused("The catalogue was closed before this was done."))
