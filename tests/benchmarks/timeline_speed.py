"""How quick the painted timeline is at 100,000 events: first paint, and frames of panning and zooming."""

import json
import os
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median
from time import thread_time

from PySide6.QtCore import QItemSelectionModel
from PySide6.QtWidgets import QApplication

from desk.application.command_events import ChangeKind
from desk.application.history import HistoryColumns
from desk.application.timeline.bins import column_edges, count_columns
from desk.application.timeline.lanes import LaneBy
from desk.application.timeline.layout import Note, Side
from desk.application.timeline.rows import EventRow
from desk.application.timeline.scale import Mode
from desk.gui.frame.theme import Theme, ThemeMode, load_fonts, ui_font
from desk.gui.timeline.model import EventTableModel
from desk.gui.widgets.axis.canvas import TimelineCanvas
from desk.gui.widgets.axis.overview import Overview

EVENTS = 100_000
WIDTH, HEIGHT = 1200, 180
FRAME, FIRST = 10.0, 150.0


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table, in milliseconds; ``limit`` is to be reached by the median."""

    name: str
    typical: float
    worst: float
    limit: float


def crowd(count: int) -> HistoryColumns:
    """Sessions of many events with pauses of days, and of a year now and then."""
    columns, moment, chance = HistoryColumns("sensor-7"), 1.6e9, random.Random(7)
    types = ("CopyLent", "CopyReturned", "LoanRenewed", "BookDetailsCorrected", "CopyAdded", "CopyLost")
    for revision in range(count):
        columns.append(revision, revision * 3, moment, types[int(chance.random() ** 2 * 6)], "ada")
        rare = chance.random()
        moment += (
            365 * 86_400 if rare < 2e-5 else chance.uniform(2, 40) * 86_400 if rare < 1e-3 else chance.random() * 80
        )
    return columns


def timed(work: Callable[[], object], times: int, name: str, limit: float) -> Figure:
    """Do it so many times."""
    taken = []
    for _ in range(times):
        begin = thread_time()
        work()
        taken.append((thread_time() - begin) * 1000)
    return Figure(name, median(taken), max(taken), limit)


def run() -> list[Figure]:
    """Measure; needs no screen."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    load_fonts()
    app.setFont(ui_font())
    theme = Theme(app, ThemeMode.LIGHT)
    model = EventTableModel()
    canvas = TimelineCanvas(model, QItemSelectionModel(model), theme)
    overview = Overview(canvas)
    canvas.resize(WIDTH, HEIGHT)
    overview.resize(WIDTH, 30)
    canvas.show()
    overview.show()
    app.processEvents()
    columns = crowd(EVENTS)

    def paint() -> None:
        canvas.repaint()
        overview.repaint()

    def first() -> None:
        model.show(columns)
        paint()

    figures = [timed(first, 7, "first paint", FIRST)]
    edges = column_edges(canvas.view.scale, 0.0, WIDTH, 3.0)
    figures.append(timed(lambda: count_columns(columns.kinds, edges), 50, "count 400 columns by kind", 3.0))
    for mode in Mode:
        canvas.set_mode(mode)
        figures += _frames(canvas, paint, mode)
    canvas.set_mode(Mode.FOLDED)
    figures += _laned(canvas, paint)
    figures.append(timed(lambda: model.narrow(frozenset({ChangeKind.LENT}), None), 7, "leave one kind out", FIRST))
    model.narrow(frozenset(), None)
    figures.append(_arrivals(model, columns, paint))
    canvas.close()
    overview.close()
    theme.close()
    return figures


def _frames(canvas: TimelineCanvas, paint: Callable[[], None], mode: Mode) -> list[Figure]:
    middle = canvas.view.width / 2

    def nearer() -> None:
        canvas.zoom(1.25, middle)
        paint()

    def aside() -> None:
        canvas.view.pan(37.0)
        canvas._redraw()
        paint()

    canvas.fit()
    zoomed = timed(nearer, 60, f"{mode.value}: zoom frame", FRAME)
    canvas.fit()
    canvas.zoom(6.0, middle)
    panned = timed(aside, 60, f"{mode.value}: pan frame, crowded", FRAME)
    canvas.fit()
    while canvas.scene.columns is not None:
        nearer()
    marked = timed(aside, 60, f"{mode.value}: pan frame, marks", FRAME)
    return [zoomed, panned, marked]


def _laned(canvas: TimelineCanvas, paint: Callable[[], None]) -> list[Figure]:
    """Frames with a lane for each kind of field, and with due dates and refused commands."""
    end = canvas.history.times[-1]
    notes = [Note(end + day * 86_400, Side.DUE, "due") for day in range(20)]
    notes += [Note(canvas.history.times[at], Side.REFUSED, "no") for at in range(0, EVENTS, 500)]
    canvas.set_lanes(LaneBy.FIELD)
    canvas.show_notes(tuple(notes), end + 86_400)
    figures = _frames(canvas, paint, Mode.FOLDED)
    canvas.show_notes((), end)
    canvas.set_lanes(LaneBy.NONE)
    return [replace(figure, name=f"lanes, notes; {figure.name}") for figure in figures]


def _arrivals(model: EventTableModel, columns: HistoryColumns, paint: Callable[[], None]) -> Figure:
    def arrive() -> None:
        last = columns.revisions[-1]
        time = columns.times[-1]
        model.append(EventRow(last + n, (last + n) * 3, time + n, "CopyLent", "ben") for n in range(1, 31))
        paint()

    return timed(arrive, 40, "30 events arrive, frame", FRAME)


def main() -> None:
    """Print the table; for other programs with ``--alone``."""
    if sys.argv[1:] == ["--alone"]:
        print(json.dumps({"figures": [(each.name, each.typical, each.worst, each.limit) for each in run()]}))
        return
    print(f"timeline of {EVENTS:,} events, {WIDTH} x {HEIGHT}")
    for figure in run():
        mark = "ok" if figure.typical <= figure.limit else "MISSED"
        print(
            f"  {figure.name:34} {figure.typical:8.2f} ms  worst {figure.worst:8.2f}  limit {figure.limit:5.0f}  {mark}"
        )


if __name__ == "__main__":
    main()
