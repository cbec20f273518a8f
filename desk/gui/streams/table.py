"""The table of a page of events: rows of a fixed height, one of them selected."""

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from desk.gui.streams.model import PLACE, SIZE, TYPE, WHEN, StreamTableModel, size_text

_WIDTHS = {PLACE: 300, TYPE: 156, WHEN: 164}
_LARGEST = 1024 * 1024 - 1
"""Bytes of the size that takes most room as a text."""

_PADDING = 28
"""Pixels of a cell that are no text."""


class StreamTable(QTableView):
    """Long names are cut in the middle: the ends of a stream's name say most."""

    def __init__(self, model: StreamTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setAccessibleName(self.tr("Events of the stream"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(26)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)
        self.setColumnWidth(SIZE, self.fontMetrics().horizontalAdvance(size_text(_LARGEST)) + _PADDING)
        header.setSectionResizeMode(PLACE, QHeaderView.ResizeMode.Stretch)

    def select(self, row: int) -> None:
        """Select a row, and only it."""
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(self.model().index(row, 0), flags.ClearAndSelect | flags.Rows)

    @property
    def at_bottom(self) -> bool:
        """Whether the newest rows are in sight."""
        self.updateGeometries()
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum()
