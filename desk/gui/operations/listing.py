"""A short table of texts whose selected row is remembered by a key while its rows come and go."""

from collections.abc import Hashable, Sequence

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QTableWidget, QTableWidgetItem

from desk.gui.tables.columns import RIGHT, Column, set_up_table
from desk.gui.tables.copying import selected_rows
from desk.records import dataclass


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A row: what it is about, and its texts, a column each."""

    key: Hashable
    texts: tuple[str, ...]


class Listing(QTableWidget):
    """Some dozens of rows, not thousands; one of them is chosen whenever there are any, more of them for copying.

    Signals:
        chosen: another row was chosen, or what the chosen one says has changed.
    """

    chosen = Signal()

    def __init__(self, name: str, columns: Sequence[Column]) -> None:
        super().__init__(0, len(columns))
        self._columns = columns
        self._lines: list[ReportLine] = []
        set_up_table(self, name, columns)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        for number, column in enumerate(columns):
            self.setHorizontalHeaderItem(number, _item(column.title, column))
        self.itemSelectionChanged.connect(self.chosen)

    @property
    def key(self) -> Hashable | None:
        """What the chosen row is about."""
        row = self.currentRow()
        return self._lines[row].key if 0 <= row < len(self._lines) and self.selectedItems() else None

    @property
    def selected_keys(self) -> set[Hashable]:
        """What the selected rows are about, of which the chosen one is one."""
        return {self._lines[row].key for part in selected_rows(self) for row in part}

    def show_lines(self, lines: Sequence[ReportLine]) -> None:
        """Show these instead; the same thing stays chosen, or else the first."""
        if list(lines) != self._lines:
            self._replace(list(lines))
        self.chosen.emit()

    def choose(self, key: Hashable) -> None:
        """Choose the row about this, where there is one."""
        row = next((row for row, line in enumerate(self._lines) if line.key == key), None)
        if row is not None:
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(self.model().index(row, 0), flags.NoUpdate)
            self._select(row, flags.ClearAndSelect)

    def _replace(self, lines: list[ReportLine]) -> None:
        before, selected = self.key, self.selected_keys
        self.blockSignals(True)
        self._lines = lines
        self.setRowCount(len(lines))
        for row, line in enumerate(lines):
            for number, (text, column) in enumerate(zip(line.texts, self._columns, strict=True)):
                item = _item(text, column)
                item.setToolTip(text)
                self.setItem(row, number, item)
        if lines:
            keys = [line.key for line in lines]
            self.choose(before if before in keys else keys[0])
            for row, key in enumerate(keys):
                if key in selected:
                    self._select(row, QItemSelectionModel.SelectionFlag.Select)
        self.blockSignals(False)

    def _select(self, row: int, how: QItemSelectionModel.SelectionFlag) -> None:
        self.selectionModel().select(self.model().index(row, 0), how | QItemSelectionModel.SelectionFlag.Rows)


def _item(text: str, column: Column) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    if column.numeric:
        item.setTextAlignment(RIGHT)
    return item
