"""Append, Delete and Tombstone, on the wire."""

import uuid

import grpc
import pytest
from esdbclient import EventStoreDBClient, NewEvent, StreamState
from esdbclient.exceptions import NotFound, StreamIsDeleted, WrongCurrentVersion
from esdbclient.protos.Grpc import streams_pb2
from esdbclient.protos.Grpc.streams_pb2_grpc import StreamsStub

from tests.node.wiring import (
    EMPTY,
    AppendReq,
    AppendResp,
    append_requests,
    event,
    identifier,
    is_missing,
    read_stream,
    uuid_of,
)

MIB = 1 << 20


def append(
    stub: StreamsStub, stream: str, *events: AppendReq.ProposedMessage, expected: int | str = "any"
) -> AppendResp:
    answer = stub.Append(iter(append_requests(stream, events, expected)))
    assert isinstance(answer, AppendResp)
    return answer


def failure(call: object) -> tuple[grpc.StatusCode, str, dict[str, str]]:
    """The status, text and trailers with which a call fails."""
    with pytest.raises(grpc.RpcError) as raised:
        call()  # type: ignore[operator]
    error = raised.value
    assert isinstance(error, grpc.Call)
    return error.code(), error.details(), {key: str(value) for key, value in error.trailing_metadata()}


def test_an_append_answers_with_the_last_revision_and_its_position(stub: StreamsStub, stream: str) -> None:
    success = append(stub, stream, event(), event()).success
    assert success.current_revision == 1
    assert success.position.commit_position == success.position.prepare_position > 0
    responses = list(stub.Read(read_stream(stream)))
    assert responses[-1].event.commit_position == success.position.commit_position


def test_events_come_back_as_they_were_sent(stub: StreamsStub, stream: str) -> None:
    sent = event(b'{"n":1}', "Ünïcødé 書", colour="blue")
    sent.custom_metadata = b"\x00\xff"
    append(stub, stream, sent)
    (response,) = stub.Read(read_stream(stream))
    recorded = response.event.event
    assert recorded.id == sent.id
    assert (recorded.data, recorded.custom_metadata) == (sent.data, sent.custom_metadata)
    assert set(recorded.metadata) == {"type", "content-type", "created"}
    assert recorded.metadata["type"] == "Ünïcødé 書"


@pytest.mark.parametrize(
    ("expected", "current", "fields"),
    [
        ("no_stream", 1, {"expected_no_stream", "expected_revision_20_6_0"}),
        (0, 1, {"expected_revision", "expected_revision_20_6_0"}),
        (7, 1, {"expected_revision", "expected_revision_20_6_0"}),
        ("stream_exists", None, {"expected_stream_exists", "stream_exists_20_6_0"}),
        (0, None, {"expected_revision", "expected_revision_20_6_0"}),
    ],
)
def test_a_wrong_expectation_is_answered_in_new_and_old_fields(
    stub: StreamsStub, stream: str, expected: int | str, current: int | None, fields: set[str]
) -> None:
    if current is not None:
        append(stub, stream, event(), event())
    refused = append(stub, stream, event(), expected=expected).wrong_expected_version
    set_fields = {name for name in refused.DESCRIPTOR.fields_by_name if refused.HasField(name)}  # type: ignore[arg-type]
    if current is None:
        assert set_fields == fields | {"current_no_stream", "no_stream_20_6_0"}
    else:
        assert set_fields == fields | {"current_revision", "current_revision_20_6_0"}
        assert refused.current_revision == refused.current_revision_20_6_0 == current


def test_an_append_of_nothing_succeeds_and_takes_a_position(stub: StreamsStub, stream: str) -> None:
    first, second = append(stub, stream).success, append(stub, stream).success
    assert first.HasField("no_stream")
    assert second.position.commit_position > first.position.commit_position
    assert is_missing(stub, stream)


def test_the_same_append_again_changes_nothing(stub: StreamsStub, stream: str) -> None:
    events = [event(), event()]
    first = append(stub, stream, *events, expected="no_stream")
    assert append(stub, stream, *events, expected="no_stream") == first
    assert append(stub, stream, *events) == first
    assert append(stub, stream, *events, expected="stream_exists") == first
    assert len(list(stub.Read(read_stream(stream)))) == 2


def test_a_mix_of_old_and_new_events_is_refused(stub: StreamsStub, stream: str) -> None:
    old, new = event(), event()
    append(stub, stream, old)
    assert append(stub, stream, old, new).HasField("wrong_expected_version")
    assert append(stub, stream, old, new, expected="no_stream").HasField("wrong_expected_version")


def test_an_append_over_the_limit_is_refused_and_one_below_it_is_not(stub: StreamsStub, stream: str) -> None:
    assert append(stub, stream, event(b"x" * (MIB - 100))).HasField("success")
    code, details, trailers = failure(lambda: append(stub, stream, event(b"x" * MIB)))
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert details == f"Maximum Append Size of {MIB} Exceeded."
    assert trailers["maximum-append-size"] == str(MIB)


