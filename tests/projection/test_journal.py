"""The journal of commands: it outlives the program, forgets its oldest, is read in pages, and hurts no command."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desk.application import journal as journals
from desk.application.envelopes import EnvelopeCodec
from desk.application.journal import Journal, JournalEntry, JournalFilter
from desk.cqrs.endings import CommandEnding, End, EndedCommand
from desk.cqrs.errors import StoreUnavailable
from desk.cqrs.messages import Origin, Sender
from desk.domain.commands import AddCopy
from desk.projection.journal import JournalTable
from desk.projection.local import open_local
from tests.moments import REAL
from tests.projection.library import an_id
from tests.waiting import until

BEGIN = datetime(2026, 3, 1, 12, 0, 0, 123457, tzinfo=UTC)
ADDED, REFUSED = End.SUCCEEDED, End.REFUSED


def ended(number: int, *, book: str = "book", end: End = ADDED) -> EndedCommand:
    env = Sender("ada", REAL, Origin.IMPORT).envelope(
        AddCopy(book_id=an_id(book)),
        command_id=an_id(number),
        issued_at=BEGIN + timedelta(seconds=number),
    )
    return EndedCommand(env, f"book-{book}", CommandEnding(end, "ok", f"Number {number}.", 2), 1.25 * number)


class Faults:
    """What the journal has told of itself."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def __call__(self, title: str, details: str) -> None:
        self.told.append((title, details))


@contextmanager
def running(path: Path, faults: Callable[[str, str], None] = lambda _title, _said: None) -> Iterator[Journal]:
    table = JournalTable(path)
    journal = Journal(table, faults)
    thread = threading.Thread(target=journal.run)
    thread.start()
    try:
        yield journal
    finally:
        journal.stop()
        thread.join(60)
        table.close()
        assert not thread.is_alive()


def numbers(entries: tuple[JournalEntry, ...]) -> list[str]:
    return [entry.sentence for entry in entries]


