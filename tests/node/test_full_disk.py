"""A disk without room: nothing half written, reading goes on, and so does writing once there is room."""

import resource
from pathlib import Path

import pytest
from esdbclient import EventStoreDBClient, NewEvent, StreamState
from esdbclient.exceptions import EventStoreDBClientException

from tests.node.processes import start_node

LARGEST_FILE = 3_000_000


def events(count: int, size: int) -> list[NewEvent]:
    return [NewEvent(type="T", data=b"x" * size) for _ in range(count)]


def fill(client: EventStoreDBClient) -> None:
    for _ in range(20):
        client.append_to_stream("s", current_version=StreamState.ANY, events=events(1, 500_000))


def test_a_node_on_a_full_disk_says_so_reads_on_and_writes_again_when_there_is_room(tmp_path: Path) -> None:
    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, resource.RLIM_INFINITY))

    node = start_node(tmp_path, preexec=little_room)
    client = EventStoreDBClient(node.uri)
    with pytest.raises(EventStoreDBClientException, match="Make room and try again"):
        fill(client)
    written = len(client.get_stream("s"))
    assert written > 1
    single = events(1, 900_000)[0]
    with pytest.raises(EventStoreDBClientException, match="Make room"):
        client.append_event("s", current_version=StreamState.ANY, event=single)
    resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    client.append_to_stream("s", current_version=written - 1, events=events(1, 500_000))
    assert [recorded.stream_position for recorded in client.get_stream("s")] == list(range(written + 1))
    client.close()
    assert node.stop() == 0
