"""Passes news on to all who listen, and remembers the last of each kind for those who come later."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from desk.application.catalogue import Announcement
from desk.application.outbox import WaitingCommand
from desk.application.session import Connection, Fault, Light, Listener
from desk.cqrs.faults import FaultLog
from desk.cqrs.process import ProcessManagerState, ProcessPhase
from desk.domain.errors import RuleBroken
from desk.domain.sentences import describe


class NewsDesk:
    """A listener that others listen to. Safe to use from several threads; a listener may leave while it is called."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()
        self._connection = Connection(Light.AMBER, "Opening the catalogue…")
        self.faults = FaultLog(self._tell)
        """The one channel of what fails behind the scenes; what goes into it is passed on."""

    @property
    def connection(self) -> Connection:
        return self._connection

    def watch(self, listener: Listener) -> Callable[[], None]:
        """Give news to this listener until the returned function is called; what is known already comes first."""
        with self._lock:
            self._listeners.append(listener)
        listener.connection_changed(self._connection)
        for fault in self.faults.faults():
            listener.fault_found(fault)

        def leave() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return leave

    def announced(self, announcement: Announcement) -> None:
        """Pass an announcement on."""
        for listener in self._present():
            listener.announced(announcement)

    def connection_changed(self, connection: Connection) -> None:
        """Pass on how the connection is."""
        self._connection = connection
        for listener in self._present():
            listener.connection_changed(connection)

    def fault_found(self, fault: Fault) -> None:
        """Keep a fault and pass it on."""
        self.faults.record(fault)

    def _tell(self, fault: Fault) -> None:
        for listener in self._present():
            listener.fault_found(fault)

    def outbox_changed(self) -> None:
        """Pass on that the outbox holds something else."""
        for listener in self._present():
            listener.outbox_changed()

    def process_managers_changed(self) -> None:
        """Pass on that a process manager is in another state."""
        for listener in self._present():
            listener.process_managers_changed()

    def fault(self, title: str, details: str = "", *, is_bug: bool = False) -> None:
        """Make a fault of the present moment, and pass it on."""
        self.fault_found(Fault(title, details, datetime.now(UTC), is_bug))

    def process_changed(self, state: ProcessManagerState) -> None:
        """Pass on that a process manager is in another state; one that has halted is a fault."""
        if state.phase is ProcessPhase.HALTED:
            self.fault(f"{state.name} has halted", f"{state.why}\n\n{state.details}".strip(), is_bug=True)
        self.process_managers_changed()

    def refused_in_the_end(self, waiting: WaitingCommand, error: Exception) -> None:
        """A command of the outbox was refused when it was sent again."""
        said = describe(error.code, error.params) if isinstance(error, RuleBroken) else str(error)
        self.fault(f"{type(waiting.command).__name__} was refused in the end", said)

    def _present(self) -> tuple[Listener, ...]:
        with self._lock:
            return tuple(self._listeners)
