"""A reader of a feed on a thread of its own, and events to append."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias
from uuid import uuid4

from desk.cqrs.errors import StoreError
from desk.cqrs.store import CaughtUp, Checkpoint, Feed, NewEvent, Recorded

Item: TypeAlias = Recorded | Checkpoint | CaughtUp

PATIENCE = 60.0
"""Seconds after which a test that waits has failed."""


def new_events(count: int = 1, *, type_name: str = "Happened", data: bytes = b"{}") -> tuple[NewEvent, ...]:
    return tuple(NewEvent(uuid4(), type_name, data, b'{"by":"test"}') for _ in range(count))


class Listener:
    """Collects what a feed delivers, until the feed ends; ``error`` is what it ended with."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.items: list[Item] = []
        self.error: StoreError | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._listen, name="listener")
        self._thread.start()

    @property
    def events(self) -> list[Recorded]:
        return [item for item in list(self.items) if isinstance(item, Recorded)]

    @property
    def caught_up(self) -> bool:
        return any(isinstance(item, CaughtUp) for item in list(self.items))

    @property
    def ended(self) -> bool:
        return not self._thread.is_alive()

    def until(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE), self.items[-5:]

    def end(self) -> None:
        self._thread.join(PATIENCE)
        assert self.ended

    def _listen(self) -> None:
        try:
            for item in self.feed:
                self._note(item)
        except StoreError as error:
            self.error = error
        finally:
            with self._changed:
                self._changed.notify_all()

    def _note(self, item: Item) -> None:
        with self._changed:
            self.items.append(item)
            self._changed.notify_all()


@contextmanager
def listening(feed: Feed) -> Iterator[Listener]:
    listener = Listener(feed)
    try:
        yield listener
    finally:
        feed.stop()
        listener.end()
