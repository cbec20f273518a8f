"""The embedded node: started, found, restarted on its port, ended; and what is said when it cannot be."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.cqrs.errors import StoreUnavailable
from desk.node import main as node_main
from desk.store import local_node, node_process
from desk.store.local_node import DIRECTORY_TAKEN, PORT_TAKEN, LocalNode, own_command
from desk.store.node_process import StartFailed
from tests.store.conftest import NODE
from tests.store.listening import PATIENCE


def python(program: str) -> tuple[str, ...]:
    return (sys.executable, "-c", program)


def port_of(uri: str) -> int:
    return int(uri.split(":")[-1].split("?")[0])


@pytest.fixture
def ended(node: LocalNode) -> threading.Event:
    event = threading.Event()
    node.on_exit(event.set)
    return event


def test_a_node_is_started_once_and_ended_with_its_owner(node: LocalNode) -> None:
    assert (node.owned, node.alive, node.pid) == (False, False, None)
    uri = node.ensure()
    pid = node.pid
    assert (node.owned, node.alive, node.ensure(), node.pid) == (True, True, uri, pid)
    node.close()
    assert (node.owned, node.alive) == (False, False)
    with pytest.raises(OSError, match=r"refused"):
        socket.create_connection(("127.0.0.1", port_of(uri)), timeout=1.0)
    assert not [thread for thread in threading.enumerate() if thread.name == "desk-node-output"]


def test_a_second_owner_finds_the_living_node_and_leaves_it_running(node: LocalNode, tmp_path: Path) -> None:
    uri = node.ensure()
    second = LocalNode(tmp_path / "node", command=NODE)
    assert (second.ensure(), second.owned, second.alive, second.pid) == (uri, False, True, node.pid)
    second.close()
    assert node.alive


def test_two_owners_at_once_share_one_node(node: LocalNode, tmp_path: Path) -> None:
    second = LocalNode(tmp_path / "node", command=NODE)
    uris = list[str]()
    starters = [threading.Thread(target=lambda n=each: uris.append(n.ensure())) for each in (node, second)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    assert len(set(uris)) == 1
    assert {node.owned, second.owned} == {True, False}
    second.close()


def test_a_killed_node_is_noticed_and_started_again_on_its_port(node: LocalNode, ended: threading.Event) -> None:
    uri, first = node.ensure(), node.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert ended.wait(PATIENCE)
    assert not node.alive
    assert node.ensure() == uri
    assert node.pid not in (None, first)


def test_where_the_former_port_is_taken_another_one_serves(node: LocalNode, ended: threading.Event) -> None:
    uri = node.ensure()
    assert node.pid is not None
    os.kill(node.pid, signal.SIGKILL)
    assert ended.wait(PATIENCE)
    with socket.create_server(("127.0.0.1", port_of(uri))):
        other = node.ensure()
    assert other != uri
    assert node.owned


def test_ending_a_node_on_purpose_is_not_reported(node: LocalNode, ended: threading.Event) -> None:
    node.ensure()
    node.close()
    assert not ended.is_set()


def test_a_node_ends_when_its_parent_dies(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys; from desk.store.local_node import LocalNode;"
        f"node = LocalNode(pathlib.Path(sys.argv[1]), command={NODE!r});"
        "print(node.ensure(), flush=True); sys.exit(9)"
    )
    command = [*python(program), str(tmp_path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 9
    survivor = LocalNode(tmp_path, command=NODE)
    waiting = threading.Thread(target=_wait_for_end, args=(port_of(done.stdout.strip()),))
    waiting.start()
    waiting.join(PATIENCE)
    assert not waiting.is_alive()
    survivor.ensure()
    assert survivor.owned
    survivor.close()


def _wait_for_end(port: int) -> None:
    """A connection that is held open ends with its server."""
    try:
        with socket.create_connection(("127.0.0.1", port)) as held:
            while held.recv(4096):
                pass
    except OSError:
        return


def test_a_stale_port_file_is_not_believed(node: LocalNode, tmp_path: Path) -> None:
    (tmp_path / "node").mkdir()
    for stale in ('{"port": 9, "pid": 1, "tls": false}', '{"port": "x"}', "not json", "[]", '{"port": 9, "pid": -1}'):
        (tmp_path / "node" / "node.port").write_text(stale)
        assert not node.alive
    node.ensure()
    assert node.owned


def test_a_node_with_certificates_is_left_to_a_connection_string(node: LocalNode, tmp_path: Path) -> None:
    port = port_of(node.ensure())
    # The node writes its port file after its ready line; whoever finds the node has seen that file.
    LocalNode(tmp_path / "node", command=NODE).ensure()
    (tmp_path / "node" / "node.port").write_text(f'{{"port": {port}, "pid": {node.pid}, "tls": true}}')
    with pytest.raises(StartFailed, match="--store"):
        LocalNode(tmp_path / "node", command=NODE).ensure()


def test_a_directory_that_is_none_is_said_to_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StartFailed, match="is a file; choose a directory"):
        LocalNode(tmp_path / "file", command=NODE).ensure()
    with pytest.raises(StartFailed, match="choose another"):
        LocalNode(tmp_path / "file" / "below", command=NODE).ensure()


def test_a_damaged_log_is_told_in_the_nodes_own_words(tmp_path: Path) -> None:
    (tmp_path / "node.sqlite").write_bytes(b"this is no database, and long enough to be looked at" * 100)
    with pytest.raises(StartFailed, match=r"^/.*node\.sqlite is damaged"):
        LocalNode(tmp_path, command=NODE).ensure()


def test_the_last_sentence_of_a_dying_node_is_the_error(tmp_path: Path) -> None:
    noisy = python("import sys; print('Traceback', file=sys.stderr); sys.exit('desk node: Buy a larger disk.')")
    with pytest.raises(StartFailed, match=r"^Buy a larger disk\.$"):
        LocalNode(tmp_path, command=noisy).ensure()
    with pytest.raises(StartFailed, match="ended with code 3"):
        LocalNode(tmp_path, command=python("raise SystemExit(3)")).ensure()
    with pytest.raises(StartFailed, match="cannot be started"):
        LocalNode(tmp_path, command=("/nowhere/desk",)).ensure()


def test_a_silent_node_is_given_up_after_a_while_and_may_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node_process, "START_SECONDS", 0.2)
    silent = LocalNode(tmp_path, command=python("import sys; sys.stdin.read()"))
    with pytest.raises(StoreUnavailable, match="not ready within") as caught:
        silent.ensure()
    assert not isinstance(caught.value, StartFailed)
    assert not silent.owned


def test_giving_up_ends_a_start_that_is_under_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_process, "END_SECONDS", PATIENCE)
    silent, began = LocalNode(tmp_path, command=python("import threading; threading.Event().wait()")), time.monotonic()
    threading.Timer(0.1, silent.give_up).start()
    with pytest.raises(StoreUnavailable, match="is closing"):
        silent.ensure()
    with pytest.raises(StoreUnavailable, match="is closing"):
        silent.ensure()
    silent.close()
    assert time.monotonic() - began < PATIENCE


def test_a_node_that_will_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_process, "END_SECONDS", 0.2)
    stubborn = python(
        "import signal, threading; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('desk node ready on 127.0.0.1:4', flush=True); threading.Event().wait()"
    )
    node = LocalNode(tmp_path, command=stubborn)
    assert node.ensure() == "esdb://127.0.0.1:4?tls=false"
    assert node.pid is not None
    node.close()
    assert not node.owned


def test_a_dying_owner_of_the_directory_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_node, "OWNER_SECONDS", PATIENCE)
    marker = tmp_path / "tried"
    third_time = python(
        f"import pathlib, sys; marker = pathlib.Path({str(marker)!r});"
        "tries = marker.read_text() if marker.exists() else ''; marker.write_text(tries + 'x');"
        f"tries == 'xx' or sys.exit({DIRECTORY_TAKEN});"
        "print('desk node ready on 127.0.0.1:4', flush=True); sys.stdin.read()"
    )
    node = LocalNode(tmp_path / "data", command=third_time)
    assert node.ensure() == "esdb://127.0.0.1:4?tls=false"
    node.close()


def test_words_of_a_node_that_cannot_start_decide_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only its exit status does: a path, a user's name or another language may hold any words."""
    talkative = python("import sys; sys.exit('desk node: Another node is running here. Cannot listen.')")
    monkeypatch.setattr(local_node, "OWNER_SECONDS", 10 * PATIENCE)
    node, began = LocalNode(tmp_path, command=talkative), time.monotonic()
    node._port = 4
    with pytest.raises(StartFailed) as caught:
        node.ensure()
    assert caught.value.status == 1
    assert time.monotonic() - began < PATIENCE
    assert node._port == 4


def test_both_programs_mean_the_same_by_an_exit_status() -> None:
    """The node imports nothing of Desk, nor Desk of the node: this is where they meet."""
    assert (node_main.PORT_TAKEN, node_main.DIRECTORY_TAKEN) == (PORT_TAKEN, DIRECTORY_TAKEN)
    assert len({0, 1, 2, 130, PORT_TAKEN, DIRECTORY_TAKEN}) == 6


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    yield
    monkeypatch.delattr(sys, "frozen")


def test_the_command_is_this_program_itself() -> None:
    assert own_command() == (sys.executable, "-m", "desk", "node")


@pytest.mark.usefixtures("frozen")
def test_the_command_of_a_frozen_program_has_no_interpreter() -> None:
    assert own_command() == (sys.executable, "node")
