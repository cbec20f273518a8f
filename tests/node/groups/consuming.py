"""Persistent subscriptions in a few words each, for tests that look at what is on the wire."""

import queue
from collections.abc import Iterator, Sequence
from typing import Any

import grpc
from esdbclient.protos.Grpc import persistent_pb2
from esdbclient.protos.Grpc.persistent_pb2_grpc import PersistentSubscriptionsStub

from tests.node.wiring import EMPTY, identifier

ReadReq = persistent_pb2.ReadReq
ReadResp = persistent_pb2.ReadResp
Nack = ReadReq.Nack
CreateReq = persistent_pb2.CreateReq
UpdateReq = persistent_pb2.UpdateReq
Info = persistent_pb2.SubscriptionInfo

SECONDS = 60.0
SETTINGS: dict[str, Any] = {
    "max_retry_count": 2,
    "min_checkpoint_count": 1,
    "max_checkpoint_count": 10,
    "max_subscriber_count": 5,
    "live_buffer_size": 500,
    "read_batch_size": 20,
    "history_buffer_size": 500,
    "message_timeout_ms": 10_000,
    "checkpoint_after_ms": 100,
}


class Groups:
    """The service, for one source: a stream, or ``$all`` where it is None."""

    def __init__(self, channel: grpc.Channel, stream: str | None) -> None:
        self.stub = PersistentSubscriptionsStub(channel)  # type: ignore[no-untyped-call]
        self.stream = stream
        self.of: dict[str, Any] = {"all": EMPTY} if stream is None else {"stream_identifier": identifier(stream)}

    def create(self, group: str, start: int | str = "start", prefix: str = "", **changes: Any) -> None:
        self.stub.Create(CreateReq(options=self.wanted(CreateReq, group, start, prefix, changes)), timeout=SECONDS)

    def update(self, group: str, start: int | str = "start", **changes: Any) -> None:
        self.stub.Update(UpdateReq(options=self.wanted(UpdateReq, group, start, "", changes)), timeout=SECONDS)

    def delete(self, group: str) -> None:
        options = persistent_pb2.DeleteReq.Options(**self.of, group_name=group)
        self.stub.Delete(persistent_pb2.DeleteReq(options=options), timeout=SECONDS)

    def info(self, group: str) -> Info:
        options = persistent_pb2.GetInfoReq.Options(**self.of, group_name=group)
        answer = self.stub.GetInfo(persistent_pb2.GetInfoReq(options=options), timeout=SECONDS)
        info: Info = answer.subscription_info
        return info

    def replay(self, group: str, stop_at: int | None = None) -> None:
        limit: dict[str, Any] = {"no_limit": EMPTY} if stop_at is None else {"stop_at": stop_at}
        options = persistent_pb2.ReplayParkedReq.Options(**self.of, group_name=group, **limit)
        self.stub.ReplayParked(persistent_pb2.ReplayParkedReq(options=options), timeout=SECONDS)

    def restart(self) -> None:
        self.stub.RestartSubsystem(EMPTY, timeout=SECONDS)

    def names(self, *, everywhere: bool = False) -> list[tuple[str, str]]:
        """Source and name of the groups of this source, or of all."""
        options = persistent_pb2.ListReq.Options()
        if everywhere:
            options.list_all_subscriptions.CopyFrom(EMPTY)
        elif self.stream is None:
            options.list_for_stream.all.CopyFrom(EMPTY)
        else:
            options.list_for_stream.stream.CopyFrom(identifier(self.stream))
        listed = self.stub.List(persistent_pb2.ListReq(options=options), timeout=SECONDS).subscriptions
        return sorted((info.event_source, info.group_name) for info in listed)

    def consume(self, group: str, buffer_size: int = 10, *, structured: bool = False) -> "Consumer":
        form: dict[str, Any] = {"structured": EMPTY} if structured else {"string": EMPTY}
        options = ReadReq.Options(
            **self.of, group_name=group, buffer_size=buffer_size, uuid_option=ReadReq.Options.UUIDOption(**form)
        )
        return Consumer(self.stub, ReadReq(options=options))

    def wanted(self, kind: Any, group: str, start: int | str, prefix: str, changes: dict[str, Any]) -> Any:
        values = {key: value for key, value in (SETTINGS | changes).items() if value is not None}
        options = kind.Options(group_name=group, settings=kind.Settings(**values))
        if self.stream is None:
            place = options.all
            if prefix:
                place.filter.stream_identifier.prefix.append(prefix)
            if isinstance(start, int):
                place.position.commit_position = place.position.prepare_position = start
                return options
        else:
            place = options.stream
            place.stream_identifier.CopyFrom(identifier(self.stream))
            if isinstance(start, int):
                place.revision = start
                return options
        getattr(place, str(start)).CopyFrom(EMPTY)
        return options


class Consumer:
    """One call of Read; as a context it leaves at the end, with whatever it did not answer."""

    def __init__(self, stub: PersistentSubscriptionsStub, first: ReadReq) -> None:
        self._requests: queue.SimpleQueue[ReadReq | None] = queue.SimpleQueue()
        self._requests.put(first)
        self.call = stub.Read(iter(self._requests.get, None), timeout=60)
        self.responses: Iterator[ReadResp] = iter(self.call)
        self.id = next(self.responses).subscription_confirmation.subscription_id

    def __enter__(self) -> "Consumer":
        return self

    def __exit__(self, *_: object) -> None:
        self.call.cancel()
        self._requests.put(None)

    def take(self, count: int) -> list[ReadResp.ReadEvent]:
        return [next(self.responses).event for _ in range(count)]

    def answer(self, request: ReadReq) -> None:
        self._requests.put(request)

    def ack(self, events: Sequence[ReadResp.ReadEvent]) -> None:
        self.answer(ReadReq(ack=ReadReq.Ack(ids=[id_of(event) for event in events])))

    def nack(self, events: Sequence[ReadResp.ReadEvent], action: "Nack.Action.ValueType", reason: str = "why") -> None:
        self.answer(ReadReq(nack=Nack(ids=[id_of(event) for event in events], action=action, reason=reason)))

    def half_close(self) -> None:
        self._requests.put(None)


def id_of(event: ReadResp.ReadEvent) -> Any:
    """What a consumer answers with."""
    return event.link.id if event.HasField("link") else event.event.id


def revisions(events: Sequence[ReadResp.ReadEvent]) -> list[int]:
    return [event.event.stream_revision for event in events]


def retries(events: Sequence[ReadResp.ReadEvent]) -> list[int]:
    return [event.retry_count for event in events]
