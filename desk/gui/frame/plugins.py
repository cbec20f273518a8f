"""Hop 2 made visible: the bus's plugins with their switches, and what monitoring has counted."""

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from desk.application.session import Session, Switch
from desk.cqrs.plugins.monitoring import MessageStatistics
from desk.gui.tables.columns import LEFT, RIGHT, set_up_table
from desk.gui.widgets.boxes import column
from desk.gui.widgets.scrolled import give_room

REFRESH = 1000
"""Milliseconds between two looks at the counters while the panel is open."""
IN_A_ROW = 4
"""Switches beside each other."""


class PluginPanel(QDialog):
    """Not modal: the figures move while one works in the window."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Plugins and times"))
        give_room(self, 780, 460)
        self._session = session
        self.switches = tuple(self._switch(plugin) for plugin in session.diagnostics.plugins())
        self.table = QTableWidget(0, 8)
        self._timer = QTimer(self, interval=REFRESH)
        self._timer.timeout.connect(self.refresh)
        self._set_up_table()
        self._lay_out()
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Read the counters."""
        lines = self._session.diagnostics.statistics()
        self.table.setRowCount(len(lines))
        for row, line in enumerate(lines):
            for number, text in enumerate(_texts(line)):
                self.table.setItem(row, number, _item(number, text))

    def showEvent(self, event: QShowEvent) -> None:
        """Look now and then only while somebody sees it."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody sees it."""
        super().hideEvent(event)
        self._timer.stop()

    def _switch(self, plugin: Switch) -> QCheckBox:
        box = QCheckBox(plugin.name)
        box.setObjectName(f"plugin.{plugin.name}")
        box.setChecked(plugin.enabled)
        box.toggled.connect(lambda on: setattr(plugin, "enabled", bool(on)))
        return box

    def _set_up_table(self) -> None:
        headings = self.tr("Message"), self.tr("Count"), self.tr("Failed"), self.tr("Running")
        times = self.tr("p50 ms"), self.tr("p95 ms"), self.tr("Slowest"), self.tr("Retries")
        set_up_table(self.table, self.tr("Counters and times"), ())
        self.table.setAlternatingRowColors(False)
        for number, heading in enumerate((*headings, *times)):
            self.table.setHorizontalHeaderItem(number, _item(number, heading))
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)

    def _lay_out(self) -> None:
        explained = QLabel(self.tr("Every message passes these plugins. Switch them while Desk runs:"), wordWrap=True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        for place, box in enumerate(self.switches):
            grid.addWidget(box, place // IN_A_ROW, place % IN_A_ROW)
        grid.setColumnStretch(IN_A_ROW, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.close)
        parts = explained, grid, (self.table, 1), buttons
        column(*parts, on=self, margins=(18, 16, 18, 14), spacing=12)


def _item(column: int, text: str) -> QTableWidgetItem:
    """All but the names are numbers."""
    item = QTableWidgetItem(text)
    item.setTextAlignment(RIGHT if column else LEFT)
    return item


def _texts(line: MessageStatistics) -> tuple[str, ...]:
    return (
        line.name,
        f"{line.count:,}",
        f"{sum(line.failures.values()):,}",
        str(line.in_flight),
        f"{line.p50:.1f}",
        f"{line.p95:.1f}",
        f"{line.slowest:.1f}",
        str(line.retries),
    )
