"""The event index beside the bare client, and the past beside now: ``python -m tests.benchmarks.index_speed``.

Building the part ``books`` out of a real node, in turns with esdbclient alone draining the same events. Then the
catalogue as of random positions, beside the same questions asked of the read model: first rows and whole orders,
searches, counts; what set each field of a book with 10,000 events; and what all that takes on the disk.
"""

import argparse
import gc
import json
import random
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

from esdbclient import CaughtUp, EventStoreDBClient

from desk.application.catalogue import BookQuestion, CatalogueSource, SortKey
from desk.application.codec import event_registry
from desk.application.event_index import GetPastHits
from desk.cqrs.store import Recorded
from desk.domain.events import BookDetailsCorrected
from desk.domain.streams import book_id_of
from desk.node.log import Log
from desk.projection.catalogue import Catalogue
from desk.projection.index.books import BOOKS
from desk.projection.index.builder import PartBuilder
from desk.projection.index.part import IndexSurroundings
from desk.projection.index.reader import PastReader
from desk.store.eventstoredb import EventStoreDB
from desk.store.local_node import LocalNode
from desk.store.reading import pattern_of
from tests.benchmarks.figures import Figure, Table, percentile, say, text_of
from tests.benchmarks.many_books import write_books, write_versions
from tests.benchmarks.projection_speed import _as_append, _rebuild_from, batches, history
from tests.remembered import known

POSITIONS = 20
FIRST = 128
SEARCHES = ("a", "the", "history", "history of", "9780001", "zzz")


def changed_often(events: list[Recorded], changes: int) -> list[Recorded]:
    """Corrections of the first book, so many, after all that happened."""
    book_id = book_id_of(events[0].stream)
    assert book_id is not None
    last = max(event.revision for event in events if event.stream == events[0].stream)
    found = []
    for number in range(changes):
        name, _, data = event_registry().encode(BookDetailsCorrected(book_id=book_id, title=f"Title {number % 97}"))
        metadata = events[0].metadata.replace(b'"schema":2', b'"schema":1')
        position = events[-1].position + 100 * (number + 1)
        event = replace(events[0], id=uuid4(), type=name, data=data, metadata=metadata)
        found.append(replace(event, revision=last + 1 + number, position=position))
    return found


def write_log(directory: Path, books: int, loans: int, changes: int) -> tuple[int, UUID]:
    """A node's log; how many events of books it has, and which book was corrected so often."""
    directory.mkdir(parents=True, exist_ok=True)
    events = history(books, loans)
    events += changed_often(events, changes)
    with closing(Log(directory / "node.sqlite")) as log:
        for part in batches(events):
            log.commit([_as_append(event) for event in part])
    book_id = book_id_of(events[0].stream)
    assert book_id is not None
    return sum(event.stream.startswith("book-") for event in events), book_id


def drained(uri: str) -> None:
    """The same events by the client alone, until the server says that all has been sent."""
    with closing(EventStoreDBClient(uri)) as client:
        feed = BOOKS.feed("")
        pattern = pattern_of(feed) if feed else ""
        subscription = client.subscribe_to_all(
            filter_include=pattern, filter_by_stream_name=True, include_caught_up=True
        )
        for item in subscription:
            if isinstance(item, CaughtUp):
                subscription.stop()


def built(store: EventStoreDB, path: Path) -> None:
    """The part, until it is ready."""
    builder = PartBuilder(IndexSurroundings(path, known(store), threading.Lock(), lambda _state: None, _raise), BOOKS)
    thread = threading.Thread(target=builder.run)
    thread.start()
    try:
        builder.build().result(3600)
    finally:
        builder.stop()
        thread.join()


def _raise(sentence: str) -> None:
    raise RuntimeError(sentence)


def taken(work: Callable[[], object], clock: Callable[[], float] = time.thread_time) -> float:
    """Milliseconds of the thread's processor time, or by another clock: other programs do not count for a question.

    Garbage is collected afterwards, as the window does.
    """
    gc.disable()
    try:
        begin = clock()
        work()
        return 1000 * (clock() - begin)
    finally:
        gc.enable()


