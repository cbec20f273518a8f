"""The axis of a history above the table of its events; where there is no room for both, one of them."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from desk.gui.frame.text_size import scaled

FEW_ROWS = 136
"""Pixels of normal text that the table takes with its heading and four rows; fewer are not worth showing."""


class AxisAndTable(QSplitter):
    """Shows both wherever both fit.

    Signals:
        changed: there is room for both now, or for one only; or another one is shown.
    """

    changed = Signal()

    def __init__(self, axis: QWidget, table: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self.axis, self.table = axis, table
        self.chosen = axis
        self.has_room_for_both = True
        self.addWidget(axis)
        self.addWidget(table)
        self.setStretchFactor(1, 1)
        self.setChildrenCollapsible(False)

    def choose(self, part: QWidget) -> None:
        """The part that is shown where there is room for one only."""
        self.chosen = part
        self._show()

    def minimumSizeHint(self) -> QSize:
        """Room for either is enough."""
        return self.axis.minimumSizeHint().expandedTo(self.table.minimumSizeHint())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show()

    def _show(self) -> None:
        rows = max(self.table.minimumSizeHint().height(), scaled(FEW_ROWS))
        both = self.axis.minimumSizeHint().height() + self.handleWidth() + rows
        self.has_room_for_both = self.height() >= both
        for part in (self.axis, self.table):
            part.setVisible(self.has_room_for_both or part is self.chosen)
        self.changed.emit()
