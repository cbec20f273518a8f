"""Where a node listens: on both addresses of loopback, where there are two."""

import socket
from pathlib import Path

import grpc
import pytest
from esdbclient.protos.Grpc.streams_pb2_grpc import StreamsStub

from desk.node import listening
from tests.node.processes import port_file, run_node, start_node
from tests.node.wiring import append_requests, event

needs_ipv6 = pytest.mark.skipif(listening._bound("::1", 0) is None, reason="needs IPv6")


def appends(target: str) -> bool:
    with grpc.insecure_channel(target) as channel:
        stub = StreamsStub(channel)  # type: ignore[no-untyped-call]
        return bool(stub.Append(iter(append_requests("s", [event()])), timeout=15).HasField("success"))


@needs_ipv6
def test_loopback_means_both_addresses_on_one_port(tmp_path: Path) -> None:
    node = start_node(tmp_path)
    try:
        assert appends(f"127.0.0.1:{node.port}")
        assert appends(f"[::1]:{node.port}")
        assert port_file(tmp_path)["port"] == node.port
    finally:
        assert node.stop() == 0


@needs_ipv6
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_that_is_named_is_taken_on_both_addresses(tmp_path: Path, host: str) -> None:
    port = listening._free_port(listening.LOOPBACK)
    node = start_node(tmp_path, "--host", host, "--port", str(port))
    try:
        assert node.port == port
        for each in listening.LOOPBACK:
            assert appends(listening.address(each, port))
    finally:
        assert node.stop() == 0


@needs_ipv6
@pytest.mark.parametrize("taken", ["127.0.0.1", "::1"])
def test_a_port_that_is_taken_on_one_of_the_two_is_said_in_one_sentence(tmp_path: Path, taken: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in taken else socket.AF_INET) as other:
        other.bind((taken, 0))
        other.listen()
        port = other.getsockname()[1]
        refused = run_node("--data", str(tmp_path), "--port", str(port))
    assert refused.returncode != 0
    assert f"Cannot listen on {listening.address(taken, port)}: the port is in use" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert not (tmp_path / "node.port").exists()


def test_without_ipv6_the_node_listens_on_the_one_address_that_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    class Server:
        def add_insecure_port(self, wanted: str) -> int:
            tried.append(wanted)
            return 4711

    bound = listening._bound
    monkeypatch.setattr(listening, "_bound", lambda host, port: None if ":" in host else bound(host, port))
    server: grpc.aio.Server = Server()  # type: ignore[assignment]
    assert listening.listen(server, "127.0.0.1", 0, None) == 4711
    assert tried == ["127.0.0.1:0"]
    assert listening.listen(server, "0.0.0.0", 2113, None) == 4711
    assert tried[1:] == ["0.0.0.0:2113"]


def test_a_port_is_found_that_is_free_on_both(monkeypatch: pytest.MonkeyPatch) -> None:
    offered = iter([5001, 5002])
    monkeypatch.setattr(
        listening, "_bound", lambda _host, port: next(offered) if port == 0 else (None if port == 5001 else port)
    )
    assert listening._free_port(listening.LOOPBACK) == 5002
