"""Hop 9: which rows of the book table are selected, several of them or all that a search found; one is in hand."""

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QObject,
    QPersistentModelIndex,
    Signal,
    Slot,
)

from desk.application.catalogue import BookQuestion
from desk.gui.books.model import BookTable
from desk.gui.books.selection import SelectedBooks
from desk.gui.books.steady_table import SteadyTable
from desk.gui.tables.copying import selected_rows

_Flag = QItemSelectionModel.SelectionFlag
ONLY_THESE = _Flag.ClearAndSelect | _Flag.Rows


class RowSelection(QObject):
    """Keeps several selected rows over another order of the table.

    They are remembered by the ids of their rows, which last as long as what the table reads from, and "all" as the
    question: what it means later is selected as well. Of another question those stay selected that it means, too.

    Signals:
        changed: other rows are selected, or more of them (SelectedBooks).
        taken_in_hand: a row was made current or selected (UUID, its book).
    """

    changed = Signal(object)  # SelectedBooks
    taken_in_hand = Signal(object)  # UUID

    def __init__(self, table: SteadyTable, model: BookTable) -> None:
        super().__init__(table)
        self._table, self._model, self._rows = table, model, table.selectionModel()
        self._question: BookQuestion | None = None
        self._kept: frozenset[int] = frozenset()
        self._in_hand = QPersistentModelIndex()
        self._selecting = False
        self.now = SelectedBooks()
        model.about_to_swap.connect(self._remember)
        model.rowsInserted.connect(self._select_new)
        self._rows.selectionChanged.connect(self._selection_changed)
        self._rows.currentRowChanged.connect(self._take_in_hand)

    def go_to(self, row: int, *, keep_others: bool = False) -> None:
        """Take the book of a row in hand, and select no other one unless they are kept.

        The view's own way to do so would look at the keys that are held down.
        """
        self._rows.setCurrentIndex(self._model.index(row, 0), _Flag.NoUpdate if keep_others else ONLY_THESE)

    def keep_one(self) -> None:
        """Only the one in hand, if several are selected."""
        self._question = None
        if self._in_hand.isValid():
            self.go_to(self._in_hand.row())

    def select_all(self) -> None:
        """Everything that the question means, also what is still on its way."""
        self._question = self._model.question
        self._select([range(self._model.rowCount())])

    def restore(self) -> bool:
        """Select in a new order what was selected in the one before; whether that are several rows."""
        if self._question is not None and _means_the_same(self._question, self._model.question):
            self.select_all()
        else:
            self._question = None
            ids = self._model.ids
            rows = [row for row, row_id in enumerate(ids) if row_id in self._kept] if self._kept else []
            self._select(_runs(rows))
        return self.now.are_several

    # ── within ────────────────────────────────────────────────────────────────────────────────────────────────

    @Slot()
    def _remember(self) -> None:
        ids, several = self._model.ids, self.now.are_several and self._question is None
        rows = selected_rows(self._table) if several else ()
        self._kept = frozenset(ids[row] for part in rows for row in part)

    @Slot()
    def _select_new(self) -> None:
        if self._question is not None:
            self.select_all()

    @Slot()
    def _selection_changed(self) -> None:
        """Whoever leaves a row out means the others, and no longer all; rows that come in tell of themselves here."""
        if not self._selecting:
            if self._count() != self._model.rowCount():
                self._question = None
            self._tell()
        self._take_in_hand()

    def _select(self, runs: list[range]) -> None:
        model, selection = self._model, QItemSelection()
        for run in filter(None, runs):
            selection.append(QItemSelectionRange(model.index(run.start, 0), model.index(run.stop - 1, 0)))
        self._selecting = True
        self._rows.select(selection, ONLY_THESE)
        self._selecting = False
        self._tell()

    def _count(self) -> int:
        return sum(map(len, selected_rows(self._table)))

    def _tell(self) -> None:
        now = SelectedBooks(self._count(), self._question)
        if now != self.now:
            self.now = now
            self._frame()
            self.changed.emit(now)

    def _frame(self) -> None:
        """Among several the one in hand stands out."""
        self._table.frame(self._in_hand if self.now.are_several else QPersistentModelIndex())

    @Slot()
    def _take_in_hand(self) -> None:
        """The current row, where it is selected: by Ctrl one leaves it, and another of the selected ones is in hand.

        Qt makes a row current without selecting it when the table gets the focus: then it is selected here.
        """
        current = self._table.currentIndex()
        if not current.isValid():
            return
        if not self._rows.hasSelection():
            self._rows.select(current, ONLY_THESE)
            return
        if self._rows.isSelected(current):
            self._in_hand = QPersistentModelIndex(current)
        elif not self._rows.isSelected(self._model.index(self._in_hand.row(), 0)):
            self._in_hand = QPersistentModelIndex(self._model.index(selected_rows(self._table)[0].start, 0))
        self._frame()
        book = self._model.book_at(self._in_hand.row())
        if book is not None:
            self.taken_in_hand.emit(book.book_id)


def _means_the_same(one: BookQuestion, other: BookQuestion) -> bool:
    """Whether both mean the same books, in whatever order."""
    return (one.text, one.with_deleted) == (other.text, other.with_deleted)


def _runs(rows: list[int]) -> list[range]:
    """Rows in ascending order as ranges of neighbours."""
    runs: list[range] = []
    for row in rows:
        if runs and runs[-1].stop == row:
            runs[-1] = range(runs[-1].start, row + 1)
        else:
            runs.append(range(row, row + 1))
    return runs
