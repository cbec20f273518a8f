"""Whether the window stays alive while much happens behind it: ``python -m tests.benchmarks.lateness_speed``.

A timer of 10 ms in the real window's thread: how late it is, while events are replayed into a read model that is
built anew, and while a file is imported through the window's own dialog; beside the same window doing nothing.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from tests.benchmarks.desk_window import DeskWindow, Lateness, elsewhere
from tests.benchmarks.figures import Figure, Table, say, text_of
from tests.benchmarks.import_speed import write_books
from tests.benchmarks.profiles import write_log


def replay_here(directory: Path, books: int) -> dict[str, object]:
    """The window is opened on a log without a read model."""
    late = Lateness()
    desk, live = DeskWindow(directory), list[bool]()
    desk.window.bridge.announced.connect(lambda news: live.append(True) if news.live else None)
    desk.until(lambda: desk.window.session is not None)
    late.start()
    begin = time.perf_counter()
    desk.until(lambda: live and desk.model.rowCount() == books)
    seconds = time.perf_counter() - begin
    busy = late.stop()
    desk.live(1.0)
    idle = _idle(desk, late)
    desk.close()
    return {"busy": busy, "idle": idle, "seconds": seconds}


def import_here(directory: Path, file: Path, books: int) -> dict[str, object]:
    """A file is imported through the dialog; until every book is listed in the table."""
    late = Lateness()
    desk = DeskWindow(directory)
    desk.until_live()
    desk.live(1.0)
    idle = _idle(desk, late)
    desk.importing.import_file(file)
    dialog = desk.importing.dialog
    assert dialog is not None
    desk.until(dialog.go.isEnabled)
    late.start()
    begin = time.perf_counter()
    dialog.go.click()
    desk.until(lambda: desk.model.rowCount() == books and not dialog.leaving.is_running)
    seconds = time.perf_counter() - begin
    busy = late.stop()
    dialog.reject()
    desk.close()
    return {"busy": busy, "idle": idle, "seconds": seconds}


def _idle(desk: DeskWindow, late: Lateness) -> dict[str, float]:
    late.start()
    desk.live(3.0)
    return late.stop()


def run(*, quick: bool = False) -> Table:
    """Measure each in a process of its own."""
    books, loans, imported = (2000, 5, 500) if quick else (71_000, 5, 5000)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        say(f"  a log of {books:,} books")
        events = write_log(directory / "replayed", books, loans)
        replayed = elsewhere("tests.benchmarks.lateness_speed", "replay", directory / "replayed", books)
        write_books(directory / "books.csv", imported)
        taken = elsewhere(
            "tests.benchmarks.lateness_speed", "import", directory / "imported", imported, directory / "books.csv"
        )
    busy, idle, importing, before = replayed["busy"], replayed["idle"], taken["busy"], taken["idle"]
    return Table(
        "A timer of 10 ms in the window",
        (
            Figure(f"worst, {events:,} events replayed", busy["worst"], "ms", idle["worst"], "at most 50 ms"),
            Figure("p99, the same", busy["p99"], "ms", idle["p99"]),
            Figure(f"worst, {imported:,} books imported", importing["worst"], "ms", before["worst"]),
            Figure("p99, the same", importing["p99"], "ms", before["p99"]),
            Figure("replay behind the window", events / replayed["seconds"], "events/s"),
            Figure("import, until all are in the table", imported / taken["seconds"], "books/s", target="at least 120"),
        ),
        "idle",
        "By how many milliseconds it is late, beside the same window doing nothing.",
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--alone", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    match given.alone:
        case ["replay", directory, books]:
            print(json.dumps(replay_here(Path(directory), int(books))))
        case ["import", directory, books, file]:
            print(json.dumps(import_here(Path(directory), Path(file), int(books))))
        case _:
            print(text_of(run(quick=given.quick)))


if __name__ == "__main__":
    main()
