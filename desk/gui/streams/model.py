"""Hop 9: a page of events of any stream as a table; grows live, and never keeps more than it needs."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from desk.application.event_question import JsonPath
from desk.application.payload_values import value_texts
from desk.application.timeline.words import WIDEST_MOMENT, exact_text, moment_text
from desk.cqrs.store import Recorded
from desk.gui.tables.columns import Column, TableColumns
from desk.gui.tables.copying import RowTexts
from desk.gui.widgets.masking import masked_json, short
from desk.gui.widgets.visible_text import visible
from desk.records import dataclass

Index = QModelIndex | QPersistentModelIndex

PLACE, TYPE, WHEN, SIZE = range(4)
BASE_COLUMNS: Final = 4
"""So many columns each table has; behind them stand values of payloads."""
KEPT: Final = 1000
"""A live page keeps the newest so many events."""

_ROOT: Final = QModelIndex()
_DISPLAY: Final = Qt.ItemDataRole.DisplayRole
_KIB: Final = 1024
_WIDEST: Final = _KIB * _KIB - 1
"""Bytes of the size that takes most room as a text."""


def _no_icon(_type: str) -> QIcon | None:
    return None


@dataclass(frozen=True, slots=True)
class TypeLook:
    """How types of events are shown: what they are called, and their marks."""

    name: Callable[[str], str] = visible
    icon: Callable[[str], QIcon | None] = _no_icon


def event_columns(events: list[Recorded], look: TypeLook, here: Callable[[], str] = str) -> TableColumns:
    """What is said of events of any stream; of those that are in the list when it is asked.

    ``here`` is the stream that all of them were read from, if it is one: its name need not be repeated.
    """
    return TableColumns(
        (
            Column(_tr("Event"), text=lambda row: _place(events[row], here()), tip=lambda row: _position(events[row])),
            Column(
                _tr("Type"),
                164,
                text=lambda row: look.name(events[row].type),
                tip=lambda row: visible(events[row].type),
                icon=lambda row: look.icon(events[row].type),
            ),
            Column(
                _tr("Stored"),
                sample=WIDEST_MOMENT,
                text=lambda row: _stored(events[row]),
                tip=lambda row: _exactly(events[row]),
            ),
            Column(
                _tr("Size"),
                sample=size_text(_WIDEST),
                numeric=True,
                text=lambda row: size_text(len(events[row].data)),
                tip=lambda row: _tr("{count} bytes").format(count=f"{len(events[row].data):,}"),
            ),
        )
    )


def path_columns(
    events: list[Recorded], paths: Sequence[JsonPath], value: Callable[[Recorded, int], str]
) -> Iterator[Column]:
    """Values of payloads, one column for each path."""
    for number, path in enumerate(paths):

        def text(row: int, number: int = number) -> str:
            return visible(value(events[row], number))

        yield Column(visible(str(path)), 130, text=text, tip=text, about=visible(str(path)))


class StreamTableModel(QAbstractTableModel):
    """One row an event, oldest first."""

    def __init__(self, look: TypeLook | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.events: list[Recorded] = []
        self.stream = ""
        """The stream that the events are read from; empty where it is a category, or all."""
        self._look = look or TypeLook()
        self.columns = self._base()
        self.paths: tuple[JsonPath, ...] = ()

    def _base(self) -> TableColumns:
        return event_columns(self.events, self._look, lambda: self.stream)

    def show_paths(self, paths: tuple[JsonPath, ...], value: Callable[[Recorded, int], str]) -> None:
        """Columns of these values behind the others; ``value`` gives an event's at the path with a number."""
        base, last = self._base().all, BASE_COLUMNS + len(self.paths) - 1
        if self.paths:
            self.beginRemoveColumns(_ROOT, BASE_COLUMNS, last)
            self.paths, self.columns = (), TableColumns(base)
            self.endRemoveColumns()
        if paths:
            self.beginInsertColumns(_ROOT, BASE_COLUMNS, BASE_COLUMNS + len(paths) - 1)
            self.paths, self.columns = paths, TableColumns((*base, *path_columns(self.events, paths, value)))
            self.endInsertColumns()

    def show(self, events: Sequence[Recorded]) -> None:
        """Show another page."""
        self.beginResetModel()
        self.events[:] = events
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

    def prepend(self, events: Sequence[Recorded]) -> None:
        """Older events; of all, the newest :data:`KEPT` stay."""
        events = events[max(0, len(events) + len(self.events) - KEPT) :]
        if events:
            self.beginInsertRows(_ROOT, 0, len(events) - 1)
            self.events[:0] = events
            self.endInsertRows()

    def stream_of(self, row: int) -> str:
        """The stream of a row's event; of a link's, the one that it leads to."""
        return self.events[row].stream

    def texts(self) -> RowTexts:
        """What the rows say now."""
        events, paths = list(self.events), self.paths
        values = path_columns(events, paths, lambda event, number: value_texts(masked_json(event.data), paths)[number])
        return TableColumns((*event_columns(events, self._look).all, *values)).texts()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.events)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        return self.columns.heading(section, orientation, role)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        return self.columns.cell(index.row(), index.column(), role)


def size_text(count: int) -> str:
    """A number of bytes in three digits or so."""
    if count < _KIB:
        return f"{count} B"
    if count < _KIB * _KIB:
        return f"{count / _KIB:.1f} KiB"
    return f"{count / _KIB / _KIB:.1f} MiB"


def _place(event: Recorded, here: str) -> str:
    # A resolved link is shown as what it leads to, with where it stands itself.
    places = (event,) if event.link is None else (event, event.link)
    return short("  ←  ".join(f"{at.revision}" if at.stream == here else _whole(at) for at in places))


def _whole(event: Recorded) -> str:
    return f"{event.revision}@{event.stream}"


def _position(event: Recorded) -> str:
    return f"{short(visible(_whole(event)))}\n" + _tr("position {position}").format(position=event.position)


def _stored(event: Recorded) -> str:
    return moment_text(event.created.timestamp()) if event.created else ""


def _exactly(event: Recorded) -> str:
    return exact_text(event.created.timestamp()) if event.created else ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("StreamTableModel", text)
