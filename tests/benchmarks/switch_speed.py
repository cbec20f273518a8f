"""What the switch round the projection's handlers costs: ``python -m tests.benchmarks.switch_speed``.

The same history is written by turns with the switch off, and on for a stream of which nothing comes. Off, it is looked
at once for each batch: that look is measured by itself, since beside the batch it is lost in the noise.
"""

import argparse
import statistics
import tempfile
import time
import timeit
from collections.abc import Sequence
from pathlib import Path

from desk.application.codec import event_registry
from desk.cqrs.store import Recorded
from desk.projection.batch import BatchWriter
from desk.projection.failing import HandlerFaults
from desk.projection.inbox import BATCH
from desk.projection.opening import create_unread, open_unread
from tests.benchmarks.figures import Figure, Table, say, text_of
from tests.benchmarks.projection_speed import batches, history

LOOKS = 100_000


def written(path: Path, events: Sequence[Recorded], faults: HandlerFaults) -> float:
    """Seconds of the processor's that it takes to write these events into a new read model."""
    create_unread(path, 0.0)
    db = open_unread(path)
    writer = BatchWriter(db, event_registry(), time.time, handler_faults=faults)
    begin = time.thread_time()
    for part in batches(events):
        writer.write(part, naming=False)
    took = time.thread_time() - begin
    db.close()
    return took


def run(*, quick: bool = False) -> Table:
    """Measure in turns."""
    books, rounds = (1000, 3) if quick else (5000, 7)
    events, off, on = history(books, 2), HandlerFaults(), HandlerFaults()
    on.fail("book-of-nobody")
    taken: dict[str, list[float]] = {"off": [], "on": []}
    with tempfile.TemporaryDirectory() as name:
        for turn in range(rounds):
            for what, faults in (("off", off), ("on", on)):
                taken[what].append(written(Path(name) / f"{what}-{turn}", events, faults))
            say(f"  round {turn + 1}: " + ", ".join(f"{k} {len(events) / v[-1]:,.0f}" for k, v in taken.items()))
    by_round = [without / checked for without, checked in zip(taken["off"], taken["on"], strict=True)]
    rate_off, rate_on = (len(events) / statistics.median(taken[what]) for what in ("off", "on"))
    look = min(timeit.repeat(lambda: off.wanted, number=LOOKS, repeat=5)) / LOOKS
    of_batch = look * rate_off / BATCH
    return Table(
        "Switch round the projection's handlers",
        (
            Figure(
                "switched on, for a stream that is silent",
                rate_on,
                "events/s",
                rate_off,
                "",
                "",
                statistics.median(by_round),
            ),
            Figure("switched off: one look, of a batch's time", 1e6 * of_batch, "millionths", target="not measurable"),
        ),
        "off",
        f"{len(events):,} events in batches of {BATCH}; medians of {rounds} rounds in turns, by the processor's time.",
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    print(text_of(run(quick=parser.parse_args().quick)))


if __name__ == "__main__":
    main()
