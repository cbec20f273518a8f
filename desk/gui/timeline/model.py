"""Hop 9: the events of one stream as a table, over columns of numbers; grows at both ends while it is looked at."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from desk.application.command_events import ChangeKind, kind_of
from desk.application.history import HistoryColumns, chosen_events
from desk.application.timeline.rows import EventRow, append_rows, prepend_rows
from desk.application.timeline.words import exact_text, moment_text
from desk.gui.tables.columns import Column, TableColumns
from desk.gui.tables.copying import RowTexts
from desk.gui.timeline.wording import duration

Index = QModelIndex | QPersistentModelIndex

REVISION, TYPE, WHEN, SINCE, USER = range(5)
_ROOT: Final = QModelIndex()
_DISPLAY: Final = Qt.ItemDataRole.DisplayRole


def history_columns(history: Callable[[], HistoryColumns], icon: Callable[[int], QIcon | None]) -> TableColumns:
    """What is said of the events of one stream."""
    return TableColumns(
        (
            Column(_tr("Revision"), 76, numeric=True, text=lambda row: str(history().revisions[row])),
            Column(_tr("Type"), 140, text=lambda row: _type(history(), row), icon=icon),
            Column(
                _tr("When"),
                164,
                text=lambda row: moment_text(history().times[row]),
                tip=lambda row: exact_text(history().times[row]),
            ),
            Column(_tr("After"), 88, text=lambda row: _since(history(), row)),
            Column(_tr("By"), text=lambda row: _user(history(), row)),
        )
    )


class EventTableModel(QAbstractTableModel):
    """One row an event, oldest first. Rows are only ever added, so that a selection keeps its event.

    ``full`` has all events that were read, ``history`` those of them that are shown: all, unless :meth:`narrow` says
    otherwise.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.full = self.history = HistoryColumns("")
        self._hidden: frozenset[ChangeKind] = frozenset()
        self._only: frozenset[int] | None = None
        self.icons: dict[ChangeKind, QIcon] = {}
        self.columns = history_columns(lambda: self.history, lambda row: self.icons.get(self.kind(row)))

    def show(self, history: HistoryColumns) -> None:
        """Show another stream, or the same one anew."""
        if history.stream != self.full.stream:
            self._hidden, self._only = frozenset(), None
        self.beginResetModel()
        self.full = history
        self.history = self._chosen(history)
        self.endResetModel()

    def narrow(self, hidden: frozenset[ChangeKind], only: frozenset[int] | None) -> None:
        """Leave these kinds out, and all but these revisions (None: none for that reason)."""
        self._hidden, self._only = hidden, only
        self.show(self.full)

    @property
    def is_narrowed(self) -> bool:
        """Whether some of the events are left out."""
        return bool(self._hidden) or self._only is not None

    def _chosen(self, history: HistoryColumns) -> HistoryColumns:
        if not self.is_narrowed:
            return history
        shown = bytes(kind not in self._hidden for kind in range(256))
        mask = history.kinds.tobytes().translate(shown)
        if self._only is not None:
            only = self._only
            mask = bytes(seen and revision in only for seen, revision in zip(mask, history.revisions, strict=True))
        return chosen_events(history, mask)

    def append(self, rows: Iterable[EventRow]) -> int:
        """Newer events; those that are there already are passed over. Gives how many came into sight."""
        known = self.full.revisions[-1] if self.full.revisions else -1
        fresh = [row for row in rows if row.revision > known]
        shown = self._seen(fresh)
        if shown:
            first = len(self.history)
            self.beginInsertRows(_ROOT, first, first + len(shown) - 1)
        append_rows(self.full, fresh)
        if self.history is not self.full:
            append_rows(self.history, shown)
        if shown:
            self.endInsertRows()
        return len(shown)

    def prepend(self, rows: Iterable[EventRow]) -> int:
        """Older events, oldest first. Gives how many came into sight."""
        known = self.full.revisions[0] if self.full.revisions else None
        fresh = [row for row in rows if known is None or row.revision < known]
        shown = self._seen(fresh)
        if shown:
            self.beginInsertRows(_ROOT, 0, len(shown) - 1)
        prepend_rows(self.full, fresh)
        if self.history is not self.full:
            prepend_rows(self.history, shown)
        if shown:
            self.endInsertRows()
        return len(shown)

    def _seen(self, rows: list[EventRow]) -> list[EventRow]:
        """Those that are shown."""
        only = self._only
        return [row for row in rows if kind_of(row.type) not in self._hidden and (only is None or row.revision in only)]

    def kind(self, row: int) -> ChangeKind:
        """What kind of change the event of a row is."""
        return ChangeKind(self.history.kinds[row])

    def type_name(self, row: int) -> str:
        """The event's type as stored."""
        return _type(self.history, row)

    def user(self, row: int) -> str:
        """By whom; empty where the event does not say."""
        return _user(self.history, row)

    def time(self, row: int) -> float:
        """When, in seconds since 1970, UTC."""
        return self.history.times[row]

    def since(self, row: int) -> str:
        """How long after the event before."""
        return _since(self.history, row)

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

    def stream_of(self, _row: int) -> str:
        """The stream of a row's event: the same for all."""
        return self.history.stream

    def texts(self) -> RowTexts:
        """What the rows say now."""
        now = deepcopy(self.history)
        return history_columns(lambda: now, lambda _: None).texts()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.history)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        return self.columns.heading(section, orientation, role)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        return self.columns.cell(index.row(), index.column(), role)


def _type(history: HistoryColumns, row: int) -> str:
    return history.type_names[history.types[row]]


def _user(history: HistoryColumns, row: int) -> str:
    return history.user_names[history.users[row]]


def _since(history: HistoryColumns, row: int) -> str:
    if row == 0:
        return ""
    seconds = history.times[row] - history.times[row - 1]
    return "+" + duration(seconds) if seconds >= 0.001 else _tr("at once")


def _tr(text: str) -> str:
    return QCoreApplication.translate("EventTableModel", text)
