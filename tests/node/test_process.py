"""The node as a program: how it starts, who may have the directory, and how it ends."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from esdbclient import EventStoreDBClient, NewEvent, StreamState
from esdbclient.exceptions import EventStoreDBClientException

from tests.node.processes import NodeProcess, anew, port_file, run_node, start_node, wait_until


@pytest.fixture
def started(tmp_path: Path) -> Iterator[NodeProcess]:
    node = start_node(tmp_path)
    yield node
    if node.process.poll() is None:
        node.kill()


def test_the_port_file_says_where_the_node_is(started: NodeProcess) -> None:
    assert port_file(started.directory) == {"port": started.port, "pid": started.process.pid, "tls": False}


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_it_cleanly_and_soon_with_subscriptions_open(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    lasting = "import sys, desk.node.server as server, desk.node.main as main; server._SECONDS_TO_FINISH = 3600;"
    lasting += "sys.exit(main.main(sys.argv[1:]))"
    node = start_node(tmp_path, program=[sys.executable, "-c", lasting, *anew(tmp_path, "--parent-pipe")[3:]])
    client = EventStoreDBClient(node.uri)
    client.append_to_stream("s", current_version=StreamState.ANY, events=[NewEvent(type="T", data=b"{}")])
    told: list[Exception] = []
    subscriptions = [client.subscribe_to_stream("s"), client.subscribe_to_all(from_end=True)]

    def follow(subscription: object) -> None:
        try:
            for _ in subscription:  # type: ignore[attr-defined]
                pass
        except EventStoreDBClientException as error:
            told.append(error)

    threads = [threading.Thread(target=follow, args=(subscription,)) for subscription in subscriptions]
    for thread in threads:
        thread.start()
    node.process.send_signal(number)
    assert node.process.wait(60) == status  # while whoever started it is still there
    node.finish()
    for thread in threads:
        thread.join()
    client.close()
    assert len(told) == 2
    assert not (tmp_path / "node.port").exists()
    assert not (tmp_path / "node.sqlite-wal").exists()


def test_it_ends_with_its_parent_when_told_to(tmp_path: Path) -> None:
    node = start_node(tmp_path, program=anew(tmp_path, "--parent-pipe"))
    node.input.close()
    node.process.wait(60)
    assert node.process.returncode == 0
    assert not (tmp_path / "node.port").exists()
    assert node.process.stdout is not None
    assert node.process.stderr is not None
    node.process.stdout.close()
    assert node.process.stderr.read() == ""
    node.process.stderr.close()


def test_it_stays_when_started_by_hand(started: NodeProcess) -> None:
    started.input.close()
    with pytest.raises(subprocess.TimeoutExpired):
        started.process.wait(0.5)
    started.process.terminate()
    assert started.process.wait(60) == 0
    assert started.process.stdout is not None
    assert started.process.stderr is not None
    started.process.stdout.close()
    started.process.stderr.close()


def test_a_second_node_on_the_directory_is_refused(started: NodeProcess) -> None:
    second = run_node("--data", str(started.directory), "--port", "0")
    assert second.returncode == 4
    assert "Another node is running" in second.stderr
    assert second.stderr.count("\n") == 1
    assert port_file(started.directory)["pid"] == started.process.pid


def test_a_killed_node_leaves_the_directory_to_the_next(started: NodeProcess) -> None:
    started.kill()
    following = start_node(started.directory)
    assert port_file(started.directory)["pid"] == following.process.pid
    assert following.stop() == 0


def test_a_port_in_use_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        refused = run_node("--data", str(tmp_path), "--port", str(other.getsockname()[1]))
    assert refused.returncode == 3
    assert "--port" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_data_directory_that_is_a_file_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused = run_node("--data", str(tmp_path / "file"), "--port", "0")
    assert refused.returncode == 1
    assert "--data" in refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_directory_that_is_not_writable_is_said_in_one_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    refused = run_node("--data", str(tmp_path), "--port", "0")
    tmp_path.chmod(0o700)
    assert refused.returncode == 1
    assert "--data" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_damaged_log_is_named(tmp_path: Path) -> None:
    (tmp_path / "node.sqlite").write_text("no database, however long the text is that stands in this file")
    refused = run_node("--data", str(tmp_path), "--port", "0")
    assert refused.returncode == 1
    assert str(tmp_path / "node.sqlite") in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_other_addresses_are_refused_without_tls(tmp_path: Path) -> None:
    refused = run_node("--data", str(tmp_path), "--port", "0", "--host", "0.0.0.0")
    assert refused.returncode == 2
    assert "--insecure-anyway" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_the_other_loopback_address_is_listened_on_too(tmp_path: Path) -> None:
    if not has_ipv6():
        pytest.skip("this machine has no ::1")
    node = start_node(tmp_path, "--host", "::1")
    client = EventStoreDBClient(f"esdb://[::1]:{node.port}?Tls=false")
    client.append_to_stream("s", current_version=StreamState.ANY, events=[NewEvent(type="T", data=b"{}")])
    client.close()
    assert node.stop() == 0


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    "arguments", [(), ("--data", "x", "--port", "66000"), ("--data", "x", "--max-append-size", "0")]
)
def test_wrong_arguments_are_usage_errors(arguments: tuple[str, ...]) -> None:
    assert run_node(*arguments).returncode == 2


def test_what_is_committed_but_not_answered_is_found_again(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "tests.node.killed_after_commit", str(tmp_path), "2"]
    node = start_node(tmp_path, program=program)
    client = EventStoreDBClient(node.uri)
    event = NewEvent(type="T", data=b"{}")
    client.append_to_stream("s", current_version=StreamState.NO_STREAM, events=[NewEvent(type="T", data=b"{}")])
    with pytest.raises(EventStoreDBClientException):
        client.append_to_stream("s", current_version=0, events=(event,))
    client.close()
    node.finish()
    following = start_node(tmp_path)
    client = EventStoreDBClient(following.uri)
    assert [recorded.id for recorded in client.get_stream("s")][1:] == [event.id]
    client.append_to_stream("s", current_version=0, events=(event,))
    assert len(client.get_stream("s")) == 2
    client.close()
    assert following.stop() == 0


def test_the_log_is_whole_while_nobody_cleaned_up(started: NodeProcess) -> None:
    client = EventStoreDBClient(started.uri)
    client.append_to_stream("s", current_version=StreamState.ANY, events=[NewEvent(type="T", data=b"{}")])
    client.close()
    started.kill()
    wait_until(lambda: (started.directory / "node.sqlite").exists())
    following = start_node(started.directory)
    client = EventStoreDBClient(following.uri)
    assert len(client.get_stream("s")) == 1
    client.close()
    assert following.stop() == 0


ASLEEP = """
import signal
import sys
import threading
import time
from desk.node.main import main

threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
raise SystemExit(main(sys.argv[1:]))
"""
"""A node that SIGTERM does not wake, as where it comes in the moment between a look at signals and sleep."""


def test_sigterm_ends_a_node_that_falls_asleep_as_it_comes(tmp_path: Path) -> None:
    node = start_node(tmp_path, program=[sys.executable, "-c", ASLEEP, "--data", str(tmp_path), "--port", "0"])
    assert node.stop() == 0
