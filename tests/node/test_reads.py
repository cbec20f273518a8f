"""Reads of a stream and of the whole log, and links."""

import time
import uuid

import grpc
import pytest
from esdbclient import EventStoreDBClient, NewEvent, StreamState
from esdbclient.protos.Grpc.streams_pb2_grpc import StreamsStub

from desk.node.wire import id_bytes
from tests.node.wiring import (
    Options,
    ReadReq,
    ReadResp,
    append_requests,
    event,
    is_missing,
    read_all,
    read_stream,
    stream_filter,
    write,
)


def revisions(stub: StreamsStub, request: ReadReq) -> list[int]:
    return [r.event.event.stream_revision for r in stub.Read(request) if r.HasField("event")]


def positions(stub: StreamsStub, request: ReadReq) -> list[int]:
    return [r.event.commit_position for r in stub.Read(request)]


def code_of(stub: StreamsStub, request: ReadReq) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as raised:
        list(stub.Read(request))
    assert isinstance(raised.value, grpc.Call)
    return raised.value.code(), raised.value.details()


@pytest.mark.parametrize(
    ("start", "backwards", "count", "seen"),
    [
        ("start", False, 1000, [0, 1, 2, 3, 4, 5]),
        ("start", False, 2, [0, 1]),
        (4, False, 1000, [4, 5]),
        (6, False, 1000, []),
        ("end", True, 1000, [5, 4, 3, 2, 1, 0]),
        ("end", True, 2, [5, 4]),
        (2, True, 1000, [2, 1, 0]),
        (100, True, 2, [5, 4]),
        ("start", True, 1000, [0]),
        (0, False, 2**64 - 1, [0, 1, 2, 3, 4, 5]),
    ],
)
def test_a_stream_is_read_both_ways_from_anywhere(
    stub: StreamsStub, stream: str, start: int | str, backwards: bool, count: int, seen: list[int]
) -> None:
    write(stub, stream, 6)
    assert revisions(stub, read_stream(stream, start, backwards=backwards, count=count)) == seen


def test_a_stream_of_many_pages_comes_whole_and_in_order(stub: StreamsStub, stream: str) -> None:
    for _ in range(3):
        write(stub, stream, 700)
    assert revisions(stub, read_stream(stream, count=10_000)) == list(range(2100))
    assert revisions(stub, read_stream(stream, "end", backwards=True, count=1500)) == list(range(2099, 599, -1))


def test_pages_are_bounded_by_bytes_too(stub: StreamsStub, stream: str) -> None:
    for _ in range(5):
        write(stub, stream, 2, data=b"x" * 400_000)
    assert revisions(stub, read_stream(stream)) == list(range(10))
    assert revisions(stub, read_stream(stream, "end", backwards=True)) == list(range(9, -1, -1))


def test_reading_forwards_from_the_end_is_an_error(stub: StreamsStub, stream: str) -> None:
    write(stub, stream)
    assert code_of(stub, read_stream(stream, "end")) == (
        grpc.StatusCode.UNKNOWN,
        "Unexpected ReadStreamResult: Error",
    )


def test_a_stream_that_never_was_is_not_found(stub: StreamsStub, stream: str) -> None:
    assert is_missing(stub, stream)


def test_ids_come_in_the_form_that_was_asked_for(stub: StreamsStub, stream: str) -> None:
    sent = event()
    stub.Append(iter(append_requests(stream, [sent])))
    (text,) = stub.Read(read_stream(stream))
    (halves,) = stub.Read(read_stream(stream, structured=True))
    assert text.event.event.id.string == sent.id.string
    assert id_bytes(halves.event.event.id) == uuid.UUID(sent.id.string).bytes
    assert halves.event.event.id.WhichOneof("value") == "structured"


@pytest.mark.parametrize(
    ("start", "count", "told"),
    [(0, 2, 47), (20, 2, 47), (46, 2, None), (0, 1000, 47), (40, 1000, None), (60, 2, 50)],
)
def test_a_client_that_knows_of_them_is_told_a_streams_first_and_last_revision(
    stub: StreamsStub, client: EventStoreDBClient, stream: str, start: int, count: int, told: int | None
) -> None:
    write(stub, stream, 50)
    client.set_stream_metadata(stream, metadata={"$tb": 47}, current_version=StreamState.NO_STREAM)
    responses = list(stub.Read(read_stream(stream, start, count=count, compatibility=1)))
    first = [r.first_stream_position for r in responses if r.WhichOneof("content") == "first_stream_position"]
    assert first == ([] if told is None else [told])
    assert responses[-1].last_stream_position == 49
    assert not [r for r in stub.Read(read_stream(stream, start, count=count)) if not r.HasField("event")]


