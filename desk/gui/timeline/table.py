"""The table of a history's events: the timeline's accessible twin, with the same keys."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from desk.gui.timeline.canvas import TimelineCanvas
from desk.gui.timeline.model import REVISION, SINCE, TYPE, USER, WHEN, EventTableModel

_WIDTHS = {REVISION: 76, TYPE: 150, WHEN: 164, SINCE: 88, USER: 40}


class EventTable(QTableView):
    """Rows of a fixed height over a history's model; a selected row is the timeline's playhead."""

    def __init__(self, model: EventTableModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setAccessibleName(self.tr("Events"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
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
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)

    def share(self, canvas: TimelineCanvas) -> None:
        """The keys of the timeline work here too."""
        self.installEventFilter(canvas)

    @property
    def at_bottom(self) -> bool:
        """Whether the newest rows are in sight."""
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum()
