"""``desk node backup``: a copy is whole and of one moment, whatever is written meanwhile."""

import os
import threading
from contextlib import closing
from pathlib import Path

import pytest

from desk.node.care.backup import BackupRefused, back_up
from desk.node.care.check import problems
from desk.node.log import Log
from desk.node.pages import LogPages
from desk.node.records import LogError
from tests.node.care.logs import events, whole_log, written


def ignore(_share: float) -> None:
    pass


def stored(path: Path) -> list[tuple[int, str, int]]:
    with closing(LogPages(path)) as pages:
        found, after = list[tuple[int, str, int]](), 0
        while page := pages.log_events(after, 500, lambda _stream, _type: True).events:
            found += [(event.position, event.stream, event.revision) for event in page]
            after = page[-1].position
        return found


def test_a_copy_under_writers_is_whole_and_holds_what_was_acknowledged_before(tmp_path: Path) -> None:
    path, copy = whole_log(tmp_path / "node.sqlite"), tmp_path / "copy.sqlite"
    begun, enough = threading.Event(), threading.Event()
    with closing(Log(path)) as log:

        def write() -> None:
            while not enough.is_set():
                written(log, events("busy", 20, b"x" * 500))
                begun.set()

        writer = threading.Thread(target=write)
        writer.start()
        try:
            assert begun.wait(60)
            before = log.last_event
            position = back_up(path, copy, ignore, overwrite=False)
        finally:
            enough.set()
            writer.join()
        assert list(problems(copy, lambda _what, _share: None)) == []
        copied, original = stored(copy), stored(path)
        assert copied == original[: len(copied)]
        assert before <= position == copied[-1][0]
    with closing(Log(copy)) as log:
        written(log, events("busy", 1))


def test_a_file_that_is_there_is_replaced_only_where_that_is_allowed(tmp_path: Path) -> None:
    path, copy = whole_log(tmp_path / "node.sqlite"), tmp_path / "copy.sqlite"
    copy.write_text("precious")
    with pytest.raises(BackupRefused, match="--overwrite"):
        back_up(path, copy, ignore, overwrite=False)
    assert copy.read_text() == "precious"
    back_up(path, copy, ignore, overwrite=True)
    assert stored(copy) == stored(path)
    with pytest.raises(BackupRefused):
        back_up(path, path, ignore, overwrite=True)


def test_a_copy_that_fails_leaves_nothing_and_harms_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, copy = whole_log(tmp_path / "node.sqlite"), tmp_path / "copy.sqlite"
    copy.write_text("precious")

    def fail(_file: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="Input/output"):
            back_up(path, copy, ignore, overwrite=True)
    assert copy.read_text() == "precious"
    assert sorted(each.name for each in tmp_path.glob("copy*")) == ["copy.sqlite"]


def test_a_missing_log_is_said(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="--data"):
        back_up(tmp_path / "node.sqlite", tmp_path / "copy", ignore, overwrite=False)
