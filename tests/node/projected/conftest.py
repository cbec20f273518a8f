"""A real node that projects, a client of it, and what the tests ask of both."""

from collections.abc import Iterator

import pytest
from esdbclient import EventStoreDBClient

from tests.node.processes import NodeProcess, start_node


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    running = start_node(tmp_path_factory.mktemp("node"), "--system-projections", "on")
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def client(node: NodeProcess) -> Iterator[EventStoreDBClient]:
    connected = EventStoreDBClient(node.uri)
    yield connected
    connected.close()
