"""Projections over a log of their own, without a server around them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from desk.node.commits import Commits
from desk.node.log import Log
from desk.node.pages import LogPages
from desk.node.projected.subsystem import Projections
from desk.node.readers import Readers
from desk.node.records import ANY, Append, Proposed, StoredEvent, Write, WriteResult
from desk.node.wakeup import Wakeups
from desk.node.wire import recorded_event

EVERYTHING = 10**9
SECONDS = 60.0

T = TypeVar("T")


async def until(condition: Callable[[], bool]) -> None:
    """Returns as soon as the condition holds."""
    async with asyncio.timeout(SECONDS):
        while not condition():
            await asyncio.sleep(0.001)


class CountedReaders(Readers):
    """Readers that count what is read."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.count = 0

    async def read(self, job: Callable[[LogPages], T]) -> T:
        self.count += 1
        return await super().read(job)


class ListenedCommits(Commits):
    """Commits that remember what projections wrote."""

    def __init__(self, log: Log, committed: Callable[[Sequence[StoredEvent]], None]) -> None:
        super().__init__(log, committed)
        self.written: list[Write] = []

    async def write(self, write: Write) -> WriteResult:
        self.written.append(write)
        return await super().write(write)


@dataclass(frozen=True, slots=True)
class Projecting:
    """All parts of it."""

    commits: ListenedCommits
    readers: CountedReaders
    wakeups: Wakeups
    projections: Projections

    async def append(self, stream: str, *events: Proposed) -> int:
        """Writes as a client does; returns the position."""
        return (await Commits.write(self.commits, Append(stream, ANY, events))).position or 0

    async def until(self, position: int) -> None:
        """Waits until all that runs has projected the log up to there."""
        await until(
            lambda: all(s.checkpoint.position >= position for s in self.projections.states.values() if s.running)
        )

    async def read(self, stream: str) -> list[str]:
        return await self.readers.read(lambda pages: stream_texts(pages, stream))


@asynccontextmanager
async def projecting(path: Path, *, gathering: float = 0.0) -> AsyncIterator[Projecting]:
    log = Log(path)
    readers = CountedReaders(path)
    wakeups = Wakeups(log.last_event)
    commits = ListenedCommits(log, wakeups.committed)
    projections = Projections(commits, readers, wakeups, start=True, gathering=gathering)
    try:
        await projections.start()
        yield Projecting(commits, readers, wakeups, projections)
    finally:
        await projections.stop()
        wakeups.close()
        await commits.close()
        readers.close()
        log.close()


def stream_texts(pages: LogPages, stream: str) -> list[str]:
    """The data of a stream's events."""
    texts: list[str] = []
    revision: int | None = 0
    while revision is not None:
        page = pages.stream_events(stream, revision, EVERYTHING)
        texts += [recorded_event(event.response).data.decode() for event in page.events]
        revision = page.next
    return texts
