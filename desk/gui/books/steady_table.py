"""Hop 9: the table of books as a widget: what is in sight stays there, and one column has what the others leave."""

from typing import Final

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from desk.gui.frame.text_size import scaled

LEAST: Final = 170
"""Pixels of normal text that the column keeps which has what the others leave; in less room the columns scroll."""


class SteadyTable(QTableView):
    """A selected row that was in sight stays there when the room for the rows changes, and begins there."""

    def __init__(self) -> None:
        super().__init__()
        self._flexible: int | None = None

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
