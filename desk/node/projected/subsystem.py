"""Runs the system projections: a task that follows the log, a batch at a time, and is steered from outside.

One batch is one transaction of links and checkpoints, so a kill at any moment loses none and doubles none. One batch
is under way at a time and it is small, so an append waits at most for that one. After a pause the task lets the
writes that come together gather before it projects them; where nothing is written, nothing runs.

Projections that stand at the same position share a batch. One that is behind, as after a reset, has batches of its own
in turn with the others, until it has caught up with them.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Final

import grpc

from desk.node.commits import Commits
from desk.node.projected.batches import ProjectedBatch, read_batch
from desk.node.projected.outputs import Outputs
from desk.node.projected.states import OWNER, ProjectionCheckpoint, ProjectionState, ProjectionStatus, states
from desk.node.readers import Readers
from desk.node.records import LogError, WriteBatch, WriteRefused
from desk.node.status import Failure
from desk.node.wakeup import Wakeups

GATHERING: Final = 0.05
"""Seconds between a write and its links: what is written meanwhile shares their commit."""

_BEFORE_TRYING_AGAIN: Final = 1.0
_SKIPPED_WITHOUT_CHECKPOINT: Final = 10_000
"""How far the log is read without a link being due, mostly through other links, before that is written down."""

_log = logging.getLogger(__name__)


_RESTARTING: Final = "Projection Subsystem cannot be restarted as it is in the wrong state: Restarting"


class Projections:
    """The system projections of a node. ``start``: whether those run that nobody ever enabled or disabled."""

    def __init__(
        self, commits: Commits, readers: Readers, wakeups: Wakeups, *, start: bool, gathering: float = GATHERING
    ) -> None:
        self._commits = commits
        self._readers = readers
        self._wakeups = wakeups
        self._start = start
        self._gathering = gathering
        self._outputs = Outputs()
        self._lock = asyncio.Lock()
        self._steered = asyncio.Event()
        self._restarting = False
        self._trouble = ""
        self._task: asyncio.Task[None] | None = None
        self.states: dict[str, ProjectionState] = {}

    async def start(self) -> None:
        """Takes up where the checkpoints say. Raises LogError."""
        self.states = await self._kept()
        self._task = asyncio.create_task(self._run(), name="projections")

    async def stop(self) -> None:
        """Ends the task; a batch under way is committed or is not, and is not waited for."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @property
    def end(self) -> int:
        """The position of the log's last event."""
        return self._wakeups.tail.position

    # -- steering ----------------------------------------------------------------------------

    async def enable(self, name: str) -> None:
        """Lets a projection run, from where it stopped. Raises KeyError and LogError."""

        def enabled(state: ProjectionState) -> None:
            state.checkpoint = replace(state.checkpoint, enabled=True)
            if not state.running:
                state.started_anew(ProjectionStatus.RUNNING)

        await self._steer(name, enabled)

    async def disable(self, name: str, *, abort: bool) -> None:
        """Stops a projection, between two batches. Raises KeyError and LogError."""

        def disabled(state: ProjectionState) -> None:
            state.checkpoint = replace(state.checkpoint, enabled=False)
            if state.running:
                state.status = ProjectionStatus.ABORTED if abort else ProjectionStatus.STOPPED

        await self._steer(name, disabled)

    async def reset(self, name: str) -> None:
        """Lets a projection write its output anew; what it wrote before is hidden. Raises KeyError and LogError."""

        def begun_anew(state: ProjectionState) -> None:
            state.checkpoint = state.checkpoint.after_reset(self.end)
            state.started_anew(ProjectionStatus.RUNNING if state.status is ProjectionStatus.FAULTED else state.status)
            self._outputs.forget()

        await self._steer(name, begun_anew)

    async def restart(self) -> None:
        """Begins again with what is kept. Raises Failure while it does so already, and LogError."""
        if self._restarting:
            raise Failure(grpc.StatusCode.FAILED_PRECONDITION, _RESTARTING)
        self._restarting = True
        try:
            async with self._lock:
                self._outputs.forget()
                self.states = await self._kept()
            self._steered.set()
        finally:
            self._restarting = False

    async def _steer(self, name: str, change: Callable[[ProjectionState], None]) -> None:
        """Between two batches, and wholly, even if the client that asked for it leaves meanwhile."""
        await asyncio.shield(self._changed(name, change))

    async def _changed(self, name: str, change: Callable[[ProjectionState], None]) -> None:
        async with self._lock:
            state = copy(self.states[name])
            change(state)
            await self._commits.write(WriteBatch(key_values=(state.checkpoint.key_value(name),)))
            state.kept = state.checkpoint
            self.states[name] = state
        self._steered.set()

    async def _kept(self) -> dict[str, ProjectionState]:
        return states(await self._readers.read(lambda pages: pages.key_values(OWNER)), start=self._start)

    # -- following the log -------------------------------------------------------------------

    async def _run(self) -> None:
        with contextlib.suppress(Failure):  # the node closes
            while True:
                self._steered.clear()
                end = self.end
                try:
                    ended = await self._round()
                except LogError as error:
                    self._say(str(error))
                    await asyncio.sleep(_BEFORE_TRYING_AGAIN)
                    continue
                self._say("")
                if ended and end == self.end:
                    await self._news(end)
                    await asyncio.sleep(self._gathering)

    def _say(self, trouble: str) -> None:
        """Why the projections that run do not get on, if they do not; it is logged once."""
        if trouble == self._trouble:
            return
        self._trouble = trouble
        for state in self._running():
            state.reason = trouble
        if trouble:
            _log.warning("Projections wait: %s", trouble)

    async def _news(self, end: int) -> None:
        """Sleeps until the log goes further than this, or a projection was steered."""
        if not self._running():
            await self._steered.wait()
            return
        waits = [asyncio.ensure_future(self._grown(end)), asyncio.ensure_future(self._steered.wait())]
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        for wait in done:
            await wait

    async def _grown(self, end: int) -> None:
        if self.end == end:  # as it was when the task that runs this was made?
            await self._wakeups.wait(None)

    def _running(self) -> list[ProjectionState]:
        return [state for state in self.states.values() if state.running]

    async def _round(self) -> bool:
        """A batch for each position that projections stand at; returns whether all have reached the end."""
        ended = True
        for position in sorted({state.checkpoint.position for state in self._running()}, reverse=True):
            async with self._lock:
                ended &= await self._batch(position)
        return ended

    async def _batch(self, position: int) -> bool:
        projecting = [state for state in self._running() if state.checkpoint.position == position]
        ahead = [state.checkpoint.position for state in self._running() if state.checkpoint.position > position]
        limit = min(ahead, default=None)
        if not projecting:  # steered meanwhile
            return True
        started = time.perf_counter()
        try:
            batch = await self._readers.read(lambda pages: read_batch(pages, projecting, position, limit))
            await self._commit(projecting, batch)
        except LogError:
            raise
        except Exception as error:  # noqa: BLE001 -- a bug stops these projections, not the node
            _log.exception("A projection failed")
            for state in projecting:
                state.status, state.reason = ProjectionStatus.FAULTED, f"{type(error).__name__}: {error}"
            return True
        for state in projecting:
            state.events += batch.events
            state.seconds += time.perf_counter() - started
        return batch.ended

    async def _commit(self, projecting: Sequence[ProjectionState], batch: ProjectedBatch) -> None:
        """Writes what the events came to, and how far they reach; only remembers that where nothing is to be written.

        The events that are read again after a restart are then those that nothing came of.
        """
        reached = {state.name: replace(state.checkpoint, position=batch.position) for state in projecting}
        skipped = batch.position - min(state.kept.position for state in projecting)
        if batch.outputs or skipped >= _SKIPPED_WITHOUT_CHECKPOINT:
            await self._write(reached, batch)
            for state in projecting:
                state.kept = reached[state.name]
        for state in projecting:
            state.checkpoint = reached[state.name]

    async def _write(self, reached: Mapping[str, ProjectionCheckpoint], batch: ProjectedBatch) -> None:
        key_values = tuple(checkpoint.key_value(name) for name, checkpoint in reached.items())
        while True:
            appends = await self._readers.read(lambda pages: self._outputs.appends(pages, batch.outputs))
            try:
                await self._commits.write(WriteBatch(appends, key_values))
            except WriteRefused:  # somebody else writes what only projections should, or has ended it: look again
                self._outputs.forget()
            else:
                self._outputs.written(appends)
                return
