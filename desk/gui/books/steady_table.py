"""Hop 9: the table of books as a widget: what is in sight stays there, and one column has what the others leave."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPersistentModelIndex, QRect, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.tables.copying import LEFT_OUT

LEAST: Final = 170
"""Pixels of normal text that the column keeps which has what the others leave; in less room others are left out."""


class SteadyTable(QTableView):
    """A selected row that was in sight stays there when the room for the rows changes, and begins there."""

    def __init__(self) -> None:
        super().__init__()
        self._flexible: int | None = None
        self._framed = QPersistentModelIndex()
        self._spare: Sequence[int] = ()
        self._left_out = set[int]()
        self._is_fitting = False

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

    def give_rest_to(self, column: int, spare: Sequence[int]) -> None:
        """This column has what the others leave, but never so little that nobody could read it: before that ``spare``
        ones are left out, the first of them first, until there is room again or somebody asks for them.
        """
        head = self.horizontalHeader()
        head.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        if self._flexible is None:
            head.sectionResized.connect(self._note)
            head.sectionCountChanged.connect(self.fit)
            follow_text(self, self.fit)
        self._flexible, self._spare = column, spare
        self._left_out.clear()
        self.fit()

    def show_left_out(self) -> None:
        """All columns that somebody wants are shown, whether there is room or not, until the next :meth:`fit`."""
        self._is_fitting = True
        for column in self._left_out:
            self.showColumn(column)
        self._left_out.clear()
        self._is_fitting = False

    @Slot()
    def fit(self) -> None:
        """Show as many columns as there is room for."""
        head, column = self.horizontalHeader(), self._flexible
        if column is None or self._is_fitting:
            return
        self.show_left_out()
        self._is_fitting = True
        for spare in self._spare:
            if head.length() - head.sectionSize(column) + scaled(LEAST) <= self.viewport().width():
                break
            if not self.isColumnHidden(spare):
                self.hideColumn(spare)
                self._left_out.add(spare)
        head.setProperty(LEFT_OUT, sorted(self._left_out))
        self._is_fitting = False
        self._give_rest()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Scroll where the change would hide the row. A table that was never shown has no height yet."""
        current, height = self.visualRect(self.currentIndex()), event.oldSize().height()
        was_in_sight = current.isValid() and (height < 0 or 0 <= current.center().y() < height)
        super().resizeEvent(event)
        self.fit()
        if was_in_sight:
            self.scrollTo(self.currentIndex(), QAbstractItemView.ScrollHint.EnsureVisible)

    @Slot(int, int, int)
    def _note(self, column: int, before: int, now: int) -> None:
        """Another width; who asks for a column that was left out, or does without one, has it so."""
        if self._is_fitting:
            return
        if not before and column in self._left_out:
            self._left_out.remove(column)
            self._spare = [one for one in self._spare if one != column]
        if not now:
            self.fit()
        self._give_rest()

    def _give_rest(self) -> None:
        head, column = self.horizontalHeader(), self._flexible
        if column is None:
            return
        rest = self.viewport().width() - (head.length() - head.sectionSize(column))
        wanted = max(scaled(LEAST), rest)
        if head.sectionSize(column) != wanted:
            head.resizeSection(column, wanted)
