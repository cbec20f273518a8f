"""Writes that wait together share one commit."""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from desk.node.commits import Commits
from desk.node.log import Committed, Log, Outcome
from desk.node.records import ANY, Append, StoredEvent, Write, WriteResult, WrongExpectedVersion
from tests.node.wiring import proposed


def test_writes_that_wait_share_a_commit_and_are_answered_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits_made: list[None] = []
    first_is_committing, go_on = threading.Event(), threading.Event()

    commit = Log.commit

    def watched(log: Log, writes: Sequence[Write]) -> Committed:
        committed = commit(log, writes)
        commits_made.append(None)
        first_is_committing.set()
        go_on.wait(60)
        return committed

    async def run() -> None:
        log = Log(tmp_path / "node.sqlite")
        monkeypatch.setattr(Log, "commit", watched)
        seen: list[Sequence[StoredEvent]] = []
        commits = Commits(log, seen.append)
        first = asyncio.ensure_future(commits.write(Append("s", ANY, (proposed(),))))
        await asyncio.to_thread(first_is_committing.wait, 10)
        later = [asyncio.ensure_future(commits.write(Append("s", ANY, (proposed(),)))) for _ in range(50)]
        await asyncio.sleep(0)
        assert not first.done()
        go_on.set()
        written = await asyncio.gather(first, *later)
        assert [one.revision for one in written] == list(range(51))
        assert len(commits_made) == 2
        assert sum(len(events) for events in seen) == 51
        await commits.close()
        log.close()

    asyncio.run(run())


def test_a_refused_write_is_told_so_and_others_are_not(tmp_path: Path) -> None:
    async def run() -> None:
        log = Log(tmp_path / "node.sqlite")
        commits = Commits(log, lambda _events: None)
        wrong, right = await asyncio.gather(
            commits.write(Append("s", 5, (proposed(),))),
            commits.write(Append("s", ANY, (proposed(),))),
            return_exceptions=True,
        )
        assert isinstance(wrong, WrongExpectedVersion)
        assert isinstance(right, WriteResult)
        await commits.close()
        log.close()

    asyncio.run(run())


def test_what_waits_is_committed_before_the_writer_ends(tmp_path: Path) -> None:
    async def run() -> None:
        log = Log(tmp_path / "node.sqlite")
        commits = Commits(log, lambda _events: None)
        waiting = [asyncio.ensure_future(commits.write(Append("s", ANY, (proposed(),)))) for _ in range(20)]
        await asyncio.sleep(0)
        await commits.close()
        assert [(await one).revision for one in waiting] == list(range(20))
        log.close()

    asyncio.run(run())


def test_a_commit_takes_only_so_many_writes_and_so_many_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.node.commits.LARGEST_GROUP", 4)
    monkeypatch.setattr("desk.node.commits.LARGEST_GROUP_BYTES", 1000)
    groups: list[int] = []

    class CountingLog(Log):
        def commit(self, writes: Sequence[Write]) -> Committed:
            groups.append(len(writes))
            return super().commit(writes)

    async def run() -> None:
        log = CountingLog(tmp_path / "node.sqlite")
        groups.clear()
        commits = Commits(log, lambda _events: None)
        small = [asyncio.ensure_future(commits.write(Append("s", ANY, (proposed(),)))) for _ in range(20)]
        large = [asyncio.ensure_future(commits.write(Append("s", ANY, (proposed(b"x" * 2000),)))) for _ in range(3)]
        await asyncio.gather(*small, *large)
        await commits.close()
        log.close()

    asyncio.run(run())
    assert sum(groups) == 23
    assert max(groups) <= 4
    assert groups[-2:] == [1, 1]


def test_a_write_over_which_the_writer_stumbles_takes_no_other_with_it(tmp_path: Path) -> None:
    class StumblingLog(Log):
        def _outcome(self, write: Write) -> Outcome:
            if isinstance(write, Append) and write.stream == "stone":
                raise ZeroDivisionError
            return super()._outcome(write)

    async def run() -> None:
        log = StumblingLog(tmp_path / "node.sqlite")
        commits = Commits(log, lambda _events: None)
        names = ["s", "s", "stone", "s"]
        outcomes = await asyncio.gather(
            *(commits.write(Append(name, ANY, (proposed(),))) for name in names), return_exceptions=True
        )
        assert [getattr(outcome, "revision", type(outcome)) for outcome in outcomes] == [0, 1, ZeroDivisionError, 2]
        await commits.close()
        log.close()

    asyncio.run(run())
