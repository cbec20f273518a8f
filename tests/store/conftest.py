"""Nodes to test against: real processes, each over a directory of its own."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.store.eventstoredb import EventStoreDB
from desk.store.local_node import LocalNode

NODE = (sys.executable, "-m", "desk.node", "--system-projections", "off")
"""Off, so that the last event of the log is the one that a test has just appended."""


@pytest.fixture(scope="module")
def shared_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalNode]:
    """One node for all tests of a module that leave it running."""
    node = LocalNode(tmp_path_factory.mktemp("node"), command=NODE)
    yield node
    node.close()


@pytest.fixture
def node(tmp_path: Path) -> Iterator[LocalNode]:
    """A node that a test may kill."""
    node = LocalNode(tmp_path / "node", command=NODE)
    yield node
    node.close()


@pytest.fixture
def store(shared_node: LocalNode) -> Iterator[EventStoreDB]:
    opened = EventStoreDB(shared_node.ensure())
    yield opened
    opened.close()
