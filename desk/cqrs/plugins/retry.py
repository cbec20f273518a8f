"""Hop 2: the one policy for conflicts: read again, decide again, a few times, after a short random pause."""

import random
from dataclasses import replace
from typing import Any

from desk.cqrs.errors import Conflict
from desk.cqrs.messages import Envelope, Outcome
from desk.cqrs.pipeline import Proceed

ATTEMPTS = 5
SHORTEST_PAUSE, LONGEST_PAUSE = 0.005, 0.080
"""Seconds between attempts."""


class EditConflict(Conflict):
    """What the user was editing has changed meanwhile; nobody but the user can decide. Never retried."""

    code = "EditConflict"

    def __init__(self, stream: str, seen: int, actual: int, fields: tuple[str, ...]) -> None:
        super().__init__(stream, seen, actual)
        self.fields = fields


class ConflictRetry:
    """The innermost plugin: each attempt loads the aggregate anew, so that it decides on what is true now."""

    name = "Conflict retry"
    in_dry_runs = False

    def __init__(self) -> None:
        self.enabled = True

    def __call__(self, env: Envelope[Any], proceed: Proceed) -> Any:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = proceed(env)
                return replace(answer, attempts=attempt) if isinstance(answer, Outcome) else answer
            except EditConflict:
                raise
            except Conflict as conflict:
                conflict.attempts = attempt
                pause = random.uniform(SHORTEST_PAUSE, LONGEST_PAUSE)
                if attempt == ATTEMPTS or env.cancel.wait(pause) or not env.remaining():
                    raise
        raise AssertionError("unreachable")
