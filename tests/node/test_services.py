"""Monitoring and Operations, which no client library in use asks for, and operators do."""

import asyncio
from pathlib import Path

import pytest
from esdbclient.protos.Grpc import shared_pb2

from tests.node.access.secured import (
    As,
    Status,
    monitoring_classes,
    operations_classes,
    refused,
    with_plain_node,
)

EMPTY = shared_pb2.Empty()


def test_statistics_come_again_and_again(tmp_path: Path) -> None:
    async def test(caller: As) -> None:
        classes = monitoring_classes()
        request = classes["StatsReq"](refresh_time_period_in_ms=1)
        first, second = await caller.many("monitoring.Monitoring/Stats", request, classes["StatsResp"], take=2)
        figures = {stat.key: stat.value for stat in first.stats}
        assert figures["es-version"] == "24.10.0"
        assert int(figures["es-log-position"]) >= 1
        assert {stat.key for stat in second.stats} == set(figures)

    with_plain_node(tmp_path, test)


def test_a_longest_period_is_no_trouble(tmp_path: Path) -> None:
    async def test(caller: As) -> None:
        classes = monitoring_classes()
        request = classes["StatsReq"](refresh_time_period_in_ms=2**64 - 1)
        assert len(await caller.many("monitoring.Monitoring/Stats", request, classes["StatsResp"], take=1)) == 1

    with_plain_node(tmp_path, test)


@pytest.mark.parametrize("method", ["MergeIndexes", "ResignNode", "RestartPersistentSubscriptions", "SetNodePriority"])
def test_what_there_is_nothing_to_do_for_is_accepted(tmp_path: Path, method: str) -> None:
    async def test(caller: As) -> None:
        assert await caller.unary(f"operations.Operations/{method}", EMPTY) == EMPTY

    with_plain_node(tmp_path, test)


def test_a_scavenge_is_started_and_can_be_stopped_by_its_id_alone(tmp_path: Path) -> None:
    async def test(caller: As) -> None:
        classes = operations_classes()
        start = classes["StartScavengeReq"](options={"thread_count": 1})
        started = await caller.unary("operations.Operations/StartScavenge", start, classes["ScavengeResp"])
        assert started.scavenge_id
        assert started.scavenge_result == 0
        for options, status in (
            ({"scavenge_id": "no-such"}, Status.NOT_FOUND),
            ({}, Status.INVALID_ARGUMENT),
        ):
            stop = classes["StopScavengeReq"](options=options)
            assert await refused(caller.unary("operations.Operations/StopScavenge", stop)) == status

    with_plain_node(tmp_path, test)


def test_a_shutdown_is_answered_and_passed_on(tmp_path: Path) -> None:
    asked: list[None] = []

    async def test(caller: As) -> None:
        await caller.unary("operations.Operations/Shutdown", EMPTY)
        async with asyncio.timeout(10):
            while not asked:
                await asyncio.sleep(0.005)

    with_plain_node(tmp_path, test, shutdown=lambda: asked.append(None))
