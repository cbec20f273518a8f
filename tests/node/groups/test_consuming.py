"""Consumers: what they are sent, what becomes of their answers, and who is sent what."""

import json
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

import grpc
import pytest
from esdbclient.protos.Grpc import shared_pb2, streams_pb2
from esdbclient.protos.Grpc.streams_pb2_grpc import StreamsStub

from tests.node.groups.consuming import SECONDS, Groups, Nack, ReadReq, id_of, retries, revisions
from tests.node.processes import wait_until
from tests.node.wiring import append_requests, event, identifier, read_all, read_stream


def write(stub: StreamsStub, stream: str, count: int = 1, data: bytes = b"{}") -> int:
    """The position of the last event."""
    events = [event(data) for _ in range(count)]
    answer = stub.Append(iter(append_requests(stream, events)))
    return int(answer.success.position.commit_position)


def write_links(stub: StreamsStub, stream: str, targets: list[str]) -> None:
    links = [event(target.encode(), type="$>") for target in targets]
    stub.Append(iter(append_requests(stream, links)))


def checkpoint(groups: Groups, group: str) -> int:
    """The position of a group of the log."""
    return int(groups.info(group).last_checkpointed_event_position.rpartition(":")[2] or 0)


def test_a_consumer_gets_what_is_there_and_what_is_written(stub: StreamsStub, groups: Groups, stream: str) -> None:
    write(stub, stream, 2)
    groups.create("g")
    with groups.consume("g") as consumer:
        assert consumer.id == f"{stream}::g"
        events = consumer.take(2)
        last = write(stub, stream)
        events += consumer.take(1)
    assert revisions(events) == [0, 1, 2]
    assert retries(events) == [0, 0, 0]
    assert all(event.WhichOneof("count") == "retry_count" for event in events)
    assert events[2].commit_position == events[2].event.commit_position == last


@pytest.mark.parametrize(("start", "first"), [("start", 0), (2, 2), ("end", 4)])
def test_a_group_begins_where_it_was_told(
    stub: StreamsStub, groups: Groups, stream: str, start: int | str, first: int
) -> None:
    """A revision is inclusive; from the end is from when the group was made, whoever is there."""
    write(stub, stream, 4)
    groups.create("g", start)
    write(stub, stream)
    with groups.consume("g") as consumer:
        assert revisions(consumer.take(5 - first)) == list(range(first, 5))


def test_a_group_goes_on_behind_what_was_acknowledged(stub: StreamsStub, groups: Groups, stream: str) -> None:
    write(stub, stream, 3)
    groups.create("g", max_checkpoint_count=1)
    with groups.consume("g") as consumer:
        consumer.ack(consumer.take(2))
        wait_until(lambda: groups.info("g").outstanding_messages_count == 1)
    wait_until(lambda: groups.info("g").last_checkpointed_event_position == "1")
    with groups.consume("g") as consumer:
        events = consumer.take(1)
        assert (revisions(events), retries(events)) == ([2], [1])
        consumer.ack(events)
        write(stub, stream)
        assert revisions(consumer.take(1)) == [3]


def test_a_consumer_has_no_more_than_its_buffer_without_answering(
    stub: StreamsStub, groups: Groups, stream: str
) -> None:
    write(stub, stream, 5)
    groups.create("g")
    with groups.consume("g", buffer_size=2) as consumer:
        events = consumer.take(2)
        assert groups.info("g").total_in_flight_messages == 2
        consumer.ack(events[:1])
        assert revisions(consumer.take(1)) == [2]
    with pytest.raises(grpc.RpcError, match="Exception was thrown by handler"):
        groups.consume("g", buffer_size=-1)


def test_a_refused_event_comes_again_before_new_ones_and_is_parked_in_the_end(
    stub: StreamsStub, groups: Groups, stream: str
) -> None:
    write(stub, stream, 3)
    groups.create("g", max_retry_count=1)
    with groups.consume("g", buffer_size=2) as consumer:
        first, second = consumer.take(2)
        consumer.nack([second, first], Nack.Retry)
        again = consumer.take(2)
        assert (revisions(again), retries(again)) == ([0, 1], [1, 1])
        consumer.nack(again[:1], Nack.Unknown)
        assert revisions(consumer.take(1)) == [2]
        wait_until(lambda: groups.info("g").parked_message_count == 1)
    (parked,) = stub.Read(read_stream(f"$persistentsubscription-{stream}::g-parked"))
    assert parked.event.event.data == f"0@{stream}".encode()
    assert b'"reason": "Reached retry count of 1"' in parked.event.event.custom_metadata


