"""The care of a log from the command line, beside a running node and without one."""

import subprocess
import sys
from pathlib import Path

from esdbclient import EventStoreDBClient, NewEvent, StreamState

from tests.forked import run_forked
from tests.node.care.logs import harm, whole_log
from tests.node.processes import SECONDS, NodeProcess


def run(*arguments: object) -> tuple[int, str]:
    """Exit status, and all that was said."""
    ended = run_forked("desk", *map(str, arguments), timeout=SECONDS)
    return ended.returncode, ended.stdout + ended.stderr


def test_a_program_that_loads_all_it_needs_says_that_a_log_is_whole(tmp_path: Path) -> None:
    path = whole_log(tmp_path / "node.sqlite")
    command = [sys.executable, "-m", "desk", "node", "check", "--data", str(tmp_path)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == f"{path} is whole.\n"


def test_a_whole_log_passes_the_check_and_a_damaged_one_does_not(tmp_path: Path) -> None:
    path = whole_log(tmp_path / "node.sqlite")
    assert run("node", "check", "--data", tmp_path) == (0, f"{path} is whole.\n")
    harm(path, "UPDATE events SET response = zeroblob(length(response)) WHERE position IN (5, 6)")
    status, said = run("--data", tmp_path, "node", "check")
    assert status == 1
    assert "event 5 (3@book-1)" in said
    assert "event 6 (4@book-1)" in said
    assert "in 2 places" in said
    assert "backup" in said


def test_a_running_node_is_checked_and_backed_up(node: NodeProcess, client: EventStoreDBClient, tmp_path: Path) -> None:
    client.append_to_stream("s", current_version=StreamState.ANY, events=[NewEvent(type="T", data=b"{}")])
    assert run("node", "check", "--data", node.directory)[0] == 0
    copy = tmp_path / "node.sqlite"
    status, said = run("node", "backup", copy, "--data", node.directory)
    assert status == 0
    assert "position" in said
    assert run("node", "check", "--data", tmp_path) == (0, f"{copy} is whole.\n")
    status, said = run("node", "backup", copy, "--data", node.directory)
    assert status == 1
    assert "--overwrite" in said
    assert said.count("\n") == 1


def test_a_scavenge_without_a_node_gives_room_back(tmp_path: Path) -> None:
    whole_log(tmp_path / "node.sqlite")
    status, said = run("node", "--data", tmp_path, "scavenge")
    assert status == 0
    assert said.startswith("254 events")


def test_a_running_node_is_asked_for_a_scavenge(node: NodeProcess, client: EventStoreDBClient) -> None:
    for _ in range(4):
        client.append_to_stream("cut", current_version=StreamState.ANY, events=[NewEvent(type="T", data=b"{}")])
    client.set_stream_metadata("cut", metadata={"$maxCount": 1}, current_version=StreamState.ANY)
    assert run("node", "scavenge", "--data", node.directory) == (
        0,
        "The running node has taken 3 events away: Success.\n",
    )
    left = [event.stream_position for event in client.read_all(filter_exclude=[]) if event.stream_name == "cut"]
    assert left == [3]


def test_a_missing_directory_is_said_in_one_sentence(tmp_path: Path) -> None:
    for command in (["check"], ["scavenge"], ["backup", tmp_path / "copy"]):
        status, said = run("node", *command, "--data", tmp_path / "nowhere")
        assert status == 1
        assert "--data" in said
        assert said.count("\n") == 1


def test_an_unknown_use_is_a_usage_error(tmp_path: Path) -> None:
    assert run("node", "check", "--data", tmp_path, "--colour")[0] == 2
    assert run("node", "backup", "--data", tmp_path)[0] == 2
