"""What clients ask when they connect, and what is not there."""

from typing import Any

import grpc
import pytest
from esdbclient import EventStoreDBClient
from esdbclient.protos.Grpc import gossip_pb2, shared_pb2

from desk.node.descriptors import SERVER_FEATURES, SERVER_FEATURES_MESSAGES, message_classes
from tests.node.processes import NodeProcess


def test_a_client_discovers_the_node_by_gossip(node: NodeProcess) -> None:
    client = EventStoreDBClient(f"esdb+discover://127.0.0.1:{node.port}?Tls=false")
    (member,) = client.read_gossip()
    client.close()
    assert (member.address, member.port, member.state) == ("localhost", node.port, "NODE_STATE_LEADER")


def test_the_node_keeps_its_instance_id_and_tells_the_time(node: NodeProcess) -> None:
    with grpc.insecure_channel(node.target) as channel:
        read = channel.unary_unary(
            "/event_store.client.gossip.Gossip/Read",
            request_serializer=shared_pb2.Empty.SerializeToString,
            response_deserializer=gossip_pb2.ClusterInfo.FromString,
        )
        (first,), (second,) = read(shared_pb2.Empty()).members, read(shared_pb2.Empty()).members
    assert first.instance_id == second.instance_id
    assert first.is_alive
    assert second.time_stamp >= first.time_stamp > 0


def test_the_methods_that_there_are_and_no_others_are_listed(node: NodeProcess) -> None:
    supported = message_classes(SERVER_FEATURES, SERVER_FEATURES_MESSAGES)["SupportedMethods"]
    with grpc.insecure_channel(node.target) as channel:
        answer: Any = channel.unary_unary(
            f"/{SERVER_FEATURES}.ServerFeatures/GetSupportedMethods",
            request_serializer=shared_pb2.Empty.SerializeToString,
            response_deserializer=supported.FromString,
        )(shared_pb2.Empty())
    assert answer.event_store_server_version == "24.10.0"
    listed = {(m.service_name.rpartition(".")[2], m.method_name): list(m.features) for m in answer.methods}
    methods = {service: {method for name, method in listed if name == service} for service, _ in listed}
    assert methods["streams"] == {"append", "batchappend", "delete", "read", "tombstone"}
    assert methods["gossip"] == {"read"}
    assert methods["serverfeatures"] == {"getsupportedmethods"}
    assert methods["projections"] == {
        "create",
        "delete",
        "disable",
        "enable",
        "reset",
        "restartsubsystem",
        "result",
        "state",
        "statistics",
        "update",
    }
    assert {"persistentsubscriptions", "monitoring", "operations", "users"} < set(methods)
    assert listed["streams", "batchappend"] == ["deadline_duration"]
    assert listed["persistentsubscriptions", "create"] == ["stream", "all"]
    assert listed["projections", "create"] == ["track_emitted_streams"]


@pytest.mark.parametrize(
    "method",
    [
        "streams.Streams/NoSuchMethod",
        "projections.Projections/NoSuchMethod",
        "no_such_service.NoSuchService/Create",
    ],
)
def test_what_is_not_there_says_so(node: NodeProcess, method: str) -> None:
    with grpc.insecure_channel(node.target) as channel:
        call: Any = channel.unary_unary(f"/event_store.client.{method}")
        with pytest.raises(grpc.RpcError) as raised:
            call(b"")
    assert isinstance(raised.value, grpc.Call)
    assert raised.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert raised.value.details() == "Method is unimplemented."
