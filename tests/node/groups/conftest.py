"""A channel to the node, and a group's source."""

from collections.abc import Iterator

import grpc
import pytest

from tests.node.groups.consuming import Groups
from tests.node.processes import NodeProcess


@pytest.fixture(scope="module")
def channel(node: NodeProcess) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(node.target) as opened:
        yield opened


@pytest.fixture
def groups(channel: grpc.Channel, stream: str) -> Groups:
    """The service, for a stream that no other test uses."""
    return Groups(channel, stream)


@pytest.fixture
def log_groups(channel: grpc.Channel) -> Groups:
    """The service, for the whole log."""
    return Groups(channel, None)
