"""A node with TLS as a user starts it, and a client that knows nothing but its address, a file and a password."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from esdbclient import EventStoreDBClient, NewEvent, StreamState
from esdbclient.exceptions import GrpcError
from esdbclient.protos.Grpc import shared_pb2

from desk.node.access import certificates
from tests.node.processes import NodeProcess, anew, port_file, run_node, start_node


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    directory = tmp_path_factory.mktemp("tls")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESK_NODE_ADMIN_PASSWORD", "from-the-environment")
        node = start_node(directory, program=anew(directory, "--tls", "--advertise", "node.example"))
    yield node
    assert node.stop() == 0


def uri(node: NodeProcess, password: str, host: str = "localhost") -> str:
    ca = node.directory / "tls" / "ca.crt"
    return f"esdb://admin:{password}@{host}:{node.port}?tlsCaFile={ca}"


def gossip(channel: grpc.Channel) -> bytes:
    read: Any = channel.unary_unary("/event_store.client.gossip.Gossip/Read", shared_pb2.Empty.SerializeToString)
    answer: bytes = read(shared_pb2.Empty(), timeout=10)
    return answer


def test_a_client_appends_and_reads_by_a_connection_string(secured: NodeProcess) -> None:
    client = EventStoreDBClient(uri(secured, "from-the-environment"))
    client.append_to_stream("s", current_version=StreamState.ANY, events=[NewEvent(type="T", data=b"{}")])
    assert [event.type for event in client.get_stream("s")] == ["T"]
    client.close()


def test_the_port_file_says_that_it_speaks_tls(secured: NodeProcess) -> None:
    assert port_file(secured.directory) == {"port": secured.port, "pid": secured.process.pid, "tls": True}


def test_a_client_with_a_wrong_password_is_turned_away(secured: NodeProcess) -> None:
    client = EventStoreDBClient(uri(secured, "wrong"))
    with pytest.raises(GrpcError, match="Unauthenticated"):
        client.get_stream("s")
    client.close()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "node.example"])
def test_it_goes_by_each_of_its_names(secured: NodeProcess, name: str) -> None:
    trust = grpc.ssl_channel_credentials((secured.directory / "tls" / "ca.crt").read_bytes())
    options = (("grpc.ssl_target_name_override", name),)
    with grpc.secure_channel(secured.target, trust, options) as channel:
        assert gossip(channel)


def test_who_speaks_without_tls_or_trusts_another_ca_gets_nothing(secured: NodeProcess, tmp_path: Path) -> None:
    other = certificates.own(tmp_path, (), datetime.now(UTC))
    assert other.ca is not None
    trust = grpc.ssl_channel_credentials(other.ca.read_bytes())
    for channel in (grpc.insecure_channel(secured.target), grpc.secure_channel(f"localhost:{secured.port}", trust)):
        with channel, pytest.raises(grpc.RpcError) as raised:
            gossip(channel)
        assert isinstance(raised.value, grpc.Call)
        assert raised.value.code() == grpc.StatusCode.UNAVAILABLE


def test_the_file_for_clients_and_the_first_password_are_printed_and_the_password_never_again(tmp_path: Path) -> None:
    first = start_node(tmp_path, "--tls", "--host", "0.0.0.0")  # with TLS any address may be listened on
    said = rest_of_output(first)
    assert f"tlsCaFile={tmp_path / 'tls' / 'ca.crt'}" in said
    password = said.rpartition(": ")[2].strip()
    client = EventStoreDBClient(uri(first, password))
    client.append_to_stream("s", current_version=StreamState.ANY, events=[NewEvent(type="T", data=b"{}")])
    client.close()
    assert first.stop() == 0
    second = start_node(tmp_path, "--tls", "--host", "0.0.0.0")
    again = rest_of_output(second)
    assert "tlsCaFile=" in again
    assert "assword" not in again
    client = EventStoreDBClient(uri(second, password))
    assert len(client.get_stream("s")) == 1
    client.close()
    assert second.stop() == 0


def rest_of_output(node: NodeProcess) -> str:
    """What was printed with the ready line: one write, so it is all there."""
    assert node.process.stdout is not None
    lines = [node.process.stdout.readline()]
    os.set_blocking(node.process.stdout.fileno(), False)
    lines.extend(node.process.stdout.readlines())
    os.set_blocking(node.process.stdout.fileno(), True)
    return "".join(lines)


def test_a_node_without_tls_says_so_and_ends_when_an_administrator_asks_for_it(tmp_path: Path) -> None:
    node = start_node(tmp_path)
    assert "neither TLS nor users" in rest_of_output(node)
    with grpc.insecure_channel(node.target) as channel:
        end: Any = channel.unary_unary(
            "/event_store.client.operations.Operations/Shutdown", shared_pb2.Empty.SerializeToString
        )
        assert end(shared_pb2.Empty(), timeout=10) == b""
        assert node.finish() == 0
    assert not (tmp_path / "node.port").exists()
    assert not (tmp_path / "node.sqlite-wal").exists()


def test_a_given_certificate_is_shown(tmp_path: Path) -> None:
    made = certificates.own(tmp_path, (), datetime.now(UTC))
    assert made.ca is not None
    chain, key = tmp_path / "tls" / "node.crt", tmp_path / "tls" / "node.key"
    node = start_node(tmp_path / "data", "--tls", "--cert", str(chain), "--key", str(key))
    assert "tlsCaFile" not in rest_of_output(node)
    assert not (tmp_path / "data" / "tls").exists()
    with grpc.secure_channel(f"localhost:{node.port}", grpc.ssl_channel_credentials(made.ca.read_bytes())) as channel:
        assert gossip(channel)
    assert node.stop() == 0


def test_a_certificate_that_cannot_be_used_is_said_in_one_sentence(tmp_path: Path) -> None:
    certificates.own(tmp_path, (), datetime.now(UTC) - timedelta(days=500))
    chain, key = tmp_path / "tls" / "node.crt", tmp_path / "tls" / "node.key"
    refused = run_node(
        "--data", str(tmp_path / "data"), "--port", "0", "--tls", "--cert", str(chain), "--key", str(key)
    )
    assert refused.returncode == 1
    assert "ended on" in refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--cert", "x", "--key", "y"), "for --tls"),
        (("--tls", "--cert", "x"), "belong together"),
        (("--tls", "--key", "x"), "belong together"),
    ],
)
def test_options_that_do_not_go_together_are_usage_errors(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    refused = run_node("--data", str(tmp_path), "--port", "0", *options)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_node_loads_neither_what_makes_certificates_nor_what_else_few_nodes_need() -> None:
    program = "import sys, desk.node.__main__ as main; main.node(['--data', '', '--cert', 'x']); print(*sys.modules)"
    program += "; import gc; assert gc.isenabled()"
    program += "; from esdbclient import EventStoreDBClient; EventStoreDBClient('esdb://127.0.0.1:1?Tls=false')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"desk.node.server", "esdbclient.protos.Grpc.streams_pb2"} <= loaded
    assert not loaded & {"cryptography", "regex", "google.protobuf.json_format", "sqlite_utils", "desk.cqrs.store"}
    assert not loaded & {"esdbclient.client", "esdbclient.asyncio_client", "dns"}
