"""Bytes in sixteens beside the characters among them; a line is made when it is looked at."""

from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QApplication, QListView

from desk.gui.frame.theme import mono_font

Index = QModelIndex | QPersistentModelIndex

WIDTH: Final = 16
_NOWHERE: Final = QModelIndex()
_DISPLAY: Final = Qt.ItemDataRole.DisplayRole


class HexView(QListView):
    """Any bytes; the lines that are selected are copied by Ctrl+C."""

    def __init__(self) -> None:
        super().__init__(uniformItemSizes=True, layoutMode=QListView.LayoutMode.Batched)
        self.lines = HexLines()
        self.setModel(self.lines)
        self.setFont(mono_font())
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAccessibleName(self.tr("Bytes of the data"))
        copying = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self)
        copying.setContext(Qt.ShortcutContext.WidgetShortcut)
        copying.activated.connect(self._copy)

    def show_bytes(self, data: bytes) -> None:
        """Show these bytes."""
        self.lines.show(data)

    def clear(self) -> None:
        """Show nothing."""
        self.lines.show(b"")

    def _copy(self) -> None:
        rows = sorted(index.row() for index in self.selectedIndexes())
        QApplication.clipboard().setText("\n".join(map(self.lines.line, rows)))


class HexLines(QAbstractListModel):
    """Offset, sixteen bytes, and the characters among them."""

    def __init__(self) -> None:
        super().__init__()
        self._data = b""

    def show(self, data: bytes) -> None:
        """Show other bytes."""
        self.beginResetModel()
        self._data = data
        self.endResetModel()

    def line(self, row: int) -> str:
        """One line as text."""
        offset = row * WIDTH
        part = self._data[offset : offset + WIDTH]
        letters = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in part)
        return f"{offset:06x}  {part.hex(' '):<47}  {letters}"

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else -(-len(self._data) // WIDTH)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        return self.line(index.row()) if role == _DISPLAY else None
