"""Hop 9: the events of one stream as a table, over columns of numbers; grows at both ends while it is looked at."""

from collections.abc import Callable, Iterable
from copy import deepcopy
from typing import Final

from PySide6.QtCore import QCoreApplication, QModelIndex, QObject
from PySide6.QtGui import QIcon

from desk.application.command_events import ChangeKind, kind_of
from desk.application.history import HistoryColumns, chosen_events
from desk.application.timeline.rows import EventRow, append_rows, prepend_rows
from desk.application.timeline.words import WIDEST_MOMENT, exact_text, moment_text
from desk.gui.tables.columns import Column, TableColumns
from desk.gui.tables.copying import RowTexts
from desk.gui.widgets.axis.model import AxisModel, since_at, type_at, user_at

REVISION, TYPE, WHEN, SINCE, USER = range(5)
_ROOT: Final = QModelIndex()
_WIDEST_SINCE: Final = "+00 minutes"
"""No time since the event before takes more room; those that are in sight now may take less."""


def history_columns(history: Callable[[], HistoryColumns], icon: Callable[[int], QIcon | None]) -> TableColumns:
    """What is said of the events of one stream."""
    return TableColumns(
        (
            Column(_tr("Revision"), 76, numeric=True, text=lambda row: str(history().revisions[row])),
            Column(_tr("Type"), 140, text=lambda row: type_at(history(), row), icon=icon),
            Column(
                _tr("When"),
                164,
                text=lambda row: moment_text(history().times[row]),
                tip=lambda row: exact_text(history().times[row]),
            ),
            Column(_tr("After"), 88, text=lambda row: since_at(history(), row)),
            Column(_tr("By"), text=lambda row: user_at(history(), row)),
        )
    )


class EventTableModel(AxisModel):
    """One row an event, oldest first. Rows are only ever added, so that a selection keeps its event.

    ``full`` has all events that were read, ``history`` those of them that are shown: all, unless :meth:`narrow` says
    otherwise. ``icon_of`` gives the mark of a kind, where there is one.
    """

    icon_of: Callable[[ChangeKind], QIcon | None] = staticmethod(lambda _: None)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(HistoryColumns(""), parent)
        self.full = self.history
        self._hidden: frozenset[ChangeKind] = frozenset()
        self._only: frozenset[int] | None = None
        self.columns = history_columns(lambda: self.history, lambda row: self.icon_of(self.kind(row)))

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
        return self._put([row for row in rows if row.revision > known], len(self.history), append_rows)

    def prepend(self, rows: Iterable[EventRow]) -> int:
        """Older events, oldest first. Gives how many came into sight."""
        known = self.full.revisions[0] if self.full.revisions else None
        return self._put([row for row in rows if known is None or row.revision < known], 0, prepend_rows)

    def _put(self, fresh: list[EventRow], first: int, put: Callable[[HistoryColumns, list[EventRow]], int]) -> int:
        """Put rows among all that were read, and those of them that are shown at this place."""
        only, hidden = self._only, self._hidden
        shown = [row for row in fresh if kind_of(row.type) not in hidden and (only is None or row.revision in only)]
        if shown:
            self.beginInsertRows(_ROOT, first, first + len(shown) - 1)
        put(self.full, fresh)
        if self.history is not self.full:
            put(self.history, shown)
        if shown:
            self.endInsertRows()
        return len(shown)

    def longest(self, column: int) -> str:
        """The longest text that a column has, as far as that can be known without looking through all rows."""
        moments = {WHEN: (WIDEST_MOMENT,), SINCE: (_WIDEST_SINCE,)}
        texts = {**moments, TYPE: self.full.type_names, USER: self.full.user_names}.get(column, ())
        return max(texts, key=len, default="")

    def stream_of(self, _row: int) -> str:
        """The stream of a row's event: the same for all."""
        return self.history.stream

    def texts(self) -> RowTexts:
        """What the rows say now."""
        now = deepcopy(self.history)
        return history_columns(lambda: now, lambda _: None).texts()


def _tr(text: str) -> str:
    return QCoreApplication.translate("EventTableModel", text)
