"""A power cut at any moment: what was acknowledged is there, once, and nothing that nobody wrote."""

import random
import threading
import time
from contextlib import closing
from pathlib import Path

from esdbclient import EventStoreDBClient, RecordedEvent

from desk.node.care.check import problems
from tests.node.killing import TYPE, Acknowledgements, Appends, Ends, Links, Work, until_gone
from tests.node.processes import NodeProcess, start_node
from tests.rounds import few_or_all

KILLS = few_or_all(3, 200)
MOST = few_or_all(60, 800)
"""So many, should the node have lived too short for some of what is done to it, as it does on a busy machine."""


def test_what_was_acknowledged_survives_being_killed_at_any_moment(tmp_path: Path) -> None:
    appends = [
        Appends("single-1", 1, few_or_all(0.002, 0.0)),
        Appends("single-2", 1, few_or_all(0.002, 0.0)),
        Appends("batch-1", 20, few_or_all(0.03, 0.01)),
        Appends("batch-2", 300, few_or_all(0.2, 0.05)),
    ]
    ends = Ends()
    consumer = Acknowledgements("single-1")
    works: list[Work] = [*appends, ends, consumer, Links("batch"), Links("single")]
    for number in range(MOST):
        done = (ends.described, ends.deleted, ends.ended, consumer.seen, *(work.acknowledged for work in appends))
        if number >= KILLS and all(done):
            break
        killed(start_node(tmp_path), works)
    node = start_node(tmp_path)
    try:
        check(node, works, appends)
    finally:
        assert node.stop() == 0
    assert list(problems(tmp_path / "node.sqlite", lambda _what, _share: None)) == []


def check(node: NodeProcess, works: list[Work], appends: list[Appends]) -> None:
    with closing(EventStoreDBClient(node.uri)) as client:
        recorded = list(client.read_all(filter_exclude=[]))
    check_log(recorded, appends)
    for work in works:
        work.check(node, recorded)


def killed(node: NodeProcess, works: list[Work]) -> None:
    threads = [threading.Thread(target=until_gone, args=(node, work)) for work in works]
    for thread in threads:
        thread.start()
    time.sleep(random.uniform(0.02, 0.5))
    node.kill()
    for thread in threads:
        thread.join()


def check_log(recorded: list[RecordedEvent], appends: list[Appends]) -> None:
    positions = [event.commit_position or 0 for event in recorded]
    assert positions == sorted(set(positions))
    written = [event for event in recorded if event.type == TYPE and not event.stream_name.startswith("doomed-")]
    sent = {event_id for work in appends for event_id in work.sent}
    assert len({event.id for event in written}) == len(written)
    assert {event.id for event in written} <= sent
