"""How fast the read model is built, and how fast it answers at 100,000 and a million books.

Run it with ``python -m tests.benchmarks.projection_speed [ROWS …]``. Everything is generated, in a directory of its own
that is removed afterwards; nothing but memory, SQLite and the projection is measured: no node, no network.
"""

import random
import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

from desk.application.catalogue import BookQuestion, RowIds, SortKey
from desk.application.codec import event_registry
from desk.cqrs.metadata import Metadata, encode_metadata, parse_metadata
from desk.cqrs.store import CaughtUp, Recorded
from desk.domain.events import BookCreated, BookListed, CopyAdded, CopyLent, CopyReturned, Event, IsbnClaimed
from desk.domain.streams import book_stream, isbn_stream
from desk.node.log import Log
from desk.node.records import Append, Proposed
from desk.projection.batch import BatchWriter
from desk.projection.catalogue import Catalogue
from desk.projection.folding import fold
from desk.projection.inbox import BATCH
from desk.projection.opening import create_unread, open_read_model, open_unread, open_writer
from desk.projection.projector import FEED, Projector
from desk.projection.schema import begin_bulk, end_bulk
from desk.store.eventstoredb import EventStoreDB
from desk.store.local_node import LocalNode
from tests.moments import REAL
from tests.remembered import known

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
DAY = date(2024, 1, 1)
SYLLABLES = re.findall(
    r"\w+", "ba co dé fi gu hö ka lo me ni pa qui ro sa té ul ver wa xi yo zen stra ment ing ard ell"
)
PAGE = 128


def seconds(work: Callable[[], object]) -> float:
    """How long it took."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def milliseconds(work: Callable[[], object], times: int) -> float:
    """The median of several times."""
    return statistics.median(seconds(work) for _ in range(times)) * 1000


class Texts:
    """Words and titles as unevenly spread as those of real books; the same ones for the same seed."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._words = ["the", "of", "and", "a", "history"]
        self._words += ["".join(self._random.choices(SYLLABLES, k=self._random.randint(2, 4))) for _ in range(20_000)]
        self._weights = [1 / (rank + 3) for rank in range(len(self._words))]
        self._pool: list[str] = []

    def title(self) -> str:
        return " ".join(self._next() for _ in range(self._random.randint(2, 6))).capitalize()

    def author(self) -> str:
        return f"{self._next().capitalize()} {self._next().capitalize()}"

    def year(self) -> int | None:
        return None if self._random.random() < 0.05 else self._random.randint(1900, 2024)

    def _next(self) -> str:
        if not self._pool:
            self._pool = self._random.choices(self._words, self._weights, k=100_000)
        return self._pool.pop()


def history(books: int, loans: int) -> list[Recorded]:
    """Books with a copy and some loans each, told in rounds, so that a book's events are far apart."""
    texts, registry = Texts(), event_registry()
    events: list[Recorded] = []
    revisions: dict[str, int] = {}

    def write(event: Event, stream: str) -> None:
        type_name, number, data = registry.encode(event)
        revision = revisions[stream] = revisions.get(stream, -1) + 1
        command = uuid4()
        at = BEGIN + timedelta(seconds=len(events))
        meta = Metadata(command, command, command, "Command", None, "mia", "desk-1", "0.1.0", at, number)
        position = len(events) * 100
        events.append(Recorded(uuid4(), stream, revision, position, type_name, data, encode_metadata(meta), at))

    ids = [uuid4() for _ in range(books)]
    for number, book_id in enumerate(ids):
        stream, isbn = book_stream(book_id), isbn_of(number)
        author, year = (texts.author(),), texts.year()
        created = BookCreated(book_id=book_id, isbn=isbn, title=texts.title(), authors=author, published_year=year)
        write(created, stream)
        write(IsbnClaimed(isbn=isbn, book_id=book_id), isbn_stream(isbn))
        write(BookListed(book_id=book_id, isbn=isbn), stream)
        write(CopyAdded(book_id=book_id, copy_no=1), stream)
    for round_ in range(loans):
        lent_on = DAY + timedelta(days=round_)
        out = {book_id: uuid4() for book_id in ids}
        for book_id, loan in out.items():
            due_on = lent_on + timedelta(days=21)
            lent = CopyLent(book_id=book_id, copy_no=1, loan_id=loan, patron_ref="P-1", lent_on=lent_on, due_on=due_on)
            write(lent, book_stream(book_id))
        for book_id, loan in out.items():
            back = CopyReturned(book_id=book_id, copy_no=1, loan_id=loan, returned_on=lent_on, days_late=0)
            write(back, book_stream(book_id))
    return events


