"""What a frame of Flow costs the window's thread at 1920 x 1080: ``python -m tests.benchmarks.flow_speed``.

The stories are those of real buses over a store in memory; the whole place is painted by the same engine as on a
screen. A frame is: time passes, the mark moves, and what moved is painted. Times are those that the thread itself took,
without its waiting for a processor.
"""

import argparse
import json
import os
import statistics
import time

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from desk.application.flow.replay import HOP, ReplayPhase
from desk.gui.flow.panel import FlowPanel
from desk.gui.frame.theme import Theme, ThemeMode, load_fonts, ui_font
from desk.gui.widgets.background import GuiBridge
from tests.benchmarks.desk_window import elsewhere
from tests.benchmarks.figures import Figure, Table, spread, text_of
from tests.gui.flow.told_stories import StoryTeller
from tests.gui.workspaces import workspace_of

WIDTH, HEIGHT, FRAME = 1920, 1080, 16.0
TARGET = "at most 8 ms"


class PaintedShare(QObject):
    """The largest share of a widget that one event had painted."""

    def __init__(self) -> None:
        super().__init__()
        self.largest = 0.0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent) and isinstance(watched, QWidget):
            area = event.rect().width() * event.rect().height()
            self.largest = max(self.largest, area / (watched.width() * watched.height()))
        return False


def measure(rounds: int, text_size: int) -> dict[str, list[float]]:
    """Milliseconds of each frame in which the mark travels, and of each in which a hop is over."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    app.setStyle("fusion")
    load_fonts()
    app.setFont(ui_font())
    theme = Theme(app, ThemeMode.LIGHT, text_size)
    bridge, teller = GuiBridge(), StoryTeller()
    teller.listed()
    panel = FlowPanel(workspace_of(teller.session, bridge, theme))
    replay, picture = panel.replay, panel.picture
    panel.resize(WIDTH, HEIGHT)
    panel.show()
    panel._timer.setInterval(10**9)  # time passes when it is measured
    teller.lend()
    teller.project()
    while replay.round is None or replay.round.happened < len(replay.round.hops):
        app.processEvents()
    share, frames = PaintedShare(), {name: list[float]() for name in ("all", "travelling", "arriving", "share")}
    picture.installEventFilter(share)
    for _ in range(rounds):
        panel.again()
        app.processEvents()
        while replay.phase is not ReplayPhase.DONE:
            at, travels = replay.at, replay.phase is ReplayPhase.TRAVELLING
            share.largest = 0.0
            begin = time.thread_time()
            panel.pass_time(FRAME)
            app.processEvents()
            taken = (time.thread_time() - begin) * 1e3
            frames["all"].append(taken)
            if replay.at != at:
                frames["arriving"].append(taken)
            elif travels:
                frames["travelling"].append(taken)
                frames["share"].append(100 * share.largest)
    panel.stop()
    teller.desk.close()
    bridge.close()
    theme.close()
    return frames


def run(*, quick: bool = False) -> list[Table]:
    """Measure at normal text and at a stage's, each in a process of its own."""

    figures = list[Figure]()
    for size in (100, 175):
        found = elsewhere("tests.benchmarks.flow_speed", 1 if quick else 5, size)
        figures += spread(f"text {size} %: every frame", found["all"], "ms", TARGET)
        figures += spread(f"text {size} %: a frame in which the mark travels", found["travelling"], "ms", TARGET)
        figures += spread(f"text {size} %: a frame in which a hop is over", found["arriving"], "ms")
        shares = found["share"]
        figures.append(Figure(f"text {size} %: painted of the picture, at most", max(shares), "%"))
        figures.append(Figure(f"text {size} %: painted of the picture, median", statistics.median(shares), "%"))
    how = f"{WIDTH} x {HEIGHT}, a frame each {FRAME:g} ms, each hop shown in {HOP:g} ms; on the window's thread."
    return [Table("Flow", tuple(figures), how=how)]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--alone", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.alone:
        print(json.dumps(measure(*map(int, given.alone))))
    else:
        print("\n\n".join(map(text_of, run(quick=given.quick))))


if __name__ == "__main__":
    main()