def test_events_that_are_too_old_are_hidden(stub: StreamsStub, client: EventStoreDBClient, stream: str) -> None:
    write(stub, stream, 2)
    client.set_stream_metadata(stream, metadata={"$maxAge": 2}, current_version=StreamState.NO_STREAM)
    assert revisions(stub, read_stream(stream)) == [0, 1]
    end = time.monotonic() + 60
    while revisions(stub, read_stream(stream)) and time.monotonic() < end:
        time.sleep(0.1)
    write(stub, stream)
    assert revisions(stub, read_stream(stream)) == [2]


def test_a_metadata_stream_shows_its_last_event_alone(
    stub: StreamsStub, client: EventStoreDBClient, stream: str
) -> None:
    for number in range(3):
        client.set_stream_metadata(stream, metadata={"n": number}, current_version=StreamState.ANY)
    assert revisions(stub, read_stream(f"$${stream}")) == [2]


# -- the whole log ------------------------------------------------------------------------


def test_the_log_begins_with_an_event_of_the_system(stub: StreamsStub) -> None:
    first = next(iter(stub.Read(read_all(count=1))))
    assert first.event.event.metadata["type"].startswith("$")


def test_the_log_is_read_both_ways_in_order(stub: StreamsStub, stream: str) -> None:
    for number in range(4):
        write(stub, f"{stream}-{number % 2}", 2)
    mine = stream_filter(stream)
    forwards = positions(stub, read_all(filtered=mine))
    assert len(forwards) == 8
    assert forwards == sorted(set(forwards))
    assert positions(stub, read_all("end", backwards=True, filtered=mine)) == forwards[::-1]
    assert positions(stub, read_all(forwards[3], filtered=mine)) == forwards[3:]
    assert positions(stub, read_all(forwards[3], backwards=True, filtered=mine)) == forwards[2::-1]
    assert positions(stub, read_all("start", backwards=True)) == []
    assert positions(stub, read_all("end")) == []


def test_an_unfiltered_read_sees_everything_up_to_its_count(stub: StreamsStub, stream: str) -> None:
    write(stub, stream, 1200)
    assert len(positions(stub, read_all(count=900))) == 900
    assert len(positions(stub, read_all("end", backwards=True, count=1100))) == 1100


def test_nothing_hides_from_the_log(stub: StreamsStub, client: EventStoreDBClient, stream: str) -> None:
    write(stub, stream, 2)
    client.delete_stream(stream, current_version=StreamState.ANY)
    client.tombstone_stream(stream, current_version=StreamState.ANY)
    kinds = [r.event.event.metadata["type"] for r in stub.Read(read_all(filtered=stream_filter(regex=f"{stream}$")))]
    assert kinds == ["Happened", "Happened", "$metadata", "$streamDeleted"]


def test_a_filter_finds_few_among_many(stub: StreamsStub, stream: str) -> None:
    for _ in range(6):
        write(stub, f"{stream}-other", 900)
        write(stub, f"{stream}-mine", 1)
    assert len(positions(stub, read_all(filtered=stream_filter(f"{stream}-mine")))) == 6
    by_type = Options.FilterOptions(
        event_type=Options.FilterOptions.Expression(regex="^Happ.*ed$"), max=1, checkpointIntervalMultiplier=1
    )
    assert len(positions(stub, read_all(filtered=by_type, count=3))) == 3


def test_reading_backwards_from_beyond_the_end_is_an_error(stub: StreamsStub) -> None:
    assert positions(stub, read_all(2**40)) == []
    assert code_of(stub, read_all(2**40, backwards=True))[1] == "Unexpected ReadAllResult: Error"
    assert code_of(stub, read_all(2**40, backwards=True, filtered=stream_filter("x")))[1] == (
        "Unexpected FilteredReadAllResult: Error"
    )


