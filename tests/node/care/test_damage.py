"""What a crash of the machine leaves behind: the log is served up to its last whole commit, and goes on from there."""

import random
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from desk.node.care.check import problems
from desk.node.log import Log
from desk.node.pages import LogPages
from tests.node.care.logs import events, written

COMMITS = 40
TOGETHER = 3


@pytest.fixture
def crashed(tmp_path: Path) -> Path:
    """A log of whose commits none has left the write-ahead log."""
    (tmp_path / "running").mkdir()
    (tmp_path / "crashed").mkdir()
    with closing(Log(tmp_path / "running" / "node.sqlite")) as log:
        for _ in range(COMMITS):
            written(log, events("s", TOGETHER, b"x" * 500))
        for name in ("node.sqlite", "node.sqlite-wal"):
            shutil.copy(tmp_path / "running" / name, tmp_path / "crashed" / name)
    return tmp_path / "crashed" / "node.sqlite"


def served(path: Path) -> list[int]:
    """The revisions of the stream, after the log was opened and written once more."""
    with closing(Log(path)) as log, closing(LogPages(path)) as pages:
        before = pages.end_of("s").last
        written(log, events("s", 1))
        assert [event.revision for event in pages.stream_events("s", 0, 500).events] == list(range(before + 2))
        assert list(problems(path, lambda _what, _share: None)) == []
        return list(range(before + 1))


def test_a_write_ahead_log_that_is_whole_is_served_whole(crashed: Path) -> None:
    assert len(served(crashed)) == COMMITS * TOGETHER


@pytest.mark.parametrize("attempt", range(5))
def test_a_cut_tail_is_served_up_to_the_last_whole_commit(crashed: Path, attempt: int) -> None:
    wal = crashed.with_name("node.sqlite-wal")
    size = wal.stat().st_size
    with wal.open("r+b") as file:
        file.truncate(size - (1, 4096, 5000, size // 3, size // 2)[attempt])
    count = len(served(crashed))
    assert 0 < count < COMMITS * TOGETHER
    assert count % TOGETHER == 0


@pytest.mark.parametrize("from_end", [10, 5000, 60_000, 200_000])
def test_a_garbled_tail_is_served_up_to_the_last_whole_commit(crashed: Path, from_end: int) -> None:
    wal = crashed.with_name("node.sqlite-wal")
    content = bytearray(wal.read_bytes())
    content[-from_end:] = random.Random(1).randbytes(from_end)
    wal.write_bytes(content)
    count = len(served(crashed))
    assert 0 < count < COMMITS * TOGETHER
    assert count % TOGETHER == 0
