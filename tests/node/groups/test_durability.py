"""A node that ends in any way: what was acknowledged and noted stays done, all else is delivered, nothing is lost."""

import random
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import grpc
from esdbclient import EventStoreDBClient, NewEvent, StreamState
from esdbclient.exceptions import EventStoreDBClientException

from tests.node.groups.consuming import Consumer, Groups, Nack, ReadResp, retries, revisions
from tests.node.processes import NodeProcess, start_node, wait_until
from tests.rounds import few_or_all

KILLS = few_or_all(1, 200)
STREAM = "source"
GROUP = "group"
EVENTS = 1000
MORE = 200
"""So many are there at first, and so many more are written before each kill but the first."""


def write(node: NodeProcess, count: int, first: int = 0) -> None:
    client = EventStoreDBClient(node.uri)
    events = [NewEvent(type="T", data=b"%d" % number) for number in range(first, first + count)]
    client.append_to_stream(STREAM, current_version=StreamState.ANY, events=events)
    client.close()


def test_an_ordered_end_notes_what_was_acknowledged(tmp_path: Path) -> None:
    """However rarely the settings would have it noted."""
    node = start_node(tmp_path)
    write(node, 5)
    with grpc.insecure_channel(node.target) as channel:
        groups = Groups(channel, STREAM)
        groups.create(GROUP, min_checkpoint_count=1000, max_checkpoint_count=1000)
        with groups.consume(GROUP) as consumer:
            consumer.ack(consumer.take(3)[:2])
            wait_until(lambda: groups.info(GROUP).outstanding_messages_count == 3)
            assert node.stop() == 0
    node = start_node(tmp_path)
    with grpc.insecure_channel(node.target) as channel:
        groups = Groups(channel, STREAM)
        assert groups.info(GROUP).last_checkpointed_event_position == "1"
        with groups.consume(GROUP) as consumer:
            events = consumer.take(3)
            assert (revisions(events), retries(events)) == ([2, 3, 4], [0, 0, 0])
    assert node.stop() == 0


def test_a_group_from_the_end_begins_after_a_kill_where_the_end_was_when_it_was_made(tmp_path: Path) -> None:
    node = start_node(tmp_path)
    write(node, 2)
    with grpc.insecure_channel(node.target) as channel:
        Groups(channel, STREAM).create(GROUP, "end")
        Groups(channel, None).create(GROUP, "end", prefix=STREAM)
    write(node, 1)
    node.kill()
    node = start_node(tmp_path)
    with grpc.insecure_channel(node.target) as channel:
        for source in (STREAM, None):
            with Groups(channel, source).consume(GROUP) as consumer:
                assert revisions(consumer.take(1)) == [2]
    assert node.stop() == 0


def test_parked_events_survive_a_kill_also_while_they_are_replayed(tmp_path: Path) -> None:
    node = start_node(tmp_path)
    write(node, 3)
    with grpc.insecure_channel(node.target) as channel:
        groups = Groups(channel, STREAM)
        groups.create(GROUP, max_checkpoint_count=1)
        with groups.consume(GROUP) as consumer:
            consumer.nack(consumer.take(3), Nack.Park)
            wait_until(lambda: groups.info(GROUP).last_checkpointed_event_position == "2")
            groups.replay(GROUP)
            consumer.ack(consumer.take(3)[:1])
            wait_until(lambda: groups.info(GROUP).outstanding_messages_count == 2)
            groups.info(GROUP)
            node.kill()
    node = start_node(tmp_path)
    with grpc.insecure_channel(node.target) as channel:
        groups = Groups(channel, STREAM)
        assert groups.info(GROUP).parked_message_count == 2
        with groups.consume(GROUP) as consumer:
            groups.replay(GROUP)
            assert revisions(consumer.take(2)) == [1, 2]
    assert node.stop() == 0


