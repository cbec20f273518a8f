"""Hop 2: the same command twice at the same time runs once. What was stored before, the aggregate itself recognises."""

import threading
from concurrent.futures import Future
from typing import Any
from uuid import UUID

from desk.cqrs.errors import OutcomeUnknown
from desk.cqrs.messages import Envelope, Outcome
from desk.cqrs.pipeline import Proceed


class InFlight:
    """The plugin that knows which commands run. The bus asks it at its door, whose answer is the same future.

    Within the chain it holds back a command that runs on another thread at the same time, as a process manager's may.
    """

    name = "In-flight de-duplication"
    in_dry_runs = False

    def __init__(self) -> None:
        self.enabled = True
        self._at_the_door: dict[UUID, Future[Outcome]] = {}
        self._running: dict[UUID, Future[Any]] = {}
        self._lock = threading.Lock()

    def enter(self, command_id: UUID, result: "Future[Outcome]") -> "Future[Outcome]":
        """The future that stands for this command: ``result``, or that of the same command while it runs."""
        with self._lock:
            if not self.enabled:
                return result
            return self._at_the_door.setdefault(command_id, result)

    def leave(self, command_id: UUID, result: "Future[Outcome]") -> None:
        """The command that ``result`` stands for has ended."""
        with self._lock:
            if self._at_the_door.get(command_id) is result:
                del self._at_the_door[command_id]

    def __call__(self, env: Envelope[Any], proceed: Proceed) -> Any:
        own: Future[Any] = Future()
        with self._lock:
            running = self._running.setdefault(env.id, own)
        if running is not own:
            return _end_of(running, env)
        try:
            answer = proceed(env)
        except BaseException as error:
            self._end(env.id)
            own.set_exception(error)
            raise
        self._end(env.id)
        own.set_result(answer)
        return answer

    def _end(self, command_id: UUID) -> None:
        with self._lock:
            del self._running[command_id]


def _end_of(running: "Future[Any]", env: Envelope[Any]) -> Any:
    try:
        return running.result(env.remaining())
    except TimeoutError:
        raise OutcomeUnknown("The same command is still under way.", env.id) from None
