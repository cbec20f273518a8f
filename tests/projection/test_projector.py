"""Hops 7 and 8: following the feed, from nothing, from a checkpoint, after a drop; and what is announced."""

import sqlite3
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from desk.application.catalogue import BookQuestion
from desk.cqrs.errors import StoreUnavailable
from desk.domain.events import BookDetailsCorrected, CopyAdded, LoanRenewed
from desk.projection.opening import ReadModelTrouble, open_read_model, open_writer
from desk.projection.projector import ParkedEvent
from desk.projection.schema import recreate
from tests.projection.library import (
    DAY,
    Library,
    all_events,
    contents,
    project,
    reading,
    running,
    sizes_written,
    wait_until,
)


def test_what_is_there_is_projected_and_what_comes_then_is_announced_with_its_rows(
    path: Path, library: Library
) -> None:
    first = library.book("first")
    loan_id = library.lend(first)
    open_read_model(path, 0.0)
    with running(path, library) as projector, reading(path) as catalogue:
        projector.until_live()
        assert catalogue.order(BookQuestion()).tolist() == [1]
        second = library.book("second", listed=False)
        last = library.write(CopyAdded(book_id=first, copy_no=1))
        projector.until_at(last)
        news = [announcement for announcement in projector.announcements if announcement.live][1:]
        assert {id_ for one in news for id_ in one.arrived} == {2}
        assert {id_ for one in news for id_ in one.changed} == {1}
        assert any(one.reordered for one in news)
        assert {stream for one in news for stream in one.streams} == {f"book-{first}", f"book-{second}"}
        later = DAY + timedelta(days=50)
        renewed = LoanRenewed(book_id=first, copy_no=1, loan_id=loan_id, due_on=later, renewal_no=1)
        projector.until_at(library.write(renewed))
        assert projector.announcements[-1].reordered, "it may be overdue no longer"


def test_t11_no_checkpoint_and_position_0_are_different_things(path: Path, library: Library) -> None:
    first_position = library.book_created("only")
    assert first_position == 0
    assert open_read_model(path, 0.0) == ""
    with reading(path) as catalogue:
        assert catalogue.status().position is None
        project(path, library)
        assert catalogue.status().position == 0
        assert catalogue.counts().pending == 1
        events = catalogue.status().events
        project(path, library)  # from position 0: the event there is not applied again, the next one is
        assert catalogue.status().events == events == 1
        library.book("next")
        project(path, library)
        assert catalogue.status().events == 4


def test_an_empty_store_is_live_at_once_and_says_so(path: Path, library: Library) -> None:
    projector = project(path, library)
    assert [(one.position, one.live) for one in projector.announcements] == [(-1, True)]
    with reading(path) as catalogue:
        assert not catalogue.status().rebuilding


def test_building_twice_from_nothing_gives_the_same_read_model(tmp_path: Path, library: Library) -> None:
    library.some_history()
    for name in ("one", "two"):
        project(tmp_path / name, library)
    once = contents(tmp_path / "one")
    assert once == contents(tmp_path / "two")
    db = open_writer(tmp_path / "one")
    recreate(db, 0.0)
    db.close()
    with reading(tmp_path / "one") as catalogue:
        assert catalogue.status().rebuilding
        assert catalogue.counts().shown == 0
    project(tmp_path / "one", library)
    assert contents(tmp_path / "one") == once


def test_b12_a_rebuild_interrupted_anywhere_ends_the_same(tmp_path: Path, library: Library) -> None:
    books = library.some_history()
    project(tmp_path / "parts", library)
    library.write(BookDetailsCorrected(book_id=books[2], title="Book with another title"))
    library.book("later")
    project(tmp_path / "parts", library)
    project(tmp_path / "whole", library)
    assert contents(tmp_path / "parts") == contents(tmp_path / "whole")


def test_t10_unknown_types_and_newer_schemas_are_skipped_and_counted(path: Path, library: Library) -> None:
    book_id = library.book("known")
    library.write_raw(f"book-{book_id}", "BookPraised", b"{}")
    library.write_raw(f"book-{book_id}", "CopyAdded", b"{}", schema=99)
    library.write(CopyAdded(book_id=book_id, copy_no=1))
    projector = project(path, library)
    assert projector.faults == []
    with reading(path) as catalogue:
        assert catalogue.activity(f"book-{book_id}").revisions.tolist() == [0, 1, 2, 3, 4]
        row = catalogue.row_of(book_id)
        assert row is not None
        assert (row.copies_total, row.revision) == (1, 4)
        assert catalogue.status().skipped == 2


def test_t16_streams_that_are_no_books_and_no_isbns_are_not_followed(path: Path, library: Library) -> None:
    library.write_raw("bookshelf-1", "CopyAdded", b"{}")
    library.write_raw("notebook-1", "CopyAdded", b"{}")
    library.book("ours")
    assert project(path, library).faults == []
    with reading(path) as catalogue:
        assert catalogue.status().events == 3


