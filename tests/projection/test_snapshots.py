"""The file of snapshots: what it keeps, and that its loss harms nobody."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from desk.cqrs.snapshots import Snapshot
from desk.projection.snapshots import SnapshotFile, open_snapshots

KEPT = Snapshot("book-1", "form", 249, uuid4(), frozenset({uuid4(), uuid4()}), b'{"state":1}')


def opened(path: Path) -> SnapshotFile:
    file = open_snapshots(path)
    assert file is not None
    return file


def test_a_snapshot_outlives_the_program_and_gives_way_to_the_next(tmp_path: Path) -> None:
    path = tmp_path / "snapshots.sqlite"
    with closing(opened(path)) as file:
        file.keep(KEPT)
    with closing(opened(path)) as file:
        assert file.find("book-1") == KEPT
        assert file.find("book-2") is None
        newer = replace(KEPT, revision=449, event_id=uuid4(), commands=frozenset())
        file.keep(newer)
        assert file.find("book-1") == newer


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "snapshots.sqlite"
    path.write_bytes(b"no database" * 1000)
    with closing(opened(path)) as file:
        file.keep(KEPT)
        assert file.find("book-1") == KEPT


def test_without_a_place_for_the_file_there_is_none(tmp_path: Path) -> None:
    assert open_snapshots(tmp_path / "nowhere" / "snapshots.sqlite") is None


@pytest.mark.parametrize("column", ["event_id", "seen_commands"])
def test_a_row_that_makes_no_sense_is_no_snapshot(tmp_path: Path, column: str) -> None:
    path = tmp_path / "snapshots.sqlite"
    with closing(opened(path)) as file:
        file.keep(KEPT)
        with closing(sqlite3.connect(path)) as other, other:
            other.execute(f"UPDATE snapshots SET {column} = 'x'")
        assert file.find("book-1") is None


def test_a_file_that_takes_nothing_fails_nobody(tmp_path: Path) -> None:
    path = tmp_path / "snapshots.sqlite"
    with closing(opened(path)) as file:
        with closing(sqlite3.connect(path)) as other, other:
            other.execute("DROP TABLE snapshots")
        file.keep(KEPT)
        assert file.find("book-1") is None
