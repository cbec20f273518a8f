"""A scavenge: what it takes away and what it leaves, that the room comes back, and that the node serves meanwhile."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from desk.node.care.discards import Discarded
from desk.node.care.scavenge import COMPLETED_TYPE, STARTED_TYPE, STREAM_PREFIX, Scavenger
from desk.node.commits import Commits
from desk.node.log import Log
from desk.node.pages import LogPages
from desk.node.readers import Readers
from desk.node.records import (
    ANY,
    MAX,
    NO_STREAM,
    Append,
    Delete,
    Proposed,
    StreamDeleted,
    Tombstone,
    Write,
    WriteResult,
    WrongExpectedVersion,
)
from desk.node.status import Failure
from desk.node.wire import recorded_event
from tests.node.wiring import proposed

LOG = "node.sqlite"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with closing(Log(tmp_path / LOG)) as opened:
        yield opened


def write(log: Log, write: Write) -> WriteResult:
    (outcome,) = log.commit([write]).outcomes
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def append(log: Log, stream: str, count: int = 1, *, data: bytes = b"{}", expected: int = ANY) -> tuple[Proposed, ...]:
    events = tuple(proposed(data) for _ in range(count))
    write(log, Append(stream, expected, events))
    return events


def describe(log: Log, stream: str, metadata: bytes) -> None:
    append(log, "$$" + stream, data=metadata)


@asynccontextmanager
async def caring(log: Log) -> AsyncIterator[tuple[Scavenger, Commits]]:
    commits, readers = Commits(log, lambda _: None), Readers(log.path)
    scavenger = Scavenger(commits, readers, gives_way=0)
    try:
        yield scavenger, commits
    finally:
        await scavenger.close()
        await commits.close()
        readers.close()


def scavenge(log: Log) -> Scavenger:
    async def run() -> Scavenger:
        async with caring(log) as (scavenger, _):
            scavenger.start()
            await scavenger.wait()
            return scavenger

    return asyncio.run(run())


def stored(log: Log) -> dict[str, list[int]]:
    """The revisions that the file still holds, by stream."""
    kept: dict[str, list[int]] = {}
    with closing(LogPages(log.path)) as pages:
        for event in pages.log_events(0, 500, lambda _stream, _type: True).events:
            kept.setdefault(event.stream, []).append(event.revision)
    kept.pop("$$$settings")
    return {stream: revisions for stream, revisions in kept.items() if not stream.startswith(STREAM_PREFIX)}


def test_only_so_many_events_are_kept_where_the_metadata_say_so(log: Log) -> None:
    append(log, "s", 10)
    describe(log, "s", b'{"$maxCount": 3}')
    append(log, "other", 2)
    scavenger = scavenge(log)
    assert stored(log) == {"s": [7, 8, 9], "$$s": [0], "other": [0, 1]}
    assert scavenger.progress.events == 7
    assert scavenger.progress.share == 1


def test_events_before_the_cut_go_and_the_last_one_stays(log: Log) -> None:
    append(log, "s", 5)
    append(log, "t", 5)
    describe(log, "s", b'{"$tb": 2}')
    describe(log, "t", b'{"$tb": 99}')
    append(log, "other")
    scavenge(log)
    assert stored(log) == {"s": [2, 3, 4], "$$s": [0], "t": [4], "$$t": [0], "other": [0]}


def test_events_that_are_too_old_go_and_the_last_one_stays(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as earlier:
        real = time.time_ns
        earlier.setattr(time, "time_ns", lambda: real() - 3600 * 10**9)
        append(log, "old", 3)
        append(log, "both", 3)
    append(log, "both", 2)
    for stream in ("old", "both"):
        describe(log, stream, b'{"$maxAge": 60}')
    scavenge(log)
    assert stored(log) == {"old": [2], "both": [3, 4], "$$old": [0], "$$both": [0]}


def test_a_deleted_stream_keeps_its_last_event_and_its_numbering(log: Log) -> None:
    first = append(log, "s", 4)
    write(log, Delete("s", ANY))
    append(log, "other")
    scavenge(log)
    assert stored(log) == {"s": [3], "$$s": [0], "other": [0]}
    assert write(log, Append("s", NO_STREAM, first)).revision == 7
    assert stored(log)["s"] == [3, 4, 5, 6, 7]


def test_an_ended_stream_keeps_only_its_end_and_its_metadata_go(log: Log) -> None:
    append(log, "s", 4)
    describe(log, "s", b"{}")
    write(log, Tombstone("s", ANY))
    append(log, "other")
    scavenge(log)
    assert stored(log) == {"s": [MAX], "other": [0]}
    with pytest.raises(StreamDeleted):
        append(log, "s")
    with pytest.raises(StreamDeleted):
        append(log, "$$s")


def test_a_metadata_stream_keeps_its_last_event_though_it_was_ended_itself(log: Log) -> None:
    append(log, "s", 4)
    describe(log, "s", b"{}")
    describe(log, "s", b'{"$maxCount": 1}')
    write(log, Tombstone("$$s", ANY))
    scavenge(log)
    assert stored(log) == {"s": [3], "$$s": [1, MAX]}


def test_the_last_event_of_the_log_stays_so_that_positions_never_go_back(log: Log) -> None:
    append(log, "s")
    describe(log, "s", b"{}")
    write(log, Tombstone("s", ANY))
    describe(log, "s", b"{}")
    last = log.last_event
    assert log.discard(("s", "$$s")).events == 2
    with closing(LogPages(log.path)) as pages:
        assert pages.position() == last


def test_a_repetition_of_what_was_scavenged_is_refused_or_new_but_never_half_of_it(log: Log) -> None:
    events = append(log, "s", 6)
    describe(log, "s", b'{"$maxCount": 3}')
    scavenge(log)
    for expected, again in ((NO_STREAM, events[:2]), (1, events[2:4]), (0, events[1:6])):
        with pytest.raises(WrongExpectedVersion):
            write(log, Append("s", expected, again))
    assert write(log, Append("s", 3, events[4:])).revision == 5
    assert write(log, Append("s", ANY, events[5:])).revision == 5


def test_reading_goes_around_what_is_gone(log: Log) -> None:
    append(log, "s", 10)
    describe(log, "s", b'{"$maxCount": 3}')
    scavenge(log)
    describe(log, "s", b'{"$maxCount": 6}')
    with closing(LogPages(log.path)) as pages:
        assert [event.revision for event in pages.stream_events("s", 0, 100).events] == [7, 8, 9]
        backwards = pages.stream_events("s", MAX, 2, backwards=True)
        assert [event.revision for event in backwards.events] == [9, 8]
        assert backwards.next == 7
        assert [event.revision for event in pages.stream_events("s", 5, 100, backwards=True).events] == []
        assert pages.event_at("s", 5) is None


def test_the_room_is_given_back_to_the_disk(log: Log) -> None:
    for _ in range(40):
        append(log, "s", 10, data=b"x" * 5000)
    describe(log, "s", b'{"$maxCount": 1}')
    scavenge(log)
    log._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert log.path.stat().st_size < 200_000
    assert log.pragma("freelist_count") == 0


def test_pages_go_back_a_few_at_a_time(log: Log) -> None:
    append(log, "s", 40, data=b"x" * 50_000)
    describe(log, "s", b'{"$maxCount": 1}')
    append(log, "other")
    log.discard(["s"])
    empty = log.pragma("freelist_count")
    assert empty > 200
    assert log.shrink(50) == log.pragma("freelist_count") == empty - 50
    assert log.shrink(10_000) == 0


def test_a_file_that_cannot_shrink_is_written_anew(log: Log) -> None:
    log._connection.execute("PRAGMA auto_vacuum = NONE")
    log._connection.execute("VACUUM")
    assert log.pragma("auto_vacuum") == 0
    append(log, "s", 20)
    log.rebuild()
    incremental = 2
    assert log.pragma("auto_vacuum") == incremental
    assert stored(log) == {"s": list(range(20))}


def test_a_scavenge_tells_in_a_stream_of_its_own_what_it_came_to(log: Log) -> None:
    append(log, "s", 10)
    describe(log, "s", b'{"$maxCount": 3}')

    async def run() -> str:
        async with caring(log) as (scavenger, _):
            id = scavenger.start()
            await scavenger.wait()
            return id

    id = asyncio.run(run())
    with closing(LogPages(log.path)) as pages:
        begun, ended = pages.stream_events(STREAM_PREFIX + id, 0, 10).events
    assert (begun.type, ended.type) == (STARTED_TYPE, COMPLETED_TYPE)
    told = json.loads(recorded_event(ended.response).data)
    assert (told["scavengeId"], told["result"], told["eventsDiscarded"]) == (id, "Success", 7)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0)


def test_one_scavenge_at_a_time_which_can_be_stopped_and_started_again(log: Log) -> None:
    for number in range(40):
        append(log, f"s{number}", 100)
        describe(log, f"s{number}", b'{"$maxCount": 1}')

    async def run() -> None:
        async with caring(log) as (scavenger, commits):
            first = scavenger.start()
            assert scavenger.start() == first
            with pytest.raises(Failure):
                scavenger.stop("another")
            await until(lambda: scavenger.progress.events > 0)
            scavenger.stop(first)
            await until(lambda: scavenger.running is None)
            some = scavenger.progress.events
            assert some < 40 * 99
            assert scavenger.start() != first
            await commits.write(Append("between", ANY, (proposed(),)))
            await scavenger.wait()
            # One bite may have been under way when it was stopped.
            assert some + scavenger.progress.events <= 40 * 99

    asyncio.run(run())
    assert {len(kept) for kept in stored(log).values()} == {1}


def test_whoever_waits_for_a_scavenge_hears_of_whatever_ended_it(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    append(log, "s", 10)
    describe(log, "s", b'{"$maxCount": 3}')

    def stumble(_streams: Sequence[str]) -> Discarded:
        raise ZeroDivisionError

    monkeypatch.setattr(log, "discard", stumble)

    async def run() -> str:
        async with caring(log) as (scavenger, _):
            id = scavenger.start()
            with pytest.raises(ZeroDivisionError):
                await scavenger.wait()
            assert scavenger.running is None
            monkeypatch.undo()
            scavenger.start()
            await scavenger.wait()
            return id

    id = asyncio.run(run())
    with closing(LogPages(log.path)) as pages:
        ended = pages.stream_events(STREAM_PREFIX + id, 0, 10).events[-1]
    assert json.loads(recorded_event(ended.response).data)["result"] == "Errored"
    assert stored(log)["s"] == [7, 8, 9]