def test_t25_a_poison_event_is_reported_and_parks_its_own_stream_only(path: Path, library: Library) -> None:
    poisoned, healthy = library.book("poisoned"), library.book("healthy")
    open_read_model(path, 0.0)
    with running(path, library) as projector:
        projector.until_live()
        library.write_raw(f"book-{poisoned}", "CopyAdded", b"[]")
        projector.until_at(library.write(CopyAdded(book_id=healthy, copy_no=1)))
        (fault,) = projector.faults
        assert isinstance(fault, ParkedEvent)
        assert fault.event.stream == f"book-{poisoned}"
        assert fault.__cause__ is not None
    with reading(path) as catalogue:
        assert catalogue.status().parked == 1
        row = catalogue.row_of(healthy)
        assert row is not None
        assert row.copies_total == 1


def test_t20_a_checkpoint_of_another_store_is_noticed_and_the_read_model_built_anew(
    path: Path, library: Library
) -> None:
    library.book("old")
    library.some_history()
    project(path, library)
    other = Library()
    other.book("new", title="New")
    other._written = 100  # other ids than in the first store
    other.book("newer")
    projector = project(path, other)
    (fault,) = projector.faults
    assert isinstance(fault, ReadModelTrouble)
    assert "another event store" in str(fault)
    with reading(path) as catalogue:
        assert [row.title for row in catalogue.page(catalogue.order(BookQuestion()))] == ["New", "Book newer"]


def test_t20_is_noticed_too_where_the_position_holds_another_event(path: Path, library: Library) -> None:
    library.book("old")
    project(path, library)
    other = Library()
    other._written = 100
    other.some_history()
    assert len(project(path, other).faults) == 1
    with reading(path) as catalogue:
        assert catalogue.counts().shown == 5


def test_a_dropped_feed_is_taken_up_from_the_stored_position(path: Path, library: Library) -> None:
    library.book("before")
    open_read_model(path, 0.0)
    with running(path, library) as projector:
        projector.until_live()
        library.store.drop_feeds()
        projector.until(lambda: bool(projector.away))
        projector.projector.wake()
        projector.until_at(library.write(CopyAdded(book_id=library.book("after"), copy_no=1)))
        assert isinstance(projector.away[0], StoreUnavailable)
        assert projector.faults == []
    with reading(path) as catalogue:
        assert catalogue.status().events == len(all_events(library))


def test_a_store_that_is_away_is_waited_for_and_the_wait_ends_when_told(path: Path, library: Library) -> None:
    library.store.go_away()
    open_read_model(path, 0.0)
    with running(path, library) as projector:
        projector.until(lambda: len(projector.away) >= 2)
        library.store.come_back()
        projector.projector.wake()
        projector.until_live()


def test_stopping_ends_a_projector_that_waits_for_a_store(path: Path, library: Library) -> None:
    library.store.go_away()
    open_read_model(path, 0.0)
    with running(path, library) as projector:
        projector.until(lambda: bool(projector.away))
    names = [thread.name for thread in threading.enumerate()]
    assert "projection-inbox" not in names


def test_progress_is_announced_without_ids_while_catching_up(path: Path, library: Library) -> None:
    library.some_history(10)
    projector = project(path, library)
    behind = [one for one in projector.announcements if not one.live]
    assert behind
    assert all(one.changed == one.arrived == () for one in behind)
    assert all(one.progress is not None and 0 < one.progress <= 1 for one in behind)
    assert projector.announcements[-1].reordered


def test_a_locked_file_is_tried_again_with_the_same_events(
    path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_read_model(path, 0.0)
    monkeypatch.setattr("desk.projection.schema._SETTINGS", ("PRAGMA busy_timeout = 1",))
    with running(path, library) as projector:
        projector.until_live()
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        position = library.write(CopyAdded(book_id=library.book("patient"), copy_no=1))
        projector.until(lambda: bool(projector.faults))
        projector.projector.wake()  # tried again in vain, and not said again
        other.execute("ROLLBACK")
        other.close()
        projector.projector.wake()
        projector.until_at(position)
        (fault,) = projector.faults
        assert "in use by another program" in str(fault)
    with reading(path) as catalogue:
        assert catalogue.counts().shown == 1


def test_a_bug_in_the_projector_is_not_swallowed(path: Path, library: Library) -> None:
    open_read_model(path, 0.0)
    db = open_writer(path)
    db.execute("DROP TABLE checkpoints")
    db.close()
    with running(path, library) as projector, pytest.raises(sqlite3.OperationalError):
        projector.until_live()


def test_what_comes_before_the_next_announcement_is_one_transaction_and_what_comes_after_a_pause_waits_for_nothing(
    path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    gather = 1.5  # far longer than it takes to write a few events
    monkeypatch.setattr("desk.projection.announcing.GATHER", gather)
    sizes = sizes_written(monkeypatch)
    open_read_model(path, 0.0)
    with running(path, library) as projector:
        projector.until_live()
        quiet_until = time.monotonic() + gather
        library.book_created("first")
        wait_until(lambda: time.monotonic() > quiet_until - gather + 0.1)  # until it is known that it has come
        for number in range(4):
            last = library.book_created(number)
        projector.until_at(last)
        assert sizes == [5]
        assert time.monotonic() >= quiet_until - 0.1

        def waited_for_nothing(number: int) -> bool:
            announced = time.monotonic()
            wait_until(lambda: time.monotonic() > announced + gather)
            begin = time.monotonic()
            projector.until_at(library.book_created(f"lone {number}"))
            return time.monotonic() - begin < gather - 0.1

        # A machine under load may keep one of them waiting; a projector that gathers keeps them all.
        assert any(waited_for_nothing(number) for number in range(10))
