"""Hop 2: the one source of moments and ids. Whoever needs one is handed it, so that a test can say what time it is."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from desk.records import dataclass


@dataclass(frozen=True, slots=True)
class Moments:
    """``now`` gives the present moment in UTC, ``new_id`` an id that nothing else has. Safe to use from any thread."""

    now: Callable[[], datetime]
    new_id: Callable[[], UUID]

    def today(self) -> date:
        """The date where this computer is."""
        return self.now().astimezone().date()

    def timestamp(self) -> float:
        """The present moment in seconds since 1970, as files keep it."""
        return self.now().timestamp()
