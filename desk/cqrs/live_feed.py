"""Hop 2: what passes, given in batches to whoever listens, so that nobody has to look again and again.

Stories and messages come at once; what follows soon after is gathered. While a long history comes back from the store,
its events are only counted.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from desk.cqrs.faults import FaultLog
from desk.cqrs.message_log import EventNote, MessageRecord
from desk.cqrs.stories import Story
from desk.records import dataclass

GATHERED: Final = 0.05
"""Seconds between two batches."""
MOST: Final = 1000
"""Stories and messages that wait for the next batch before the oldest are left out."""
EVENTS_TOLD: Final = 100
"""A batch with more events than this only counts them."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What passed since the batch before.

    ``stories`` are those that ended, or that more is known of, each in its newest version; ``messages`` the commands,
    queries and events; ``events`` how many events came back from the store, be they among the messages or not.
    """

    stories: tuple[Story, ...]
    messages: tuple[MessageRecord, ...]
    events: int


Listener = Callable[[Batch], None]


class LiveFeed:
    """The feed. Safe to use from several threads; noting never waits. ``run`` blocks; give it a thread.

    A listener that raises is recorded as a fault and hears nothing more.
    """

    def __init__(self, faults: FaultLog) -> None:
        self._faults = faults
        self._listeners: tuple[Listener, ...] = ()
        self._stories: dict[int, Story] = {}
        self._messages: deque[MessageRecord] = deque(maxlen=MOST)
        self._events: deque[EventNote] = deque(maxlen=EVENTS_TOLD)
        self._counted = 0
        self._changed = threading.Condition()
        self._stopped = threading.Event()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Give each batch from now on to ``listener``, on the feed's thread, until the returned function is called."""
        with self._changed:
            self._listeners = (*self._listeners, listener)
        return lambda: self._leave(listener)

    def _leave(self, listener: Listener) -> None:
        with self._changed:
            self._listeners = tuple(one for one in self._listeners if one is not listener)

    def story(self, story: Story) -> None:
        """A story has ended, or more of it is known."""
        if self._listeners:
            with self._changed:
                self._stories[story.number] = story
                if len(self._stories) > MOST:
                    del self._stories[next(iter(self._stories))]
                self._changed.notify()

    def message(self, message: MessageRecord) -> None:
        """A command or a query has passed."""
        if self._listeners:
            with self._changed:
                self._messages.append(message)
                self._changed.notify()

    def event(self, event: EventNote) -> None:
        """An event came back from the store."""
        if self._listeners:
            with self._changed:
                self._events.append(event)
                self._counted += 1
                self._changed.notify()

    def run(self) -> None:
        """Deliver until :meth:`stop`."""
        while (batch := self._next()) is not None:
            for listener in self._listeners:
                self._give(listener, batch)
            self._stopped.wait(GATHERED)

    def stop(self) -> None:
        """End soon."""
        self._stopped.set()
        with self._changed:
            self._changed.notify()

    def _next(self) -> Batch | None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopped.is_set() or self._stories or self._messages or self._counted)
            if self._stopped.is_set():
                return None
            stories, self._stories = self._stories, {}
            messages, events = list(self._messages), tuple(self._events)
            counted, self._counted = self._counted, 0
            self._messages.clear()
            self._events.clear()
        if counted <= EVENTS_TOLD:
            messages += (event.record() for event in events)
        return Batch(tuple(stories.values()), tuple(sorted(messages, key=lambda one: one.at)), counted)

    def _give(self, listener: Listener, batch: Batch) -> None:
        try:
            listener(batch)
        except Exception as error:  # noqa: BLE001 - a listener's bug is recorded, and stops nobody else
            self._leave(listener)
            self._faults.failed("Live feed", "a batch of stories", error)
