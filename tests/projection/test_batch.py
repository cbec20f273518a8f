"""Hop 7: rows and checkpoint in one transaction, and who pays for an event that fails."""

import pickle
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

import desk
from desk.application.catalogue import BookQuestion
from desk.cqrs.store import Recorded
from desk.domain.events import BOOK_EVENTS, ISBN_EVENTS, BookDetailsCorrected, CopyAdded, CopyReturned
from desk.projection.batch import BatchWriter
from desk.projection.changes import RowChange, RowChanges
from desk.projection.group import CATALOGUE
from desk.projection.opening import open_read_model, open_writer
from desk.projection.projections import Projection, ProjectionGroup
from tests.projection.library import DAY, Library, all_events, an_id, contents, reading
from tests.rounds import few_or_all


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    open_read_model(path, 0.0)
    db = open_writer(path)
    yield db
    db.close()


def writer_of(db: Database, library: Library, **options: Any) -> BatchWriter:
    return BatchWriter(db, library.registry, lambda: 0.0, **options)


def feed(library: Library) -> list[Recorded]:
    return [event for event in all_events(library) if event.stream.startswith(("book-", "isbn-"))]


def test_t17_a_handler_that_fails_after_its_write_leaves_neither_row_nor_checkpoint(
    db: Database, path: Path, library: Library
) -> None:
    good, bad = library.book("good"), library.book("bad")
    library.write(CopyAdded(book_id=bad, copy_no=1))
    last = library.write(CopyAdded(book_id=good, copy_no=1))

    def fails(changes: RowChanges, event: CopyAdded, recorded: Recorded) -> None:
        if event.book_id == bad:
            changes.note(broken, (b"",), None)  # breaks NOT NULL, after the rows of the others were written

    broken = RowChange("INSERT INTO copies (book_id, copy_no) VALUES {rows}", 2)
    spoiler = Projection("spoiler", 1, {}, {CopyAdded: fails}, (broken,))
    writer = writer_of(db, library, group=ProjectionGroup(CATALOGUE.name, (*CATALOGUE.projections, spoiler)))
    written = writer.write(feed(library))

    assert writer.position == last
    assert [event.type for event, _ in written.faults] == ["CopyAdded"]
    assert isinstance(written.faults[0][1], sqlite3.IntegrityError)
    with reading(path) as catalogue:
        assert {row.title: row.copies_total for row in catalogue.page(catalogue.order(BookQuestion("book")))} == {
            "Book bad": 0,
            "Book good": 1,
        }
        assert catalogue.status().parked == 1
        assert catalogue.status().position == last


def test_trouble_with_the_file_takes_the_whole_batch_back_and_parks_nothing(db: Database, library: Library) -> None:
    library.some_history(60)
    db.conn.execute(f"PRAGMA max_page_count = {db.conn.execute('PRAGMA page_count').fetchone()[0] + 4}").fetchone()
    writer = writer_of(db, library)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        writer.write(feed(library))
    assert writer.position is None
    assert db.conn.execute("SELECT count(*) FROM activity").fetchone() == (0,)
    assert db.conn.execute("SELECT count(*) FROM parked_events").fetchone() == (0,)

    db.conn.execute("PRAGMA max_page_count = 100000").fetchone()
    writer.write(feed(library))
    assert db.conn.execute("SELECT count(*) FROM books").fetchone() == (60,)


def test_events_already_applied_change_nothing_even_where_the_checkpoint_was_lost(
    db: Database, path: Path, library: Library
) -> None:
    books = library.some_history()
    library.write(BookDetailsCorrected(book_id=books[0], title="Book renamed", publisher=None))
    writer_of(db, library).write(feed(library))
    before = contents(path)

    assert writer_of(db, library).write(feed(library)).streams == set()
    assert contents(path) == before

    db.execute("UPDATE checkpoints SET position = NULL, event_id = NULL, events = 0, skipped = 0")
    for event in feed(library):  # one by one: each is older than its rows
        writer_of(db, library).write([event])
    assert contents(path) == before


