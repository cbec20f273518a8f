"""How projections follow the log: in small batches, behind the writes, each once."""

import asyncio
import random
from pathlib import Path

import grpc
import pytest

from desk.node.log import Log
from desk.node.pages import LogPages
from desk.node.projected import batches
from desk.node.projected.batches import LARGEST
from desk.node.projected.states import OWNER, ProjectionCheckpoint, ProjectionState, ProjectionStatus
from desk.node.records import ANY, Append, Delete, KeyValue, LogFull, Tombstone, Write, WriteBatch, WriteResult
from desk.node.status import Failure
from tests.node.processes import start_node, wait_until
from tests.node.projected.harness import Projecting, projecting, stream_texts, until
from tests.node.wiring import proposed

KILLS = 3


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "node.sqlite"


def fill(path: Path, events: int) -> list[str]:
    """A log that nobody has projected; returns what its category is to link to."""
    log = Log(path)
    streams = [f"book-{number % 50}" for number in range(events)]
    log.commit([Append(stream, ANY, (proposed(),)) for stream in streams])
    log.close()
    return [f"{number // 50}@{stream}" for number, stream in enumerate(streams)]


def links_of(write: Write) -> int:
    assert isinstance(write, WriteBatch)
    return sum(len(append.events) for append in write.appends if append.stream.startswith("$ce-"))


def test_a_node_killed_while_it_writes_links_loses_none_and_doubles_none(tmp_path: Path) -> None:
    expected = fill(tmp_path / "node.sqlite", 2500)
    pages = LogPages(tmp_path / "node.sqlite")
    for kill in range(KILLS):
        node = start_node(tmp_path)
        least = random.randrange(kill * 600, (kill + 1) * 600)
        wait_until(lambda least=least: pages.end_of("$ce-book").last >= least)  # type: ignore[misc]
        node.kill()
    node = start_node(tmp_path)
    wait_until(lambda: pages.end_of("$ce-book").last >= len(expected) - 1)
    wait_until(lambda: len(stream_texts(pages, "$streams")) == 50)
    assert node.stop() == 0
    assert stream_texts(pages, "$ce-book") == expected
    assert stream_texts(pages, "$et-Happened") == expected
    assert stream_texts(pages, "$category-book") == [f"book-{number}" for number in range(50)]
    assert len(set(stream_texts(pages, "$streams"))) == 50
    pages.close()


def test_an_append_waits_for_one_small_batch_of_links_at_most(path: Path) -> None:
    expected = fill(path, 20 * LARGEST)

    async def run() -> None:
        async with projecting(path) as node:
            positions = [await node.append("other-1", proposed()) for _ in range(5)]
            assert len(await node.read("$ce-book")) < len(expected)
            await node.until(positions[-1])
            assert await node.read("$ce-book") == expected
            assert await node.read("$ce-other") == [f"{number}@other-1" for number in range(5)]
            assert all(links_of(write) <= LARGEST for write in node.commits.written)

    asyncio.run(run())


def test_what_is_written_together_is_projected_together(path: Path) -> None:
    async def run() -> None:
        async with projecting(path, gathering=0.2) as node:
            await asyncio.gather(*(node.append(f"book-{number}", proposed()) for number in range(20)))
            await node.until(await node.append("book-20", proposed()))
            batched = [write for write in node.commits.written if links_of(write)]
            assert sum(map(links_of, batched)) == 21
            assert len(batched) < 21

    asyncio.run(run())


