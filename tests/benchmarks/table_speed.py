"""The book table at 100,000 and a million rows: jumps, sorts, keystrokes: ``python -m tests.benchmarks.table_speed``.

A real window, without a screen, over a real session with an embedded node; the read model's rows are generated.
"""

import argparse
import json
import os
import random
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, SignalInstance
from PySide6.QtTest import QTest

from desk.application.catalogue import RowIds, SortKey
from desk.gui.books.rows import COLUMNS
from tests.benchmarks.desk_window import DeskWindow, elsewhere
from tests.benchmarks.figures import Figure, Table, memory_mb, percentile, say, spread, text_of
from tests.benchmarks.projection_speed import fill

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
KEY_BOUND = "at most the larger of 100 ms and 6x the jump's p99"
WORDS = ("the his", "stra", "quizen", "history of", "a de ver", "9780001")


def measure_here(directory: Path, rows: int) -> dict[str, list[Any]]:
    """Milliseconds of everything, in this process; and megabytes."""
    desk = DeskWindow(directory)
    desk.until_live()
    desk.until(lambda: desk.model.rowCount() == rows)
    desk.live(1.0)
    found: dict[str, list[Any]] = {
        "jump": _jumps(desk, rows),
        "paint": _paints(desk),
        "sort": _sorts(desk, rows),
        "key": _keys(desk, rows),
    }
    node = desk.session.about.node_pid
    found["memory"] = [memory_mb(os.getpid()), memory_mb(node) if node else 0.0]
    desk.close()
    return found


def _jumps(desk: DeskWindow, rows: int) -> list[float]:
    """The scroll bar is set somewhere else and the table painted, pages being read on the way."""
    bar, choose, view = desk.view.table.verticalScrollBar(), random.Random(3), desk.view.table.viewport()
    taken = []
    for _ in range(200):
        place = choose.randrange(rows)
        begin = time.perf_counter()
        bar.setValue(place)
        view.repaint()
        taken.append((time.perf_counter() - begin) * 1000)
        desk.live(0.01)
    return taken


def _paints(desk: DeskWindow) -> list[float]:
    """The same table painted again where it is: what a jump costs in any case."""
    view, taken = desk.view.table.viewport(), []
    for _ in range(200):
        begin = time.perf_counter()
        view.repaint()
        taken.append((time.perf_counter() - begin) * 1000)
        desk.live(0.01)
    return taken


def _sorts(desk: DeskWindow, rows: int) -> list[float]:
    """A click on each header, and a second one that reverses; until all rows are in the new order and painted."""
    head, taken = desk.view.table.horizontalHeader(), []
    for section in [*range(len(COLUMNS)), COLUMNS.index(SortKey.TITLE)]:
        middle = head.viewport().rect().center()
        middle.setX(head.sectionViewportPosition(section) + 10)
        for _ in range(2):
            answers = Heard(desk.model.answered)
            click = partial(QTest.mouseClick, head.viewport(), LEFT, NONE, middle)
            taken.append(desk.painted(click, answers.any))
            assert desk.model.rowCount() == rows
            answers.close()
            desk.live(0.1)
    return taken


def _keys(desk: DeskWindow, rows: int) -> list[tuple[float, str]]:
    """Every key of some words, typed without waiting for all results: until the first of its results are painted.

    They may be those that are shown already, so that no row is swapped: what is waited for is the answer.
    """
    answers: list[int] = []
    take = desk.model._take

    def taken_over(generation: int, limit: int | None, at: int | None, ids: RowIds) -> None:
        take(generation, limit, at, ids)
        answers.append(generation)

    desk.model._take = taken_over  # type: ignore[method-assign]
    taken = []
    for text in WORDS:
        for end, key in enumerate(text, 1):
            before = desk.model._generation

            def answered(before: int = before) -> bool:
                return bool(answers and answers[-1] > before)

            taken.append((desk.painted(partial(QTest.keyClicks, desk.view.search, key), answered), text[:end]))
            desk.live(0.1)
        desk.view.search.clear()
        desk.until(lambda: desk.model.rowCount() == rows)
    return taken


class Heard:
    """Whether a signal came."""

    def __init__(self, signal: SignalInstance) -> None:
        self._signal, self._came = signal, False
        signal.connect(self._note)

    def any(self) -> bool:
        return self._came

    def close(self) -> None:
        self._signal.disconnect(self._note)

    def _note(self) -> None:
        self._came = True


def run(*, quick: bool = False, kept: Path | None = None) -> list[Table]:
    """Measure each size in a process of its own; on what is ``kept`` of an earlier run, as filling takes minutes."""
    tables = []
    for rows in (100_000,) if quick else (100_000, 1_000_000):
        say(f"  a table of {rows:,} rows")
        with tempfile.TemporaryDirectory() as name:
            directory = (kept or Path(name)) / str(rows)
            if not directory.exists():
                directory.mkdir(parents=True)
                fill(directory / "read-model.sqlite", rows)
            found = elsewhere("tests.benchmarks.table_speed", directory, rows)
        window, node = found["memory"]
        keys = sorted(found["key"], reverse=True)
        slowest = ", ".join(f"{text!r} {taken:.0f}" for taken, text in keys[:3])
        jump50, jump99 = spread("random jump with paint", found["jump"], "ms", "at most 16 ms")
        key50, key99 = spread("keystroke to first results", [taken for taken, _ in keys], "ms", KEY_BOUND, slowest)
        figures = (
            replace(jump50, peer=percentile(found["paint"], 0.5)),
            replace(jump99, peer=percentile(found["paint"], 0.99)),
            *spread("change of sort", found["sort"], "ms", "at most 1 s"),
            key50,
            key99,
            Figure("the same as a share of the jump's p99", key99.value / jump99.value, "x"),
            Figure("memory, window", window, "MB"),
            Figure("memory, window and node", window + node, "MB", target="at most 400 MB"),
        )
        how = "Generated rows in the real window; painting included. Sorts by every column, both ways."
        tables.append(Table(f"Table of {rows:,} books", figures, "paint alone", how))
    return tables


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--keep", type=Path, help="a directory in which the filled read models are kept and used again")
    parser.add_argument("--alone", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        print(json.dumps(measure_here(Path(given.alone[0]), int(given.alone[1]))))
    else:
        print("\n\n".join(map(text_of, run(quick=given.quick, kept=given.keep))))


if __name__ == "__main__":
    main()
