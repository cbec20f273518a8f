"""How long the window takes to be there: ``python -m tests.benchmarks.start_speed``.

A second start, on a profile with 18,000 books: from the spawning of the process to the window's first paint, and to the
paint of the first rows. The window is the real one, run as ``desk`` runs it; it only says when it was painted.
"""

import argparse
import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.figures import Figure, Table, text_of

if TYPE_CHECKING:
    from PySide6.QtWidgets import QTableView, QWidget

    from desk.application.session import Session
    from desk.gui.frame.workspace_view import WorkspaceView


def open_here(directory: Path) -> int:
    """The window as ``desk`` opens it, which says when it and its rows were painted, and closes."""
    gc.disable()  # as ``desk`` does before it loads the window
    from desk.cli.charset import guess_encoding
    from desk.gui.frame.run import run_window
    from desk.gui.importing.part import ImportPart
    from tests.moments import REAL

    def open_session() -> "Session":
        from desk.runtime import options, runtime

        return runtime.open_session(options.Options(directory))

    def connect(window: "WorkspaceView") -> None:
        ImportPart(window, guess_encoding)
        marks = Marks(lambda: window.window().close())
        painted_first(window, lambda: marks.set("window"))
        window.opened.connect(lambda _: await_rows(window.part.view.table, marks))

    def await_rows(table: "QTableView", marks: Marks) -> None:
        painted_first(table.viewport(), lambda: marks.set("rows"), lambda: bool(table.model().rowCount()))

    return run_window(open_session, directory, "default", sys.argv[:1], moments=REAL, extend=connect)


class Marks:
    """Prints when something was there first; calls somebody when all is."""

    def __init__(self, then: Callable[[], object]) -> None:
        self._then = then
        self._wanted = {"window", "rows"}

    def set(self, what: str) -> None:
        if what == "window":
            print("cpu", time.process_time())
        print(what, time.monotonic(), flush=True)
        self._wanted.discard(what)
        if not self._wanted:
            self._then()


def painted_first(widget: "QWidget", then: Callable[[], object], condition: Callable[[], bool] = lambda: True) -> None:
    """Call somebody once, after the widget was painted first while a condition was true."""
    from PySide6.QtCore import QEvent, QObject, QTimer

    class Filter(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and condition():
                widget.removeEventFilter(self)
                QTimer.singleShot(0, then)
            return False

    widget.installEventFilter(Filter(widget))


def start(directory: Path, *, bare: bool = False) -> dict[str, float]:
    """Seconds from the spawning to each of its marks, and ``cpu`` of processor time to the window's; ``bare`` is a
    Python that only imports Qt and shows a widget.
    """
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    arguments = ["-c", BARE] if bare else ["-m", "tests.benchmarks.start_speed", "--alone", str(directory)]
    begin = time.monotonic()
    done = subprocess.run(
        [sys.executable, *arguments],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    marks = {name: float(at) for name, at in (line.split() for line in done.stdout.splitlines())}
    return {name: at - (begin if name != "cpu" else 0) for name, at in marks.items()}


BARE = """
import time
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
label = QLabel("Desk")
label.show()
app.processEvents()
print("cpu", time.process_time())
print("window", time.monotonic(), flush=True)
"""


def run(*, quick: bool = False) -> Table:
    """Start several times, in turns with a bare window; the medians."""
    from tests.benchmarks.profiles import write_profile

    books, times = (2000, 3) if quick else (18_000, 9)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        write_profile(directory, books)
        start(directory)
        bare, starts = [], []
        for _ in range(times):
            bare.append(start(directory, bare=True))
            starts.append(start(directory))
    window, rows, cpu = (statistics.median(each[name] for each in starts) for name in ("window", "rows", "cpu"))
    bare_window, bare_cpu = (statistics.median(each[name] for each in bare) for name in ("window", "cpu"))
    return Table(
        "Start",
        (
            Figure("processor time to the window's paint", cpu, "s", bare_cpu, "at most 3 times the bare window's"),
            Figure("window painted", window, "s", bare_window, "at most 0.5 s"),
            Figure("first rows painted", rows, "s", target="at most 1.0 s"),
        ),
        "bare Qt",
        f"From the spawning of the process; a profile with {books:,} books that was open before; medians of {times}.",
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        sys.exit(open_here(Path(given.alone)))
    print(text_of(run(quick=given.quick)))


if __name__ == "__main__":
    main()
