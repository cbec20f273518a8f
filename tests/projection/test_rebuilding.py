"""Hop 7: a rebuild beside the living read model, its switch, its end before that, and crashes."""

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from desk.application.care import CareRefused, RebuildProgress
from desk.application.catalogue import BookQuestion
from desk.domain.events import CopyAdded
from desk.projection import rebuilding
from desk.projection.opening import open_read_model, open_unread, open_writer
from desk.projection.rebuilding import next_file, put_in_place, remove_next
from tests.projection.library import Library, contents, project, reading
from tests.projection.test_parking import cared


def quiet(progress: RebuildProgress) -> None:
    """Nobody looks."""


def waited(event: threading.Event) -> None:
    """Go on once it is set."""
    assert event.wait(60)


def spoil(path: Path) -> None:
    """Somebody changes the read model behind our back."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE books SET title = 'spoilt'")


class Reader:
    """Asks again and again on a connection of its own, from a thread of its own."""

    def __init__(self, path: Path) -> None:
        self.seen: set[tuple[str, ...]] = set()
        self._path, self._stop = path, threading.Event()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        with reading(self._path) as catalogue:
            while not self._stop.is_set():
                rows = catalogue.page(catalogue.order(BookQuestion(text="book")))
                self.seen.add(tuple(sorted({row.title[:4] for row in rows})))

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


def test_t26_queries_are_answered_from_the_old_until_the_switch_and_there_is_no_empty_moment(
    path: Path, library: Library
) -> None:
    library.some_history(20)
    project(path, library)
    right = contents(path)
    spoil(path)
    held, told = threading.Event(), threading.Event()

    def hold(progress: RebuildProgress) -> None:
        told.set()
        held.wait(60)

    with cared(path, library) as (projector, care):
        reader = Reader(path)
        rebuild = care.rebuild(hold)
        assert told.wait(60)
        assert not rebuild.future.done()
        with reading(path) as catalogue:
            assert {row.title for row in catalogue.page(catalogue.order(BookQuestion()))} == {"spoilt"}
        late = library.book("late")  # the old one goes on following meanwhile
        projector.until_at(library.write(CopyAdded(book_id=late, copy_no=1)))
        held.set()
        outcome = rebuild.future.result(60)
        assert outcome.switched
        assert outcome.events >= 20 * 8
        projector.until_at(library.write(CopyAdded(book_id=late, copy_no=2)))
        reader.stop()
        assert reader.seen <= {("spoi",), ("Book", "spoi"), ("Book",)}  # the late book is right in the old one, too
        assert ("Book",) in reader.seen
        projector.until(lambda: any(not one.live for one in projector.announcements))  # all rows are to be read again
    assert not next_file(path).exists()
    project(path.with_name("anew"), library)
    assert contents(path) == contents(path.with_name("anew"))
    assert right != contents(path)


def test_t26_an_abort_keeps_the_old_and_leaves_nothing(path: Path, library: Library) -> None:
    library.some_history()
    project(path, library)
    spoil(path)
    before = contents(path)
    aborted: list[Callable[[], None]] = []

    with cared(path, library) as (_, care):
        ready = threading.Event()

        def progress(now: RebuildProgress) -> None:
            ready.wait(60)
            aborted[0]()

        rebuild = care.rebuild(progress)
        aborted.append(rebuild.abort)
        ready.set()
        assert not rebuild.future.result(60).switched
    assert contents(path) == before
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name]


def test_a_second_rebuild_at_once_is_refused_and_one_afterwards_is_not(path: Path, library: Library) -> None:
    library.some_history()
    with cared(path, library) as (_, care):
        ready = threading.Event()
        first = care.rebuild(lambda progress: waited(ready))
        with pytest.raises(CareRefused, match="under way already"):
            care.rebuild(quiet).future.result(60)
        ready.set()
        assert first.future.result(60).switched
        assert care.rebuild(quiet).future.result(60).switched


def test_closing_during_a_rebuild_ends_it_and_keeps_the_old(path: Path, library: Library) -> None:
    library.some_history()
    project(path, library)
    before = contents(path)
    with cared(path, library) as (_, care):
        ready = threading.Event()
        rebuild = care.rebuild(lambda progress: ready.set())
        assert ready.wait(60)
    assert rebuild.future.done()
    assert contents(path) == before
    assert not next_file(path).exists()


def test_what_a_killed_rebuild_left_is_taken_away(path: Path, library: Library) -> None:
    library.some_history()
    project(path, library)
    before = contents(path)
    project(next_file(path), library)
    next_file(path).with_name(next_file(path).name + "-wal").touch()
    with cared(path, library) as (_, care):
        assert care.rebuild(quiet).future.result(60).switched
    assert not list(path.parent.glob("*.next*"))
    assert contents(path) == before
    remove_next(path)


KILLED = """
import os, signal, sqlite3, sys

