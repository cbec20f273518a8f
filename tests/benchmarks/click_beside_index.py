"""From a click to its row while the event index is being built: ``python -m tests.benchmarks.click_beside_index``.

The clicks of :mod:`tests.benchmarks.click_speed` in one window, some while the part ``books`` is being built and some
while that rests, in turns: whatever else the machine does meets both alike.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from desk.application.event_index import IndexPart, IndexPort, PartPhase, phase_of
from tests.benchmarks.click_speed import ready_to_click, watched_click
from tests.benchmarks.desk_window import DeskWindow, elsewhere
from tests.benchmarks.figures import Figure, Table, percentile, text_of
from tests.benchmarks.profiles import write_profile

EACH = 10
"""Clicks of a turn."""
ROW = 3


def clicks_here(directory: Path, turns: int) -> dict[str, list[float]]:
    """Milliseconds of each click: while it is built, and while it rests."""
    desk = ready_to_click(directory, ROW)
    watched_click(desk, ROW)  # a first click also loads its form
    taken: dict[str, list[float]] = {"resting": [], "building": []}
    for _ in range(turns):
        _index(desk).pause(IndexPart.BOOKS)
        desk.until(lambda: _phase(desk) in (PartPhase.PAUSED, PartPhase.ABSENT))
        taken["resting"] += [watched_click(desk, ROW)[0] for _ in range(EACH)]
        for _ in range(EACH):
            _have_it_built(desk)
            taken["building"].append(watched_click(desk, ROW)[0])
    desk.close()
    return taken


def _have_it_built(desk: DeskWindow) -> None:
    """Be in the middle of building it; anew where it is ready."""
    index = _index(desk)
    if _phase(desk) is PartPhase.READY:
        index.drop(IndexPart.BOOKS)
        desk.until(lambda: _phase(desk) is PartPhase.ABSENT)
    index.build(IndexPart.BOOKS)
    desk.until(lambda: _phase(desk) in (PartPhase.BUILDING, PartPhase.READY))


def _phase(desk: DeskWindow) -> PartPhase:
    return phase_of(_index(desk).parts(), IndexPart.BOOKS)


def _index(desk: DeskWindow) -> IndexPort:
    index = desk.session.index
    assert index is not None
    return index


def run(*, quick: bool = False) -> list[Table]:
    """Measure in a process of its own."""
    turns, books = (3, 2000) if quick else (8, 8000)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        write_profile(directory, books)
        found = elsewhere("tests.benchmarks.click_beside_index", directory, turns)
    how = f"{turns} turns of {EACH} clicks, beside as many while it rests."
    return [Table("Click to row while the event index is built", tuple(_figures(found)), "resting", how)]


def _figures(found: dict[str, Sequence[float]]) -> list[Figure]:
    return [
        Figure(
            f"copy added, p{share:.0%}".replace("%", ""),
            percentile(found["building"], share),
            "ms",
            percentile(found["resting"], share),
            target,
        )
        for share, target in ((0.5, ""), (0.9, ""), (0.99, "at most 2x"))
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--alone", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        print(json.dumps(clicks_here(Path(given.alone[0]), int(given.alone[1]))))
    else:
        print("\n\n".join(map(text_of, run(quick=given.quick))))


if __name__ == "__main__":
    main()
