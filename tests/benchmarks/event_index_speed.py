"""Finding events of any system: ``python -m tests.benchmarks.event_index_speed [--quick]``.

200,000 events of an order system (a tenth with ``--quick``), indexed; a path's peer is SQLite's own scan by
``json_extract`` over the same table in the same run.
"""

import argparse
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final
from uuid import uuid4

from desk.application.event_question import EventQuestion, JsonPath, PathCondition, folded, searchable
from desk.application.stream_names import StreamFinder, StreamSummary
from desk.cqrs.known_store import Witness
from desk.cqrs.store import Recorded
from desk.projection.index.event_reader import EventReader
from desk.projection.index.events import EVENTS, pin_path, value_at
from desk.projection.index.file import connect, create_part, ensure_file, mark, move_checkpoint, transaction
from tests.benchmarks.figures import Figure, Table, say, text_of
from tests.order_system import CATEGORIES, CITY, EVENTS_OF_AN_ORDER, WHOLE, appends_of, correlation_of

ROUNDS: Final = 9
_BATCH: Final = 500
_PAGE: Final = 50


def recorded(orders: int) -> Iterator[Recorded]:
    """The events of the order system, as a store gives them back, order by order."""
    position, when = 0, datetime(2026, 1, 5, 8, tzinfo=UTC)
    for number in range(orders):
        revisions: dict[str, int] = {}
        for stream, said in ((stream, one) for stream, several in appends_of(number) for one in several):
            position, when = position + 2, when + timedelta(seconds=30)
            revision = revisions[stream] = revisions.get(stream, -1) + 1
            data = said.data if isinstance(said.data, bytes) else json.dumps(said.data, ensure_ascii=False).encode()
            metadata = {"user": ("mira", "jon", "web")[number % 3], "$correlationId": str(correlation_of(number))}
            yield Recorded(
                uuid4(),
                stream,
                revision,
                position,
                said.type,
                data,
                json.dumps(metadata).encode(),
                when,
                not isinstance(said.data, bytes),
            )


def build(path: Path, events: Sequence[Recorded]) -> float:
    """Index them; the seconds that it took."""
    ensure_file(path)
    begin = time.perf_counter()
    with closing(connect(path)) as connection:
        with transaction(connection):
            create_part(connection, EVENTS, "")
        writer = EVENTS.writer(connection, "")
        for first in range(0, len(events), _BATCH):
            batch = events[first : first + _BATCH]
            with transaction(connection):
                writer.apply(batch)
                move_checkpoint(connection, EVENTS, Witness(batch[-1].position, batch[-1].id), len(batch))
        with transaction(connection):
            writer.finish()
            mark(connection, EVENTS, complete=True)
    return time.perf_counter() - begin


def milliseconds(work: Callable[[], object]) -> float:
    """Half of the times are below this: processor time, since other programs are no part of it."""
    times = []
    for _ in range(ROUNDS):
        begin = time.thread_time()
        work()
        times.append((time.thread_time() - begin) * 1000)
    return statistics.median(times)


def questions(reader: EventReader, path: Path) -> Iterator[Figure]:
    """Each question beside its target; those about a path beside the scan."""

    def page_and_count(question: EventQuestion) -> float:
        return milliseconds(lambda: (reader.find(question, None, _PAGE), reader.count(question)))

    yield Figure("a rare word: page and count", page_and_count(EventQuestion(text=CITY)), "ms", target="at most 20 ms")
    for share, word in (("one in ten", "berlin"), ("every third", "mira")):
        found = page_and_count(EventQuestion(text=word))
        yield Figure(f"a word of {share} of the events: page and count", found, "ms", target="at most 20 ms")
    letters = [page_and_count(EventQuestion(text=f"{letter}*")) for letter in "bst7"]
    yield Figure("one letter as a beginning: page and count", max(letters), "ms", target="at most 100 ms")
    story = EventQuestion(correlation=str(correlation_of(17)))
    yield Figure("a story by its correlation: page and count", page_and_count(story), "ms")
    total, city = PathCondition.parse("$.total > 100"), PathCondition.parse(f'$.customer.city = "{CITY}"')
    first = milliseconds(lambda: reader.find(EventQuestion(paths=(total,)), None, _PAGE))
    yield Figure("$.total > 100: first hits", first, "ms", target="at most 100 ms")
    for condition in (total, city):
        yield _beside_the_scan(reader, path, condition)
    with closing(connect(path)) as connection, transaction(connection):
        pin_path(connection, JsonPath.parse("$.customer.city"))
        pin_path(connection, JsonPath.parse("$.total"))
    for condition in (total, city):
        found = page_and_count(EventQuestion(paths=(condition,)))
        yield Figure(f"{condition}, pinned: page and count", found, "ms", target="at most 20 ms")


def _beside_the_scan(reader: EventReader, path: Path, condition: PathCondition) -> Figure:
    """All that it holds for, counted, in turns with SQLite's own way."""
    scan = f"SELECT count(*) FROM log_events WHERE {value_at(condition.path)} {condition.operator} ?"
    times, peers, ratios = [], [], []
    with closing(sqlite3.connect(path)) as connection:
        for _ in range(ROUNDS):
            begin = time.thread_time()
            reader.count(EventQuestion(paths=(condition,)))
            middle = time.thread_time()
            connection.execute(scan, [condition.value]).fetchone()
            end = time.thread_time()
            times.append((middle - begin) * 1000)
            peers.append((end - middle) * 1000)
            ratios.append((middle - begin) / (end - middle))
    peer, ratio = statistics.median(peers), statistics.median(ratios)
    return Figure(f"{condition}: all of them", statistics.median(times), "ms", peer, "at most 150 %", ratio=ratio)


def names() -> Iterator[Figure]:
    """Streams by parts of their names."""
    streams = tuple(StreamSummary(f"{category}-{n:06}") for n in range(20_000) for category in CATEGORIES)
    finder = StreamFinder(streams)
    for typed in ("order 17", "*-0012*", "9"):
        times = milliseconds(partial(finder.find, typed))
        yield Figure(f"100,000 names, {typed!r}", times, "ms", target="at most 50 ms")


def run(*, quick: bool = False) -> list[Table]:
    """Build the index, and ask it."""
    orders = WHOLE // 10 if quick else WHOLE
    say(f"  an index of {orders * EVENTS_OF_AN_ORDER:,} events")
    events = list(recorded(orders))
    begin = time.perf_counter()
    for event in events:
        folded(searchable(event.data, event.metadata))
    reading = time.perf_counter() - begin
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "event-index.sqlite"
        seconds = build(path, events)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        count, size = len(events), path.stat().st_size
        stored = sum(len(event.data) + len(event.metadata) for event in events)
        del events
        built = (
            Figure("events written", count / seconds, "/s"),
            Figure("reading their words alone", count / reading, "/s"),
            Figure("bytes for an event", size / count, "B", how=f"payload and metadata have {stored / count:.0f}"),
        )
        asked = tuple(questions(EventReader(path), path))
    return [
        Table(f"Index of {count:,} events", built),
        Table("Finding events in it", (*asked, *names()), "SQLite's scan", "Medians of processor time."),
    ]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    print("\n\n".join(map(text_of, run(quick=parser.parse_args().quick))))


if __name__ == "__main__":
    main()
