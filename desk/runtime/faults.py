"""Failures on purpose, of the real parts: the port ``faults`` of a session whose node is its own."""

import os
import signal
from uuid import UUID

from desk import __version__
from desk.application.codec import event_registry
from desk.application.handlers import Aggregates, stream_of_book
from desk.application.session import FaultRefused
from desk.cqrs.failing_store import FailingStore
from desk.cqrs.messages import Sender
from desk.cqrs.moments import Moments
from desk.cqrs.publisher import EventOrigin, StorePublisher
from desk.cqrs.store import EventStore
from desk.domain.commands import BookCommand
from desk.domain.policy import Policy
from desk.projection.failing import HandlerFaults
from desk.records import dataclass
from desk.store.local_node import LocalNode

SECOND_WRITER = "second writer"
"""The user and the machine that an event is stored under which overtook another."""


@dataclass(frozen=True, slots=True)
class FailuresOnPurpose:
    """Satisfies :class:`~desk.application.session.FaultsPort`. ``store`` is without the layer that fails."""

    failing: FailingStore
    handlers: HandlerFaults
    node: LocalNode
    store: EventStore
    throw_away: bool
    moments: Moments

    def lose_next_answer(self, stream: str) -> None:
        self.failing.lose_next_answer(stream)

    def overtake(self, command: BookCommand, command_id: UUID | None = None) -> None:
        if not self.throw_away:
            raise FaultRefused("This stores an event, and so it is possible in a throw-away catalogue only.")
        publisher = StorePublisher(self.store, event_registry(), EventOrigin(SECOND_WRITER, __version__))
        books, env, stream = (
            Aggregates(self.store, publisher, Policy()).books,
            Sender(SECOND_WRITER, self.moments).envelope(command, command_id=command_id),
            stream_of_book(command),
        )

        def write() -> None:
            aggregate = books.get(stream)
            aggregate.execute(env)
            books.save(aggregate, env)

        self.failing.before_next_append(stream, write)

    def fail_handler(self, stream: str, revision: int | None = None) -> None:
        self.handlers.fail(stream, revision)

    def heal_handler(self, stream: str) -> None:
        self.handlers.take_back(stream)

    def kill_node(self) -> int:
        pid = self.node.pid
        if pid is None:
            raise FaultRefused("The node is not running.")
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        return pid

    def wanted(self) -> tuple[str, ...]:
        losing, overtaking = self.failing.wanted()
        return (
            *(f"The next answer of {stream} is lost." for stream in losing),
            *(f"A second writer is faster in {stream}." for stream in overtaking),
            *(f"The projection fails for an event of {stream}." for stream in self.handlers.failing()),
        )

    def take_back(self) -> None:
        self.failing.take_back()
        for stream in self.handlers.failing():
            self.handlers.take_back(stream)
