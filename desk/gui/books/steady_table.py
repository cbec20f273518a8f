"""Hop 9: the table of books as a widget: what is in sight stays there, and one column has what the others leave."""

from typing import Final

from PySide6.QtCore import QPersistentModelIndex, QRect, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from desk.gui.frame.text_size import scaled

LEAST: Final = 170
"""Pixels of normal text that the column keeps which has what the others leave; in less room the columns scroll."""


class SteadyTable(QTableView):
    """A selected row that was in sight stays there when the room for the rows changes, and begins there."""

    def __init__(self) -> None:
        super().__init__()
        self._flexible: int | None = None
        self._framed = QPersistentModelIndex()

    def frame(self, index: QPersistentModelIndex) -> None:
        """Have the row of this one stand out among others that are selected, if it is valid."""
        if index != self._framed:
            self._framed = QPersistentModelIndex(index)
            self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The frame is drawn upon the row, in the colour of what is written there."""
        super().paintEvent(event)
        if self._framed.isValid():
            row = self.visualRect(self.model().index(self._framed.row(), 0))
            area = QRect(0, row.top(), self.viewport().width(), row.height()).adjusted(3, 3, -3, -4)
            with QPainter(self.viewport()) as painter:
                painter.setPen(QPen(self.palette().color(QPalette.ColorRole.HighlightedText), 2))
                painter.drawRect(area)

    def give_rest_to(self, column: int) -> None:
        """This column has what the others leave, but never so little that nobody could read it."""
        head = self.horizontalHeader()
        head.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        if self._flexible is None:
            head.sectionResized.connect(self._give_rest)
            head.sectionCountChanged.connect(self._give_rest)
        self._flexible = column
        self._give_rest()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Scroll where the change would hide the row. A table that was never shown has no height yet."""
        current, height = self.visualRect(self.currentIndex()), event.oldSize().height()
        was_in_sight = current.isValid() and (height < 0 or 0 <= current.center().y() < height)
        super().resizeEvent(event)
        self._give_rest()
        if was_in_sight:
            self.scrollTo(self.currentIndex(), QAbstractItemView.ScrollHint.EnsureVisible)

    @Slot()
    def _give_rest(self) -> None:
        head, column = self.horizontalHeader(), self._flexible
        if column is None:
            return
        rest = self.viewport().width() - (head.length() - head.sectionSize(column))
        wanted = max(scaled(LEAST), rest)
        if head.sectionSize(column) != wanted:
            head.resizeSection(column, wanted)
