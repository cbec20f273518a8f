"""One node a directory, whose files are its owner's alone."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from esdbclient import EventStoreDBClient, NewEvent, StreamState

from desk.node.lock import DirectoryInUse, hold, make_private
from tests.node.processes import NodeProcess, run_node, start_node

OLDER = """
import fcntl, os, sys
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
print("held", flush=True)
sys.stdin.readline()
"""
"""How versions before this one held a directory."""

posix = pytest.mark.skipif(os.name != "posix", reason="rights are of POSIX")


def modes(directory: Path) -> dict[str, str]:
    """Who may do what with the directory and whatever lies in it."""
    paths = [directory, *directory.rglob("*")]
    return {path.name if path != directory else ".": f"{stat.S_IMODE(path.stat().st_mode):o}" for path in paths}


def private(names: Iterable[str]) -> dict[str, str]:
    return {name: "700" if name in (".", "tls") else "600" for name in names}


def write(node: NodeProcess) -> None:
    client = EventStoreDBClient(node.uri)
    client.append_to_stream("s", current_version=StreamState.ANY, events=[NewEvent(type="T", data=b"{}")])
    client.close()


def test_a_directory_is_held_by_one_and_free_after_it(tmp_path: Path) -> None:
    first = hold(tmp_path)
    with pytest.raises(DirectoryInUse, match="Another node is running"):
        hold(tmp_path)
    first.release()
    hold(tmp_path).release()


@posix
def test_an_older_version_that_is_still_running_holds_the_directory(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OLDER, str(tmp_path / "node.lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as older:
        assert older.stdout is not None
        assert older.stdout.readline() == "held\n"
        with pytest.raises(DirectoryInUse):
            hold(tmp_path)
        older.kill()
        older.wait(60)
    held = hold(tmp_path)
    refused = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    assert "BlockingIOError" in refused.stderr
    held.release()


@posix
@pytest.mark.parametrize("mask", [0, 0o022])
def test_what_a_node_writes_is_its_owners_alone(tmp_path: Path, mask: int) -> None:
    data, copy = tmp_path / "new" / "data", tmp_path / "copy.sqlite"

    def as_its_user_has_it() -> None:
        os.umask(mask)

    node = start_node(data, preexec=as_its_user_has_it)
    write(node)
    found = modes(data)
    assert run_node("backup", "--data", str(data), str(copy)).returncode == 0
    assert node.stop() == 0
    assert set(found) == {".", "node.sqlite", "node.sqlite-wal", "node.sqlite-shm", "node.lock", "node.port"}
    assert found == private(found)
    assert stat.S_IMODE(copy.stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR


@posix
def test_what_an_older_version_let_others_read_is_taken_back_at_the_start(tmp_path: Path) -> None:
    node = start_node(tmp_path, "--tls")
    node.kill()  # so that the write-ahead log stays
    paths = [tmp_path, *tmp_path.rglob("*")]
    for path in paths:
        path.chmod(0o755 if path.is_dir() else 0o644)
    other = tmp_path / "somebody-elses.txt"
    other.touch()
    other.chmod(0o644)
    node = start_node(tmp_path, "--tls")
    found = modes(tmp_path)
    assert node.stop() == 0
    assert found.pop(other.name) == "644"
    assert {"node.sqlite", "node.sqlite-wal", "node.lock", "node.port", "ca.key", "node.key"} <= set(found)
    assert found == private(found)


@posix
def test_a_directory_for_everybody_stays_one(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    make_private(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o1777


@posix
def test_the_directory_that_somebody_lives_in_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    tmp_path.chmod(0o755)
    for name in ("node.sqlite", "node.js"):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o644)
    make_private(tmp_path)
    assert modes(tmp_path) == {".": "755", "node.sqlite": "600", "node.js": "644"}
