"""Waiting for the log to grow, and what is held of it meanwhile."""

import asyncio

import pytest

from desk.node.records import StoredEvent
from desk.node.status import Failure
from desk.node.wakeup import TAKEN_BYTES, LatestEvents, Wakeups


def event(position: int, stream: str = "s", size: int = 10) -> StoredEvent:
    return StoredEvent(position, stream, position, "T", bytes(size))


def test_what_is_new_is_what_comes_after_a_position() -> None:
    tail = LatestEvents(5)
    tail.extend([event(6), event(8), event(9)])
    assert [e.position for e in tail.after(6) or ()] == [8, 9]
    assert [e.position for e in tail.after(7) or ()] == [8, 9]
    assert tail.after(9) == ()
    assert tail.after(20) == ()


def test_whoever_is_behind_what_is_held_reads_the_log() -> None:
    tail = LatestEvents(5)
    tail.extend([event(6)])
    assert tail.after(4) is None
    assert tail.after(5) is not None


def test_a_subscriber_takes_only_so_much_at_once_and_all_of_it_in_the_end() -> None:
    tail = LatestEvents(0)
    tail.extend([event(n, size=10_000) for n in range(1, 21)])
    tail.extend([event(21, size=1_000_000), event(22)])
    seen: list[int] = []
    while taken := tail.after(seen[-1] if seen else 0):
        assert sum(len(e.response) for e in taken[:-1]) < TAKEN_BYTES
        seen += [e.position for e in taken]
    assert seen == list(range(1, 23))


def test_only_so_many_events_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.node.wakeup.MOST_EVENTS", 3)
    tail = LatestEvents(0)
    tail.extend([event(n) for n in range(1, 11)])
    assert tail.after(6) is None
    assert [e.position for e in tail.after(7) or ()] == [8, 9, 10]


def test_only_so_many_bytes_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.node.wakeup.MOST_BYTES", 1000)
    tail = LatestEvents(0)
    tail.extend([event(1, size=400), event(2, size=400), event(3, size=400)])
    assert tail.after(0) is None
    tail.extend([event(4, size=5000)])
    assert tail.after(3) is None
    assert tail.after(4) == ()


def test_a_waiter_is_woken_by_its_own_stream_alone() -> None:
    async def run() -> None:
        wakeups = Wakeups(0)
        mine, others, all_of_it = (asyncio.ensure_future(wakeups.wait(name)) for name in ("mine", "other", None))
        await asyncio.sleep(0)
        wakeups.committed([event(1, "mine")])
        await asyncio.wait_for(asyncio.gather(mine, all_of_it), 1)
        assert not others.done()
        others.cancel()
        await asyncio.gather(others, return_exceptions=True)

    asyncio.run(run())


def test_whoever_leaves_is_forgotten() -> None:
    async def run() -> None:
        wakeups = Wakeups(0)
        waiter = asyncio.ensure_future(wakeups.wait("s"))
        await asyncio.sleep(0)
        waiter.cancel()
        await asyncio.gather(waiter, return_exceptions=True)
        assert wakeups.waiting == 0

    asyncio.run(run())


def test_everybody_hears_that_the_node_closes() -> None:
    async def run() -> None:
        wakeups = Wakeups(0)
        waiter = asyncio.ensure_future(wakeups.wait("s"))
        await asyncio.sleep(0)
        wakeups.close()
        with pytest.raises(Failure, match="closing"):
            await waiter
        with pytest.raises(Failure, match="closing"):
            await wakeups.wait(None)

    asyncio.run(run())
