"""One real node process for each module of tests, and a client of it."""

import uuid
from collections.abc import Iterator

import grpc
import pytest
from esdbclient import EventStoreDBClient
from esdbclient.protos.Grpc.streams_pb2_grpc import StreamsStub

from tests.node.processes import NodeProcess, start_node


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    running = start_node(tmp_path_factory.mktemp("node"))
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def client(node: NodeProcess) -> Iterator[EventStoreDBClient]:
    connected = EventStoreDBClient(node.uri)
    yield connected
    connected.close()


@pytest.fixture(scope="module")
def stub(node: NodeProcess) -> Iterator[StreamsStub]:
    """The protocol without a client library's opinions."""
    with grpc.insecure_channel(node.target) as channel:
        yield StreamsStub(channel)  # type: ignore[no-untyped-call]


@pytest.fixture
def stream() -> str:
    """A stream's name that no other test uses."""
    return f"test-{uuid.uuid4().hex}"