def test_skipped_and_stopped_events_are_done_with(stub: StreamsStub, groups: Groups, stream: str) -> None:
    write(stub, stream, 2)
    groups.create("g", max_checkpoint_count=1)
    with groups.consume("g") as consumer:
        first, second = consumer.take(2)
        consumer.nack([first], Nack.Skip)
        consumer.nack([second], Nack.Stop)
        wait_until(lambda: groups.info("g").last_checkpointed_event_position == "1")
    assert groups.info("g").parked_message_count == 0


def test_an_unanswered_event_comes_again_after_its_time(stub: StreamsStub, groups: Groups, stream: str) -> None:
    write(stub, stream, 2)
    groups.create("g", message_timeout_ms=300)
    with groups.consume("g", buffer_size=1) as consumer:
        events = consumer.take(2)
        assert (revisions(events), retries(events)) == ([0, 0], [0, 1])
        consumer.ack(events[1:])
        assert revisions(consumer.take(1)) == [1]


def test_an_answer_that_comes_late_is_taken_all_the_same(stub: StreamsStub, groups: Groups, stream: str) -> None:
    write(stub, stream)
    groups.create("g", message_timeout_ms=0)
    with groups.consume("g", buffer_size=1) as consumer:
        late = consumer.take(1)
        with groups.consume("g", buffer_size=0):
            wait_until(lambda: groups.info("g").total_items == 2)
            consumer.ack(late)
            wait_until(lambda: groups.info("g").outstanding_messages_count == 0)
    assert groups.info("g").parked_message_count == 0


def test_what_a_consumer_leaves_goes_to_the_next_however_often(stub: StreamsStub, groups: Groups, stream: str) -> None:
    write(stub, stream, 2)
    groups.create("g", max_retry_count=0)
    for number in range(3):
        with groups.consume("g") as consumer:
            events = consumer.take(2)
            assert (revisions(events), retries(events)) == ([0, 1], [number, number])
        wait_until(lambda: groups.info("g").retry_buffer_count == 2)


def test_unknown_and_broken_answers_are_ignored(stub: StreamsStub, groups: Groups, stream: str) -> None:
    write(stub, stream)
    groups.create("g", max_checkpoint_count=1)
    with groups.consume("g") as consumer:
        events = consumer.take(1)
        strange = [shared_pb2.UUID(string="nonsense"), shared_pb2.UUID(string="11111111-2222-3333-4444-555555555555")]
        consumer.answer(ReadReq(ack=ReadReq.Ack(ids=strange)))
        consumer.answer(ReadReq(options=ReadReq.Options(group_name="g")))
        consumer.ack(events)
        wait_until(lambda: groups.info("g").last_checkpointed_event_position == "0")


def test_a_client_that_ends_its_side_is_sent_events_nevertheless(
    stub: StreamsStub, groups: Groups, stream: str
) -> None:
    groups.create("g")
    with groups.consume("g") as consumer:
        consumer.half_close()
        write(stub, stream)
        assert revisions(consumer.take(1)) == [0]


def test_ids_come_in_the_form_that_was_asked_for_and_are_taken_in_either(
    stub: StreamsStub, groups: Groups, stream: str
) -> None:
    write(stub, stream)
    groups.create("g")
    with groups.consume("g", structured=True) as consumer:
        events = consumer.take(1)
        assert events[0].event.id.WhichOneof("value") == "structured"
        consumer.ack(events)
        wait_until(lambda: groups.info("g").outstanding_messages_count == 0)


def test_two_events_of_one_id_are_never_under_way_together(stub: StreamsStub, groups: Groups, stream: str) -> None:
    """An answer could not tell them apart."""
    same = event(b"1")
    for expected in ("no_stream", 0):
        stub.Append(iter(append_requests(stream, [same], expected)))
    groups.create("g")
    with groups.consume("g") as consumer:
        first = consumer.take(1)
        assert groups.info("g").total_in_flight_messages == 1
        consumer.ack(first)
        second = consumer.take(1)
        assert revisions([*first, *second]) == [0, 1]


