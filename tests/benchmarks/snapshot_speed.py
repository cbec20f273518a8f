"""A command to a book with a long history, with snapshots and without: ``python -m tests.benchmarks.snapshot_speed``.

The history is read out of a real node, by a repository that remembers nothing, as after a start of the program.
"""

import argparse
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

from desk import __version__
from desk.application.codec import event_registry
from desk.application.handlers import book_decider
from desk.application.states import book_states
from desk.cqrs.repository import Repository
from desk.cqrs.snapshots import Snapshots
from desk.domain.policy import Policy
from desk.node.log import Log
from desk.projection.snapshots import open_snapshots
from desk.store.eventstoredb import EventStoreDB
from desk.store.local_node import LocalNode
from tests.benchmarks.figures import Figure, Table, text_of
from tests.benchmarks.projection_speed import _as_append, batches, history

TIMES = 15


def run(*, quick: bool = False) -> Table:
    """Measure in turns."""
    loans = (50, 250) if quick else (100, 1000, 5000)
    return Table(
        "Loading a book for a command",
        tuple(_figure(count) for count in loans),
        "without",
        "With a snapshot of its state and what is newer, beside reading all of its events; both out of a real node.",
    )


def _figure(loans: int) -> Figure:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        events = history(1, loans)
        with closing(Log(directory / "node.sqlite")) as log:
            for part in batches(events):
                log.commit([_as_append(event) for event in part])
        stream, registry, decider = events[0].stream, event_registry(), book_decider(Policy())
        shelf = open_snapshots(directory / "snapshots.sqlite")
        assert shelf is not None
        with closing(shelf), closing(LocalNode(directory)) as node, closing(EventStoreDB(node.ensure())) as store:

            def loaded(*, snapshots: bool) -> float:
                kept = Snapshots(shelf, book_states(__version__)) if snapshots else None
                repository = Repository(store, registry, decider, snapshots=kept)
                begin = time.perf_counter()
                assert repository.get(stream).version == 2 + 2 * loans
                return 1000 * (time.perf_counter() - begin)

            loaded(snapshots=True)  # takes the snapshot
            taken = [(loaded(snapshots=True), loaded(snapshots=False)) for _ in range(TIMES)]
        with_it, without = (statistics.median(each) for each in zip(*taken, strict=True))
    return Figure(f"{len(events) - 1:,} events", with_it, "ms", without)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    print(text_of(run(quick=parser.parse_args().quick)))


if __name__ == "__main__":
    main()