def test_a_write_that_comes_while_they_settle_down_to_wait_is_not_overlooked(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        async with projecting(path) as node:
            waits = node.projections._news
            late: list[int] = []

            async def late_write(end: int) -> None:
                if not late:
                    late.append(await node.append("book-1", proposed()))
                await waits(end)

            monkeypatch.setattr(node.projections, "_news", late_write)
            await node.append("book-1", proposed())
            await until(lambda: bool(late))
            await node.until(late[0])
            assert await node.read("$ce-book") == ["0@book-1", "1@book-1"]

    asyncio.run(run())


def test_nothing_is_written_or_read_while_nothing_happens(path: Path) -> None:
    async def run() -> None:
        async with projecting(path) as node:
            await node.until(await node.append("book-1", proposed()))
            await until(lambda: node.wakeups.waiting > 0)
            written, read = len(node.commits.written), node.readers.count
            for _ in range(100):
                await asyncio.sleep(0.001)
            assert (len(node.commits.written), node.readers.count) == (written, read)

    asyncio.run(run())


def test_links_and_checkpoint_are_one_write(path: Path) -> None:
    async def run() -> None:
        async with projecting(path) as node:
            position = await node.append("book-1", proposed())
            await node.until(position)
            (write,) = [write for write in node.commits.written if links_of(write)]
            assert isinstance(write, WriteBatch)
            assert {key_value.owner for key_value in write.key_values} == {OWNER}
            assert {key_value.key for key_value in write.key_values} == set(node.projections.states)

    asyncio.run(run())


def test_streams_of_links_that_others_write_or_delete_are_written_all_the_same(path: Path) -> None:
    async def run() -> None:
        async with projecting(path) as node:
            await node.until(await node.append("book-1", proposed()))
            await node.append("$ce-book", proposed(b"foreign"))
            await node.until(await node.append("book-1", proposed()))
            assert await node.read("$ce-book") == ["0@book-1", "foreign", "1@book-1"]
            await node.commits.write(Delete("$ce-book", ANY))
            await node.until(await node.append("book-1", proposed()))
            assert await node.read("$ce-book") == ["2@book-1"]

    asyncio.run(run())


@pytest.mark.parametrize("ended", ["$ce-book", "$$$ce-book"])
def test_a_stream_of_links_that_was_ended_holds_up_no_other(path: Path, ended: str) -> None:
    async def run() -> None:
        async with projecting(path) as node:
            await node.until(await node.append("book-1", proposed()))
            await node.commits.write(Tombstone(ended, ANY))
            await node.projections.reset("$by_category")
            await node.until(await node.append("book-1", proposed()))
            assert await node.read("$et-Happened") == ["0@book-1", "1@book-1"]
            for state in node.projections.states.values():
                assert state.status is ProjectionStatus.RUNNING

    asyncio.run(run())


def test_one_that_is_behind_catches_up_while_the_others_go_on(path: Path) -> None:
    expected = fill(path, 10 * LARGEST)

    async def run() -> None:
        async with projecting(path) as node:
            await node.projections.disable("$by_category", abort=False)
            before = await node.read("$ce-book")
            await node.until(node.projections.end)
            await node.projections.enable("$by_category")
            position = await node.append("book-x", proposed())
            category = node.projections.states["$by_category"]
            await until(lambda: node.projections.states["$by_event_type"].checkpoint.position >= position)
            assert category.checkpoint.position < position or len(before) > len(expected) - 3 * LARGEST
            await node.until(position)
            assert await node.read("$ce-book") == [*expected, "0@book-x"]

    asyncio.run(run())


def test_one_that_fails_is_faulted_and_goes_on_when_it_is_enabled(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    original = batches.read_batch

    def failing(*arguments: object) -> batches.ProjectedBatch:
        raise ZeroDivisionError("told so")

    async def run() -> None:
        async with projecting(path) as node:
            await node.until(await node.append("book-1", proposed()))
            monkeypatch.setattr("desk.node.projected.subsystem.read_batch", failing)
            await node.append("book-1", proposed())
            state = node.projections.states["$by_category"]
            await until(lambda: state.status is ProjectionStatus.FAULTED)
            assert "told so" in state.reason
            monkeypatch.setattr("desk.node.projected.subsystem.read_batch", original)
            await node.projections.enable("$by_category")
            await enabled_and_read(node)

    asyncio.run(run())
    assert "A projection failed" in caplog.text


async def enabled_and_read(node: Projecting) -> None:
    await node.until(node.projections.end)
    assert await node.read("$ce-book") == ["0@book-1", "1@book-1"]


def test_where_the_disk_is_full_it_is_tried_again_and_said_once(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        async with projecting(path) as node:
            await node.until(await node.append("book-1", proposed()))
            monkeypatch.setattr("desk.node.projected.subsystem._BEFORE_TRYING_AGAIN", 0.01)
            refused = 0
            write = node.commits.write

            async def full(wanted: Write) -> WriteResult:
                nonlocal refused
                refused += 1
                if refused < 4:
                    raise LogFull("Make room.")
                return await write(wanted)

            monkeypatch.setattr(node.commits, "write", full)
            position = await node.append("book-1", proposed())
            await until(lambda: node.projections.states["$by_category"].reason == "Make room.")
            await node.until(position)
            await until(lambda: node.projections.states["$by_category"].reason == "")
            assert await node.read("$ce-book") == ["0@book-1", "1@book-1"]

    asyncio.run(run())
    assert caplog.text.count("Make room.") == 1


def test_one_that_is_reset_while_it_is_stopped_begins_anew_when_it_is_enabled(path: Path) -> None:
    async def run() -> None:
        async with projecting(path) as node:
            own = proposed(b'{"$acl":{"$r":"ada"},"colour":"blue"}', type="$metadata")
            await node.until(await node.append("book-1", proposed()))
            await node.append("$$$ce-book", own)
            await node.projections.disable("$by_category", abort=False)
            await node.projections.reset("$by_category")
            state = node.projections.states["$by_category"]
            assert (state.status, state.checkpoint.position) == (ProjectionStatus.STOPPED, 0)
            await node.until(await node.append("book-1", proposed()))
            assert await node.read("$ce-book") == ["0@book-1"]
            await node.projections.enable("$by_category")
            await node.until(node.projections.end)
            assert await node.read("$ce-book") == ["0@book-1", "1@book-1"]
            assert await node.read("$$$ce-book") == ['{"$acl":{"$r":"ada"},"colour":"blue","$tb":1}']

    asyncio.run(run())


def test_a_second_restart_has_to_wait_for_the_first(path: Path) -> None:
    async def run() -> None:
        async with projecting(path) as node:
            first, second = await asyncio.gather(
                node.projections.restart(), node.projections.restart(), return_exceptions=True
            )
            assert first is None
            assert isinstance(second, Failure)
            assert second.code == grpc.StatusCode.FAILED_PRECONDITION
            assert second.details == "Projection Subsystem cannot be restarted as it is in the wrong state: Restarting"
            await node.until(await node.append("book-1", proposed()))
            assert await node.read("$ce-book") == ["0@book-1"]

    asyncio.run(run())


def test_what_is_kept_of_a_projection_can_be_read_by_a_later_one(path: Path) -> None:
    async def run() -> KeyValue:
        async with projecting(path) as node:
            await node.projections.disable("$streams", abort=True)
            await node.projections.reset("$streams")
            return node.projections.states["$streams"].checkpoint.key_value("$streams")

    key_value = asyncio.run(run())
    pages = LogPages(path)
    kept = pages.key_values(OWNER)[key_value.key]
    pages.close()
    assert kept == key_value.value == b'{"position":0,"enabled":false,"version":2,"reset_at":1}'


def test_an_epoch_begins_with_a_reset() -> None:
    checkpoint = ProjectionCheckpoint(position=9)
    assert (checkpoint.version, checkpoint.epoch) == (1, -1)
    again = checkpoint.after_reset(12)
    assert (again.position, again.version, again.epoch, again.reset_at) == (0, 2, 2, 12)
    assert ProjectionState("$x", 4, lambda *_: None, again, ProjectionStatus.RUNNING, again).tag == "4:2:2:4"
