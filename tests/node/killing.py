"""What is done to a node while it is killed again and again, and what must be there afterwards.

Each kind of work keeps account of what it sent and what was acknowledged. ``run`` works until the node is gone;
``check`` compares with what a node says that was started once more.
"""

import contextlib
import random
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final, Protocol

import grpc
from esdbclient import EventStoreDBClient, NewEvent, RecordedEvent, StreamState
from esdbclient.exceptions import EventStoreDBClientException, NotFound
from esdbclient.protos.Grpc.streams_pb2 import DeleteReq, TombstoneReq
from esdbclient.protos.Grpc.streams_pb2_grpc import StreamsStub

from tests.node.groups.consuming import Groups
from tests.node.processes import NodeProcess, wait_until
from tests.node.wiring import EMPTY, append_requests, event, identifier

MAX: Final = 2**63 - 1
TYPE: Final = "Written"
SECONDS: Final = 60.0


class Work(Protocol):
    """Something that goes on while the node is killed."""

    def run(self, node: NodeProcess) -> None:
        """Works until the node is gone, and raises what the client says then."""

    def check(self, node: NodeProcess, recorded: Sequence[RecordedEvent]) -> None:
        """Raises AssertionError where the log, which is whole here, is not what was acknowledged."""


def until_gone(node: NodeProcess, work: Work) -> None:
    """Works on a node that will be killed."""
    with contextlib.suppress(EventStoreDBClientException, grpc.RpcError):
        work.run(node)


def new_event() -> NewEvent:
    return NewEvent(type=TYPE, data=b'"%s"' % (b"x" * random.randrange(2000)))


@dataclass
class Appends:
    """Single appends and batches to one stream; what was not answered is sent again, and must be there once.

    ``pause``: seconds between two, so that the log does not grow more than there is time to read it.
    """

    stream: str
    together: int
    pause: float = 0.0
    sent: list[uuid.UUID] = field(default_factory=list)
    acknowledged: dict[uuid.UUID, int] = field(default_factory=dict)
    unanswered: tuple[NewEvent, ...] = ()

    def run(self, node: NodeProcess) -> None:
        with closing(EventStoreDBClient(node.uri)) as client:
            while True:
                if not self.unanswered:
                    self.unanswered = tuple(new_event() for _ in range(self.together))
                    self.sent += [event.id for event in self.unanswered]
                position = client.append_to_stream(self.stream, current_version=StreamState.ANY, events=self.unanswered)
                self.acknowledged.update((event.id, position) for event in self.unanswered)
                self.unanswered = ()
                time.sleep(self.pause)

    def check(self, node: NodeProcess, recorded: Sequence[RecordedEvent]) -> None:
        mine = [event for event in recorded if event.stream_name == self.stream]
        assert self.acknowledged
        assert [event.id for event in mine] in (self.sent, self.sent[: len(self.sent) - len(self.unanswered)])
        assert [event.stream_position for event in mine] == list(range(len(mine)))
        for each in mine:
            position = each.commit_position or 0
            assert position <= self.acknowledged.get(each.id, position)


@dataclass
class Ends:
    """Streams that are described, deleted and ended."""

    described: dict[str, str] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def run(self, node: NodeProcess) -> None:
        with grpc.insecure_channel(node.target) as channel:
            stub = StreamsStub(channel)  # type: ignore[no-untyped-call]
            while True:
                self.end_one(stub)
                time.sleep(0.005)

    def end_one(self, stub: StreamsStub) -> None:
        stream, colour = f"doomed-{uuid.uuid4().hex}", random.choice(("blue", "red"))
        stub.Append(iter(append_requests(stream, [event(type=TYPE)], "no_stream")))
        stub.Append(iter(append_requests("$$" + stream, [event(b'{"colour":"%s"}' % colour.encode(), "$metadata")])))
        match random.randrange(3):
            case 0:
                self.described[stream] = colour
            case 1:
                deletion = DeleteReq.Options(stream_identifier=identifier(stream), any=EMPTY)
                stub.Delete(DeleteReq(options=deletion))
                self.deleted.append(stream)
            case _:
                end = TombstoneReq.Options(stream_identifier=identifier(stream), any=EMPTY)
                stub.Tombstone(TombstoneReq(options=end))
                self.ended.append(stream)

    def check(self, node: NodeProcess, recorded: Sequence[RecordedEvent]) -> None:
        assert self.described
        assert self.deleted
        assert self.ended
        metadata = {event.stream_name: event.data for event in recorded if event.type == "$metadata"}
        for stream, colour in self.described.items():
            assert metadata["$$" + stream] == b'{"colour":"%s"}' % colour.encode()
        for stream in self.deleted:
            assert metadata["$$" + stream] == b'{"$tb":%d}' % MAX
        ends = {event.stream_name for event in recorded if event.type == "$streamDeleted"}
        assert ends >= set(self.ended)
        assert all(stream.startswith("doomed-") for stream in ends)


@dataclass
class Acknowledgements:
    """A group's consumer: every event of a stream reaches it, whatever happens in between."""

    stream: str
    group: str = "workers"
    created: bool = False
    seen: set[str] = field(default_factory=set)

    def run(self, node: NodeProcess) -> None:
        with grpc.insecure_channel(node.target) as channel:
            self.consume(channel, lambda: False)

    def check(self, node: NodeProcess, recorded: Sequence[RecordedEvent]) -> None:
        written = {str(event.id) for event in recorded if event.stream_name == self.stream}
        assert self.seen, "no consumer was sent anything before it was all over"
        assert self.seen <= written
        if self.seen < written:
            with grpc.insecure_channel(node.target) as channel:
                self.consume(channel, lambda: self.seen == written)

    def consume(self, channel: grpc.Channel, enough: Callable[[], bool]) -> None:
        groups = Groups(channel, self.stream)
        if not self.created:
            self.create(groups)
        with groups.consume(self.group) as consumer:
            while not enough():
                taken = consumer.take(1)
                consumer.ack(taken)
                self.seen |= {each.event.id.string for each in taken}

    def create(self, groups: Groups) -> None:
        try:
            groups.create(self.group, message_timeout_ms=1000)
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.ALREADY_EXISTS:  # an earlier answer was lost
                raise
        self.created = True


@dataclass
class Links:
    """The node's own work: the links of a category are all there, once and in order, when it has caught up."""

    category: str

    def run(self, node: NodeProcess) -> None:
        """It goes on by itself."""

    def check(self, node: NodeProcess, recorded: Sequence[RecordedEvent]) -> None:
        wanted = [event.id for event in recorded if event.stream_name.startswith(self.category + "-")]

        def complete() -> bool:
            with contextlib.suppress(NotFound):
                (last,) = client.get_stream("$ce-" + self.category, backwards=True, limit=1)
                return last.stream_position + 1 >= len(wanted)
            return False

        with closing(EventStoreDBClient(node.uri)) as client:
            wait_until(complete, SECONDS)
            linked = client.get_stream("$ce-" + self.category, resolve_links=True)
        assert [event.id for event in linked] == wanted
