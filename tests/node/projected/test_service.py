"""The Projections service: what is steered, what is told, and what is refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from esdbclient import EventStoreDBClient
from esdbclient.protos.Grpc import projections_pb2, shared_pb2
from esdbclient.protos.Grpc.projections_pb2_grpc import ProjectionsStub

from tests.node.processes import NodeProcess, start_node, wait_until
from tests.node.projected.reading import append, fresh, read, texts, thing, written

NAMES = ["$streams", "$stream_by_category", "$by_category", "$by_event_type", "$by_correlation_id"]
EMPTY = shared_pb2.Empty()
StatisticsReq = projections_pb2.StatisticsReq


@pytest.fixture(scope="module")
def service(node: NodeProcess) -> Iterator[Any]:
    with grpc.insecure_channel(node.target) as channel:
        yield ProjectionsStub(channel)  # type: ignore[no-untyped-call]


def status(client: EventStoreDBClient, name: str) -> str:
    return client.get_projection_statistics(name=name).status


def failure(method: Any, request: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as raised:
        list(answer) if hasattr(answer := method(request), "__next__") else None
    assert isinstance(raised.value, grpc.Call)
    return raised.value.code(), raised.value.details() or ""


@pytest.mark.parametrize(
    ("kind", "names"), [("all", NAMES), ("continuous", NAMES), ("transient", []), ("one_time", [])]
)
def test_statistics_are_told_by_kind(service: Any, kind: str, names: list[str]) -> None:
    options = StatisticsReq.Options()
    getattr(options, kind).CopyFrom(EMPTY)
    answers = service.Statistics(StatisticsReq(options=options))
    assert [answer.details.name for answer in answers] == names


def test_statistics_say_how_far_a_projection_has_come(client: EventStoreDBClient) -> None:
    category = fresh()
    append(client, f"{category}-1", thing(), thing())
    written(client, f"$ce-{category}", f"1@{category}-1")
    position = read(client, f"{category}-1")[-1].commit_position or 0
    told = client.get_projection_statistics(name="$by_category")
    assert (told.name, told.effective_name, told.mode, told.status) == (
        "$by_category",
        "$by_category",
        "Continuous",
        "Running",
    )
    assert told.events_processed_after_restart >= 2
    assert int(told.position.partition("/")[0].removeprefix("C:")) >= position
    assert told.position == told.last_checkpoint or told.progress > 0
    wait_until(lambda: client.get_projection_statistics(name="$by_category").progress == 100.0)


def test_a_stopped_projection_writes_nothing_until_it_is_enabled(client: EventStoreDBClient) -> None:
    name, trail = "$by_correlation_id", fresh("trail")
    stream = fresh()
    client.disable_projection(name=name)
    assert status(client, name) == "Stopped"
    client.disable_projection(name=name)
    append(client, stream, thing(metadata=f'{{"$correlationId":"{trail}"}}'.encode()))
    written(client, "$streams", f"0@{stream}")
    assert not read(client, f"$bc-{trail}")
    client.enable_projection(name=name)
    client.enable_projection(name=name)
    assert status(client, name) == "Running"
    assert texts(written(client, f"$bc-{trail}", f"0@{stream}")) == [f"0@{stream}"]


def test_a_projection_that_stops_without_a_checkpoint_is_aborted(client: EventStoreDBClient, service: Any) -> None:
    name = "$by_event_type"
    request = projections_pb2.DisableReq
    service.Disable(request(options=request.Options(name=name, write_checkpoint=False)))
    assert status(client, name) == "Aborted/Stopped"
    client.enable_projection(name=name)
    assert status(client, name) == "Running"


def test_after_a_reset_all_is_written_anew_and_what_was_there_is_hidden(client: EventStoreDBClient) -> None:
    category = fresh()
    for number in (1, 2):
        append(client, f"{category}-{number}", thing())
    written(client, f"$category-{category}", f"{category}-2")
    client.reset_projection(name="$stream_by_category")
    wait_until(lambda: [event.stream_position for event in read(client, f"$category-{category}")] == [2, 3])
    assert texts(read(client, f"$category-{category}")) == [f"{category}-1", f"{category}-2"]
    assert client.get_stream_metadata(f"$category-{category}")[0] == {"$acl": {"$r": "$all", "$mr": "$all"}, "$tb": 2}
    append(client, f"{category}-3", thing())
    assert len(written(client, f"$category-{category}", f"{category}-3")) == 3
    told = client.get_projection_statistics(name="$stream_by_category")
    assert (told.version, told.epoch, told.status) == (2, 2, "Running")


def test_state_and_result_of_a_system_projection_are_empty(client: EventStoreDBClient, service: Any) -> None:
    assert client.get_projection_state(name="$by_category").value == {}
    request = projections_pb2.ResultReq
    answer = service.Result(request(options=request.Options(name="$streams", partition="x")))
    assert answer.result.WhichOneof("kind") == "struct_value"


def test_what_nobody_knows_is_not_found(service: Any) -> None:
    for method in ("Enable", "Disable", "Reset", "State", "Result", "Delete"):
        request = getattr(projections_pb2, f"{method}Req")
        for name in ("none", ""):
            found = failure(getattr(service, method), request(options=request.Options(name=name)))
            assert found == (grpc.StatusCode.NOT_FOUND, f"Projection '{name}' not found"), method
        assert failure(getattr(service, method), request())[0] == grpc.StatusCode.UNKNOWN, method
    named = StatisticsReq(options=StatisticsReq.Options(name="none"))
    with pytest.raises(grpc.RpcError) as raised:
        list(service.Statistics(named))
    assert raised.value.code() == grpc.StatusCode.NOT_FOUND
    assert raised.value.details() == "Projection 'none' not found"
    assert not raised.value.trailing_metadata()


def test_statistics_without_a_mode_are_those_of_all(service: Any) -> None:
    answers = service.Statistics(StatisticsReq(options=StatisticsReq.Options()))
    assert {answer.details.name for answer in answers} == set(NAMES)
    assert failure(service.Statistics, StatisticsReq()) == (
        grpc.StatusCode.UNKNOWN,
        "Exception was thrown by handler.",
    )


def test_a_system_projection_is_never_deleted(service: Any) -> None:
    request = projections_pb2.DeleteReq(options=projections_pb2.DeleteReq.Options(name="$streams"))
    code, details = failure(service.Delete, request)
    assert code == grpc.StatusCode.FAILED_PRECONDITION
    assert "System Projections" in details


def test_projections_of_ones_own_need_javascript_which_is_not_there(service: Any) -> None:
    create, update = projections_pb2.CreateReq, projections_pb2.UpdateReq
    transient = create.Options.Transient(name="mine")
    code, details = failure(service.Create, create(options=create.Options(transient=transient, query="fromAll()")))
    assert code == grpc.StatusCode.UNIMPLEMENTED
    assert "JavaScript" in details
    changed = update.Options(name="$streams", query="fromAll()", emit_enabled=True)
    assert failure(service.Update, update(options=changed)) == (code, details)
    changed.name = "none"
    assert failure(service.Update, update(options=changed)) == (
        grpc.StatusCode.NOT_FOUND,
        "Projection 'none' not found",
    )


def test_requests_that_say_too_little_make_the_handler_throw(service: Any) -> None:
    create, update = projections_pb2.CreateReq, projections_pb2.UpdateReq
    tracked = create.Options.Continuous(name="mine", track_emitted_streams=True)
    for method, request in (
        (service.Create, create()),
        (service.Create, create(options=create.Options(continuous=tracked))),
        (service.Update, update()),
        (service.Update, update(options=update.Options(name="$streams"))),
    ):
        assert failure(method, request) == (grpc.StatusCode.UNKNOWN, "Exception was thrown by handler.")


def test_projections_go_on_after_their_subsystem_was_restarted(client: EventStoreDBClient) -> None:
    category = fresh()
    append(client, f"{category}-1", thing())
    client.restart_projections_subsystem()
    append(client, f"{category}-1", thing())
    assert texts(written(client, f"$ce-{category}", f"1@{category}-1")) == [f"0@{category}-1", f"1@{category}-1"]


def test_what_was_stopped_or_started_stays_so_and_the_argument_decides_on_the_rest(tmp_path: Path) -> None:
    node = start_node(tmp_path, "--system-projections", "off")
    client = EventStoreDBClient(node.uri)
    assert {status(client, name) for name in NAMES} == {"Stopped"}
    append(client, "book-1", thing())
    client.enable_projection(name="$by_category")
    client.disable_projection(name="$by_event_type")
    assert texts(written(client, "$ce-book", "0@book-1")) == ["0@book-1"]
    client.close()
    node.stop()

    node = start_node(tmp_path, "--system-projections", "off")
    client = EventStoreDBClient(node.uri)
    assert [name for name in NAMES if status(client, name) == "Running"] == ["$by_category"]
    client.close()
    node.stop()

    node = start_node(tmp_path)
    client = EventStoreDBClient(node.uri)
    assert [name for name in NAMES if status(client, name) == "Stopped"] == ["$by_event_type"]
    assert texts(written(client, "$streams", "0@book-1")) == ["0@book-1"]
    assert texts(read(client, "$ce-book")) == ["0@book-1"]
    client.close()
    node.stop()