@pytest.mark.parametrize("size", [1, 2, 7, 500])
def test_the_size_of_the_batches_makes_no_difference(tmp_path: Path, size: int) -> None:
    library = Library()
    books = library.some_history()
    library.write(BookDetailsCorrected(book_id=books[1], title="Book two", subjects=("Trees",), published_year=1980))
    library.write(BookDetailsCorrected(book_id=books[1], title="Book three", published_year=None))
    events = feed(library)
    hashes = []
    for name, step in (("whole", len(events)), ("parts", size)):
        path = tmp_path / name
        open_read_model(path, 0.0)
        db = open_writer(path)
        writer = writer_of(db, library)
        for start in range(0, len(events), step):
            writer.write(events[start : start + step])
        db.close()
        hashes.append(contents(path))
    assert hashes[0] == hashes[1]


def test_only_the_parked_stream_waits_and_its_later_events_queue_behind(
    db: Database, path: Path, library: Library
) -> None:
    poisoned = library.book("poisoned")
    library.write_raw(f"book-{poisoned}", "CopyAdded", b'{"bookId": "not an id"}')
    library.write(CopyAdded(book_id=poisoned, copy_no=2))
    healthy = library.book("healthy")
    library.write(CopyAdded(book_id=healthy, copy_no=1))

    written = writer_of(db, library).write(feed(library))

    assert len(written.faults) == 1
    found = db.execute("SELECT revision, state, attempts FROM parked_events ORDER BY position").fetchall()
    assert found == [(2, "failed", 1), (3, "waiting", 0)]
    assert "ValueError" in db.execute("SELECT traceback FROM parked_events").fetchone()[0]
    with reading(path) as catalogue:
        assert [row.copies_total for row in map(catalogue.row_of, (poisoned, healthy)) if row] == [0, 1]
        assert catalogue.activity(f"book-{poisoned}").revisions.tolist() == [0, 1, 2, 3]

    library.write(CopyAdded(book_id=poisoned, copy_no=3))
    again = writer_of(db, library)  # as after a restart
    assert again.write(feed(library)).faults == []
    assert db.execute("SELECT count(*) FROM parked_events WHERE state = 'waiting'").fetchone() == (2,)


@pytest.mark.parametrize(
    ("stream", "type_name", "data"),
    [
        ("book-1", "BookCreated", b"{}"),
        ("book-1", "BookCreated", b"no json"),
        ("book-2", "CopyAdded", b'{"bookId": "5e0c3f4a-0d0b-4c6e-9f35-1b1f6b0c7a01", "copyNo": 1}'),
        ("isbn-9780306406157", "BookListed", b'{"bookId": "5e0c3f4a-0d0b-4c6e-9f35-1b1f6b0c7a01", "isbn": "1"}'),
    ],
)
def test_what_others_write_under_our_names_is_parked_and_harms_nobody(
    db: Database, library: Library, stream: str, type_name: str, data: bytes
) -> None:
    library.write_raw(stream, type_name, data, schema=1)
    library.book("ours")
    written = writer_of(db, library).write(feed(library))
    assert [event.stream for event, _ in written.faults] == [stream]
    assert db.execute("SELECT count(*) FROM books WHERE state = 'listed'").fetchone() == (1,)


def test_text_that_sqlite_cannot_keep_is_parked(db: Database, library: Library) -> None:
    book_id = an_id("half a character")
    data = f'{{"bookId":"{book_id}","isbn":"1","title":"\\ud800","authors":["a"],"subjects":[]}}'.encode()
    library.write_raw(f"book-{book_id}", "BookCreated", data, metadata=b'{"schema":2,"user":"\\ud800"}')
    assert len(writer_of(db, library).write(feed(library)).faults) == 1


def test_metadata_that_make_no_sense_harm_nobody(db: Database, path: Path, library: Library) -> None:
    for metadata in (b"", b"[]", b'{"user": 7, "issuedAt": "yesterday", "$correlationId": "x"}', b"\xff"):
        library.write_raw("book-foreign", "Whatever", b"\xff", metadata=metadata or b" ")
    assert writer_of(db, library).write(feed(library)).skipped == 4
    with reading(path) as catalogue:
        assert catalogue.activity("book-foreign").type_names == ["Whatever"]
        assert catalogue.activity("book-foreign").user_names == [""]


