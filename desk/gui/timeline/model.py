"""Hop 9: the events of one stream as a table, over columns of numbers; grows at both ends while it is looked at."""

from collections.abc import Iterable
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from desk.application.command_events import ChangeKind
from desk.application.history import HistoryColumns
from desk.gui.moment_text import exact_text, moment_text
from desk.gui.timeline.rows import EventRow, append_rows, prepend_rows
from desk.gui.timeline.wording import duration

Index = QModelIndex | QPersistentModelIndex

REVISION, TYPE, WHEN, SINCE, USER = range(5)
_ROOT: Final = QModelIndex()
_DISPLAY: Final = Qt.ItemDataRole.DisplayRole
_DECORATION: Final = Qt.ItemDataRole.DecorationRole
_ALIGNMENT: Final = Qt.ItemDataRole.TextAlignmentRole
_TOOLTIP: Final = Qt.ItemDataRole.ToolTipRole
_TEXTUAL: Final = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_NUMERIC: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class EventTableModel(QAbstractTableModel):
    """One row an event, oldest first. Rows are only ever added, so that a selection keeps its event."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.history = HistoryColumns("")
        self.icons: dict[ChangeKind, QIcon] = {}
        self._headers = (
            self.tr("Revision"),
            self.tr("Type"),
            self.tr("When"),
            self.tr("After"),
            self.tr("By"),
        )

    def show(self, history: HistoryColumns) -> None:
        """Show another stream, or the same one anew."""
        self.beginResetModel()
        self.history = history
        self.endResetModel()

    def append(self, rows: Iterable[EventRow]) -> int:
        """Newer events; those that are there already are passed over. Gives how many came."""
        known = self.history.revisions[-1] if self.history.revisions else -1
        fresh = [row for row in rows if row.revision > known]
        if fresh:
            first = len(self.history)
            self.beginInsertRows(_ROOT, first, first + len(fresh) - 1)
            append_rows(self.history, fresh)
            self.endInsertRows()
        return len(fresh)

    def prepend(self, rows: Iterable[EventRow]) -> int:
        """Older events, oldest first. Gives how many came."""
        known = self.history.revisions[0] if self.history.revisions else None
        fresh = [row for row in rows if known is None or row.revision < known]
        if fresh:
            self.beginInsertRows(_ROOT, 0, len(fresh) - 1)
            prepend_rows(self.history, fresh)
            self.endInsertRows()
        return len(fresh)

    def kind(self, row: int) -> ChangeKind:
        """What kind of change the event of a row is."""
        return ChangeKind(self.history.kinds[row])

    def type_name(self, row: int) -> str:
        """The event's type as stored."""
        return self.history.type_names[self.history.types[row]]

    def user(self, row: int) -> str:
        """By whom; empty where the event does not say."""
        return self.history.user_names[self.history.users[row]]

    def time(self, row: int) -> float:
        """When, in seconds since 1970, UTC."""
        return self.history.times[row]

    def since(self, row: int) -> str:
        """How long after the event before."""
        if row == 0:
            return ""
        seconds = self.history.times[row] - self.history.times[row - 1]
        return "+" + duration(seconds) if seconds >= 0.001 else self.tr("at once")

    def sentence(self, row: int) -> str:
        """An event in words, for whoever does not see the picture."""
        by = self.tr("by {user}").format(user=self.user(row)) if self.user(row) else ""
        parts = (
            self.tr("revision {number}").format(number=self.history.revisions[row]),
            self.type_name(row),
            moment_text(self.time(row)),
            by,
        )
        return ", ".join(part for part in parts if part)

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.history)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._headers)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation is Qt.Orientation.Vertical or section >= len(self._headers):
            return None
        if role == _DISPLAY:
            return self._headers[section]
        if role == _ALIGNMENT:
            return _NUMERIC if section == REVISION else _TEXTUAL
        return None

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if role == _DISPLAY:
            return self._text(index.row(), index.column())
        if role == _ALIGNMENT and index.column() == REVISION:
            return _NUMERIC
        if role == _DECORATION and index.column() == TYPE:
            return self.icons.get(self.kind(index.row()))
        if role == _TOOLTIP and index.column() == WHEN:
            return exact_text(self.time(index.row()))
        return None

    def _text(self, row: int, column: int) -> str:
        if column == REVISION:
            return str(self.history.revisions[row])
        if column == WHEN:
            return moment_text(self.history.times[row])
        if column == SINCE:
            return self.since(row)
        return self.type_name(row) if column == TYPE else self.user(row)
