"""Replay and rebuild out of a real node, beside what the client drains: ``python -m tests.benchmarks.replay_speed``.

The same 20,000 books (with their copies and loans) three times in turns: drained by esdbclient alone, as Desk's feed,
and projected into a new read model. All three ask the node for the same: all books and ISBNs, by a filter.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from esdbclient import CaughtUp, EventStoreDBClient

from desk.projection.projector import FEED
from desk.store.eventstoredb import EventStoreDB
from desk.store.local_node import LocalNode
from desk.store.reading import pattern_of
from tests.benchmarks.figures import Figure, Table, say, text_of
from tests.benchmarks.profiles import write_log
from tests.benchmarks.projection_speed import _drain, _rebuild_from


def drained_by_client(uri: str) -> None:
    """Until the server says that all has been sent."""
    client = EventStoreDBClient(uri)
    with closing(client):
        subscription = client.subscribe_to_all(
            filter_include=pattern_of(FEED), filter_by_stream_name=True, include_caught_up=True
        )
        for item in subscription:
            if isinstance(item, CaughtUp):
                subscription.stop()


def run(*, quick: bool = False) -> Table:
    """Measure in turns."""
    books, loans, rounds = (2000, 2, 2) if quick else (20_000, 5, 3)
    taken: dict[str, list[float]] = {"client": [], "feed": [], "rebuild": []}
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        events = write_log(directory / "node", books, loans)
        with closing(LocalNode(directory / "node")) as node:
            uri = node.ensure()
            with closing(EventStoreDB(uri)) as store:
                for turn in range(rounds):
                    works: dict[str, Callable[[], object]] = {
                        "client": lambda: drained_by_client(uri),
                        "feed": lambda: _drain(store),
                        "rebuild": lambda turn=turn: _rebuild_from(store, directory / f"model-{turn}"),  # type: ignore[misc]
                    }
                    for what, work in works.items():
                        begin = time.perf_counter()
                        work()
                        taken[what].append(time.perf_counter() - begin)
                    say(f"  round {turn + 1}: " + ", ".join(f"{k} {events / v[-1]:,.0f}" for k, v in taken.items()))

    def figure(name: str, what: str, target: str) -> Figure:
        value, peer = (events / statistics.median(taken[each]) for each in (what, "client"))
        by_round = [alone / ours for alone, ours in zip(taken["client"], taken[what], strict=True)]
        return Figure(name, value, "events/s", peer, target, ratio=statistics.median(by_round))

    return Table(
        "Replay",
        (
            figure("Desk's feed", "feed", "at least 90 %"),
            figure("rebuild of the read model", "rebuild", "at least 55 %, aim 80 %"),
        ),
        "esdbclient",
        f"{events:,} events of {books:,} books out of a real node; medians of {rounds} rounds in turns; the share is "
        "the median of the rounds' shares.",
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    print(text_of(run(quick=parser.parse_args().quick)))


if __name__ == "__main__":
    main()