def test_in_turn_each_consumer_gets_the_same_share(stub: StreamsStub, groups: Groups, stream: str) -> None:
    groups.create("g", consumer_strategy="RoundRobin")
    with groups.consume("g") as one, groups.consume("g") as other:
        wait_until(lambda: len(groups.info("g").connections) == 2)
        write(stub, stream, 6)
        taken = [revisions(consumer.take(3)) for consumer in (one, other)]
    assert sorted(taken) == [[0, 2, 4], [1, 3, 5]]


def test_a_single_consumer_gets_all_until_it_is_full(stub: StreamsStub, groups: Groups, stream: str) -> None:
    groups.create("g", consumer_strategy="DispatchToSingle")
    with groups.consume("g", buffer_size=3) as one, groups.consume("g", buffer_size=3) as other:
        wait_until(lambda: len(groups.info("g").connections) == 2)
        write(stub, stream, 6)
        taken = [revisions(consumer.take(3)) for consumer in (one, other)]
    assert sorted(taken) == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("strategy", ["Pinned", "PinnedByCorrelation"])
def test_what_belongs_together_goes_to_the_same_consumer(
    stub: StreamsStub, groups: Groups, stream: str, strategy: str
) -> None:
    """By the stream that a link leads to, or by the correlation in the metadata, which here crosses the streams."""
    groups.create("g", consumer_strategy=strategy, resolve_links=True)
    targets = [f"{stream}-{number}" for number in range(12)]
    for number, target in enumerate(targets):
        made = [event() for _ in range(2)]
        for each in made:
            each.custom_metadata = b'{"$correlationId":"%d"}' % (number // 2)
        stub.Append(iter(append_requests(target, made)))
    with groups.consume("g", 50) as one, groups.consume("g", 50) as other:
        wait_until(lambda: len(groups.info("g").connections) == 2)
        write_links(stub, stream, [f"{revision}@{target}" for revision in range(2) for target in targets])
        wait_until(lambda: groups.info("g").total_items == 24)
        shares = [connection.total_items for connection in groups.info("g").connections]
        owners: dict[str, set[int]] = {}
        for number, count in enumerate(shares):
            mine = (one, other)[number].take(count)
            for taken in mine:
                name = taken.event.stream_identifier.stream_name.decode()
                index = targets.index(name)
                owners.setdefault(str(index // 2 if strategy != "Pinned" else index), set()).add(number)
    assert all(shares)
    assert all(len(owner) == 1 for owner in owners.values())


def test_links_are_followed_and_those_to_nothing_come_alone(stub: StreamsStub, groups: Groups, stream: str) -> None:
    """All of it at the position of the link, by whose id it is answered."""
    write(stub, f"{stream}-target", 2)
    write_links(stub, stream, [f"1@{stream}-target", f"9@{stream}-target", "nonsense"])
    groups.create("g", resolve_links=True)
    with groups.consume("g") as consumer:
        followed, missing, nonsense = events = consumer.take(3)
        assert followed.event.stream_revision == 1
        assert followed.event.commit_position == followed.link.commit_position == followed.commit_position
        assert not missing.HasField("event")
        assert missing.HasField("link")
        assert not nonsense.HasField("link")
        assert nonsense.event.data == b"nonsense"
        consumer.ack(events)
        wait_until(lambda: groups.info("g").outstanding_messages_count == 0)


def test_a_deleted_stream_is_waited_for_and_an_ended_one_drops_its_consumers(
    stub: StreamsStub, groups: Groups, stream: str
) -> None:
    write(stub, stream)
    groups.create("g")
    anything: dict[str, Any] = {"stream_identifier": identifier(stream), "any": shared_pb2.Empty()}
    stub.Delete(streams_pb2.DeleteReq(options=streams_pb2.DeleteReq.Options(**anything)))
    with groups.consume("g") as consumer:
        write(stub, stream)
        assert revisions(consumer.take(1)) == [1]
        stub.Tombstone(streams_pb2.TombstoneReq(options=streams_pb2.TombstoneReq.Options(**anything)))
        assert consumer.take(1)[0].event.metadata["type"] == "$streamDeleted"
        consumer.nack([], Nack.Skip)
    with groups.consume("g") as consumer, pytest.raises(grpc.RpcError, match="was dropped"):
        consumer.take(3)


def test_a_group_of_the_log_that_starts_at_its_end_sees_that_it_was_made(
    stub: StreamsStub, log_groups: Groups, stream: str
) -> None:
    log_groups.create(stream, "end", checkpoint_after_ms=0)
    stub.Append(iter(append_requests(stream, [event()])))
    with log_groups.consume(stream, 1000) as consumer:
        # The node may write links of earlier events at any time.
        names: Iterator[tuple[bytes, bytes]] = (
            (each.event.stream_identifier.stream_name, each.event.data)
            for each in iter(lambda: consumer.take(1)[0], None)
        )
        seen = list(takewhile(lambda each: each[0] != stream.encode(), names))
    made = [json.loads(data)["group"] for name, data in seen if name == b"$persistentSubscriptionConfig"]
    assert made == [stream]
    log_groups.delete(stream)


def test_groups_of_the_log_take_what_their_filter_takes(stub: StreamsStub, log_groups: Groups, stream: str) -> None:
    position = write(stub, f"{stream}-before")
    write(stub, f"{stream}-mine")
    write(stub, f"other-{stream}")
    for group, start in (("start", "start"), ("end", "end"), ("there", position)):
        log_groups.create(f"{stream}{group}", start, prefix=stream, max_checkpoint_count=1)
    write(stub, f"{stream}-after")
    names = [f"{stream}-{name}" for name in ("before", "mine", "after")]
    for group, count in (("start", 3), ("there", 3), ("end", 1)):
        with log_groups.consume(f"{stream}{group}") as consumer:
            events = consumer.take(count)
            assert [event.event.stream_identifier.stream_name.decode() for event in events] == names[-count:]
            consumer.ack(events)
            last = events[-1].commit_position
            wait_until(lambda key=f"{stream}{group}", last=last: checkpoint(log_groups, key) >= last)  # type: ignore[misc]
        log_groups.delete(f"{stream}{group}")


def test_a_slow_consumer_loses_nothing_and_the_node_reads_no_further_than_it_must(
    stub: StreamsStub, groups: Groups, stream: str
) -> None:
    """It takes nothing while far more is there than the node holds for it."""
    for _ in range(8):
        write(stub, stream, 10, data=b"x" * 90_000)
    groups.create("g")
    with groups.consume("g", buffer_size=1000) as slow:
        wait_until(lambda: groups.info("g").total_items > 0)
        told = groups.info("g")
        assert int(told.last_known_event_position) < 79
        assert revisions(slow.take(80)) == list(range(80))


def test_ids_of_answers_are_those_of_links(stub: StreamsStub, groups: Groups, stream: str) -> None:
    write(stub, f"{stream}-target")
    write_links(stub, stream, [f"0@{stream}-target"])
    groups.create("g", resolve_links=True, max_retry_count=5)
    with groups.consume("g") as consumer:
        (taken,) = consumer.take(1)
        consumer.answer(ReadReq(ack=ReadReq.Ack(ids=[taken.event.id])))
        consumer.answer(ReadReq(nack=Nack(ids=[id_of(taken)], action=Nack.Retry)))
        assert retries(consumer.take(1)) == [1]


def test_a_call_that_does_not_begin_with_options_fails(groups: Groups) -> None:
    groups.create("g")
    call = groups.stub.Read(iter([ReadReq(ack=ReadReq.Ack())]), timeout=10)
    with pytest.raises(grpc.RpcError, match="Exception was thrown by handler"):
        next(call)


def test_what_was_scavenged_while_it_was_to_be_sent_again_is_done_with(
    channel: grpc.Channel, stub: StreamsStub, groups: Groups, stream: str
) -> None:
    write(stub, stream, 5)
    groups.create("g", max_checkpoint_count=1)
    with groups.consume("g") as consumer:
        consumer.take(5)
    wait_until(lambda: groups.info("g").retry_buffer_count == 5)
    stub.Append(iter(append_requests(f"$${stream}", [event(b'{"$tb":3}', type="$metadata")])))
    path = "/event_store.client.operations.Operations/StartScavenge"
    channel.unary_unary(path, lambda request: request, lambda answer: answer)(b"", timeout=SECONDS)
    wait_until(lambda: first_of(stub, stream) is None)
    with groups.consume("g") as consumer:
        assert revisions(consumer.take(2)) == [3, 4]
        wait_until(lambda: groups.info("g").last_checkpointed_event_position == "2")


def first_of(stub: StreamsStub, stream: str) -> int | None:
    """The position of the first event, among all events of the log."""
    named = [each.event for each in stub.Read(read_all(count=100_000)) if each.event.HasField("event")]
    mine = [each for each in named if each.event.stream_identifier.stream_name == stream.encode()]
    return next((each.commit_position for each in mine if each.event.stream_revision == 0), None)
