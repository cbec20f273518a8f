"""A scavenge: what no reader of a stream is shown is taken away, and its room given back, while the node serves.

It works in short transactions on the writer's thread, between groups of appends, and gives way as long as each of
them took. Wherever it is interrupted the log is whole; it is not remembered how far it came, as what is gone is gone.
As in the original each scavenge has a stream of its own, with an event where it began and one where it ended.
"""

import asyncio
import contextlib
import json
import logging
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import grpc

from desk.node.care.discards import MOST_STREAMS
from desk.node.commits import Commits
from desk.node.log import Log
from desk.node.readers import Readers
from desk.node.records import ANY, Append, LogError, Proposed
from desk.node.status import Failure
from desk.records import dataclass

T = TypeVar("T")

_STREAMS_AT_ONCE: Final = 2000
"""How many streams a look through the log takes in before it gives way to other readers."""

_PAGES_AT_ONCE: Final = 128
"""How many pages go back to the disk at once: 512 KiB."""

STREAM_PREFIX: Final = "$scavenges-"
STARTED_TYPE: Final = "$scavengeStarted"
COMPLETED_TYPE: Final = "$scavengeCompleted"

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class ScavengeProgress:
    """How far a scavenge came. ``share`` is of the streams, from 0 to 1; ``bytes`` are of events."""

    share: float = 0.0
    events: int = 0
    bytes: int = 0


class Scavenger:
    """Runs one scavenge at a time.

    ``gives_way`` is how long it pauses after each transaction, as a multiple of what that took; 0 where nobody waits.
    """

    def __init__(self, commits: Commits, readers: Readers, *, gives_way: float = 1.0) -> None:
        self._commits = commits
        self._readers = readers
        self._gives_way = gives_way
        self._task: asyncio.Task[None] | None = None
        self.progress = ScavengeProgress()
        self.running: str | None = None
        """The id of the scavenge that is under way."""

    def start(self) -> str:
        """Starts a scavenge and returns its id; that of the one under way if there is one."""
        if self.running is None:
            self.running = str(uuid.uuid4())
            self.progress = ScavengeProgress()
            self._task = asyncio.create_task(self._run(), name="scavenge")
            # Nobody need wait for it: how it failed was logged then.
            self._task.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self.running

    def stop(self, id: str) -> None:
        """Stops a scavenge; what it took away so far is gone. Raises Failure where it is not under way."""
        if self._task is None or id != self.running:
            trailers = {"exception": "scavenge-not-found"}
            raise Failure(grpc.StatusCode.NOT_FOUND, "Scavenge id was invalid.", trailers)
        self._task.cancel()

    async def wait(self) -> None:
        """Returns when the scavenge under way has ended or was stopped. Raises LogError, or whatever it failed with."""
        if self._task is not None:
            await asyncio.wait([self._task])
            if not self._task.cancelled():
                self._task.result()

    async def close(self) -> None:
        """Stops the scavenge under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        id, begun, result = self.running or "", time.monotonic(), "Stopped"
        try:
            await self._tell(id, STARTED_TYPE)
            await self._discard()
            while await self._turn(lambda log: log.shrink(_PAGES_AT_ONCE)):
                pass
            result = "Success"
        except LogError as error:
            result = "Errored"
            _log.error("The scavenge was given up: %s", error)
            raise
        except Exception:
            result = "Errored"
            _log.exception("The scavenge was given up")
            raise
        finally:
            self.running = None
            took = f"{time.monotonic() - begun:.3f} s"
            told = asyncio.ensure_future(self._tell(id, COMPLETED_TYPE, result=result, timeTaken=took))
            with contextlib.suppress(LogError):
                await asyncio.shield(told)

    async def _tell(self, id: str, type: str, **more: object) -> None:
        if type == COMPLETED_TYPE:
            more |= {"eventsDiscarded": self.progress.events, "spaceSaved": self.progress.bytes}
        data = json.dumps({"scavengeId": id, **more}).encode()
        event = Proposed(uuid.uuid4().bytes, type, True, data, b"")
        await self._commits.write(Append(STREAM_PREFIX + id, ANY, (event,)))

    async def _discard(self) -> None:
        last = await self._readers.read(lambda pages: pages.last_stream())
        for first in range(0, last, _STREAMS_AT_ONCE):
            through = first + _STREAMS_AT_ONCE
            streams = await self._readers.read(
                lambda pages, first=first, through=through: pages.hiding_streams(first, through)  # type: ignore[misc]
            )
            await self._discard_of(streams)
            self.progress.share = min(1.0, through / last)

    async def _discard_of(self, streams: Sequence[str]) -> None:
        while streams:
            some = streams[:MOST_STREAMS]
            discarded = await self._turn(lambda log, some=some: log.discard(some))  # type: ignore[misc]
            self.progress.events += discarded.events
            self.progress.bytes += discarded.bytes
            streams = streams[discarded.streams :]

    async def _turn(self, job: Callable[[Log], T]) -> T:
        begun = time.perf_counter()
        done = await self._commits.run(job)
        await asyncio.sleep((time.perf_counter() - begun) * self._gives_way)
        return done
