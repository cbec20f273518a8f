"""From a click on a form's button until the row is painted: ``python -m tests.benchmarks.click_speed``.

A real window, without a screen, over a real session and a real node, with 2,000 books; each time a form is opened that
adds a copy to a book, and its button is clicked. The nine hops in between are all the real ones.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from desk.application.catalogue import SortKey
from desk.cqrs.stories import Part, Story
from desk.gui.books.rows import COLUMNS
from tests.benchmarks.desk_window import DeskWindow, elsewhere
from tests.benchmarks.figures import Figure, Table, spread, text_of
from tests.benchmarks.profiles import write_profile

BOUND = "the larger of 50 ms and 3x the p50"
COPIES = COLUMNS.index(SortKey.COPIES)


def clicks_here(directory: Path, times: int, row: int) -> dict[str, list[Any]]:
    """Milliseconds of each click in this process, the first one after the start first; and what each passed when."""
    desk = ready_to_click(directory, row)
    clicks = [watched_click(desk, row) for _ in range(times)]
    stories = desk.session.diagnostics.stories()[-times:]
    desk.close()
    ways = [_way(story, *each) for story, each in zip(stories, clicks, strict=True)]
    return {"taken": [taken for taken, _ in clicks], "waited": [waited for _, waited in clicks], "way": ways}


def _way(story: Story, taken: float, waited: float) -> str:
    """When a click's command had passed each hop, in milliseconds from its beginning; painted: from the click."""
    steps = [(stage.name, stage.start + stage.milliseconds) for stage in story.stages if stage.part is Part.STEP]
    later = [("received", story.received), ("projected", story.projected)]
    passed = [f"{name} {at:.0f}" for name, at in (*steps, *later) if at is not None]
    return ", ".join((*passed, f"painted {taken:.0f}; waited for a processor {waited:.0f}"))


def ready_to_click(directory: Path, row: int = 3) -> DeskWindow:
    """The window, with the book in this row chosen."""
    desk = DeskWindow(directory)
    desk.until_live()
    desk.until(desk.model.rowCount)
    desk.view.table.selectRow(row)
    return desk


def click(desk: DeskWindow, row: int = 3) -> float:
    """Open the form, click, and wait for the row: milliseconds of the latter two."""
    return watched_click(desk, row)[0]


def watched_click(desk: DeskWindow, row: int) -> tuple[float, float]:
    """The same, and for how many of them the window's thread could work and had no processor."""
    form = desk.form("copy.add")
    desk.live(0.15)
    before = desk.model.index(row, COPIES).data()
    desk.paints.seen = False
    begin, waited = time.perf_counter(), _waited_for_a_processor()
    desk.click(form)
    _await_painted_change(desk, row, before)
    taken, waited = (time.perf_counter() - begin) * 1000, _waited_for_a_processor() - waited
    desk.until(lambda: not desk.forms())
    desk.live(0.05)
    return taken, waited


def _waited_for_a_processor() -> float:
    """Milliseconds of this thread up to now, as Linux counts them."""
    return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e6


def _await_painted_change(desk: DeskWindow, row: int, before: object) -> None:
    """Until the row shows something else, and has been painted since."""

    def changed() -> bool:
        return bool(desk.model.index(row, COPIES).data() != before)

    while not changed():
        desk.paints.seen = False
        desk.until(lambda: desk.paints.seen or changed())
    desk.until(lambda: desk.paints.seen)


def run(*, quick: bool = False) -> Table:
    """Measure in processes of their own, each a start: a first click is one that every user meets."""
    starts, times = (1, 30) if quick else (5, 40)
    clicks: list[tuple[float, str]] = []
    firsts: list[tuple[float, str]] = []
    unhindered: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        write_profile(directory, books=2000)
        for row in range(starts):  # each time another book: the card of one with hundreds of copies is another matter
            found = elsewhere("tests.benchmarks.click_speed", directory, times, row)
            here = list(zip(found["taken"], found["way"], strict=True))
            firsts.append(here[0])
            clicks += here
            unhindered += [taken - waited for taken, waited in zip(found["taken"], found["waited"], strict=True)]
    p50, p99 = spread("copy added", [taken for taken, _ in clicks], "ms", f"at most {BOUND}")
    slowest = sorted(clicks, reverse=True)[:3]
    figures = (
        p50,
        p99,
        Figure("the same as a share of the p50", p99.value / p50.value, "x"),
        *spread("without waiting for a processor", unhindered, "ms"),
        *(
            Figure(f"first click of start {number}", taken, "ms", target=f"at most {BOUND}", how=way)
            for number, (taken, way) in enumerate(firsts, 1)
        ),
        *(
            Figure(f"slowest but {number}" if number else "slowest", taken, "ms", how=way)
            for number, (taken, way) in enumerate(slowest)
        ),
    )
    how = (
        f"{starts} starts with {times} clicks each, the first ones included; from the click on a form's button until "
        "the row is painted with what it changed. In brackets: the end of each hop, from the command's beginning."
    )
    return Table("Click to row", figures, how=how)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--alone", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        print(json.dumps(clicks_here(Path(given.alone[0]), int(given.alone[1]), int(given.alone[2]))))
    else:
        print(text_of(run(quick=given.quick)))


if __name__ == "__main__":
    main()
