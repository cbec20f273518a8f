"""Whatever is wrong with the file: it is put right, or one sentence says what to do."""

import os
import sqlite3
from pathlib import Path

import pytest

from desk.application.catalogue import BookQuestion
from desk.projection.opening import ReadModelTrouble, explain, open_read_model, open_writer
from desk.projection.schema import GROUP
from tests.projection.library import Library, contents, project, reading


def test_a_new_file_is_created_and_an_old_one_of_this_version_is_left_alone(path: Path, library: Library) -> None:
    assert open_read_model(path, 0.0) == ""
    library.some_history()
    project(path, library)
    before = contents(path)
    assert open_read_model(path, 0.0) == ""
    assert contents(path) == before


def test_a_read_model_of_another_version_is_emptied_and_built_anew(path: Path, library: Library) -> None:
    library.some_history()
    project(path, library)
    before = contents(path)
    db = open_writer(path)
    db.execute("UPDATE checkpoints SET version = version + 1 WHERE name = ?", [GROUP])
    db.execute("CREATE TABLE of_tomorrow (id INTEGER)")
    db.close()
    assert "another version" in open_read_model(path, 0.0)
    with reading(path) as catalogue:
        assert catalogue.status().position is None
        assert catalogue.status().rebuilding
    project(path, library)
    assert contents(path) == before


@pytest.mark.parametrize("damage", ["no database", "header", "schema"])
def test_a_damaged_file_is_moved_aside_and_the_read_model_built_anew(path: Path, library: Library, damage: str) -> None:
    library.some_history()
    project(path, library)
    before = contents(path)
    _damage(path, damage)
    assert "damaged file is kept as read-model.sqlite.damaged-1." in open_read_model(path, 0.0)
    assert path.with_name("read-model.sqlite.damaged-1").exists()
    project(path, library)
    assert contents(path) == before

    _damage(path, damage)
    assert "read-model.sqlite.damaged-2" in open_read_model(path, 0.0)


def _damage(path: Path, kind: str) -> None:
    for companion in ("-wal", "-shm"):
        path.with_name(path.name + companion).unlink(missing_ok=True)
    if kind == "no database":
        path.write_bytes(b"once there was a catalogue" * 400)
        return
    start, length = {"header": (0, 100), "schema": (100, 3900)}[kind]
    with path.open("r+b") as file:
        file.seek(start)
        file.write(os.urandom(length))


def test_damage_met_while_writing_ends_the_projector_with_a_sentence(path: Path, library: Library) -> None:
    library.some_history(40)
    project(path, library)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    library.some_history(3)
    with pytest.raises((ReadModelTrouble, sqlite3.DatabaseError), match=r"damaged|malformed"):
        project(path, library)


def test_a_directory_in_the_place_of_the_file_is_said(path: Path) -> None:
    path.mkdir()
    with pytest.raises(ReadModelTrouble, match="cannot be"):
        open_read_model(path, 0.0)


def test_a_missing_directory_is_said(path: Path) -> None:
    with pytest.raises(ReadModelTrouble, match="Check the directory"):
        open_read_model(path.parent / "nowhere" / path.name, 0.0)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("SQLITE_FULL", "disk is full"),
        ("SQLITE_READONLY_DBMOVED", "cannot be written"),
        ("SQLITE_CANTOPEN", "cannot be written"),
        ("SQLITE_IOERR_WRITE", "cannot be used"),
        ("SQLITE_BUSY", "in use by another program"),
        ("SQLITE_CORRUPT", "damaged"),
    ],
)
def test_each_trouble_of_the_file_has_its_sentence(path: Path, code: str, says: str) -> None:
    error = sqlite3.OperationalError("…")
    error.sqlite_errorname = code
    trouble = explain(error, path)
    assert says in str(trouble)
    assert str(path) in str(trouble)
    assert trouble.damaged == (code == "SQLITE_CORRUPT")


def test_a_full_disk_is_said_and_the_projector_goes_on_when_there_is_room(path: Path, library: Library) -> None:
    library.some_history(30)
    open_read_model(path, 0.0)
    db = open_writer(path)
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages}").fetchone()
    with pytest.raises(sqlite3.OperationalError) as caught:
        db.execute("INSERT INTO names (name) VALUES (?)", ["x" * 50_000])
    assert "disk is full" in str(explain(caught.value, path))
    db.close()
    project(path, library)
    with reading(path) as catalogue:
        assert len(catalogue.order(BookQuestion())) == 30