def first_rows(source: CatalogueSource, question: BookQuestion, limit: int | None) -> None:
    """An order, and the rows that are in sight."""
    source.page(source.order(question, limit)[:FIRST])


def orders(past: PastReader, now: CatalogueSource, places: list[int], some: list[int]) -> list[Figure]:
    """First rows with their page at each place, and whole orders at some of them."""
    figures = []
    for name, limit, at_ in (("first rows", FIRST, places), ("whole order", None, some)):
        for sort in SortKey:
            then_, now_ = list[float](), list[float]()
            for descending in (False, True):
                question = BookQuestion(sort=sort, descending=descending)
                for at in at_:
                    then_.append(taken(partial(first_rows, past.at(at), question, limit)))
                    now_.append(taken(partial(first_rows, now, question, limit)))
            figures.append(_pair(f"{name} by {sort.value}", then_, now_))
    return figures


def searches(past: PastReader, now: CatalogueSource, places: list[int]) -> list[Figure]:
    """Hits as one types (the first ones), and all of them."""
    figures = []
    for text in SEARCHES:
        for name, limit in (("first hits", FIRST), ("all hits", None)):
            then_, now_ = list[float](), list[float]()
            for sort in (SortKey.TITLE, SortKey.COPIES):
                question = BookQuestion(text, sort)
                then_ += [taken(partial(past.at(at).order, question, limit)) for at in places]
                now_ += [taken(partial(now.order, question, limit)) for _ in places]
            figures.append(_pair(f"{name} of “{text}”", then_, now_, "at most 3x"))
    return figures


def _pair(name: str, then_: list[float], now_: list[float], target: str = "") -> Figure:
    say(f"  {name}")
    how = f"p50 {statistics.median(then_):.1f}, now {statistics.median(now_):.1f}"
    return Figure(f"{name}, p99", percentile(then_, 0.99), "ms", percentile(now_, 0.99), target, how)