@pytest.mark.parametrize("wrong", ["source", "count", "filter", "uuid", "direction", "window", "kind", "pattern time"])
def test_what_cannot_be_read_is_an_invalid_argument(stub: StreamsStub, wrong: str) -> None:
    request = read_all(filtered=stream_filter("x"))
    options = request.options
    match wrong:
        case "source":
            options.ClearField("all")
        case "count":
            options.ClearField("count")
        case "filter":
            options.ClearField("filter")
        case "uuid":
            options.ClearField("uuid_option")
        case "direction":
            options.read_direction = 7  # type: ignore[assignment]
        case "window":
            options.filter.max = 0
        case "kind":
            options.filter.ClearField("stream_identifier")
        case _:
            name = "a" * 60 + "b" + uuid.uuid4().hex
            write(stub, name)
            options.filter.stream_identifier.regex = "^(a|aa)+$"
    assert code_of(stub, request)[0] == grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("wrong", ["options", "revision", "name", "position", "order", "pattern"])
def test_what_makes_no_sense_makes_the_handler_throw(stub: StreamsStub, stream: str, wrong: str) -> None:
    match wrong:
        case "options":
            request = ReadReq()
        case "revision":
            request = read_stream(stream, 2**63)
        case "name":
            request = read_stream("")
        case "position":
            request = read_all(2**63)
        case "order":
            request = read_all(5)
            request.options.all.position.prepare_position = 6
        case _:
            request = read_all(filtered=stream_filter(regex="("))
    assert code_of(stub, request) == (grpc.StatusCode.UNKNOWN, "Exception was thrown by handler.")


# -- links --------------------------------------------------------------------------------


def linked(stub: StreamsStub, stream: str, data: str) -> ReadResp.ReadEvent:
    stub.Append(iter(append_requests(stream, [event(data.encode(), "$>")])))
    *_, last = stub.Read(read_stream(stream, resolve_links=True))
    assert isinstance(last.event, ReadResp.ReadEvent)
    return last.event


def test_a_link_is_shown_beside_the_event_that_it_points_to(stub: StreamsStub, stream: str) -> None:
    write(stub, f"{stream}-target", 3)
    shown = linked(stub, stream, f"1@{stream}-target")
    assert shown.event.stream_revision == 1
    assert shown.event.stream_identifier.stream_name.decode() == f"{stream}-target"
    assert shown.link.data.decode() == f"1@{stream}-target"
    assert shown.commit_position == shown.link.commit_position > shown.event.commit_position
    (plain,) = stub.Read(read_stream(stream))
    assert not plain.event.HasField("link")


@pytest.mark.parametrize("target", ["9@{}", "0@{}-missing", "-2@{}", "0@", "0"])
def test_a_link_to_nothing_is_shown_alone(stub: StreamsStub, stream: str, target: str) -> None:
    write(stub, f"{stream}-target")
    shown = linked(stub, stream, target.format(f"{stream}-target"))
    assert shown.HasField("link")
    assert not shown.HasField("event")


@pytest.mark.parametrize("target", ["nonsense", "", "x@{}", "9223372036854775808@{}"])
def test_a_link_without_a_number_is_an_event_like_any_other(stub: StreamsStub, stream: str, target: str) -> None:
    shown = linked(stub, stream, target.format(stream))
    assert shown.HasField("event")
    assert not shown.HasField("link")


def test_a_link_to_what_is_hidden_is_shown_alone(stub: StreamsStub, client: EventStoreDBClient, stream: str) -> None:
    target = f"{stream}-target"
    client.append_to_stream(target, current_version=StreamState.ANY, events=[NewEvent("A", b"{}") for _ in range(3)])
    client.set_stream_metadata(target, metadata={"$maxCount": 1}, current_version=StreamState.ANY)
    assert not linked(stub, stream, f"1@{target}").HasField("event")
    assert linked(stub, stream, f"2@{target}").HasField("event")
    client.delete_stream(target, current_version=StreamState.ANY)
    assert not linked(stub, stream, f"2@{target}").HasField("event")
    client.tombstone_stream(target, current_version=StreamState.ANY)
    assert not linked(stub, stream, f"2@{target}").HasField("event")


def test_a_link_to_a_link_shows_the_inner_link(stub: StreamsStub, stream: str) -> None:
    write(stub, f"{stream}-target")
    linked(stub, f"{stream}-inner", f"0@{stream}-target")
    assert linked(stub, stream, f"0@{stream}-inner").event.metadata["type"] == "$>"


def test_a_subscription_cannot_go_backwards(stub: StreamsStub, stream: str) -> None:
    request = read_stream(stream, "end", backwards=True)
    request.options.subscription.CopyFrom(Options.SubscriptionOptions())
    code, details = code_of(stub, request)
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert details == "The combination of (Stream, Subscription, Backwards, NoFilter) is invalid."