def test_counts_follow_from_the_rows(db: Database, path: Path, library: Library) -> None:
    books = library.some_history(3)
    library.book("pending", listed=False)
    writer = writer_of(db, library)
    for event in feed(library):
        writer.write([event])
    library.write(
        CopyReturned(book_id=books[0], copy_no=2, loan_id=an_id(f"{books[0]} second"), returned_on=DAY, days_late=0)
    )
    writer.write(feed(library))
    with reading(path) as catalogue:
        counts = catalogue.counts()
    assert (counts.shown, counts.pending, counts.on_loan) == (4, 1, 2)


def test_a_group_has_another_version_as_soon_as_one_of_its_projections_has() -> None:
    versions = {CATALOGUE.version}
    for number, projection in enumerate(CATALOGUE.projections):
        others = list(CATALOGUE.projections)
        others[number] = replace(projection, version=projection.version + 1)
        versions.add(ProjectionGroup(CATALOGUE.name, tuple(others)).version)
    assert len(versions) == 1 + len(CATALOGUE.projections)


def test_a_group_has_another_version_as_soon_as_a_table_has_another_column() -> None:
    (books, *others) = CATALOGUE.projections
    table = books.tables["books"]
    wider = replace(
        books, tables={**books.tables, "books": table.replace("publisher TEXT", "publisher TEXT, pages INT")}
    )
    spaced = replace(books, tables={**books.tables, "books": table.replace("\n", "\n  ")})
    assert ProjectionGroup(CATALOGUE.name, (wider, *others)).version != CATALOGUE.version
    assert ProjectionGroup(CATALOGUE.name, (spaced, *others)).version == CATALOGUE.version


def test_every_event_of_a_book_and_an_isbn_has_a_handler() -> None:
    assert set(CATALOGUE.handlers) == {*BOOK_EVENTS, *ISBN_EVENTS}


ROOT = Path(desk.__file__).parents[1]
KILLED = """
import os, signal, sys, pickle
from pathlib import Path
from desk.application.codec import event_registry
from desk.projection.batch import BatchWriter
from desk.projection.opening import open_writer
from desk.domain.events import CopyLent

path, events, at = Path(sys.argv[1]), pickle.loads(sys.stdin.buffer.read()), int(sys.argv[2])
db = open_writer(path)
steps = iter(range(10**9))

def killed(statement):
    if next(steps) == at:
        os.kill(os.getpid(), signal.SIGKILL)

db.conn.set_trace_callback(killed)
writer = BatchWriter(db, event_registry(), lambda: 0.0)
for start in range(0, len(events), 10):
    writer.write(events[start : start + 10])
print("finished")
"""


@pytest.mark.parametrize("at", few_or_all([15, 60], [15, 40, 60, 80]))
def test_kill_9_in_the_middle_of_a_batch_loses_neither_row_nor_checkpoint(
    tmp_path: Path, library: Library, at: int
) -> None:
    library.some_history()
    events = feed(library)
    path, clean = tmp_path / "killed.sqlite", tmp_path / "clean.sqlite"
    open_read_model(path, 0.0)
    open_read_model(clean, 0.0)
    command = [sys.executable, "-c", KILLED, str(path), str(at)]
    ended = subprocess.run(command, input=pickle.dumps(events), capture_output=True, timeout=30, cwd=ROOT)
    assert ended.returncode == -signal.SIGKILL, ended

    db = open_writer(path)
    writer = BatchWriter(db, library.registry, lambda: 0.0)
    stored = db.execute("SELECT max(position), count(*) FROM activity").fetchone()
    assert stored[0] == writer.position
    assert stored[1] % 10 == 0
    assert stored[1] < len(events)
    writer.write(events)
    db.close()
    other = open_writer(clean)
    BatchWriter(other, library.registry, lambda: 0.0).write(events)
    other.close()
    assert contents(path) == contents(clean)


def test_a_loan_that_began_and_ended_in_one_batch_is_in_the_past(db: Database, path: Path, library: Library) -> None:
    book_id = library.book("quick")
    library.write(CopyAdded(book_id=book_id, copy_no=1))
    loan_id = library.lend(book_id)
    library.write(CopyReturned(book_id=book_id, copy_no=1, loan_id=loan_id, returned_on=DAY, days_late=0))
    writer_of(db, library).write(feed(library))
    with reading(path) as catalogue:
        card = catalogue.card(book_id)
    assert card is not None
    assert [loan.state for loan in card.past_loans] == ["returned"]
    assert card.copies[0].loan is None
