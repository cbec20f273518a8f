"""Hop 2: the last stories, and what is joined to them later: how far their events came, and what they led to."""

import heapq
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from desk.cqrs.stories import Later, Story

_FIELDS: Final = {Later.RECEIVE: "received", Later.PROJECT: "projected", Later.REPAINT: "repainted"}
MOST_AWAITED: Final = 1000
"""Stories that wait for a later stage; of the oldest beyond that nothing more is noted."""


class KeptStories:
    """The last stories, who awaits what, and which events they are known by. Used under the lock of its owner."""

    def __init__(self, remember: int) -> None:
        self._remember = remember
        self._stories: dict[int, Story] = {}
        self._started: dict[int, float] = {}
        self._awaiting = {later: _Awaiting() for later in Later}
        self._by_event: dict[UUID, int] = {}
        self._by_trigger: dict[UUID, tuple[UUID, ...]] = {}
        self._number = 0

    def stories(self) -> tuple[Story, ...]:
        return tuple(self._stories.values())

    def add(self, started: float, story: Story) -> list[Story]:
        """Keep it, forget the oldest of too many; the stories of which more is known by that.

        ``started`` is on the clock of ``time.perf_counter``.
        """
        self._number += 1
        number = self._number
        # A process manager may have been quicker than the answer: then its commands are kept already.
        led_to = tuple(one for event_id in story.event_ids for one in self._by_trigger.get(event_id, ()))
        story = replace(story, number=number, led_to=led_to)
        self._stories[number], self._started[number] = story, started
        self._by_event.update((event_id, number) for event_id in story.event_ids)
        trigger = story.envelope.trigger_id
        if trigger is not None:
            self._by_trigger[trigger] = (*self._by_trigger.get(trigger, ()), story.envelope.id)
        if story.event_ids and story.outcome is not None and story.outcome.receipt is not None:
            position = story.outcome.receipt.position
            for later, awaiting in self._awaiting.items():
                at = awaiting.add(position, number)
                if at is not None:
                    self._note(number, later, at)
        while len(self._stories) > self._remember:
            self._forget(next(iter(self._stories)))
        parent = self._by_event.get(trigger) if trigger is not None else None
        if parent is None:
            return [self._stories[number]]
        before = self._stories[parent]
        self._stories[parent] = replace(before, led_to=(*before.led_to, story.envelope.id))
        return [self._stories[parent], self._stories[number]]

    def reach(self, later: Later, position: int, now: float) -> list[Story]:
        reached = self._awaiting[later].reach(position, now)
        return [self._note(number, later, now) for number in reached if number in self._stories]

    def _note(self, number: int, later: Later, at: float) -> Story:
        """Never before the answer: the news of an event may be quicker, and then nothing was waited for."""
        story = self._stories[number]
        after = max((at - self._started[number]) * 1e3, story.acknowledged)
        changes: dict[str, Any] = {_FIELDS[later]: after}
        self._stories[number] = story = replace(story, **changes)
        return story

    def _forget(self, number: int) -> None:
        story = self._stories.pop(number)
        del self._started[number]
        for event_id in story.event_ids:
            self._by_event.pop(event_id, None)
        if story.envelope.trigger_id is not None:
            self._by_trigger.pop(story.envelope.trigger_id, None)


class _Awaiting:
    """How far a later stage is, and which stories have still to come to it."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int]] = []
        self._position, self._at = -1, 0.0

    def add(self, position: int, number: int) -> float | None:
        """Await a story; where the stage is through with it already, since when."""
        if position <= self._position:
            return self._at
        heapq.heappush(self._waiting, (position, number))
        if len(self._waiting) > MOST_AWAITED:
            heapq.heappop(self._waiting)
        return None

    def reach(self, position: int, now: float) -> list[int]:
        # Not the highest ever: while a read model is rebuilt, its position begins anew.
        self._position, self._at = position, now
        done = []
        while self._waiting and self._waiting[0][0] <= position:
            done.append(heapq.heappop(self._waiting)[1])
        return done