def stored(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        try:
            return int(db.execute("SELECT count(*) FROM commands").fetchone()[0])
        except sqlite3.OperationalError:
            return 0  # not made yet


def test_an_entry_says_all_of_a_command_and_outlives_the_program(tmp_path: Path) -> None:
    one = ended(7)
    with running(tmp_path / "local.sqlite") as journal:
        journal.note(one)
    with running(tmp_path / "local.sqlite") as journal:
        (entry,) = journal.read()
    assert entry == JournalEntry(
        command_id=one.envelope.id,
        stream="book-book",
        type="AddCopy",
        payload=EnvelopeCodec().encode(one.envelope),
        user="ada",
        origin="import",
        issued_at=BEGIN + timedelta(seconds=7),
        milliseconds=8.75,
        attempts=2,
        end=ADDED,
        code="ok",
        sentence="Number 7.",
        number=1,
    )
    again = EnvelopeCodec().decode(entry.payload)
    assert (again.message, again.id) == (one.envelope.message, one.envelope.id), "it can be sent again"


def test_what_has_ended_is_written_without_anybody_reading_and_at_once_for_a_reader(tmp_path: Path) -> None:
    path = tmp_path / "local.sqlite"
    with running(path) as journal:
        journal.note(ended(1))
        assert numbers(journal.read()) == ["Number 1."]
        journal.note(ended(2))
        until(lambda: stored(path) == 2)


def test_the_journal_is_read_by_command_stream_and_end(tmp_path: Path) -> None:
    with running(tmp_path / "local.sqlite") as journal:
        for number in range(10):
            book, end = ("odd" if number % 2 else "even"), (REFUSED if number % 3 == 0 else ADDED)
            journal.note(ended(number, book=book, end=end))
        journal.note(ended(4, book="even", end=End.UNKNOWN))
        assert numbers(journal.read(limit=3)) == ["Number 4.", "Number 9.", "Number 8."]
        of_command = journal.read(JournalFilter(command_id=an_id(4)))
        assert [entry.end for entry in of_command] == [End.UNKNOWN, ADDED], "each time that it was sent"
        odd = JournalFilter(stream="book-odd")
        assert numbers(journal.read(odd, limit=2)) == ["Number 9.", "Number 7."]
        assert numbers(journal.read(JournalFilter(stream="book-even", ends=(REFUSED,)))) == ["Number 6.", "Number 0."]
        both = journal.read(JournalFilter(ends=(REFUSED, End.UNKNOWN)))
        assert numbers(both) == ["Number 4.", "Number 9.", "Number 6.", "Number 3.", "Number 0."]


def test_the_oldest_of_too_many_go(tmp_path: Path) -> None:
    table = JournalTable(tmp_path / "local.sqlite", length=500)
    journal = Journal(table, Faults())
    for number in range(1250):
        journal.note(ended(number))
    kept = journal.read(limit=10_000)
    assert numbers(kept) == [f"Number {number}." for number in range(1249, 749, -1)]
    table.close()


def test_a_locked_file_delays_nobody_is_told_once_and_is_caught_up_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, faults = tmp_path / "local.sqlite", Faults()
    open_local(path).close()
    writing: set[threading.Thread] = set()
    add = JournalTable.add

    def noticed(self: JournalTable, entries: Sequence[JournalEntry]) -> None:
        writing.add(threading.current_thread())
        add(self, entries)

    monkeypatch.setattr(JournalTable, "add", noticed)
    with closing(sqlite3.connect(path)) as other, running(path, faults) as journal:
        other.execute("BEGIN IMMEDIATE")
        for number in range(1000):
            journal.note(ended(number))
        until(lambda: len(faults.told) == 1)
        assert threading.current_thread() not in writing, "who notes does not wait for the lock"
        with pytest.raises(StoreUnavailable):
            journal.read()
        assert len(faults.told) == 1, "once, however often it is tried"
        assert "cannot be written" in faults.told[0][0]
        assert "locked" in faults.told[0][1]
        other.rollback()
        until(lambda: stored(path) == 1000)
        assert numbers(journal.read(limit=2)) == ["Number 999.", "Number 998."]


def test_a_damaged_file_is_told_once_and_the_journal_goes_on_when_it_is_whole_again(tmp_path: Path) -> None:
    path, faults = tmp_path / "local.sqlite", Faults()
    path.write_bytes(b"no database at all" * 500)
    with running(path, faults) as journal:
        journal.note(ended(1))
        until(lambda: len(faults.told) == 1)
        with pytest.raises(StoreUnavailable, match=r"local\.sqlite"):
            journal.read()
        path.unlink()
        journal.note(ended(2))
        assert numbers(journal.read()) == ["Number 2.", "Number 1."]
    assert len(faults.told) == 1


def test_a_full_disk_is_told_once_and_what_waits_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "MOST_WAITING", waiting := 1000)
    path, faults = tmp_path / "local.sqlite", Faults()
    table = JournalTable(path)
    journal = Journal(table, faults)
    journal.note(ended(0))
    assert len(journal.read()) == 1
    with closing(sqlite3.connect(path)) as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
    with table._opened() as db:
        db.execute(f"PRAGMA max_page_count = {pages}").close()
    for number in range(1, waiting + 101):
        journal.note(ended(number))
    assert not journal.flush()
    assert "full" in faults.told[0][1]
    kept = journal.read(limit=2 * waiting)
    assert kept[0].sentence == f"Number {waiting + 100}.", "the connection is made anew, and the limit gone"
    assert len(kept) == 1 + waiting, "the oldest of those that waited were dropped"
    assert len(faults.told) == 1
    table.close()


def test_refusals_of_before_there_was_this_journal_are_not_carried_over(tmp_path: Path) -> None:
    path = tmp_path / "local.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE refused (id INTEGER PRIMARY KEY, at REAL NOT NULL)")
    with running(path) as journal:
        assert journal.read() == ()
    with closing(sqlite3.connect(path)) as db:
        names = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert "refused" not in names