def test_a_message_over_the_limit_is_refused(stub: StreamsStub, stream: str) -> None:
    code, _, _ = failure(lambda: append(stub, stream, event(b"x" * 17_000_000)))
    assert code == grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.parametrize("missing", ["type", "content-type"])
def test_an_event_needs_its_type_and_content_type(stub: StreamsStub, stream: str, missing: str) -> None:
    incomplete = event()
    del incomplete.metadata[missing]
    code, details, trailers = failure(lambda: append(stub, stream, event(), incomplete))
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert f"'{missing}'" in details
    assert trailers["exception"] == "missing-required-metadata-property"
    assert is_missing(stub, stream)


@pytest.mark.parametrize("wrong", ["no id", "zeros", "nonsense", "no type", "no name", "no options", "nothing"])
def test_what_makes_no_sense_makes_the_handler_throw(stub: StreamsStub, stream: str, wrong: str) -> None:
    bad = event()
    if wrong == "no id":
        bad.ClearField("id")
    elif wrong == "no type":
        bad.metadata["type"] = ""
    elif wrong in ("zeros", "nonsense"):
        bad.id.string = str(uuid.UUID(int=0)) if wrong == "zeros" else wrong
    requests = append_requests("" if wrong == "no name" else stream, [bad])
    if wrong in ("no options", "nothing"):
        requests = requests[1:] if wrong == "no options" else []
    code, details, _ = failure(lambda: stub.Append(iter(requests)))
    assert (code, details) == (grpc.StatusCode.UNKNOWN, "Exception was thrown by handler.")


def test_ids_in_capitals_and_without_hyphens_are_the_same_id(stub: StreamsStub, stream: str) -> None:
    first, second = event(), event()
    second.id.CopyFrom(uuid_of(first.id.string.upper().replace("-", "")))
    assert append(stub, stream, first) == append(stub, stream, second)


def test_a_deleted_stream_is_not_found_and_can_be_written_again(client: EventStoreDBClient, stream: str) -> None:
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=[NewEvent("A", b"{}")] * 1)
    client.delete_stream(stream, current_version=0)
    with pytest.raises(NotFound):
        client.get_stream(stream)
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=[NewEvent("B", b"{}")])
    assert [(e.type, e.stream_position) for e in client.get_stream(stream)] == [("B", 1)]


def test_a_tombstoned_stream_is_gone_for_ever(client: EventStoreDBClient, stream: str) -> None:
    client.append_to_stream(stream, current_version=StreamState.ANY, events=[NewEvent("A", b"{}")])
    client.tombstone_stream(stream, current_version=0)
    with pytest.raises(StreamIsDeleted):
        client.get_stream(stream)
    with pytest.raises(StreamIsDeleted):
        client.append_to_stream(stream, current_version=StreamState.ANY, events=[NewEvent("B", b"{}")])
    with pytest.raises(StreamIsDeleted):
        client.delete_stream(stream, current_version=StreamState.ANY)


def test_deleting_at_a_wrong_revision_says_where_the_stream_is(
    stub: StreamsStub, client: EventStoreDBClient, stream: str
) -> None:
    append(stub, stream, event(), event())
    options = streams_pb2.DeleteReq.Options(stream_identifier=identifier(stream), revision=7)
    code, details, trailers = failure(lambda: stub.Delete(streams_pb2.DeleteReq(options=options)))
    assert code == grpc.StatusCode.FAILED_PRECONDITION
    assert details.endswith("Expected version: 7, Actual version: 1")
    assert trailers["exception"] == "wrong-expected-version"
    assert (trailers["expected-version"], trailers["actual-version"]) == ("7", "1")
    with pytest.raises(WrongCurrentVersion):
        client.tombstone_stream(stream, current_version=7)


def test_a_name_that_fits_no_trailer_still_gets_its_answer(stub: StreamsStub) -> None:
    name = f"zwölf\n{uuid.uuid4()}"
    append(stub, name, event())
    options = streams_pb2.TombstoneReq.Options(stream_identifier=identifier(name), any=EMPTY)
    stub.Tombstone(streams_pb2.TombstoneReq(options=options))
    code, _, trailers = failure(lambda: append(stub, name, event()))
    assert code == grpc.StatusCode.FAILED_PRECONDITION
    assert trailers["stream-name"].startswith("zw?lf?")


def test_stream_metadata_are_set_and_read_and_hide_events(client: EventStoreDBClient, stream: str) -> None:
    client.append_to_stream(stream, current_version=StreamState.ANY, events=[NewEvent("A", b"{}") for _ in range(5)])
    metadata = {"$maxCount": 2, "colour": "blue"}
    client.set_stream_metadata(stream, metadata=metadata, current_version=StreamState.NO_STREAM)
    assert client.get_stream_metadata(stream) == (metadata, 0)
    assert [e.stream_position for e in client.get_stream(stream)] == [3, 4]
    client.set_stream_metadata(stream, metadata={"$tb": 4}, current_version=0)
    assert [e.stream_position for e in client.get_stream(stream)] == [4]
    client.set_stream_metadata(stream, metadata={"$maxAge": 3600}, current_version=1)
    assert len(client.get_stream(stream)) == 5
