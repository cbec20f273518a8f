"""Hop 9: the columns of the book table: their widths and order, the sign of the order, and what a search adds."""

from typing import Final

from PySide6.QtCore import QByteArray, QObject, Qt, Slot

from desk.application.catalogue import BookQuestion, SortKey
from desk.gui.books.model import BookTable
from desk.gui.books.rows import COLUMNS
from desk.gui.books.steady_table import SteadyTable
from desk.gui.frame.text_size import scaled
from desk.gui.tables.columns import offer_columns

TITLE: Final = COLUMNS.index(SortKey.TITLE)
_WIDTHS: Final = {
    SortKey.TITLE: 300,
    SortKey.AUTHORS: 150,
    SortKey.ISBN: 130,
    SortKey.YEAR: 60,
    SortKey.STATE: 112,
    SortKey.COPIES: 76,
    SortKey.CHANGED: 110,
}
_SPARE: Final = tuple(map(COLUMNS.index, (SortKey.YEAR, SortKey.ISBN, SortKey.CHANGED, SortKey.AUTHORS)))
"""Those that are left out where there is not room for all, the first of them first."""
_LEAST: Final = 45
"""Pixels of the smallest text below which no column gets; one that grew with the text would stop others shrinking."""
_FOUND_WIDTHS: Final = (200, 196)
"""Of what a search about the past found, and when that was."""


class BookColumns(QObject):
    """Keeps the header of the book table; the model has to be in the table already."""

    def __init__(self, table: SteadyTable, model: BookTable) -> None:
        super().__init__(table)
        self._table, self._model = table, model
        self._head = head = table.horizontalHeader()
        self._before = QByteArray()
        head.setSectionsMovable(True)
        head.setSectionsClickable(True)
        head.setSortIndicatorShown(True)
        head.setMinimumSectionSize(_LEAST)
        offer_columns(head, always=TITLE)
        model.columnsAboutToBeInserted.connect(self._remember)
        model.columnsInserted.connect(self._show_found)

    def save(self) -> QByteArray:
        """The header's state for the settings; during a search about the past that of before."""
        return self._before if self._model.columnCount() > len(COLUMNS) else self._state()

    def _state(self) -> QByteArray:
        """With what was left out only for want of room."""
        self._table.show_left_out()
        state = self._head.saveState()
        self._table.fit()
        return state

    def restore(self, state: QByteArray) -> None:
        """As they were; without a state as at first."""
        head = self._head
        self._table.show_left_out()
        if state.isEmpty() or not head.restoreState(state):
            for number, key in enumerate(COLUMNS):
                head.setSectionHidden(number, False)
                head.moveSection(head.visualIndex(number), number)
                head.resizeSection(number, scaled(_WIDTHS[key]))
        self._table.give_rest_to(TITLE, _SPARE)
        self.show_sort(self._model.question)

    def show_sort(self, question: BookQuestion) -> None:
        """The sign of the order."""
        order = Qt.SortOrder.DescendingOrder if question.descending else Qt.SortOrder.AscendingOrder
        self._head.setSortIndicator(COLUMNS.index(question.sort), order)

    @Slot()
    def _remember(self) -> None:
        self._before = self._state()

    @Slot()
    def _show_found(self) -> None:
        """What a search about the past found stands beside the titles."""
        head = self._head
        for number, width in enumerate(_FOUND_WIDTHS, len(COLUMNS)):
            head.moveSection(head.visualIndex(number), head.visualIndex(TITLE) + number - len(COLUMNS) + 1)
            head.resizeSection(number, scaled(width))
