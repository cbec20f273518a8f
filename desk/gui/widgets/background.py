"""Hops 2 and 8: the one place where what happened on other threads comes to the window's thread, by queued signals."""

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import Final, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot

from desk.application.session import SessionEvent
from desk.records import dataclass

R = TypeVar("R")

_SIGNALS: Final = {
    "Announcement": "announced",
    "ReadModelState": "read_model_changed",
    "Connection": "connection_changed",
    "PartState": "index_changed",
    "ConnectionRecord": "record_changed",
    "Fault": "fault_found",
    "OutboxChanged": "outbox_changed",
    "ProcessManagersChanged": "process_managers_changed",
}
"""The signal of each event of a session, by the name of its class: whoever tells of one has it loaded."""


@dataclass(frozen=True, slots=True)
class _Posted:
    deliver: Callable[[], None]
    owner: QObject


class GuiBridge(QObject):
    """Turns futures and the events of a session into signals on the window's thread.

    Signals, each delivered on the window's thread:
        announced: the read model moved (Announcement).
        read_model_changed: the read model is in another state (ReadModelState).
        connection_changed: the way to the store changed (Connection).
        index_changed: a part of the event index is in another state (PartState).
        record_changed: what is noted about the store changed (ConnectionRecord).
        fault_found: something failed behind the scenes (Fault).
        outbox_changed: another command waits for its end to be known, or one no longer does.
        process_managers_changed: one of them is live now, or halted, or goes on.
    """

    announced = Signal(object)  # Announcement
    read_model_changed = Signal(object)  # ReadModelState
    connection_changed = Signal(object)  # Connection
    index_changed = Signal(object)  # PartState
    record_changed = Signal(object)  # ConnectionRecord
    fault_found = Signal(object)  # Fault
    outbox_changed = Signal(object)  # OutboxChanged
    process_managers_changed = Signal(object)  # ProcessManagersChanged
    _arrived = Signal(object)  # _Posted

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._closed = False
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def call(
        self,
        future: "Future[R]",
        on_ok: Callable[[R], None],
        on_error: Callable[[Exception], None] | None,
        owner: QObject,
    ) -> None:
        """Have one of the two called on the window's thread; neither, once ``owner`` is deleted or all is closed.

        Without ``on_error`` an error is a bug, and reaches the crash reporter. A future that was cancelled is wanted by
        nobody, and is dropped too.
        """
        future.add_done_callback(lambda done: self.post(partial(_conclude, done, on_ok, on_error), owner))

    def post(self, deliver: Callable[[], None], owner: QObject) -> None:
        """Have ``deliver`` called on the window's thread, from any thread; dropped once ``owner`` is deleted."""
        with self._lock:
            if not self._closed:
                self._arrived.emit(_Posted(deliver, owner))

    def tell(self, event: SessionEvent) -> None:
        """Have the signal of this event emitted on the window's thread; what a session's ``listen`` takes."""
        self.post(partial(getattr(self, _SIGNALS[type(event).__name__]).emit, event), self)

    def close(self) -> None:
        """Drop whatever comes from now on, so that no thread meets a deleted object."""
        with self._lock:
            self._closed = True

    @Slot(object)
    def _deliver(self, arrived: object) -> None:
        if isinstance(arrived, _Posted) and shiboken6.isValid(arrived.owner):
            arrived.deliver()


def _conclude(future: "Future[R]", on_ok: Callable[[R], None], on_error: Callable[[Exception], None] | None) -> None:
    try:
        result = future.result(timeout=0)
    except CancelledError:
        return
    except Exception as error:
        if on_error is None:
            raise
        on_error(error)
    else:
        on_ok(result)


def saying(say: Callable[[str], object], *expected: type[Exception]) -> Callable[[Exception], None]:
    """Says an error, if it is one of these; another one is a bug, and reaches the crash reporter."""

    def failed(error: Exception) -> None:
        if not isinstance(error, expected):
            raise error
        say(str(error))

    return failed


def start(work: Callable[[], R], name: str) -> "Future[R]":
    """Do something that takes long on a thread of its own, such as opening and closing the session."""
    future: Future[R] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001 - whoever waits for the future gets it
            future.set_exception(error)

    threading.Thread(target=run, name=name).start()
    return future
