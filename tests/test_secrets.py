"""What is this machine's own stays its owner's alone, and no password gets into a name, a message or a log."""

import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from desk.__main__ import main
from desk.application.session_events import SessionEvents
from desk.runtime.data_directory import DataDirectory
from desk.runtime.options import Options, UnreadableStore, folder_of, former_folder_of
from tests.forked import run_forked
from tests.moments import REAL
from tests.node.processes import wait_until

STORE = "esdb://admin:Gartenzwerg-71@localhost:2113"
SECONDS = 60.0


def modes(directory: Path) -> dict[str, int]:
    """The permissions of a directory and of all in it."""
    paths = [directory, *directory.rglob("*")]
    return {str(path.relative_to(directory)): stat.S_IMODE(path.stat().st_mode) for path in paths if path.exists()}


def open_to_others(directory: Path) -> list[str]:
    """What somebody else may look into."""
    return [name for name, mode in modes(directory).items() if mode & 0o077]


@contextmanager
def opened(options: Options) -> Iterator[DataDirectory]:
    with closing(DataDirectory(options, SessionEvents(REAL))) as data:
        yield data


@contextmanager
def process(*arguments: str, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    """A window without a screen, that is ended whatever happens."""
    started = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **environment},
        umask=0o022,
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


@pytest.mark.parametrize(
    "store", ["", "foo", "esdb://admin:Garten/zwerg-71@localhost:2113?tls=false", "esdb://admin:Gartenzwerg-71@"]
)
def test_that_a_connection_string_cannot_be_read_is_said_at_once_and_nothing_of_it_is_repeated(
    tmp_path: Path, store: str
) -> None:
    done = run_forked("desk", "--data", str(tmp_path / "data"), "--store", store, timeout=SECONDS)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("desk: The connection string cannot be read. It has to look like esdb://HOST:2113")
    assert "zwerg" not in done.stderr
    assert not any(tmp_path.iterdir())


def test_a_connection_string_is_read_before_a_window_opens_anything_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = dict[str, Any]()
    monkeypatch.setattr("desk.gui.frame.run.run_window", lambda *_, **named: given.update(named))
    monkeypatch.setattr("gc.disable", lambda: None)
    main(["--data", str(tmp_path)])
    with pytest.raises(UnreadableStore):
        given["connect"]("esdb://admin:Garten/zwerg-71@localhost:2113?tls=false")
    assert not any(tmp_path.iterdir())


def test_all_that_a_window_writes_is_its_owners_alone_while_it_runs_and_after(tmp_path: Path) -> None:
    data, sockets = tmp_path / "data", tmp_path / "s"  # a socket has a path of at most 107 bytes
    sockets.mkdir()
    with process("-m", "desk", "--data", str(data), TMPDIR=str(sockets)) as window:
        wait_until(lambda: (data / "node.port").exists() and (data / "read-model.sqlite").exists(), SECONDS)
        wait_until(lambda: not open_to_others(data), SECONDS)
        (socket,) = sockets.glob("desk-*")
        assert stat.S_IMODE(socket.stat().st_mode) & 0o077 == 0
        window.send_signal(signal.SIGTERM)
        _, err = window.communicate(timeout=SECONDS)
    assert window.returncode == 0, err
    assert {"settings.ini", "desk.log", "node.sqlite", "local.sqlite"} <= set(modes(data))
    assert open_to_others(data) == []


def test_what_an_older_version_let_others_read_is_taken_back(tmp_path: Path) -> None:
    ours = [
        "settings.ini",
        "desk.log",
        "desk.log.1",
        "node.sqlite",
        "node.sqlite-wal",
        "read-model.sqlite",
        "read-model.sqlite.damaged-1",
        "local.sqlite",
        "window.lock",
        "store-0123456789ab/read-model.sqlite",
        "store-0123456789ab/connection.ini",
    ]
    theirs = ["books.csv", "notes.sqlite", "store-0123456789ab/books.csv"]
    for name in (*ours, *theirs):
        path = tmp_path / name
        path.parent.mkdir(mode=0o755, exist_ok=True)
        path.touch()
        path.chmod(0o644)
    (tmp_path / "local.sqlite").unlink()
    tmp_path.chmod(0o755)
    with opened(Options(tmp_path)):
        assert sorted(open_to_others(tmp_path)) == sorted(theirs)


def test_a_throw_away_catalogue_is_its_owners_alone(tmp_path: Path) -> None:
    (tmp_path / "throw-away").mkdir(mode=0o755)
    with opened(Options(tmp_path, throw_away=True)) as data:
        assert data.directory.parent == tmp_path / "throw-away"
        assert open_to_others(tmp_path) == []


@pytest.mark.parametrize("mode", [0o1777, 0o755])
def test_a_directory_that_somebody_shares_or_lives_in_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    if not mode & stat.S_ISVTX:
        monkeypatch.setenv("HOME", str(tmp_path))
    tmp_path.chmod(mode)
    (tmp_path / "settings.ini").touch(mode=0o644)
    with opened(Options(tmp_path)):
        found = modes(tmp_path)
    assert found.pop(".") == mode
    assert set(found.values()) == {0o600}


def test_a_link_to_somewhere_else_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.touch()
    elsewhere.chmod(0o644)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "desk.log").symlink_to(elsewhere)
    with opened(Options(tmp_path / "data")):
        assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o644


def test_the_folder_of_a_store_follows_from_its_hosts_and_an_older_one_is_taken_over(tmp_path: Path) -> None:
    former = tmp_path / former_folder_of(STORE)
    former.mkdir()
    (former / "kept").write_text("the outbox")
    with opened(Options(tmp_path, STORE)) as data:
        assert data.folder.name == folder_of(STORE) != former.name
        assert (data.folder / "kept").read_text() == "the outbox"
    assert not former.exists()
    for other in ("esdb://ada:new@localhost:2113", "esdb://LOCALHOST:2113?tls=false"):
        with opened(Options(tmp_path, other)) as data:
            assert (data.folder / "kept").exists()
    assert folder_of("esdb://a:1,b:2?tls=false") == folder_of("esdb://b:2,A:1?tls=false")
    assert folder_of("esdb://a:1?tls=false") != folder_of("esdb://a:2?tls=false")


def test_an_older_folder_counts_as_a_catalogue_that_is_there(tmp_path: Path) -> None:
    (tmp_path / former_folder_of(STORE)).mkdir()
    with opened(Options(tmp_path, STORE, existing=True)) as data:
        assert data.folder.name == folder_of(STORE)


def test_options_show_no_password_wherever_they_are_printed(tmp_path: Path) -> None:
    options = Options(tmp_path, STORE)
    assert "zwerg" not in repr(options) + options.store_name
    with pytest.raises(UnreadableStore) as wrong:
        Options(tmp_path, STORE.replace("zwerg", "@zwerg"))
    assert not re.search("zwerg|admin", repr(wrong.value))
