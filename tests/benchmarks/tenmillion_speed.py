"""The node over a log of ten million events beside one of ten thousand: ``python -m tests.benchmarks tenmillion``.

Both logs are written straight into SQLite, which takes minutes and gigabytes; so this runs only when it is asked for.
Two nodes serve them at the same time and take turns in each measurement. System projections are off: they would begin
with ten million events.
"""

import random
import statistics
import tempfile
import time
import uuid
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

from esdbclient import EventStoreDBClient, NewEvent, StreamState

from desk.node.care.check import problems
from desk.node.log import Log
from desk.node.records import Proposed
from desk.node.wire import created_field, stored_response, stream_field
from tests.benchmarks.figures import Figure, Table, memory_mb, say
from tests.node.processes import NodeProcess, start_node

FEW: Final = 10_000
MANY: Final = 10_000_000
EVENTS_A_STREAM: Final = 100
PAGE: Final = 100
ROUNDS: Final = 10
_DATA: Final = b'{"n":"' + b"x" * 100 + b'"}'
_INDEXES: Final = ("events_by_revision", "events_by_id")

_Row = tuple[int, int, int, bytes, str, int, bytes, int]


def fill(directory: Path, count: int) -> None:
    """A log of so many events, in streams that grew side by side."""
    directory.mkdir()
    with closing(Log(directory / "node.sqlite")) as log:
        connection = log._connection  # nobody else would fill a log so
        made = connection.execute(f"SELECT sql FROM sqlite_schema WHERE name IN {_INDEXES}").fetchall()
        for pragma in ("journal_mode = DELETE", "journal_mode = OFF", "synchronous = OFF"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA cache_size = -1000000")
        for index in _INDEXES:
            connection.execute(f"DROP INDEX {index}")
        connection.execute("BEGIN")
        names = ((number, stream(number)) for number in range(count // EVENTS_A_STREAM))
        connection.executemany("INSERT INTO streams VALUES (? + 100, ?)", names)
        connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows(count))
        for (statement,) in made:
            connection.execute(statement)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")


def stream(number: int) -> str:
    return f"stream-{number}"


def rows(count: int) -> Iterator[_Row]:
    streams = count // EVENTS_A_STREAM
    fields = [stream_field(stream(number)) for number in range(streams)]
    now = time.time_ns() // 100
    created = created_field(now)
    for index in range(count):
        revision, number = divmod(index, streams)
        event = Proposed(uuid.UUID(int=index).bytes, "Measured", True, _DATA, b"")
        response = stored_response(event, fields[number], created, revision, index + 2)
        yield index + 2, number + 100, revision, event.id, event.type, now, response, zlib.crc32(response)


class Served:
    """A node over one of the logs."""

    def __init__(self, node: NodeProcess, count: int, started: float) -> None:
        self.node = node
        self.count = count
        self.started = started
        self.client = EventStoreDBClient(node.uri)

    def append(self) -> None:
        name = stream(random.randrange(self.count // EVENTS_A_STREAM))
        self.client.append_to_stream(name, current_version=StreamState.ANY, events=[NewEvent("Measured", _DATA)])

    def read_stream(self) -> None:
        name = stream(random.randrange(self.count // EVENTS_A_STREAM))
        assert len(self.client.get_stream(name, limit=PAGE)) == PAGE

    def read_log(self) -> None:
        position = random.randrange(2, self.count - PAGE)
        read = self.client.read_all(commit_position=position, limit=PAGE, filter_exclude=())
        assert sum(1 for _ in read) == PAGE

    def close(self) -> None:
        self.client.close()
        self.node.stop()


def serve(directory: Path, count: int) -> Served:
    begun = time.perf_counter()
    node = start_node(directory, "--system-projections", "off")
    return Served(node, count, time.perf_counter() - begun)


def compared(name: str, kind: Callable[[Served], None], many: Served, few: Served) -> Figure:
    """The median time of something on both, in turns."""
    times: dict[int, list[float]] = {MANY: [], FEW: []}
    for _ in range(ROUNDS):
        for served in (few, many):
            for _ in range(30):
                begun = time.perf_counter()
                kind(served)
                times[served.count].append(time.perf_counter() - begun)
    medians = {count: statistics.median(taken) * 1e3 for count, taken in times.items()}
    return Figure(name, medians[MANY], "ms", medians[FEW], "at most 1.5x")


def run() -> Sequence[Table]:
    """Measure; what is compared with is the log of ten thousand."""
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        few, many = Path(temporary, "few"), Path(temporary, "many")
        begun = time.perf_counter()
        fill(few, FEW)
        fill(many, MANY)
        size = (many / "node.sqlite").stat().st_size / 2**30
        say(f"  filled in {time.perf_counter() - begun:.0f} s, {size:.1f} GiB")
        small, large = (stack.enter_context(closing(serve(*each))) for each in ((few, FEW), (many, MANY)))
        figures = [
            Figure("start, until it listens", large.started, "s", small.started, "under 1 s"),
            compared("append to any stream, p50", Served.append, large, small),
            compared(f"read of a stream of {PAGE}, p50", Served.read_stream, large, small),
            compared(f"read of {PAGE} anywhere in the log, p50", Served.read_log, large, small),
        ]
        pids = [served.node.process.pid for served in (large, small)]
        memory = [memory_mb(pid, peak=True) for pid in pids]
        figures.append(Figure("memory at most", memory[0], "MB", memory[1], "under 150 MB"))
        begun = time.perf_counter()
        assert list(problems(many / "node.sqlite", lambda _what, _share: None)) == []
        rate = MANY / (time.perf_counter() - begun)
        figures.append(Figure("check beside the node", rate, "events/s"))
        return [Table("Ten million events", tuple(figures), "10 thousand")]
