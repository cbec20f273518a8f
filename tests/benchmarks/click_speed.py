"""From a click on a form's button until the row is painted: ``python -m tests.benchmarks.click_speed``.

A real window, without a screen, over a real session and a real node, with 2,000 books; each time a form is opened that
adds a copy to a book, and its button is clicked. The nine hops in between are all the real ones.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from desk.application.catalogue import SortKey
from desk.gui.books.rows import COLUMNS
from tests.benchmarks.desk_window import DeskWindow, elsewhere
from tests.benchmarks.figures import Table, spread, text_of
from tests.benchmarks.profiles import write_profile

COPIES = COLUMNS.index(SortKey.COPIES)
ROW = 3


def clicks_here(directory: Path, times: int) -> dict[str, list[float]]:
    """Milliseconds of each click, in this process."""
    desk = ready_to_click(directory)
    taken = [click(desk) for _ in range(times)]
    desk.close()
    return {"taken": taken}


def ready_to_click(directory: Path) -> DeskWindow:
    """The window, with a book chosen."""
    desk = DeskWindow(directory)
    desk.until_live()
    desk.until(desk.model.rowCount)
    desk.view.table.selectRow(ROW)
    return desk


def click(desk: DeskWindow) -> float:
    """Open the form, click, and wait for the row: milliseconds of the latter two."""
    form = desk.form("copy.add")
    desk.live(0.15)
    before = desk.model.index(ROW, COPIES).data()
    desk.paints.seen = False
    begin = time.perf_counter()
    desk.click(form)
    _await_painted_change(desk, before)
    taken = (time.perf_counter() - begin) * 1000
    desk.until(lambda: not desk.forms())
    desk.live(0.05)
    return taken


def _await_painted_change(desk: DeskWindow, before: object) -> None:
    """Until the row shows something else, and has been painted since."""

    def changed() -> bool:
        return bool(desk.model.index(ROW, COPIES).data() != before)

    while not changed():
        desk.paints.seen = False
        desk.until(lambda: desk.paints.seen or changed())
    desk.until(lambda: desk.paints.seen)


def run(*, quick: bool = False) -> Table:
    """Measure in a process of its own."""
    times = 30 if quick else 200
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        write_profile(directory, books=2000)
        taken = elsewhere("tests.benchmarks.click_speed", directory, times)["taken"]
    how = f"{times} clicks; from the click on a form's button until the row is painted with what it changed."
    return Table("Click to row", spread("copy added", taken, "ms", "p99 at most 50 ms"), how=how)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--alone", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        print(json.dumps(clicks_here(Path(given.alone[0]), int(given.alone[1]))))
    else:
        print(text_of(run(quick=given.quick)))


if __name__ == "__main__":
    main()
