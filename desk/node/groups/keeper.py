"""Makes durable what a group must not forget: how far it has come, what was parked, which parked events were replayed.

One transaction at a time for each group; whatever comes meanwhile goes into the next.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from desk.node.commits import Commits
from desk.node.groups import records
from desk.node.groups.definition import ALL, Definition
from desk.node.groups.delivery import GroupDelivery
from desk.node.groups.message import Park
from desk.node.pages import LogPages
from desk.node.readers import Readers
from desk.node.records import LogError, Proposed, WriteBatch, WriteRefused

_log = logging.getLogger(__name__)

_PASSED_WORTH_A_CHECKPOINT: Final = 10_000
"""Positions of the log that a filter left out: so many need not be looked at again after a restart."""


class GroupWriter:
    """Writes for one group. ``checkpoint`` is the last durable one, None before the first.

    ``written`` is called after a transaction that changed what can be delivered; times are in seconds.
    """

    def __init__(
        self,
        definition: Definition,
        delivery: GroupDelivery,
        commits: Commits,
        readers: Readers,
        checkpoint: int | None,
        written: Callable[[], None],
    ) -> None:
        self.checkpoint = checkpoint
        self._definition = definition
        self._delivery = delivery
        self._commits = commits
        self._readers = readers
        self._written = written
        self._counted = 0
        self._last = asyncio.get_running_loop().time()
        self._due = False
        self._truncated = -1
        self._failing = False
        self._closed = False
        self._task: asyncio.Task[None] | None = None

    def look(self, now: float, *, ticked: bool) -> None:
        """Starts to write what is due: parked events at once, a checkpoint by number or, at a tick, by time."""
        if self._closed:
            return
        self._due = self._due or self._by_count() or (ticked and self._by_time(now))
        if self._task is None and self._has_work() and (ticked or not self._failing):
            self._task = asyncio.ensure_future(self._write())

    def due_in(self, now: float) -> float | None:
        """Seconds until time alone makes something due; None for never."""
        if self._failing:
            return 0.0
        if not self._worth_it():
            return None
        return max(0.0, self._last + self._checkpoint_after - now)

    async def settled(self) -> None:
        """Waits for what is being written."""
        while self._task is not None:
            await asyncio.wait([self._task])

    async def close(self) -> None:
        """Writes everything there is, the checkpoint however little it moves, and nothing more after that."""
        self._closed = True
        await self.settled()
        self._due = self._moved() > 0
        await self._write()

    def _has_work(self) -> bool:
        return self._due or bool(self._delivery.parks) or self._delivery.replays.reached > self._truncated

    @property
    def _checkpoint_after(self) -> float:
        return self._definition.settings.checkpoint_after / 1000

    def _moved(self) -> int:
        return self._delivery.progress.count - self._counted

    def _worth_it(self) -> bool:
        settings = self._definition.settings
        return self._moved() >= max(1, settings.min_checkpoint_count) and settings.checkpoint_after != 0

    def _by_time(self, now: float) -> bool:
        return self._worth_it() and now - self._last >= self._checkpoint_after

    def _by_count(self) -> bool:
        if self._moved() >= max(1, self._definition.settings.max_checkpoint_count):
            return True
        before = self._definition.after if self.checkpoint is None else self.checkpoint
        passed = self._delivery.progress.reached - before
        return self._definition.source == ALL and passed >= _PASSED_WORTH_A_CHECKPOINT

    async def _write(self) -> None:
        try:
            while await self._write_once():
                self._failing = False
                self._due = self._due or self._by_count()
                self._written()
        except (WriteRefused, LogError) as error:
            self._failing = True
            _log.warning("Group %s could not write: %s It will try again.", self._definition.key, error)
        finally:
            self._task = None

    async def _write_once(self) -> bool:
        """Whether there was anything to write. Raises WriteRefused and LogError."""
        parks = self._delivery.take_parks()
        try:
            events = await self._readers.read(self._parked_events(parks)) if parks else ()
            reached, counted = self._delivery.progress.reached, self._delivery.progress.count
            checkpoint = self._due and reached != self.checkpoint
            truncated = self._delivery.replays.reached
            write = self._write_batch(events, reached if checkpoint else None, truncated)
            self._due = False
            if write.appends:
                await self._commits.write(write)
        except BaseException:
            self._delivery.not_parked(parks)
            raise
        self._delivery.parked(parks)
        self._truncated = truncated
        if checkpoint:
            self.checkpoint, self._counted = reached, counted
            self._last = asyncio.get_running_loop().time()
        return bool(parks or write.appends)

    def _parked_events(self, parks: Sequence[Park]) -> Callable[[LogPages], tuple[Proposed, ...]]:
        def read(pages: LogPages) -> tuple[Proposed, ...]:
            found = (records.parked_event(pages, self._definition, park) for park in parks)
            return tuple(event for event in found if event is not None)

        return read

    def _write_batch(self, events: tuple[Proposed, ...], place: int | None, truncated: int) -> WriteBatch:
        parts = []
        if events:
            parts.append(records.parked(self._definition, events))
        if truncated > self._truncated:
            parts.append(records.truncation(self._definition, truncated + 1))
        if place is not None:
            parts.append(records.checkpoint(self._definition, place, first=self.checkpoint is None))
        return records.joined(*parts)
