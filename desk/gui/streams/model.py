"""Hop 9: a page of events of any stream as a table; grows live, and never keeps more than it needs."""

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from desk.cqrs.store import Recorded
from desk.gui.moment_text import exact_text, moment_text

Index = QModelIndex | QPersistentModelIndex

PLACE, TYPE, WHEN, SIZE = range(4)
KEPT: Final = 1000
"""A live page keeps the newest so many events."""

_ROOT: Final = QModelIndex()
_DISPLAY: Final = Qt.ItemDataRole.DisplayRole
_ALIGNMENT: Final = Qt.ItemDataRole.TextAlignmentRole
_TOOLTIP: Final = Qt.ItemDataRole.ToolTipRole
_RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT: Final = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_KIB: Final = 1024


class StreamTableModel(QAbstractTableModel):
    """One row an event, oldest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.events: list[Recorded] = []
        self._headers = (self.tr("Event"), self.tr("Type"), self.tr("Stored"), self.tr("Size"))

    def show(self, events: Sequence[Recorded]) -> None:
        """Show another page."""
        self.beginResetModel()
        self.events = list(events)
        self.endResetModel()

    def append(self, events: Sequence[Recorded]) -> None:
        """Newer events; of all, the newest :data:`KEPT` stay."""
        events = events[-KEPT:]
        if not events:
            return
        first = len(self.events)
        self.beginInsertRows(_ROOT, first, first + len(events) - 1)
        self.events += events
        self.endInsertRows()
        surplus = len(self.events) - KEPT
        if surplus > 0:
            self.beginRemoveRows(_ROOT, 0, surplus - 1)
            del self.events[:surplus]
            self.endRemoveRows()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.events)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._headers)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation is Qt.Orientation.Vertical or section >= len(self._headers):
            return None
        if role == _DISPLAY:
            return self._headers[section]
        return (_RIGHT if section == SIZE else _LEFT) if role == _ALIGNMENT else None

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if role == _DISPLAY:
            return self._text(self.events[index.row()], index.column())
        if role == _ALIGNMENT and index.column() == SIZE:
            return _RIGHT
        if role == _TOOLTIP:
            return self._tip(self.events[index.row()], index.column())
        return None

    def _text(self, event: Recorded, column: int) -> str:
        if column == PLACE:
            place = f"{event.revision}@{event.stream}"
            # A resolved link is shown as what it leads to, with where it stands itself.
            return place if event.link is None else f"{place}  ←  {event.link.revision}@{event.link.stream}"
        if column == TYPE:
            return event.type
        if column == WHEN:
            return moment_text(event.created.timestamp()) if event.created else ""
        return size_text(len(event.data))

    def _tip(self, event: Recorded, column: int) -> str | None:
        if column == PLACE:
            return self.tr("position {position}").format(position=event.position)
        if column == WHEN and event.created:
            return exact_text(event.created.timestamp())
        return self.tr("{count} bytes").format(count=f"{len(event.data):,}") if column == SIZE else None


def size_text(count: int) -> str:
    """A number of bytes in three digits or so."""
    if count < _KIB:
        return f"{count} B"
    if count < _KIB * _KIB:
        return f"{count / _KIB:.1f} KiB"
    return f"{count / _KIB / _KIB:.1f} MiB"