@dataclass
class Consuming:
    """Consumes until the node is gone; remembers what it was sent and what it answered."""

    seen: Counter[int] = field(default_factory=Counter)
    acknowledged: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)

    def run(self, target: str) -> None:
        with (
            grpc.insecure_channel(target) as channel,
            suppress(grpc.RpcError),
            Groups(channel, STREAM).consume(GROUP, buffer_size=50) as consumer,
        ):
            while True:
                self.answer(consumer, consumer.take(1))

    def answer(self, consumer: Consumer, events: list[ReadResp.ReadEvent]) -> None:
        (number,) = revisions(events)
        self.seen[number] += 1
        if number % 10 == 3:
            self.refused.add(number)
            consumer.nack(events, Nack.Park)
        else:
            self.acknowledged.add(number)
            consumer.ack(events)


def test_killed_at_any_moment_it_delivers_all_that_was_not_noted_as_done(tmp_path: Path) -> None:
    node = start_node(tmp_path)
    write(node, EVENTS)
    client = EventStoreDBClient(node.uri)
    client.create_subscription_to_stream(
        GROUP,
        STREAM,
        min_checkpoint_count=1,
        max_checkpoint_count=20,
        checkpoint_after=0.1,
        consumer_strategy="RoundRobin",
    )
    client.close()
    consumers = [Consuming() for _ in range(3)]
    noted = -1
    for kill in range(KILLS):
        if kill:
            write(node, MORE, first=EVENTS + (kill - 1) * MORE)
        told = run_and_kill(node, consumers)
        node = start_node(tmp_path)
        noted = check_after_kill(node, consumers, max(noted, told))
    finish(node, consumers, EVENTS + (KILLS - 1) * MORE)


def run_and_kill(node: NodeProcess, consumers: list[Consuming]) -> int:
    """Returns what the node last said that it has noted."""
    threads = [threading.Thread(target=each.run, args=(node.target,)) for each in consumers]
    told = -1
    with grpc.insecure_channel(node.target) as channel:
        groups = Groups(channel, STREAM)
        for thread in threads:
            thread.start()
        end = time.monotonic() + random.uniform(0.1, 0.5)
        while time.monotonic() < end:
            told = int(groups.info(GROUP).last_checkpointed_event_position or -1)
        node.kill()
    for thread in threads:
        thread.join()
    return told


def check_after_kill(node: NodeProcess, consumers: list[Consuming], told: int) -> int:
    """What was noted is still, and only what was answered is noted."""
    with grpc.insecure_channel(node.target) as channel:
        noted = int(Groups(channel, STREAM).info(GROUP).last_checkpointed_event_position or -1)
    assert noted >= told
    answered = set().union(*(each.acknowledged | each.refused for each in consumers))
    assert set(range(noted + 1)) <= answered
    parked = parked_numbers(node)
    assert {number for number in range(noted + 1) if number % 10 == 3} <= parked
    assert parked <= set().union(*(each.refused for each in consumers))
    return noted


def parked_numbers(node: NodeProcess) -> set[int]:
    client = EventStoreDBClient(node.uri)
    try:
        name = f"$persistentsubscription-{STREAM}::{GROUP}-parked"
        return {int(link.data.partition(b"@")[0]) for link in client.get_stream(name)}
    except EventStoreDBClientException:
        return set()
    finally:
        client.close()


def finish(node: NodeProcess, consumers: list[Consuming], count: int) -> None:
    """In the end all were delivered, and what was noted before never again."""
    with grpc.insecure_channel(node.target) as channel:
        groups = Groups(channel, STREAM)
        noted = int(groups.info(GROUP).last_checkpointed_event_position or -1)
        before = Counter[int]()
        for each in consumers:
            before += each.seen
        threads = [threading.Thread(target=each.run, args=(node.target,)) for each in consumers]
        for thread in threads:
            thread.start()
        wait_until(lambda: int(groups.info(GROUP).last_checkpointed_event_position or -1) == count - 1, 60)
        assert groups.info(GROUP).outstanding_messages_count == 0
    parked = parked_numbers(node)
    assert node.stop() == 0
    for thread in threads:
        thread.join()
    seen = Counter[int]()
    for each in consumers:
        seen += each.seen
    assert sorted(seen) == list(range(count))
    assert all(seen[number] == before[number] for number in range(noted + 1))
    assert parked == {number for number in range(count) if number % 10 == 3}
