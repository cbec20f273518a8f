"""Every failure that nobody waits for: recorded with its circumstances, kept up to a number, and told to one channel.

What a caller waits for (a refusal, a conflict, a store that is away) is the caller's and no fault. Everything else,
in a handler, a listener, a projection or a process manager, comes here and stops nobody else.
"""

import threading
import traceback
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from desk.cqrs.moments import Moments
from desk.records import dataclass

REMEMBERED: Final = 200
"""Faults kept before the oldest are forgotten."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that failed behind the scenes; shown, never only logged. A bug has a traceback in ``details``.

    ``source`` is the handler or listener that failed, ``message`` the type of what it was given,
    ``correlation_id`` names the story that it belongs to; empty and None where the failure has none.
    ``at`` is in UTC.
    """

    title: str
    details: str
    at: datetime
    is_bug: bool
    source: str = ""
    message: str = ""
    correlation_id: UUID | None = None


class FaultLog:
    """The one channel of unhandled failures. Safe to use from several threads."""

    def __init__(
        self, moments: Moments, tell: Callable[[Fault], None] = lambda _fault: None, *, remember: int = REMEMBERED
    ) -> None:
        self._moments, self._tell = moments, tell
        self._faults: deque[Fault] = deque(maxlen=remember)
        self._lock = threading.Lock()

    def record(self, fault: Fault) -> None:
        """Keep a fault and tell of it."""
        with self._lock:
            self._faults.append(fault)
        self._tell(fault)

    def failed(
        self,
        source: str,
        message: str,
        error: BaseException,
        *,
        correlation_id: UUID | None = None,
    ) -> None:
        """``source`` raised ``error`` over a message: a bug, recorded with its traceback."""
        self.record(
            Fault(
                title=f"{source} failed over {message}: {type(error).__name__}: {error}",
                details="".join(traceback.format_exception(error)),
                at=self._moments.now(),
                is_bug=True,
                source=source,
                message=message,
                correlation_id=correlation_id,
            )
        )

    def faults(self) -> tuple[Fault, ...]:
        """What is kept, the oldest first."""
        with self._lock:
            return tuple(self._faults)
