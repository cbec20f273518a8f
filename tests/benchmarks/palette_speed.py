"""The palette at 20,000 books and a million: ``python -m tests.benchmarks.palette_speed``.

A real window, without a screen, over a real session with an embedded node; the read model's rows are generated.
"""

import argparse
import json
import tempfile
import time
from contextlib import closing
from functools import partial
from pathlib import Path

from PySide6.QtTest import QTest

from desk.application.books_by_name import GetBooksByName, find_books
from desk.gui.frame.palette.palette import Palette
from desk.projection.catalogue import Catalogue
from tests.benchmarks.desk_window import DeskWindow, elsewhere
from tests.benchmarks.figures import Figure, Table, say, spread, text_of
from tests.benchmarks.index_speed import taken as processor_time
from tests.benchmarks.projection_speed import fill

WORDS = ("the his", "stra", "quizen", "history of", "a", "ing ba", "978000", "s", "oper", "lend", "xyzzy", "of the a")


def measure_here(directory: Path, rows: int, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of every key of some words: on the window's thread, and until the books are listed."""
    fill(directory / "read-model.sqlite", rows)
    desk = DeskWindow(directory)
    desk.until_live()
    desk.until(lambda: desk.model.rowCount() == rows)
    desk.live(1.0)
    palette = desk.window.finder
    palette.open()
    blocked, answered = list[float](), list[float]()
    for _ in range(rounds):
        for text in WORDS:
            for key in text:
                at_once, complete = _key(desk, palette, key)
                blocked.append(at_once)
                answered.append(complete)
            palette.line.clear()
            desk.until(lambda: not palette.is_asking)
    desk.close()
    return {"blocked": blocked, "answered": answered, "worked": worked_here(directory / "read-model.sqlite", rounds)}


def worked_here(read_model: Path, rounds: int) -> list[float]:
    """Milliseconds of processor time that finding and ranking the books takes, for every beginning of the words."""
    taken = list[float]()
    with closing(Catalogue(read_model)) as catalogue:
        for typed in (text[: end + 1] for _ in range(rounds) for text in WORDS for end in range(len(text))):
            taken.append(processor_time(partial(find_books, catalogue, GetBooksByName(typed))))
    return taken


def _key(desk: DeskWindow, palette: Palette, key: str) -> tuple[float, float]:
    begin = time.perf_counter()
    QTest.keyClicks(palette.line, key)
    at_once = time.perf_counter()
    desk.until(lambda: not palette.is_asking)
    return (at_once - begin) * 1000, (time.perf_counter() - begin) * 1000


def run(*, quick: bool = False) -> list[Table]:
    """Measure each size in a process of its own."""
    figures = list[Figure]()
    for rows, target in ((20_000, 50),) if quick else ((20_000, 50), (1_000_000, 150)):
        say(f"  a palette over {rows:,} books")
        with tempfile.TemporaryDirectory() as name:
            found = elsewhere("tests.benchmarks.palette_speed", name, rows, 2 if quick else 5)
        figures += spread(f"{rows:,} books: key to the books' lines", found["answered"], "ms", f"at most {target} ms")
        figures += spread(f"{rows:,} books: processor time of their lines", found["worked"], "ms")
        figures += spread(f"{rows:,} books: key to the actions' lines", found["blocked"], "ms", "at most 50 ms")
    how = "Every key of twelve texts, typed one after the other; actions and places are listed on the window's thread."
    return [Table("Palette", tuple(figures), how=how)]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--alone", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        directory, rows, rounds = given.alone
        print(json.dumps(measure_here(Path(directory), int(rows), int(rounds))))
    else:
        print("\n\n".join(map(text_of, run(quick=given.quick))))


if __name__ == "__main__":
    main()
