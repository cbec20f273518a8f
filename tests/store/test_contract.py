"""The contract, kept by the twin, by a node in a process of its own, and by the server in DESK_TEST_STORE."""

import os
from collections.abc import Callable, Iterator

import pytest
from esdbclient import EventStoreDBClient, StreamState

from desk.cqrs.store import EventStore
from desk.store.eventstoredb import EventStoreDB
from desk.store.local_node import LocalNode
from tests.memory_store import MemoryStore
from tests.store.contract import StoreContract

SERVER = os.environ.get("DESK_TEST_STORE")


class TestTwin(StoreContract):
    """The store in memory."""

    @pytest.fixture
    def store(self) -> Iterator[MemoryStore]:
        opened = MemoryStore()
        yield opened
        opened.close()

    @pytest.fixture
    def foreign(self, store: MemoryStore) -> EventStore:
        return store

    @pytest.fixture
    def tombstone(self, store: MemoryStore) -> Callable[[str], None]:
        return store.tombstone


class OverTheWire(StoreContract):
    """A server, whose address the fixture ``uri`` gives."""

    @pytest.fixture
    def store(self, uri: str) -> Iterator[EventStoreDB]:
        opened = EventStoreDB(uri)
        yield opened
        opened.close()

    @pytest.fixture
    def foreign(self, uri: str) -> Iterator[EventStoreDB]:
        opened = EventStoreDB(uri, "somebody else")
        yield opened
        opened.close()

    @pytest.fixture
    def tombstone(self, uri: str) -> Callable[[str], None]:
        def end_for_ever(stream: str) -> None:
            with EventStoreDBClient(uri) as client:
                client.tombstone_stream(stream, current_version=StreamState.ANY)

        return end_for_ever


class TestNode(OverTheWire):
    """The embedded node."""

    @pytest.fixture
    def uri(self, shared_node: LocalNode) -> str:
        return shared_node.ensure()


@pytest.mark.skipif(SERVER is None, reason="DESK_TEST_STORE names no server")
class TestServer(OverTheWire):
    """A real EventStoreDB or KurrentDB."""

    @pytest.fixture
    def uri(self) -> str:
        assert SERVER is not None
        return SERVER
