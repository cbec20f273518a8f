"""Hop 7: a read model whose store is another one, has been scavenged, or cannot be told from another one."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from desk.application.catalogue import BookQuestion
from desk.domain.events import CopyAdded
from desk.projection.opening import ReadModelTrouble, open_read_model
from tests.projection.library import Library, all_events, contents, project, reading, running


def titles(path: Path) -> list[str]:
    with reading(path) as catalogue:
        return [row.title for row in catalogue.page(catalogue.order(BookQuestion()))]


def position_of(path: Path) -> int:
    with reading(path) as catalogue:
        position = catalogue.status().position
    assert position is not None
    return position


def forget_witnesses(library: Library, path: Path) -> None:
    """All of what was applied is scavenged, and only what comes then is there."""
    library.store.scavenge(*(event.position for event in all_events(library) if event.position <= position_of(path)))


def test_a_scavenged_checkpoint_goes_on_with_the_next_event_and_nothing_is_emptied(
    path: Path, library: Library
) -> None:
    book_id = library.book("first")
    project(path, library)
    library.store.scavenge(position_of(path))
    before = contents(path)
    assert project(path, library).faults == []
    assert contents(path) == before
    library.write(CopyAdded(book_id=book_id, copy_no=1))
    assert project(path, library).faults == []
    with reading(path) as catalogue:
        row = catalogue.row_of(book_id)
        assert row is not None
        assert row.copies_total == 1
        assert catalogue.status().events == 4


def test_a_read_model_whose_witnesses_are_all_gone_keeps_its_rows_and_waits_for_a_person(
    path: Path, library: Library
) -> None:
    book_id = library.book("first")
    project(path, library)
    forget_witnesses(library, path)
    before = contents(path)
    library.write(CopyAdded(book_id=book_id, copy_no=1))
    with running(path, library) as projector:
        projector.until(lambda: bool(projector.away))
        known = projector.projector.store
        assert known.question == str(projector.away[0])
        assert projector.faults == []
        assert contents(path) == before
        known.decide(same=True)
        projector.projector.wake()
        projector.until_live()
    with reading(path) as catalogue:
        row = catalogue.row_of(book_id)
        assert row is not None
        assert row.copies_total == 1
    assert project(path, library).away == []  # what was said holds at the next start


def test_a_person_who_says_that_it_is_another_store_has_the_read_model_built_anew(path: Path, library: Library) -> None:
    library.book("old")
    project(path, library)
    forget_witnesses(library, path)
    library.book("new", title="New")
    with running(path, library) as projector:
        projector.until(lambda: bool(projector.away))
        projector.projector.store.decide(same=False)
        projector.projector.wake()
        projector.until_live()
        (fault,) = projector.faults
        assert isinstance(fault, ReadModelTrouble)
    assert titles(path) == ["New"]


def test_a_rebuilt_read_model_knows_its_store_all_the_same(path: Path, library: Library) -> None:
    """What is known of the store is not the read model's: it survives its loss."""
    library.some_history()
    project(path, library)
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    assert project(path, library).faults == []
    other = Library()
    other._written = 100
    other.book("new", title="New")
    assert len(project(path, other).faults) == 1
    assert titles(path) == ["New"]


def test_closing_before_a_read_model_could_be_emptied_has_it_emptied_at_the_next_start(
    path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would be followed on from the other store's position."""
    library.some_history()
    project(path, library)
    other = Library()
    other._written = 100
    other.book("new", title="New")
    monkeypatch.setattr("desk.projection.schema._SETTINGS", ("PRAGMA busy_timeout = 1",))
    with closing(sqlite3.connect(path, isolation_level=None)) as locking:
        locking.execute("BEGIN IMMEDIATE")
        with running(path, other) as projector:
            projector.until(lambda: bool(projector.faults))
            assert "in use" in str(projector.faults[0])
        locking.execute("ROLLBACK")
    open_read_model(path, 0.0)
    with running(path, other) as projector:
        projector.until_live()
    assert titles(path) == ["New"]
