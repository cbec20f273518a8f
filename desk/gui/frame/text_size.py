"""How large text is: the application's font says so, and whatever must fit around text takes its measure from here."""

from bisect import bisect_left
from collections.abc import Callable
from contextlib import nullcontext
from typing import Final

from PySide6.QtCore import QEvent, QObject, QSignalBlocker
from PySide6.QtWidgets import QApplication, QHeaderView, QTableView, QWidget

POINT_SIZE: Final = 10
"""Points of the font at 100 %."""

STEPS: Final = (80, 90, 100, 110, 125, 150, 175, 200, 250)
"""Percentages that can be chosen."""

NORMAL: Final = 100


def scale() -> float:
    """How many times as large as normal text is now."""
    return QApplication.font().pointSizeF() / POINT_SIZE


def scaled(pixels: float) -> int:
    """So many pixels as ``pixels`` of normal text come to now."""
    return round(pixels * scale())


def next_step(percent: int, direction: int) -> int:
    """The step after this one, or before it where the direction is -1; at the ends the same one."""
    at = bisect_left(STEPS, percent)  # a stage may have any size
    return STEPS[min(max(at + direction, 0), len(STEPS) - 1)]


def follow_text(widget: QWidget, measure: Callable[[], object]) -> None:
    """Call ``measure`` now, and again whenever the widget's text has another size."""
    measure()
    widget.installEventFilter(_Follower(widget, measure))


def rows_follow_text(table: QTableView, row_height: int) -> None:
    """Rows of one height, given in pixels of normal text; widths that somebody gave columns grow with the text too,
    those of hidden ones as well, and are as before once the text is.

    The current row stays in sight where it was.
    """
    header, last = table.horizontalHeader(), [scale()]
    exact: dict[int, float] = {}
    # Anything but fixed heights measures every row: seconds for 100,000 of them.
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    resizable = (QHeaderView.ResizeMode.Interactive, QHeaderView.ResizeMode.Fixed)

    def measure() -> None:
        ratio, last[0] = scale() / last[0], scale()
        current = table.visualRect(table.currentIndex())
        stays = current.isValid() and table.viewport().rect().contains(current.center())
        table.verticalHeader().setMinimumSectionSize(scaled(row_height))
        table.verticalHeader().setDefaultSectionSize(scaled(row_height))
        for column in range(header.count() if ratio != 1 else 0):
            if header.sectionResizeMode(column) in resizable:
                exact[column] = _grow(header, column, ratio, exact.get(column, 0.0))
        if stays:
            table.updateGeometries()  # else it would be scrolled as far only as rows of the old height went
            table.scrollTo(table.currentIndex())

    follow_text(table, measure)


def _grow(header: QHeaderView, column: int, ratio: float, exact: float) -> float:
    """Give a column so many times its width, of which ``exact`` is what it is before rounding; what that comes to."""
    is_hidden = header.isSectionHidden(column)
    with QSignalBlocker(header) if is_hidden else nullcontext():
        header.setSectionHidden(column, False)
        width = header.sectionSize(column)
        wanted = ratio * (exact if round(exact) == width else width)
        header.resizeSection(column, round(wanted))
        header.setSectionHidden(column, is_hidden)
    return wanted


class _Follower(QObject):
    """Lives as long as the widget that it watches."""

    def __init__(self, widget: QWidget, measure: Callable[[], object]) -> None:
        super().__init__(widget)
        self._measure, self._scale = measure, scale()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.FontChange and scale() != self._scale:
            self._scale = scale()
            self._measure()
        return False
