"""A short table of texts whose selected row is remembered by a key while its rows come and go."""

from collections.abc import Container, Hashable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QItemSelectionModel, Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Line:
    """A row: what it is about, and its texts, a column each."""

    key: Hashable
    texts: tuple[str, ...]


class Listing(QTableWidget):
    """Some dozens of rows, not thousands; one of them is chosen whenever there are any.

    ``numbers`` are columns whose texts stand at the right.

    Signals:
        chosen: another row was chosen, or what the chosen one says has changed.
    """

    chosen = Signal()

    def __init__(
        self,
        name: str,
        columns: Sequence[str],
        stretched: int,
        numbers: Container[int] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(0, len(columns), parent)
        self._numbers = numbers
        self._keys: list[Hashable] = []
        self.setAccessibleName(name)
        self.setHorizontalHeaderLabels(list(columns))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(26)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)
        for number, text in enumerate(columns):
            if number in numbers:
                heading = QTableWidgetItem(text)
                heading.setTextAlignment(RIGHT)
                self.setHorizontalHeaderItem(number, heading)
        self.itemSelectionChanged.connect(self._tell)

    @property
    def key(self) -> Hashable | None:
        """What the chosen row is about."""
        row = self.currentRow()
        return self._keys[row] if 0 <= row < len(self._keys) and self.selectedItems() else None

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show these instead; the same thing stays chosen, or else the first."""
        before = self.key
        self.blockSignals(True)
        self._keys = [line.key for line in lines]
        self.setRowCount(len(lines))
        for row, line in enumerate(lines):
            for column, text in enumerate(line.texts):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                if column in self._numbers:
                    item.setTextAlignment(RIGHT)
                self.setItem(row, column, item)
        if lines:
            self._choose(self._keys.index(before) if before in self._keys else 0)
        self.blockSignals(False)
        self.chosen.emit()

    def choose(self, key: Hashable) -> None:
        """Choose the row about this, where there is one."""
        if key in self._keys:
            self._choose(self._keys.index(key))

    def _choose(self, row: int) -> None:
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(self.model().index(row, 0), flags.ClearAndSelect | flags.Rows)

    @Slot()
    def _tell(self) -> None:
        self.chosen.emit()
