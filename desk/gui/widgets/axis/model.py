"""What the painted axis asks of the table of events that stands beside it and has the same selection."""

from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt

from desk.application.command_events import ChangeKind
from desk.application.history import HistoryColumns
from desk.application.timeline.words import moment_text
from desk.gui.tables.columns import TableColumns
from desk.gui.widgets.axis.wording import duration

Index = QModelIndex | QPersistentModelIndex

_ROOT: Final = QModelIndex()
_DISPLAY: Final = Qt.ItemDataRole.DisplayRole


class AxisModel(QAbstractTableModel):
    """One row for each event of ``history``, which is what is shown; ``columns`` say what of it."""

    columns: TableColumns

    def __init__(self, history: HistoryColumns, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.history = history

    @property
    def says_time(self) -> str:
        """Which of an event's times is shown."""
        return self.tr("time issued, or else stored")

    def kind(self, row: int) -> ChangeKind:
        """What kind of change the event of a row is."""
        return ChangeKind(self.history.kinds[row])

    def place(self, row: int) -> str:
        """Where an event stands, as short as can be."""
        return f"r{self.history.revisions[row]}"

    def type_name(self, row: int) -> str:
        """The event's type as stored."""
        return type_at(self.history, row)

    def user(self, row: int) -> str:
        """By whom; empty where the event does not say."""
        return user_at(self.history, row)

    def time(self, row: int) -> float:
        """When, in seconds since 1970, UTC."""
        return self.history.times[row]

    def since(self, row: int) -> str:
        """How long after the event before."""
        return since_at(self.history, row)

    def sentence(self, row: int) -> str:
        """An event in words, for whoever does not see the picture."""
        by = self.tr("by {user}").format(user=self.user(row)) if self.user(row) else ""
        parts = (self.whole_place(row), self.type_name(row), moment_text(self.time(row)), by)
        return ", ".join(part for part in parts if part)

    def whole_place(self, row: int) -> str:
        """Where an event stands, in words."""
        return self.tr("revision {number}").format(number=self.history.revisions[row])

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.history)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        return self.columns.heading(section, orientation, role)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        return self.columns.cell(index.row(), index.column(), role)


def type_at(history: HistoryColumns, row: int) -> str:
    """The type of an event."""
    return history.type_names[history.types[row]]


def user_at(history: HistoryColumns, row: int) -> str:
    """By whom an event is; empty where it does not say."""
    return history.user_names[history.users[row]]


def since_at(history: HistoryColumns, row: int) -> str:
    """How long after the event before."""
    if row == 0:
        return ""
    seconds = history.times[row] - history.times[row - 1]
    return "+" + duration(seconds) if seconds >= 0.001 else QCoreApplication.translate("EventTableModel", "at once")
