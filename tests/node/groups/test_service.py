"""Groups are made, changed, deleted, listed, told about, replayed and restarted."""

import json
import re
from typing import Any

import grpc
import pytest
from esdbclient.protos.Grpc import persistent_pb2
from esdbclient.protos.Grpc.streams_pb2_grpc import StreamsStub

from desk.node.groups.member import ConsumerIdentity
from desk.node.groups.service import identity_of
from tests.node.groups.consuming import CreateReq, Groups, Info, Nack, retries, revisions
from tests.node.processes import NodeProcess, wait_until
from tests.node.test_subscriptions import seconds_used
from tests.node.wiring import append_requests, event, is_missing, read_all, read_stream


def write(stub: StreamsStub, stream: str, count: int = 1) -> None:
    stub.Append(iter(append_requests(stream, [event() for _ in range(count)])))


def parked_stream(stream: str, group: str = "g") -> str:
    return f"$persistentsubscription-{stream}::{group}-parked"


def trailers_of(error: Any) -> set[str]:
    return {value for _, value in error.trailing_metadata()}


def park_all(stub: StreamsStub, groups: Groups, stream: str, count: int) -> None:
    write(stub, stream, count)
    groups.create("g")
    with groups.consume("g") as consumer:
        consumer.nack(consumer.take(count), Nack.Park, "too hard")
        wait_until(lambda: groups.info("g").parked_message_count == count)


def test_a_group_can_be_made_once_and_deleted_once(groups: Groups) -> None:
    groups.create("g")
    with pytest.raises(grpc.RpcError, match="exists") as caught:
        groups.create("g")
    assert caught.value.code() is grpc.StatusCode.ALREADY_EXISTS
    groups.delete("g")
    for call in (groups.delete, groups.update, groups.info, groups.replay, groups.consume):
        with pytest.raises(grpc.RpcError, match="does not exist") as caught:
            call("g")
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND
        assert {"persistent-subscription-does-not-exist", "g"} <= trailers_of(caught.value)


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"history_buffer_size": 20}, grpc.StatusCode.INVALID_ARGUMENT, "must be larger than ReadBatchSize"),
        ({"live_buffer_size": 0}, grpc.StatusCode.INVALID_ARGUMENT, "must be positive"),
        ({"read_batch_size": 0}, grpc.StatusCode.INVALID_ARGUMENT, "must be positive"),
        ({"history_buffer_size": -1}, grpc.StatusCode.INVALID_ARGUMENT, "must be positive"),
        ({"consumer_strategy": "Nonsense"}, grpc.StatusCode.INTERNAL, "Consumer strategy Nonsense does not exist"),
    ],
)
def test_settings_that_cannot_be_are_refused(
    groups: Groups, changes: dict[str, Any], status: grpc.StatusCode, said: str
) -> None:
    with pytest.raises(grpc.RpcError, match=said) as caught:
        groups.create("g", **changes)
    assert caught.value.code() is status


def test_a_group_of_the_log_cannot_start_beyond_its_end_or_with_a_pattern_that_is_none(log_groups: Groups) -> None:
    with pytest.raises(grpc.RpcError, match="Invalid Start From position: ") as caught:
        log_groups.create("g", 2**40)
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    options = CreateReq.Options(group_name="g", settings=CreateReq.Settings())
    with pytest.raises(grpc.RpcError, match="must be positive"):
        log_groups.stub.Create(CreateReq(options=options))
    request = CreateReq(options=log_groups.wanted(CreateReq, "g", "end", "x", {}))
    request.options.all.filter.event_type.regex = "("
    with pytest.raises(grpc.RpcError, match="Exception was thrown by handler"):
        log_groups.stub.Create(request)


def test_requests_without_what_they_need_are_refused(groups: Groups) -> None:
    with pytest.raises(grpc.RpcError, match="Exception was thrown by handler"):
        groups.stub.Create(CreateReq())
    with pytest.raises(grpc.RpcError, match="Subscription settings are required"):
        groups.stub.Create(CreateReq(options=CreateReq.Options(group_name="g")))
    with pytest.raises(grpc.RpcError, match="Exception was thrown by handler"):
        groups.stub.GetInfo(persistent_pb2.GetInfoReq())


def test_groups_are_listed_by_source_or_all_of_them(groups: Groups, log_groups: Groups, stream: str) -> None:
    with pytest.raises(grpc.RpcError, match="does not exist"):
        groups.names()
    groups.create("a")
    groups.create("b")
    log_groups.create(stream, "end")
    assert groups.names() == [(stream, "a"), (stream, "b")]
    assert ("$all", stream) in log_groups.names()
    assert {(stream, "a"), (stream, "b"), ("$all", stream)} <= set(groups.names(everywhere=True))
    for group in ("a", "b"):
        groups.delete(group)
    log_groups.delete(stream)
    with pytest.raises(grpc.RpcError, match="does not exist"):
        groups.names()


