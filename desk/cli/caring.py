"""What ``desk rebuild`` and ``desk doctor`` share: a session that keeps the read model, and waiting for its care."""

import sys
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, TypeVar

from desk.application.session import Light, Session
from desk.cli.interrupt import interruptible
from desk.cqrs.errors import StoreUnavailable

T = TypeVar("T")

DONE, FAILED, INTERRUPTED = 0, 1, 130
_LOOK: Final = 0.5
"""Seconds between two looks at the connection."""


class WasInterrupted(Exception):
    """Somebody pressed Ctrl+C, and the work was ended."""


def wait_for(future: "Future[T]", session: Session, abort: Callable[[], None]) -> T:
    """What comes of it; Ctrl+C aborts. Raises StoreUnavailable where the store refuses, and what the future raises."""
    interrupted = False

    def stop() -> None:
        nonlocal interrupted
        interrupted = True
        abort()

    with interruptible(stop):
        while True:
            try:
                result = future.result(_LOOK)
            except TimeoutError:
                if session.connection.state.light is Light.RED:
                    abort()
                    raise StoreUnavailable(session.connection.state.text) from None
            else:
                if interrupted:
                    raise WasInterrupted
                return result


def complain(sentence: str) -> int:
    """Say what went wrong; the exit status for it."""
    print(f"desk: {sentence}", file=sys.stderr)
    return FAILED


def kept_elsewhere(work: str) -> str:
    """The sentence for a read model that another program keeps."""
    return f"Another Desk has this catalogue open and keeps its read model. Close it, or {work} from its window."
