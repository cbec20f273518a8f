"""How quickly an event of a long book is looked at: who set what (10,000 events), and the rows it wrote (1,000)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from statistics import median
from time import process_time
from typing import Any

from desk.application.codec import event_registry
from desk.application.inspection.fold import domain_folds
from desk.application.inspection.folded_stream import FoldedStreams
from desk.application.inspection.handler import InspectionQueryHandler
from desk.application.queries import GetInspection
from desk.cqrs.store import Recorded
from desk.domain.events import BookEvent
from desk.projection.row_trial import row_trial
from tests.application.inspection.streams import STREAM, Reading, stored
from tests.benchmarks.figures import Figure, Table
from tests.domain.story import added, created, lent, listed, renewed, returned

BLAMED, WRITTEN, ROUNDS = 10_000, 1_000, 7


def life_of(count: int) -> list[Recorded]:
    """A book with three copies that are lent, renewed and returned over and over."""
    events: list[BookEvent] = [created(), listed(), added(1), added(2), added(3)]
    while len(events) < count:
        reader, copy_no = f"R-{len(events)}", 1 + len(events) % 3
        events += [lent(copy_no, reader), renewed(copy_no, reader, 1), returned(copy_no, reader)]
    return stored(events[:count], users=("ada", "ben", "cy"))


def timed(act: Callable[[], object], rounds: int) -> float:
    """The typical processor time of doing it, in milliseconds."""
    return median(_rounds(act, rounds))


def _rounds(act: Callable[[], object], rounds: int) -> Iterator[float]:
    for _ in range(rounds):
        begin = process_time()
        act()
        yield (process_time() - begin) * 1000


def run(*, quick: bool) -> Table:
    """Medians of processor time; the store's own time to give the events is not in it."""
    rounds = 3 if quick else ROUNDS
    events = life_of(BLAMED)
    store: Any = Reading(events)
    fold_of = domain_folds(event_registry())
    last = GetInspection(STREAM, BLAMED - 1)

    def look_first() -> None:
        InspectionQueryHandler(store, FoldedStreams(store, fold_of)).inspection(last)

    known = InspectionQueryHandler(store, FoldedStreams(store, fold_of)).inspection
    known(last)
    walked = iter(range(BLAMED - 2, 0, -137))
    blame = timed(lambda: known(replace(last, revision=next(walked))), rounds)
    few, try_rows = events[:WRITTEN], row_trial(event_registry())
    rows = timed(lambda: try_rows(few[:-1], few[-1:]), rounds)
    return Table(
        "Looking at an event",
        (
            Figure(f"who set each field, of a folded book with {BLAMED:,} events", blame, "ms", target="≤ 100 ms"),
            Figure("the first look at such a book, which folds it", timed(look_first, min(rounds, 3)), "ms"),
            Figure(f"the rows that an event wrote, of a book with {WRITTEN:,}", rows, "ms", target="≤ 150 ms"),
        ),
        how="Processor time, medians.",
    )
