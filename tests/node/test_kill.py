"""A power cut at any moment: what was acknowledged is there, once, and nothing that nobody wrote.

``DESK_TEST_KILLS`` says how often the node is killed; a few times in the ordinary run.
"""

import os
import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from esdbclient import EventStoreDBClient, NewEvent, RecordedEvent, StreamState
from esdbclient.exceptions import EventStoreDBClientException

from tests.node.processes import NodeProcess, start_node

KILLS = int(os.environ.get("DESK_TEST_KILLS", "5"))
WRITERS = 4


@dataclass
class Writer:
    """Appends to streams of its own until the node is gone; remembers what was sent and what was acknowledged."""

    number: int
    sent: set[uuid.UUID] = field(default_factory=set)
    acknowledged: dict[uuid.UUID, int] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)

    def run(self, uri: str) -> None:
        client = EventStoreDBClient(uri)
        try:
            while True:
                self.write(client)
        except EventStoreDBClientException:
            pass
        finally:
            client.close()

    def write(self, client: EventStoreDBClient) -> None:
        stream = f"writer-{self.number}"
        events = [NewEvent(type="T", data=b"x" * random.randrange(2000)) for _ in range(random.choice((1, 1, 20)))]
        self.sent |= {event.id for event in events}
        position = client.append_to_stream(stream, current_version=StreamState.ANY, events=events)
        for event in events:
            self.acknowledged[event.id] = position
        if random.random() < 0.1:
            doomed = f"doomed-{uuid.uuid4()}"
            event = NewEvent(type="T", data=b"{}")
            self.sent.add(event.id)
            client.append_event(doomed, current_version=StreamState.NO_STREAM, event=event)
            client.set_stream_metadata(doomed, metadata={"colour": "blue"}, current_version=StreamState.ANY)
            client.delete_stream(doomed, current_version=StreamState.ANY)
            self.deleted.append(doomed)


def test_what_was_acknowledged_survives_being_killed_at_any_moment(tmp_path: Path) -> None:
    writers = [Writer(number) for number in range(WRITERS)]
    for _ in range(KILLS):
        node = start_node(tmp_path)
        threads = [threading.Thread(target=writer.run, args=(node.uri,)) for writer in writers]
        for thread in threads:
            thread.start()
        time.sleep(random.uniform(0.05, 0.5))
        node.kill()
        for thread in threads:
            thread.join()
    check(start_node(tmp_path), writers)


def check(node: NodeProcess, writers: list[Writer]) -> None:
    client = EventStoreDBClient(node.uri)
    recorded = list(client.read_all(filter_exclude=[]))
    positions = [event.commit_position or 0 for event in recorded]
    assert positions == sorted(set(positions))
    written = [event for event in recorded if event.type == "T"]
    by_id = {event.id: event for event in written}
    assert len(by_id) == len(written)
    for writer in writers:
        assert writer.acknowledged
        assert writer.acknowledged.keys() <= by_id.keys()
        for event_id, position in writer.acknowledged.items():
            assert (by_id[event_id].commit_position or 0) <= position
        check_stream(f"writer-{writer.number}", recorded)
        for stream in writer.deleted:
            metadata, _ = client.get_stream_metadata(stream)
            assert metadata == {"$tb": 2**63 - 1}
    assert by_id.keys() <= set().union(*(writer.sent for writer in writers))
    client.close()
    assert node.stop() == 0


def check_stream(name: str, recorded: list[RecordedEvent]) -> None:
    revisions = [event.stream_position for event in recorded if event.stream_name == name]
    assert revisions == list(range(len(revisions)))
