"""How fast books are imported, beside three bare appends a book: ``python -m tests.benchmarks.import_speed``.

A round is: bare appends, the import, bare appends again, each on a node of its own that begins empty. The bare appends
are as large as the events of an import (a book, the claim of its ISBN, its listing), sent by eight threads through
esdbclient's ``append_to_stream``, each with the exact revision expected. The import is the whole way: file, command
bus, aggregates, process manager, read model; it ends when every book is listed in the read model.
"""

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from uuid import UUID, uuid4

from esdbclient import EventStoreDBClient, NewEvent, StreamState

from desk.__main__ import SWITCH_INTERVAL
from desk.application.codec import event_registry
from desk.application.importing.plan import find_plan, open_rows
from desk.application.importing.refused import RefusedRows
from desk.application.importing.run import ImportRun
from desk.application.session import Connection, Light, Session, SessionEvent
from desk.cqrs.metadata import Metadata, encode_metadata
from desk.domain.events import BookCreated, BookListed, Event, IsbnClaimed
from desk.domain.streams import book_stream, isbn_stream
from desk.runtime.options import Options
from desk.runtime.runtime import open_session
from desk.store.local_node import LocalNode
from tests.benchmarks.figures import Figure, Table, memory_mb, say, text_of
from tests.benchmarks.projection_speed import Texts, isbn_of

WRITERS = 8


@dataclass(frozen=True, slots=True)
class Imported:
    """One import: seconds, and megabytes at most in the importing process and in the node's."""

    seconds: float
    peak: float
    node_peak: float


def write_books(path: Path, books: int) -> None:
    """A file of that many books with titles of usual lengths."""
    texts = Texts()
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["ISBN", "Book-Title", "Book-Author", "Year-Of-Publication", "Book-Publisher"])
        for number in range(books):
            writer.writerow([isbn_of(number), texts.title(), texts.author(), texts.year() or 0, texts.author()])


# ── three bare appends a book ─────────────────────────────────────────────────────────────────────────────────────


def appends_of(number: int, texts: Texts) -> Sequence[tuple[str, int | StreamState, NewEvent]]:
    """Stream, expected revision and event of the three appends that an import of this book makes."""
    registry, book_id, text = event_registry(), uuid4(), isbn_of(number)

    def event(of: Event, command: str, trigger: UUID | None) -> NewEvent:
        name, schema, data = registry.encode(of)
        story = Metadata(
            uuid4(), uuid4(), uuid4(), command, trigger, "ada", "benchmark", "0.1.0", datetime.now(UTC), schema
        )
        return NewEvent(type=name, data=data, metadata=encode_metadata(story))

    created = BookCreated(
        book_id=book_id,
        isbn=text,
        title=texts.title(),
        authors=(texts.author(),),
        publisher=texts.author(),
        published_year=texts.year(),
    )
    claimed, listed = IsbnClaimed(isbn=text, book_id=book_id), BookListed(book_id=book_id, isbn=text)
    return (
        (book_stream(book_id), StreamState.NO_STREAM, event(created, "CreateBook", None)),
        (isbn_stream(text), StreamState.NO_STREAM, event(claimed, "ClaimIsbn", uuid4())),
        (book_stream(book_id), 0, event(listed, "ListBook", uuid4())),
    )


def bare(directory: Path, books: int) -> float:
    """Seconds for three appends a book."""
    texts = Texts()
    work = [appends_of(number, texts) for number in range(books)]
    directory.mkdir()
    with closing(LocalNode(directory)) as node:
        uri = node.ensure()
        clients = [EventStoreDBClient(uri) for _ in range(WRITERS)]
        for client in clients:
            client.append_to_stream(f"warm-{uuid4()}", current_version=StreamState.ANY, events=NewEvent("Warm", b"{}"))
        taken = count()

        def write(client: EventStoreDBClient) -> None:
            while (number := next(taken)) < books:
                for stream, expected, event in work[number]:
                    client.append_to_stream(stream, current_version=expected, events=event)

        threads = [threading.Thread(target=write, args=(client,)) for client in clients]
        begin = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        taken_seconds = time.perf_counter() - begin
        for client in clients:
            client.close()
    return taken_seconds


# ── the import ────────────────────────────────────────────────────────────────────────────────────────────────────


def import_here(directory: Path, file: Path, books: int) -> Imported:
    """Import in this process."""
    sys.setswitchinterval(SWITCH_INTERVAL)  # as the sub-command does
    with closing(open_session(Options(directory, user="ada"))) as session:
        until_connected(session)
        plan = find_plan(file, _never, latest_year=datetime.now(UTC).year)
        with open_rows(plan) as opened, closing(RefusedRows(plan.header)) as refused:
            begin = time.perf_counter()
            report = ImportRun(session.importing, opened, refused).run()
            seconds = time.perf_counter() - begin
        counted = session.queries.reader()
        assert counted is not None
        shown = counted.counts()
        counted.close()
        if report.created != books or shown.shown != books or shown.pending:
            raise AssertionError(f"{report.summary()} {shown}")
        node = session.about.node_pid
        return Imported(seconds, memory_mb(os.getpid(), peak=True), memory_mb(node, peak=True) if node else 0.0)


def until_connected(session: Session) -> None:
    """Both ways of writing begin with a node that is there."""
    connected = threading.Event()

    def hear(event: SessionEvent) -> None:
        if isinstance(event, Connection) and event.light is Light.GREEN:
            connected.set()

    leave = session.listen(hear)
    connected.wait(30)
    leave()


def _never(sample: bytes) -> str:
    raise AssertionError("the file is UTF-8")


def import_elsewhere(directory: Path, file: Path, books: int) -> Imported:
    """Import in a process of its own, as ``desk import`` does."""
    command = [sys.executable, "-m", "tests.benchmarks.import_speed", "--alone", str(directory), str(file), str(books)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Imported(**json.loads(answer.splitlines()[-1]))


@contextmanager
def file_of(books: int) -> Iterator[tuple[Path, Path]]:
    """An empty directory, and a file of books in it."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        write_books(directory / "books.csv", books)
        yield directory, directory / "books.csv"


def run(books: int = 2000, rounds: int = 3) -> Table:
    """Measure so many rounds; the median of each."""
    imported: list[Imported] = []
    bared: list[float] = []
    with file_of(books) as (directory, file):
        for turn in range(rounds):
            before = bare(directory / f"before-{turn}", books)
            imported.append(import_elsewhere(directory / f"import-{turn}", file, books))
            after = bare(directory / f"after-{turn}", books)
            bared += [before, after]
            rates = " ".join(f"{books / each:,.0f}" for each in (before, imported[-1].seconds, after))
            say(f"  round {turn + 1}: bare, import, bare: {rates} books/s")
    rate = books / statistics.median(each.seconds for each in imported)
    floor = books / statistics.median(bared)
    return Table(
        "Import",
        (
            Figure(f"{books:,} books", rate, "books/s", floor, "at least 60 %, and 120 books/s"),
            Figure("memory at most, importing process", max(each.peak for each in imported), "MB"),
            Figure("memory at most, node", max(each.node_peak for each in imported), "MB"),
        ),
        "3 appends",
        "From the file until every book is listed in the read model; medians of "
        f"{rounds} rounds of bare appends, import, bare appends.",
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--books", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--alone", nargs=3, metavar=("DIR", "FILE", "BOOKS"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        directory, file, books = given.alone
        print(json.dumps(asdict(import_here(Path(directory), Path(file), int(books)))))
    else:
        print(text_of(run(given.books, given.rounds)))


if __name__ == "__main__":
    main()