def test_what_was_set_is_told(groups: Groups, stream: str) -> None:
    groups.create(
        "g",
        3,
        resolve_links=True,
        extra_statistics=True,
        max_retry_count=7,
        min_checkpoint_count=2,
        max_checkpoint_count=11,
        max_subscriber_count=3,
        live_buffer_size=40,
        read_batch_size=5,
        history_buffer_size=60,
        message_timeout_ms=None,
        checkpoint_after_ms=None,
        message_timeout_ticks=25_000_000,
        checkpoint_after_ticks=15_000_000,
        consumer_strategy="PinnedByCorrelation",
    )
    assert groups.info("g") == Info(
        event_source=stream,
        group_name="g",
        status="Live",
        start_from="3",
        resolve_link_tos=True,
        extra_statistics=True,
        max_retry_count=7,
        min_check_point_count=2,
        max_check_point_count=11,
        max_subscriber_count=3,
        live_buffer_size=40,
        read_batch_size=5,
        buffer_size=60,
        message_timeout_milliseconds=2500,
        check_point_after_milliseconds=1500,
        named_consumer_strategy="PinnedByCorrelation",
    )


def test_a_group_of_an_old_client_starts_at_the_revision_among_its_settings(
    stub: StreamsStub, groups: Groups, stream: str
) -> None:
    write(stub, stream, 3)
    request = CreateReq(options=groups.wanted(CreateReq, "g", "start", "", {"revision": 1}))
    request.options.stream_identifier.CopyFrom(request.options.stream.stream_identifier)
    request.options.ClearField("stream")
    groups.stub.Create(request)
    with groups.consume("g") as consumer:
        assert revisions(consumer.take(2)) == [1, 2]


def test_consumers_are_told_about(stub: StreamsStub, groups: Groups, stream: str) -> None:
    write(stub, stream, 4)
    groups.create("g", extra_statistics=True)
    with groups.consume("g", buffer_size=6) as consumer:
        consumer.ack(consumer.take(4)[:3])
        wait_until(lambda: groups.info("g").outstanding_messages_count == 1)
        told = groups.info("g")
        (connection,) = told.connections
        assert (told.total_items, told.total_in_flight_messages, told.last_known_event_position) == (4, 1, "3")
        assert (connection.total_items, connection.in_flight_messages, connection.available_slots) == (4, 1, 5)
        assert (connection.username, connection.connection_name) == ("system", "<unknown>")
        measured = [measurement.key for measurement in connection.observed_measurements]
        assert measured[:3] == ["Mean", "Median", "Fastest"]
        assert measured[-2:] == ["99.9%", "Highest"]
    wait_until(lambda: not groups.info("g").connections)


def test_no_more_consumers_than_are_allowed(groups: Groups) -> None:
    groups.create("g", max_subscriber_count=1)
    with groups.consume("g"):
        with pytest.raises(grpc.RpcError, match="Maximum subscriptions reached") as caught:
            groups.consume("g")
        assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        assert "maximum-subscribers-reached" in trailers_of(caught.value)
    wait_until(lambda: not groups.info("g").connections)
    with groups.consume("g"):
        pass


def test_a_change_drops_the_consumers_and_keeps_the_checkpoint(stub: StreamsStub, groups: Groups, stream: str) -> None:
    write(stub, stream, 2)
    groups.create("g", min_checkpoint_count=10)
    with groups.consume("g") as consumer:
        consumer.ack(consumer.take(2)[:1])
        wait_until(lambda: groups.info("g").outstanding_messages_count == 1)
        groups.update("g", "end", max_retry_count=9)
        with pytest.raises(grpc.RpcError, match="was dropped") as caught:
            consumer.take(1)
        assert caught.value.code() is grpc.StatusCode.CANCELLED
    told = groups.info("g")
    assert (told.start_from, told.max_retry_count, told.last_checkpointed_event_position) == ("-1", 9, "0")
    with groups.consume("g") as consumer:
        events = consumer.take(1)
        assert (revisions(events), retries(events)) == ([1], [0])


def test_a_filter_stays_when_other_things_change(stub: StreamsStub, log_groups: Groups, stream: str) -> None:
    log_groups.create(stream, "end", prefix=stream)
    log_groups.update(stream, "end")
    write(stub, f"other-{stream}")
    write(stub, stream)
    with log_groups.consume(stream) as consumer:
        assert consumer.take(1)[0].event.stream_identifier.stream_name == stream.encode()
    log_groups.delete(stream)


def test_what_is_deleted_is_forgotten(stub: StreamsStub, groups: Groups, stream: str) -> None:
    park_all(stub, groups, stream, 2)
    with groups.consume("g") as consumer:
        groups.delete("g")
        with pytest.raises(grpc.RpcError, match="was dropped"):
            consumer.take(1)
    assert is_missing(stub, parked_stream(stream))
    assert is_missing(stub, parked_stream(stream).replace("-parked", "-checkpoint"))
    groups.create("g")
    assert groups.info("g").parked_message_count == 0
    with groups.consume("g") as consumer:
        events = consumer.take(2)
        assert retries(events) == [0, 0]
        consumer.nack(events, Nack.Park)
        wait_until(lambda: groups.info("g").parked_message_count == 2)