def book_by_book(events: Sequence[Recorded]) -> list[Recorded]:
    """The same events, those of a book one after the other."""
    return [replace(event, position=place * 100) for place, event in enumerate(sorted(events, key=_place))]


def _place(event: Recorded) -> tuple[str, int]:
    return event.stream, event.revision


def isbn_of(number: int) -> str:
    """A valid ISBN-13 for a number."""
    body = f"978{number:09d}"
    return body + str(-sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body)) % 10)


def batches(events: Sequence[Recorded]) -> Iterator[Sequence[Recorded]]:
    """The events as the inbox hands them over while catching up."""
    return (events[start : start + BATCH] for start in range(0, len(events), BATCH))


def rebuild(directory: Path, events: Sequence[Recorded]) -> dict[str, float]:
    """Events a second: decoded only, projected in batches, and projected one by one as when following live."""
    registry = event_registry()

    def decode_all() -> None:
        for event in events:
            registry.decode(event.type, parse_metadata(event.metadata).schema, event.data)

    def project(name: str, parts: Iterator[Sequence[Recorded]]) -> None:
        path = directory / name
        open_read_model(path, 0.0)
        db = open_writer(path)
        (end_bulk if name == "live" else begin_bulk)(db)
        writer = BatchWriter(db, registry, time.time)
        for part in parts:
            writer.write(part, naming=len(part) == 1)
        db.close()

    live = events[:5000]
    close = book_by_book(events)
    return {
        "decode only, events/s": len(events) / seconds(decode_all),
        "rebuild, events far apart, events/s": len(events) / seconds(lambda: project("far", batches(events))),
        "rebuild, book by book, events/s": len(events) / seconds(lambda: project("close", batches(close))),
        "following live, events/s": len(live) / seconds(lambda: project("live", ([event] for event in live))),
    }


def against_replay(directory: Path, events: Sequence[Recorded]) -> dict[str, float]:
    """Events a second out of a node's process: only drained by the client, and projected; the same feed for both."""
    data = directory / "node"
    data.mkdir(parents=True)
    log = Log(data / "node.sqlite")
    for part in batches(events):
        log.commit([_as_append(event) for event in part])
    log.close()
    node = LocalNode(data)
    store = EventStoreDB(node.ensure())
    try:
        replay = [seconds(lambda: _drain(store)) for _ in range(3)]
        rebuilt = [seconds(lambda n=n: _rebuild_from(store, directory / f"rebuilt-{n}")) for n in range(3)]  # type: ignore[misc]
    finally:
        store.close()
        node.close()
    drained, projected = statistics.median(replay), statistics.median(rebuilt)
    return {
        f"{directory.name}: replay out of a node, events/s": len(events) / drained,
        f"{directory.name}: rebuild out of a node, events/s": len(events) / projected,
        f"{directory.name}: rebuild, share of the replay, %": 100 * drained / projected,
    }


def _as_append(event: Recorded) -> Append:
    proposed = Proposed(event.id.bytes, event.type, True, event.data, event.metadata)
    return Append(event.stream, event.revision - 1, (proposed,))


def _drain(store: EventStoreDB) -> None:
    feed = store.follow_all(only=FEED)
    for item in feed:
        if isinstance(item, CaughtUp):
            feed.stop()


def _rebuild_from(store: EventStoreDB, path: Path) -> None:
    """As a rebuild beside the living read model does, up to the switch."""
    create_unread(path, 0.0)
    stop = threading.Event()
    Projector(
        path,
        known(store),
        event_registry(),
        lambda news: stop.set() if news.live else None,
        _raise,
        clock=REAL.timestamp,
        connect=open_unread,
    ).run(stop)


def _raise(error: Exception) -> None:
    raise error


def fill(path: Path, rows: int) -> None:
    """A read model of that many books, written straight into its tables."""
    open_read_model(path, 0.0)
    db = open_writer(path)
    texts = Texts()
    sql = (
        "INSERT INTO books (book_id, state, isbn, published_year, copies_total, copies_available, created_at, "
        "changed_at, revision, position, sort_title, sort_authors, title, authors, subjects, search_text) "
        "VALUES (?, 'listed', ?, ?, 2, ?, ?, ?, 1, ?, ?, ?, ?, ?, '[]', ' ' || search_words(? || ' ' || ?))"
    )

    def made() -> Iterator[tuple[object, ...]]:
        for number in range(rows):
            title, author, moment = texts.title(), texts.author(), BEGIN.timestamp() + number * 37 % rows
            year, book_id = texts.year(), uuid4().bytes
            words = fold(title), fold(author), title, f'["{author}"]', f"{title} {author}"
            yield book_id, isbn_of(number), year, number % 3, moment, moment, number, *words, isbn_of(number)

    with db.atomic():
        db.conn.executemany(sql, made())
        db.conn.execute("INSERT INTO books_fts (rowid, text) SELECT id, search_text FROM books")
    db.close()


