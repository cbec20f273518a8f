"""The stages of one action as bars on one axis of time, a row each: a table, so that a screen reader has it too."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
)

from desk.application.spelling import spelled_out
from desk.cqrs.endings import OK
from desk.gui.frame.theme import Theme
from desk.gui.operations.action_times import Action, Bar
from desk.gui.tables.columns import RIGHT, Column, set_up_table

STAGE, TOOK, TIME = range(3)
BAR = int(Qt.ItemDataRole.UserRole) + 1
ROW_HEIGHT = 24
THINNEST = 3.0
"""Pixels of the shortest bar, so that it can be seen."""
MARGIN = 10.0
QUARTERS = 4


class Waterfall(QTableWidget):
    """Each message with its stages beneath it; whatever failed has the colour of problems and says its code."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(0, 3)
        self._action: Action | None = None
        columns = Column(self.tr("Stage"), 150), Column(self.tr("ms"), 84, numeric=True), Column(self.tr("Time"))
        set_up_table(self, self.tr("Stages of the action"), columns, ROW_HEIGHT)
        self.setAlternatingRowColors(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setItemDelegateForColumn(TIME, _Bars(theme, self))
        theme.changed.connect(self.viewport().update)
        self.show_action(None)

    def show_action(self, action: Action | None) -> None:
        """Show this one; None for nothing."""
        if action is not None and action == self._action:
            return
        self._action = action
        bars = action.bars if action else ()
        whole = action.milliseconds if action else 0.0
        span = self.tr("From 0 to {ms} ms").format(ms=f"{whole:,.1f}") if action else self.tr("Time")
        took = QTableWidgetItem(self.tr("ms"))
        took.setTextAlignment(RIGHT)
        self.setHorizontalHeaderLabels([self.tr("Stage"), "", span])
        self.setHorizontalHeaderItem(TOOK, took)
        self.setRowCount(len(bars))
        for row, bar in enumerate(bars):
            self._show_bar(row, bar)

    @property
    def whole(self) -> float:
        """Milliseconds from the left end of the axis to the right one."""
        return max(self._action.milliseconds, 0.001) if self._action else 1.0

    def _show_bar(self, row: int, bar: Bar) -> None:
        stage, took, time = QTableWidgetItem(self._name(bar)), QTableWidgetItem(), QTableWidgetItem()
        if not bar.is_stage:
            font = QFont(self.font())
            font.setWeight(QFont.Weight.DemiBold)
            stage.setFont(font)
            took.setFont(font)
        took.setText(f"{bar.milliseconds:,.1f}")
        took.setTextAlignment(RIGHT)
        time.setData(BAR, bar)
        said = self.tr("begins after {start} ms, takes {ms} ms").format(
            start=f"{bar.start:,.1f}", ms=f"{bar.milliseconds:,.1f}"
        )
        time.setData(Qt.ItemDataRole.AccessibleTextRole, said)
        for column, item in ((STAGE, stage), (TOOK, took), (TIME, time)):
            item.setToolTip(f"{stage.text().strip()}: {said}")
            self.setItem(row, column, item)

    def _name(self, bar: Bar) -> str:
        name = f"    {bar.name}" if bar.is_stage else spelled_out(bar.name)
        if bar.attempt > 1:
            name += self.tr(", attempt {n}").format(n=bar.attempt)
        return name


class _Bars(QStyledItemDelegate):
    """Draws the column of bars over quarters of the action's time."""

    def __init__(self, theme: Theme, table: Waterfall) -> None:
        super().__init__(table)
        self._theme, self._table = theme, table

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """A bar from its beginning to its end, and what became of it where that was not well."""
        bar = index.data(BAR)
        if not isinstance(bar, Bar):
            return
        cell = QRectF(option.rect)
        left, wide = cell.left() + MARGIN, cell.width() - 2 * MARGIN
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(option.palette.color(QPalette.ColorRole.Midlight), 1))
        for quarter in range(QUARTERS + 1):
            x = round(left + wide * quarter / QUARTERS) + 0.5
            painter.drawLine(QPointF(x, cell.top()), QPointF(x, cell.bottom() + 1))
        begin = left + wide * bar.start / self._table.whole
        length = max(THINNEST, wide * bar.milliseconds / self._table.whole)
        box = QRectF(min(begin, left + wide - THINNEST), cell.top() + 6, length, cell.height() - 12)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._color(bar, option.palette))
        painter.drawRoundedRect(box, 2.5, 2.5)
        if bar.outcome != OK:
            self._say(painter, cell, box, bar.outcome)
        painter.restore()

    def _color(self, bar: Bar, palette: QPalette) -> QColor:
        if bar.outcome != OK:
            return self._theme.color("problem")
        return (
            self._theme.color(f"stage.{bar.name}")
            if bar.is_stage
            else palette.color(QPalette.ColorRole.PlaceholderText)
        )

    def _say(self, painter: QPainter, cell: QRectF, box: QRectF, text: str) -> None:
        painter.setPen(self._theme.color("problem"))
        wide = painter.fontMetrics().horizontalAdvance(text)
        if box.right() + 8 + wide <= cell.right():
            painter.drawText(QPointF(box.right() + 8, cell.center().y() + painter.fontMetrics().ascent() / 2 - 1), text)
