"""The axis of a history above the table of its events, and the inspector beside the table, or at the right of both; or
one of them where there is no room for more.
"""

from typing import Final

from PySide6.QtCore import QByteArray, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QTabWidget, QWidget

from desk.gui.frame.text_size import scaled
from desk.gui.widgets.boxes import split
from desk.gui.widgets.masking import is_masked

FEW_ROWS = 136
"""Pixels of normal text that the table takes with its heading and four rows; fewer are not worth showing."""

ROOM_BESIDE = 500
"""Pixels of normal text in which table and inspector stand side by side; in less either is shown."""

BESIDE: Final = [580, 420]
"""What table and inspector have of the width, in proportion."""


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


class HistoryParts(QSplitter):
    """Axis and table, and an inspector that stands beside the table or, with ``is_right``, at the right of both.

    Signals:
        changed: as of :class:`AxisAndTable`, and for table and inspector.
    """

    changed = Signal()

    def __init__(self, axis: QWidget, table: QWidget, inspector: QTabWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._table, self._inspector, self.is_right = table, inspector, False
        self._parts = {"axis": axis, "table": table, "inspector": inspector}
        self._chosen, self.shows_inspector = axis, False
        self.below = split(table, inspector, sizes=BESIDE)
        self.axis_and_table = AxisAndTable(axis, self.below)
        self.axis_and_table.setSizes([scaled(162), scaled(300)])
        self.axis_and_table.changed.connect(self.changed)
        self.addWidget(self.axis_and_table)
        self.setChildrenCollapsible(False)

    def put_inspector(self, *, right: bool) -> None:
        """At the right of axis and table, or below the axis."""
        if right != self.is_right:
            self.is_right = right
            splitter = self if right else self.below
            splitter.addWidget(self._inspector)
            splitter.setSizes(BESIDE)
            self._show()

    @property
    def has_room_beside(self) -> bool:
        """Whether table and inspector can stand side by side; on a stage, where nothing is cut, with all its tabs."""
        tabs = self._inspector.tabBar().sizeHint().width() if is_masked() else 0
        return self.width() >= max(scaled(ROOM_BESIDE), tabs * sum(BESIDE) / BESIDE[1])

    def choose(self, part: QWidget) -> None:
        """The part that is shown where there is not room for all: the axis, the table or the inspector."""
        self._chosen, self.shows_inspector = part, part is self._inspector
        self._show()
        axis = self.axis_and_table.axis
        self.axis_and_table.choose(axis if part is axis else self.below)

    def show_inspector(self) -> None:
        """Have the inspector in sight."""
        if not self._inspector.isVisibleTo(self):
            self.choose(self._inspector)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show()

    def _show(self) -> None:
        beside = self.has_room_beside
        self._inspector.setVisible(beside or self.shows_inspector)
        self._table.setVisible(beside or self.is_right or not self.shows_inspector)
        self.axis_and_table.setVisible(beside or not self.is_right or not self.shows_inspector)
        self.changed.emit()

    def save(self) -> dict[str, str | bool]:
        """Where the inspector stands, how large the parts are, and which is shown where there is no room for all."""
        states = (("parts", self.axis_and_table), ("details", self.below), ("beside", self))
        kept = {name: bytes(splitter.saveState().toHex().data()).decode() for name, splitter in states}
        shown = next(name for name, part in self._parts.items() if part is self._chosen)
        return {**kept, "right": self.is_right, "shown": shown}

    def restore(self, state: dict[str, str | bool]) -> None:
        """The inverse of :meth:`save`. Raises ValueError, KeyError or TypeError for what makes no sense."""
        parts, details = (bytes.fromhex(str(state[name])) for name in ("parts", "details"))
        beside = bytes.fromhex(str(state.get("beside", "")))
        self.put_inspector(right=state.get("right") is True)
        self.axis_and_table.restoreState(QByteArray(parts))
        (self if self.is_right else self.below).restoreState(QByteArray(beside if self.is_right else details))
        self.choose(self._parts[str(state.get("shown", "axis"))])