def sizes(path: Path, events: int) -> list[Figure]:
    """What the file is made of, by table and index."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(
            "SELECT (SELECT tbl_name FROM sqlite_master AS m WHERE m.name = d.name) AS t, sum(pgsize) FROM dbstat AS d "
            "GROUP BY t ORDER BY 2 DESC"
        ).fetchall()
    figures = [Figure(f"{table or 'schema'} with its indexes", size / events, "bytes/event") for table, size in found]
    total = path.stat().st_size
    return [Figure("part books", total / 1e6, "MB"), Figure("part books", total / events, "bytes/event"), *figures[:8]]


def places_in(past: Path) -> list[int]:
    """Random positions, the first thousand events included."""
    with closing(sqlite3.connect(past)) as connection:
        found = [position for (position,) in connection.execute("SELECT position FROM past_events ORDER BY position")]
    dice = random.Random(12)
    return [*dice.sample(found[:1000], 2), *dice.sample(found, POSITIONS - 2)]


def run(
    *,
    books: int = 20_000,
    loans: int = 6,
    rounds: int = 3,
    changes: int = 10_000,
    kept: Path | None = None,
    million: bool = False,
) -> list[Table]:
    """Measure. What is ``kept`` in a directory is made there once and used again the next time, and not built then."""
    with tempfile.TemporaryDirectory() as name:
        directory = kept or Path(name)
        index, model, noted = (directory / each for each in ("event-index.sqlite", "read-model.sqlite", "noted.json"))
        built_ = list[Figure]()
        if not noted.exists() and million:
            directory.mkdir(parents=True, exist_ok=True)
            events = write_versions(index, books)
            write_books(model, books)
            noted.write_text(json.dumps([events, ""]))
        elif not noted.exists():
            events, book_id = write_log(directory / "node", books, loans, changes)
            built_ = building(directory, index, model, events, rounds)
            noted.write_text(json.dumps([events, str(book_id)]))
        events, of_book = json.loads(noted.read_text())
        often = UUID(of_book) if of_book else None
        how = f"{events:,} events of {books:,} books; questions in processor time of their thread."
        with closing(PastReader(index)) as past, closing(Catalogue(model)) as now:
            places = places_in(index)
            some = places[::4] if million else places
            others = (*built_, *questions(past, now, places, often, changes), *sizes(index, events))
            return [
                Table("Event index", others, "client, now", how),
                Table("As of 20 positions", tuple(orders(past, now, places, some)), "now", how),
                Table("Searches as of 20 positions", tuple(searches(past, now, some)), "now", how),
            ]


def building(directory: Path, index: Path, model: Path, events: int, rounds: int) -> list[Figure]:
    """The part out of a node beside the client alone, in turns; the read model too, for what follows."""
    rates: dict[str, list[float]] = {"client": [], "index": []}
    worked: dict[str, list[float]] = {"client": [], "index": []}
    with closing(LocalNode(directory / "node")) as node:
        uri = node.ensure()
        with closing(EventStoreDB(uri)) as store:
            for turn in range(rounds):
                path = index if turn == 0 else directory / f"index-{turn}.sqlite"
                works = {"client": partial(drained, uri), "index": partial(built, store, path)}
                for what, work in works.items():
                    begin = time.process_time()
                    rates[what].append(1000 * events / taken(work, time.perf_counter))
                    worked[what].append(1e6 * (time.process_time() - begin) / events)
                say(f"  round {turn + 1}: " + ", ".join(f"{what} {all_[-1]:,.0f}" for what, all_ in rates.items()))
            _rebuild_from(store, model)
    ratio = statistics.median(mine / bare for mine, bare in zip(rates["index"], rates["client"], strict=True))
    rate = {what: statistics.median(all_) for what, all_ in rates.items()}
    busy = {what: statistics.median(all_) for what, all_ in worked.items()}
    return [
        Figure("built", rate["index"], "events/s", rate["client"], "at least 20 %", ratio=ratio),
        Figure("processor time of an event", busy["index"], "µs", busy["client"]),
    ]


def questions(past: PastReader, now: Catalogue, places: list[int], often: UUID | None, changes: int) -> list[Figure]:
    """What is asked of one book, or of all of them at once."""
    counts = [taken(past.at(at).counts) for at in places]
    found = [Figure("counts, p99", percentile(counts, 0.99), "ms", taken(now.counts))]
    if often is None:
        return found
    rows = past.at(places[-1]).page(past.at(places[-1]).order(BookQuestion("ever:history"), FIRST))
    seen = tuple(row.book_id for row in rows)
    hits = [taken(partial(past.past_hits, GetPastHits(f"ever:{text}", seen))) for text in ("history", "p")]
    ever = [taken(lambda: past.at(places[-1]).order(BookQuestion("ever:history"))) for _ in range(3)]
    card = [taken(lambda: past.at(2**62).card(often)) for _ in range(5)]
    return [
        Figure("counts, p99", percentile(counts, 0.99), "ms", taken(now.counts)),
        Figure(f"card of a book of {changes:,} events", statistics.median(card), "ms", taken(lambda: now.card(often))),
        Figure("what was found in the first 128 books", max(hits), "ms"),
        Figure("books that ever had a text", statistics.median(ever), "ms"),
    ]


def tables(*, quick: bool) -> list[Table]:
    """For all benchmarks together."""
    return run(books=2000, loans=2, rounds=2, changes=2000) if quick else run()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--million", action="store_true", help="a million books of three versions each")
    parser.add_argument("--keep", type=Path, help="a directory for the files, which are used again the next time")
    given = parser.parse_args()
    if given.million:
        found = run(books=1_000_000, kept=given.keep, million=True)
    else:
        found = tables(quick=True) if given.quick else run(rounds=given.rounds, kept=given.keep)
    print("\n\n".join(map(text_of, found)))


if __name__ == "__main__":
    main()
