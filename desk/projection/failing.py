"""Hop 7: a switch round the projection's handlers: one of them fails for an event, until the switch is taken back.

For showing what becomes of an event that cannot be applied: it is parked by the same machinery as any other, and
trying again heals it once the switch is off.
"""

import threading

from desk.cqrs.store import Recorded


class FailedOnPurpose(Exception):
    """Somebody wanted the handlers of this event to fail."""


class HandlerFaults:
    """Which events are to fail; none, until somebody asks. Safe to use from several threads.

    ``wanted`` tells whether there are any; whoever writes looks at it once for each batch, and so it costs nothing.
    """

    def __init__(self) -> None:
        self.wanted = False
        self._guard = threading.Lock()
        self._revisions: dict[str, int | None] = {}

    def fail(self, stream: str, revision: int | None = None) -> None:
        """Fail for the event of this revision; None: for the next one of the stream."""
        with self._guard:
            self._revisions[stream] = revision
            self.wanted = True

    def take_back(self, stream: str) -> None:
        """Fail for no event of this stream any more; what is parked waits for another try."""
        with self._guard:
            self._revisions.pop(stream, None)
            self.wanted = bool(self._revisions)

    def failing(self) -> dict[str, int | None]:
        """The streams of which an event fails, with its revision; None where it has yet to come."""
        with self._guard:
            return dict(self._revisions)

    def check(self, event: Recorded) -> None:
        """Raises FailedOnPurpose for an event that is to fail. "The next event" is this one from now on."""
        with self._guard:
            if event.stream not in self._revisions:
                return
            revision = self._revisions[event.stream]
            if revision is None:
                revision = self._revisions[event.stream] = event.revision
        if revision == event.revision:
            raise FailedOnPurpose("it is made to fail on purpose. Take that back, then try again")
