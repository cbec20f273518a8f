"""Hop 4: a thin layer round an event store whose appends go wrong when somebody asks; until then it only passes on.

For showing, with the real parts, what becomes of a lost answer and of a second writer who was faster.
"""

import threading
from collections.abc import Callable

from desk.cqrs.errors import OutcomeUnknown
from desk.cqrs.store import EventStore, NewEvent, Receipt


class FailingStore:
    """An :class:`~desk.cqrs.store.EventStore`. Safe to use from several threads."""

    def __init__(self, store: EventStore) -> None:
        self._append = store.append
        self.read_stream, self.read_all = store.read_stream, store.read_all
        self.follow_stream, self.follow_all = store.follow_stream, store.follow_all
        self.head, self.event_at = store.head, store.event_at
        self.store_id, self.close = store.store_id, store.close
        self._wanted = False  # looked at by every append, so that nothing asked for costs nothing
        self._guard = threading.Lock()
        self._losing: set[str] = set()
        self._overtaking: dict[str, Callable[[], object]] = {}

    def lose_next_answer(self, stream: str) -> None:
        """The next append to this stream stores its events, and then raises OutcomeUnknown."""
        with self._guard:
            self._losing.add(stream)
            self._wanted = True

    def before_next_append(self, stream: str, write: Callable[[], object]) -> None:
        """Somebody else writes just before the next append to this stream, which then finds another revision."""
        with self._guard:
            self._overtaking[stream] = write
            self._wanted = True

    def wanted(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The streams whose next answer will be lost, and those in which somebody else will be faster."""
        with self._guard:
            return tuple(self._losing), tuple(self._overtaking)

    def take_back(self) -> None:
        """Let everything go well again."""
        with self._guard:
            self._losing.clear()
            self._overtaking.clear()
            self._wanted = False

    def append(self, stream: str, expected: int, events: tuple[NewEvent, ...], *, timeout: float) -> Receipt:
        """As the port says, but for what was asked to go wrong."""
        if not self._wanted:
            return self._append(stream, expected, events, timeout=timeout)
        write, losing = self._due(stream)
        if write is not None:
            write()
        receipt = self._append(stream, expected, events, timeout=timeout)
        if losing:
            raise OutcomeUnknown("Whether the change was stored is not known. Its answer was lost on purpose.")
        return receipt

    def _due(self, stream: str) -> tuple[Callable[[], object] | None, bool]:
        with self._guard:
            write, losing = self._overtaking.pop(stream, None), stream in self._losing
            self._losing.discard(stream)
            self._wanted = bool(self._losing or self._overtaking)
        return write, losing
