"""A rebuild beside the living read model, and how late that one is: ``python -m tests.benchmarks.rebuild_speed``.

Out of a real node: the switch to the new one, the longest question of a reader meanwhile (beside the same reader with
nothing going on), and the time from an append's acknowledgement to its announcement, while following live.
"""

import argparse
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

from desk.application.catalogue import Announcement, BookQuestion
from desk.application.codec import event_registry
from desk.cqrs.metadata import Metadata, encode_metadata
from desk.cqrs.store import NO_STREAM, NewEvent
from desk.domain.events import BookCreated
from desk.domain.streams import book_stream
from desk.projection.care import ModelCare
from desk.projection.catalogue import Catalogue
from desk.projection.opening import open_read_model
from desk.projection.projector import Projector
from desk.store.eventstoredb import EventStoreDB
from desk.store.local_node import LocalNode
from tests.benchmarks.figures import Figure, Table, percentile, say, spread, text_of
from tests.benchmarks.profiles import write_log
from tests.benchmarks.projection_speed import BEGIN, isbn_of
from tests.moments import REAL
from tests.remembered import known

PAUSE = 0.07
"""Seconds between two appends: longer than announcements are gathered."""


class Living:
    """A projector on a thread, and when it said what."""

    def __init__(self, path: Path, store: EventStoreDB) -> None:
        open_read_model(path, 0.0)
        self.path, self.store = path, store
        self._reached: dict[int, float] = {}
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self.projector = Projector(
            path, known(store), event_registry(), self._announced, self._failed, clock=REAL.timestamp
        )
        self._thread = threading.Thread(target=self.projector.run, args=(self._stop,))
        self._thread.start()

    def _announced(self, news: Announcement) -> None:
        with self._changed:
            if news.live:
                self._reached[news.position] = time.perf_counter()
            self._changed.notify_all()

    def _failed(self, error: Exception) -> None:
        raise error

    def reached(self, position: int) -> float:
        """When it was announced that the read model holds this position."""
        with self._changed:
            assert self._changed.wait_for(lambda: any(at >= position for at in self._reached), 300)
            return min(moment for at, moment in self._reached.items() if at >= position)

    def close(self) -> None:
        self._stop.set()
        self.projector.wake()
        self._thread.join()


class Reader:
    """Asks for first pages and cards, again and again; how long each took, in milliseconds."""

    def __init__(self, path: Path) -> None:
        self.taken: list[float] = []
        self._path, self._stop = path, threading.Event()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        with closing(Catalogue(self._path)) as catalogue:
            while not self._stop.wait(0.002):
                begin = time.perf_counter()
                rows = catalogue.page(catalogue.order(BookQuestion(), 128))
                catalogue.card(rows[0].book_id)
                self.taken.append(1000 * (time.perf_counter() - begin))

    def stop(self) -> list[float]:
        self._stop.set()
        self._thread.join()
        return self.taken


@contextmanager
def living(directory: Path, books: int, loans: int) -> Iterator[tuple[Living, int]]:
    """A node with a log, and a read model that follows it."""
    events = write_log(directory / "node", books, loans)
    with closing(LocalNode(directory / "node")) as node, closing(EventStoreDB(node.ensure())) as store:
        followed = Living(directory / "read-model.sqlite", store)
        try:
            followed.reached(-1)  # live, wherever that is: the node's own events come after the last book's
            yield followed, events
        finally:
            followed.close()


def lags(followed: Living, count: int) -> list[float]:
    """Milliseconds from acknowledgement to announcement."""
    registry, found = event_registry(), []
    for number in range(count):
        book_id = uuid4()
        created = BookCreated(book_id=book_id, isbn=isbn_of(number), title=f"Late {number}", authors=("Somebody",))
        type_name, schema, data = registry.encode(created)
        metadata = encode_metadata(Metadata(user="mia", issued_at=BEGIN, schema=schema))
        new = NewEvent(uuid4(), type_name, data, metadata)
        receipt = followed.store.append(book_stream(book_id), NO_STREAM, (new,), timeout=10)
        acknowledged = time.perf_counter()
        found.append(1000 * max(0.0, followed.reached(receipt.position) - acknowledged))
        time.sleep(PAUSE)
    return found


def run(*, quick: bool = False) -> Table:
    """Measure."""
    books, loans, appends = (2000, 2, 50) if quick else (20_000, 5, 300)
    with tempfile.TemporaryDirectory() as name, living(Path(name), books, loans) as (followed, events):
        idle = Reader(followed.path)
        late = lags(followed, appends)
        before = idle.stop()
        say(f"  lag p50 {statistics.median(late):.1f} ms")
        care = ModelCare(followed.path, followed.store, event_registry(), followed.projector)
        reader = Reader(followed.path)
        outcome = care.rebuild(lambda progress: None).future.result()
        meanwhile = reader.stop()
        care.close()
        with closing(sqlite3.connect(followed.path)) as connection:
            pages, page = (connection.execute(f"PRAGMA {each}").fetchone()[0] for each in ("page_count", "page_size"))
    return Table(
        "Rebuild beside the living read model",
        (
            *spread("acknowledged → announced", late, "ms", "at most 20 ms"),
            Figure(f"rebuild, {outcome.events:,} events", outcome.events / outcome.seconds, "events/s"),
            Figure(f"switch, {pages * page / 1e6:.0f} MB", 1000 * outcome.switch_seconds, "ms"),
            Figure("page and card meanwhile, p99", percentile(meanwhile, 0.99), "ms", percentile(before, 0.99)),
            Figure("page and card meanwhile, worst", max(meanwhile), "ms", max(before)),
        ),
        "idle",
        f"{events:,} events of {books:,} books out of a real node.",
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    print(text_of(run(quick=parser.parse_args().quick)))


if __name__ == "__main__":
    main()