def test_parked_events_are_links_with_a_reason(stub: StreamsStub, groups: Groups, stream: str) -> None:
    park_all(stub, groups, stream, 2)
    first, second = stub.Read(read_stream(parked_stream(stream), resolve_links=True))
    assert [each.event.event.stream_revision for each in (first, second)] == [0, 1]
    assert first.event.link.metadata["content-type"] == "application/octet-stream"
    about = json.loads(second.event.link.custom_metadata)
    assert about["reason"] == "Client explicitly NAK'ed message.\ntoo hard"
    assert about["subscriptionEventNumber"] == 1
    assert re.match(r"\d{4}-\d\d-\d\dT", about["added"])
    assert "subscriptionEventNumber" not in json.loads(first.event.link.custom_metadata)


def test_parked_events_come_again_with_the_link_that_parked_them(
    stub: StreamsStub, groups: Groups, stream: str
) -> None:
    park_all(stub, groups, stream, 4)
    with groups.consume("g") as consumer:
        groups.replay("g", stop_at=0)
        groups.replay("g", stop_at=2)
        events = consumer.take(2)
        assert (revisions(events), retries(events)) == ([0, 1], [0, 0])
        assert [event.link.stream_revision for event in events] == [0, 1]
        assert groups.info("g").parked_message_count == 2
        consumer.ack(events)
        groups.replay("g")
        others = consumer.take(2)
        assert revisions(others) == [2, 3]
        consumer.nack(others[:1], Nack.Park)
        consumer.nack(others[1:], Nack.Retry)
        assert retries(consumer.take(1)) == [1]
        consumer.ack(others[1:])
        wait_until(lambda: len(list(stub.Read(read_stream(parked_stream(stream))))) == 1)
    (parked,) = stub.Read(read_stream(parked_stream(stream)))
    assert (parked.event.event.data, parked.event.event.stream_revision) == (f"2@{stream}".encode(), 4)
    with pytest.raises(grpc.RpcError, match="negative") as caught:
        groups.replay("g", stop_at=-1)
    assert caught.value.code() is grpc.StatusCode.INTERNAL


def test_a_restart_drops_all_consumers_and_loses_nothing(stub: StreamsStub, groups: Groups, stream: str) -> None:
    write(stub, stream, 3)
    groups.create("g")
    with groups.consume("g") as consumer:
        consumer.ack(consumer.take(3)[:1])
        wait_until(lambda: groups.info("g").outstanding_messages_count == 2)
        groups.restart()
        with pytest.raises(grpc.RpcError, match="was dropped"):
            consumer.take(1)
    with groups.consume("g") as consumer:
        assert revisions(consumer.take(2)) == [1, 2]


def test_a_checkpoint_can_be_read_and_is_not_shown_among_all_events_for_groups_of_the_log(
    stub: StreamsStub, groups: Groups, log_groups: Groups, stream: str
) -> None:
    log_groups.create(stream, "end", prefix=stream, max_checkpoint_count=1)
    groups.create("g", max_checkpoint_count=1)
    write(stub, stream, 2)
    for service, group in ((groups, "g"), (log_groups, stream)):
        with service.consume(group) as consumer:
            consumer.ack(consumer.take(2))
            wait_until(lambda s=service, g=group: bool(s.info(g).last_checkpointed_event_position))  # type: ignore[misc]
    last = list(stub.Read(read_stream(f"$persistentsubscription-{stream}::g-checkpoint")))[-1].event.event
    assert (last.metadata["type"], last.data) == ("$SubscriptionCheckpoint", b'"1"')
    of_log = f"$persistentsubscription-$all::{stream}-checkpoint"
    assert list(stub.Read(read_stream(of_log)))[-1].event.event.data.startswith(b'"C:')
    names = {each.event.event.stream_identifier.stream_name.decode() for each in stub.Read(read_all(count=100_000))}
    assert of_log not in names
    assert f"$persistentsubscription-{stream}::g-checkpoint" in names
    log_groups.delete(stream)


def test_any_name_will_do_for_a_group(groups: Groups) -> None:
    for name in ("", "a::b", "Größe"):
        groups.create(name)
        with groups.consume(name) as consumer:
            assert consumer.id.endswith(f"::{name}")
        groups.delete(name)


def test_idle_groups_cost_nothing(node: NodeProcess, groups: Groups) -> None:
    """With a consumer each, but nothing to send it."""
    consumers = []
    try:
        for number in range(40):
            groups.create(f"g{number}")
            consumers.append(groups.consume(f"g{number}"))
        assert len(groups.names()) == 40  # read behind what the groups read at first
        wait_until(lambda: seconds_used(node.process.pid, 1.5) <= 0.05)  # longer than a tick
    finally:
        for consumer in consumers:
            consumer.call.cancel()
            consumer.half_close()
        for name in groups.names():
            groups.delete(name[1])


def test_a_consumer_is_known_by_its_login_where_logins_mean_something() -> None:
    headers = {"authorization": "Basic YW5uOnNlY3JldA==", "connection-name": "anns"}
    assert identity_of(headers, secured=True) == ConsumerIdentity("ann", "anns")
    assert identity_of(headers, secured=False) == ConsumerIdentity("system", "anns")
    assert identity_of({}, secured=True) == ConsumerIdentity("system", "<unknown>")
