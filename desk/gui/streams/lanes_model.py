"""Hop 9: the events of several streams in one table, in the order in which they were stored."""

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QCoreApplication, QModelIndex, QObject

from desk.application.swim_lanes import LaneEvent, SwimLanes
from desk.cqrs.store import Recorded
from desk.gui.streams.model import PLACE, SIZE, TYPE, TypeLook, event_columns
from desk.gui.tables.columns import Column, TableColumns
from desk.gui.tables.copying import RowTexts
from desk.gui.widgets.axis.model import AxisModel
from desk.gui.widgets.visible_text import visible


class LanesModel(AxisModel):
    """Rows are put behind the others wherever that can be; else all are shown anew."""

    def __init__(self, lanes: SwimLanes, look: TypeLook, parent: QObject) -> None:
        super().__init__(lanes.history, parent)
        self.lanes, self._look = lanes, look
        places, *rest = self._columns_of(lanes.events).all
        self.columns = TableColumns((replace(places, text=self._called, tip=self.whole_place), *rest))

    @property
    def says_time(self) -> str:
        return QCoreApplication.translate("LanesModel", "time stored")

    def put(self, found: Iterable[LaneEvent]) -> None:
        """More events, wherever they belong."""
        fresh = self.lanes.fresh(found)
        if not fresh:
            return
        if self.lanes.are_behind(fresh):
            count = len(self.lanes.events)
            self.beginInsertRows(QModelIndex(), count, count + len(fresh) - 1)
            self.lanes.put(fresh)
            self.endInsertRows()
        else:
            self.beginResetModel()
            self.lanes.put(fresh)
            self.endResetModel()

    def event_at(self, row: int) -> Recorded | None:
        """The event of a row, if there is such a row."""
        return self.lanes.events[row] if 0 <= row < len(self.lanes.events) else None

    def place(self, row: int) -> str:
        event = self.lanes.events[row]
        return f"{event.revision}@{self.lanes.name(event.stream)}"

    def _called(self, row: int) -> str:
        """Where an event stands, in a cell: of a link also where that stands."""
        linked = self.lanes.events[row].link is not None
        return self._columns_of(self.lanes.events).all[0].text(row) if linked else self.place(row)

    def whole_place(self, row: int) -> str:
        event = self.lanes.events[row]
        return f"{event.revision}@{visible(event.stream)}"

    def longest(self, column: int) -> str:
        """The longest text that a column has, as far as that can be known without looking through all rows."""
        names = [f"{len(self.lanes.events)}@{name}" for name in self.lanes.streams.names]
        types = map(self._look.name, self.lanes.history.type_names)
        return max({PLACE: names, TYPE: types}.get(column, ()), key=len, default=self.columns.all[column].sample)

    def stream_of(self, row: int) -> str:
        """The stream of a row's event; of a link's, the one that it leads to."""
        return self.lanes.events[row].stream

    def texts(self) -> RowTexts:
        """What the rows say now."""
        return self._columns_of(list(self.lanes.events)).texts()

    def _columns_of(self, events: list[Recorded]) -> TableColumns:
        correlation = Column(
            QCoreApplication.translate("LanesModel", "Correlation"),
            sample="00000000",
            text=lambda row: self.lanes.correlation_at(row),
        )
        return TableColumns((*event_columns(events, self._look).all[:SIZE], correlation))


def short_name(name: str) -> str:
    """A stream's name where room is dear: both its ends say more than its middle."""
    name = visible(name)
    return name if len(name) <= 24 else f"{name[:11]}…{name[-12:]}"
