"""Hop 8: tells everybody who listens what happens in a session, and those who come later how it is by now."""

import threading
from collections.abc import Callable

from desk.application.outbox import WaitingCommand
from desk.application.session import (
    Connection,
    Fault,
    Hear,
    Light,
    OutboxChanged,
    ProcessManagersChanged,
    SessionEvent,
)
from desk.cqrs.faults import FaultLog
from desk.cqrs.moments import Moments
from desk.cqrs.process import ProcessManagerState, ProcessPhase
from desk.domain.errors import RuleBroken
from desk.domain.sentences import describe


class SessionEvents:
    """Where the parts of a session say what happened. Safe to use from several threads; who listens may leave while
    being told."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments
        self._hearing: list[Hear] = []
        self._lock = threading.Lock()
        self._connection = Connection(Light.AMBER, "Opening the catalogue…")
        self.faults = FaultLog(moments, self.tell)
        """The one channel of what fails behind the scenes; what goes into it is passed on."""

    @property
    def connection(self) -> Connection:
        """How the way to the store is, as was told last."""
        return self._connection

    def listen(self, hear: Hear) -> Callable[[], None]:
        """See :data:`~desk.application.session.Listen`."""
        with self._lock:
            self._hearing.append(hear)
        hear(self._connection)
        for fault in self.faults.faults():
            hear(fault)

        def leave() -> None:
            with self._lock:
                if hear in self._hearing:
                    self._hearing.remove(hear)

        return leave

    def tell(self, event: SessionEvent) -> None:
        """Tell everybody."""
        if isinstance(event, Connection):
            self._connection = event
        with self._lock:
            present = tuple(self._hearing)
        for hear in present:
            hear(event)

    def fault(self, title: str, details: str = "", *, is_bug: bool = False) -> None:
        """Something failed just now: keep it as a fault, and tell."""
        self.faults.record(Fault(title, details, self._moments.now(), is_bug))

    def outbox_changed(self) -> None:
        """The outbox holds something else."""
        self.tell(OutboxChanged())

    def process_changed(self, state: ProcessManagerState) -> None:
        """A process manager is in another state; that it has halted is a fault."""
        if state.phase is ProcessPhase.HALTED:
            self.fault(f"{state.name} has halted", f"{state.why}\n\n{state.details}".strip(), is_bug=True)
        self.tell(ProcessManagersChanged())

    def refused_in_the_end(self, waiting: WaitingCommand, error: Exception) -> None:
        """A command of the outbox was refused when it was sent again."""
        said = describe(error.code, error.params) if isinstance(error, RuleBroken) else str(error)
        self.fault(f"{type(waiting.command).__name__} was refused in the end", said)