def answers(path: Path) -> dict[str, float]:
    """Milliseconds of each question, the median of several."""
    figures: dict[str, float] = {}
    catalogue = Catalogue(path)

    def ask(name: str, question: Callable[[], object], times: int = 5) -> None:
        figures[name] = milliseconds(question, times)

    def order(text: str = "", limit: int | None = None, **how: object) -> RowIds:
        return catalogue.order(BookQuestion(text, **how), limit)  # type: ignore[arg-type]

    for sort in SortKey:
        ask(f"order of all by {sort.value}, ms", partial(order, sort=sort), 3)
    ask("order of all by year, descending, ms", lambda: order(sort=SortKey.YEAR, descending=True), 3)
    ask("order of all with deleted ones, ms", lambda: order(with_deleted=True), 3)
    ids = order()
    choose = random.Random(2)
    pages = [[choose.choice(ids) for _ in range(PAGE)] for _ in range(50)]
    jumps = [ids[at : at + PAGE] for at in (choose.randrange(len(ids) - PAGE) for _ in range(50))]
    ask("page of 128 at a random place, ms", lambda: catalogue.page(jumps.pop()), 40)
    ask("page of 128 random ids, ms", lambda: catalogue.page(pages.pop()), 40)
    for text in ("s", "st", "stra", "the", "t h", "the s", "history of", "quizen", "9780000", "xyzzy"):
        for sort in (SortKey.TITLE, SortKey.CHANGED):
            ask(f"first page of {text!r} by {sort.value}, ms", partial(order, text, PAGE, sort=sort), 3)
        ask(f"all of {text!r} by title ({len(order(text))}), ms", partial(order, text), 3)
    known = catalogue.page(ids[:1])[0].book_id
    ask("card, ms", lambda: catalogue.card(known), 50)
    ask("counts, ms", catalogue.counts, 50)
    ask("compare key, ms", lambda: catalogue.compare_key(ids[7], SortKey.AUTHORS), 50)
    ask("500 ISBNs, ms", lambda: catalogue.isbn_history([isbn_of(number * 3) for number in range(500)]), 5)
    catalogue.close()
    return figures


def long_history(directory: Path, length: int = 100_000) -> dict[str, float]:
    """Milliseconds until the columns of one book's long history are in memory."""
    book_id = UUID(int=7)
    stream, path = book_stream(book_id), directory / "history"
    open_read_model(path, 0.0)
    db = open_writer(path)
    writer = BatchWriter(db, event_registry(), time.time)
    meta = encode_metadata(Metadata(user="mia", issued_at=BEGIN))
    data = b"{}"
    events = [Recorded(uuid4(), stream, n, n, f"Type{n % 9}", data, meta, BEGIN) for n in range(length)]
    for part in batches(events):
        writer.write(part)
    db.close()
    catalogue = Catalogue(path)
    figures = {f"history of {length} events, ms": milliseconds(lambda: catalogue.activity(stream), 5)}
    catalogue.close()
    return figures


def run(rows: Sequence[int] = (100_000, 1_000_000), books: int = 20_000, loans: int = 5) -> dict[str, float]:
    """All figures, by name."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        events = history(books, loans)
        figures = rebuild(directory, events)
        figures.update(against_replay(directory / "far apart", events))
        figures.update(against_replay(directory / "book by book", book_by_book(events)))
        figures.update(long_history(directory))
        for count in rows:
            path = directory / f"books-{count}"
            figures[f"{count} rows: made in, s"] = seconds(partial(fill, path, count))
            figures[f"{count} rows: file, MB"] = path.stat().st_size / 1e6
            figures.update({f"{count} rows: {name}": value for name, value in answers(path).items()})
            path.unlink()
        return figures


def main() -> None:
    """Print the figures as a table."""
    rows = [int(argument) for argument in sys.argv[1:]] or [100_000, 1_000_000]
    for name, value in run(rows).items():
        print(f"{name:60} {value:12,.2f}")


if __name__ == "__main__":
    main()
