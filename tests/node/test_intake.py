"""What all appends of a node hold together: bounded, with everybody's turn."""

import asyncio

import pytest

from desk.node.intake import MOST_BYTES, Intake
from desk.node.status import Failure


def test_where_there_is_room_nobody_waits() -> None:
    async def run() -> None:
        intake = Intake()
        intake.take(MOST_BYTES - 1)
        await asyncio.wait_for(intake.room(), 10)

    asyncio.run(run())


def test_whoever_waits_comes_in_turn_and_no_more_than_there_is_room_for() -> None:
    most, came = 0, []
    held = MOST_BYTES

    async def one(intake: Intake, number: int) -> None:
        nonlocal held, most
        await intake.room()
        came.append(number)
        intake.take(1 << 20)
        held += 1 << 20
        most = max(most, held)
        await asyncio.sleep(0.001)
        intake.give_back(1 << 20)
        held -= 1 << 20

    async def run() -> None:
        nonlocal held
        intake = Intake()
        for _ in range(100):
            intake.take(1 << 20)
            intake.give_back(1 << 20)
        intake.take(MOST_BYTES)
        calls = [asyncio.ensure_future(one(intake, number)) for number in range(100)]
        await asyncio.sleep(0)
        calls[5].cancel()
        assert came == []
        intake.give_back(MOST_BYTES)
        held = 0
        await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 60)

    asyncio.run(run())
    assert came == [number for number in range(100) if number != 5]
    assert most <= MOST_BYTES


def test_whoever_finds_no_room_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.node.intake._PATIENCE", 0.05)

    async def run() -> None:
        intake = Intake()
        intake.take(MOST_BYTES)
        with pytest.raises(Failure, match="Too Busy"):
            await intake.room()

    asyncio.run(run())


def test_whoever_sends_little_waits_but_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.node.intake._NEXT_LOOK", 0.001)

    async def run() -> None:
        intake = Intake()
        for _ in range(MOST_BYTES // 1000 + 1):
            intake.take(1000)
        calls = [asyncio.ensure_future(intake.room()) for _ in range(1000)]
        await asyncio.sleep(0)
        intake.give_back(MOST_BYTES // 4)
        await asyncio.wait_for(asyncio.gather(*calls), 60)

    asyncio.run(run())