new, old = (sqlite3.connect(path) for path in sys.argv[1:])

def progress(status, left, total):
    if left < total / 2:
        os.kill(os.getpid(), signal.SIGKILL)

new.backup(old, pages=4, progress=progress)
"""


def test_kill_9_in_the_middle_of_the_switch_leaves_the_old_one_whole(path: Path, library: Library) -> None:
    library.some_history(20)
    project(path, library)
    before = contents(path)
    project(next_file(path), library)
    spoil(next_file(path))
    ended = subprocess.run([sys.executable, "-c", KILLED, next_file(path), path], timeout=30, check=False)
    assert ended.returncode == -signal.SIGKILL
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert contents(path) == before
    with cared(path, library):
        assert not next_file(path).exists()
    assert contents(path) == before


def test_a_reader_in_the_middle_of_the_switch_keeps_what_it_began_with(path: Path, library: Library) -> None:
    library.some_history()
    project(path, library)
    project(next_file(path), library)
    spoil(next_file(path))
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        titles = "SELECT DISTINCT substr(title, 1, 4) FROM books"
        assert reader.execute(titles).fetchall() == [("Book",)]
        with closing(open_writer(next_file(path))) as new:
            put_in_place(new, path)
        assert reader.execute(titles).fetchall() == [("Book",)]
        reader.execute("COMMIT")
        assert reader.execute(titles).fetchall() == [("spoi",)]


def test_a_rebuild_that_cannot_be_written_says_so_and_keeps_the_old(path: Path, library: Library) -> None:
    library.some_history()
    project(path, library)
    before = contents(path)
    next_file(path).mkdir()
    with cared(path, library) as (_, care), pytest.raises(CareRefused, match="cannot be made: Is a directory"):
        care.rebuild(quiet).future.result(60)
    assert contents(path) == before


def test_a_disk_that_is_full_ends_the_rebuild_and_keeps_the_old(
    path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.some_history(60)
    project(path, library)
    before = contents(path)

    def crammed(file: Path) -> Database:
        db = open_unread(file)
        pages = db.conn.execute("PRAGMA page_count").fetchone()[0]
        db.conn.execute(f"PRAGMA max_page_count = {pages + 4}").fetchone()
        return db

    monkeypatch.setattr(rebuilding, "open_unread", crammed)
    with cared(path, library) as (_, care):
        with pytest.raises(CareRefused, match="The disk is full"):
            care.rebuild(quiet).future.result(60)
        monkeypatch.undo()
        assert contents(path) == before
        assert not list(path.parent.glob("*.next*"))
        assert care.rebuild(quiet).future.result(60).switched
    assert contents(path) == before


def test_a_disk_that_is_full_in_the_switch_keeps_the_old(
    path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.some_history()
    project(path, library)
    before = contents(path)

    def full(new: Database, old: Path) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorname = "SQLITE_FULL"
        raise error

    monkeypatch.setattr(rebuilding, "put_in_place", full)
    with cared(path, library) as (_, care), pytest.raises(CareRefused, match="The disk is full"):
        care.rebuild(quiet).future.result(60)
    assert contents(path) == before
    assert not list(path.parent.glob("*.next*"))


def test_a_rebuild_brings_back_a_file_that_somebody_took_away(path: Path, library: Library) -> None:
    library.some_history()
    project(path, library)
    before = contents(path)
    with cared(path, library) as (_, care):
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()
        assert care.rebuild(quiet).future.result(60).switched
        assert contents(path) == before
    assert contents(path) == before


def test_a_rebuild_waits_for_a_store_that_is_away(path: Path, library: Library) -> None:
    library.some_history()
    with cared(path, library) as (projector, care):
        library.store.go_away()
        rebuild = care.rebuild(quiet)
        library.store.come_back()
        projector.projector.wake()
        care.wake()
        assert rebuild.future.result(60).switched


def test_a_new_file_is_not_mistaken_for_a_rebuild(path: Path) -> None:
    open_read_model(path, 0.0)
    assert next_file(path).name == "read-model.next.sqlite"
