"""Hop 9: the table of events, of a stream's pages and of a history alike, with what can be copied of a row."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QTableView

from desk.application.event_json import event_json
from desk.cqrs.errors import StoreError
from desk.cqrs.store import Recorded
from desk.gui.tables.columns import TableColumns, part_from_selection, set_up_table
from desk.gui.tables.copying import RowCopying, RowTexts, offer_menu
from desk.gui.widgets.background import GuiBridge, start

TakeEvent = Callable[[Recorded], None]
Failed = Callable[[Exception], None]


class EventModel(Protocol):
    """What a model of events has besides what Qt asks of it."""

    @property
    def columns(self) -> TableColumns:
        """Its columns."""

    def stream_of(self, row: int) -> str:
        """The stream of a row's event."""

    def texts(self) -> RowTexts:
        """What its rows say now."""


class EventTable(QTableView):
    """Rows of a fixed height; long names are cut in the middle, for the ends of a stream's name say most."""

    def __init__(self, model: QAbstractItemModel, columns: TableColumns, name: str) -> None:
        super().__init__()
        self._is_seen, self._settles = True, False
        self.verticalScrollBar().valueChanged.connect(self._look)
        self.setModel(model)
        set_up_table(self, name, columns.all)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.horizontalHeader().setResizeContentsPrecision(0)  # the rows in sight

    def setSelectionModel(self, selection: QItemSelectionModel) -> None:
        super().setSelectionModel(selection)
        part_from_selection(self.horizontalHeader())
        selection.currentRowChanged.connect(self._look)

    def updateGeometries(self) -> None:
        """A row that somebody looks at stays in sight, whatever gets another size: table, text, headings or bars."""
        self._settles = True
        super().updateGeometries()
        if self._is_seen:
            self.scrollTo(self.currentIndex())
        self._settles = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Who stands at the bottom, where the newest rows come, stays there."""
        bar = self.verticalScrollBar()
        was_at_bottom = 0 < bar.maximum() <= bar.value()
        super().resizeEvent(event)
        if was_at_bottom:
            self._settles = True
            bar.setValue(bar.maximum())
            if self._is_seen:
                self.scrollTo(self.currentIndex())
            self._settles = False

    @Slot()
    def _look(self) -> None:
        """Somebody scrolled, or chose."""
        if not self._settles:
            self._is_seen = not self.isVisible() or self.viewport().rect().contains(
                self.visualRect(self.currentIndex()).center()
            )

    def select(self, row: int) -> None:
        """Select a row, and only it."""
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(self.model().index(row, 0), flags.ClearAndSelect | flags.Rows)

    @property
    def at_bottom(self) -> bool:
        """Whether the newest rows are in sight."""
        self.updateGeometries()
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum()


class EventActions(QObject):
    """What can be done with the rows of a table of events, by key and context menu.

    ``read`` has the event of a row, as it is stored, given to the one function, or why it is not there to the other.

    Signals:
        said: (str) what came of it.
    """

    said = Signal(str)

    def __init__(
        self,
        table: EventTable,
        model: EventModel,
        read: Callable[[int, TakeEvent, Failed], None],
        bridge: GuiBridge,
    ) -> None:
        super().__init__(table)
        self._table, self._model, self._read, self._bridge = table, model, read, bridge
        self._can: dict[QAction, Callable[[int], bool]] = {}
        self.rows = RowCopying(table, model.texts, bridge)
        self.rows.said.connect(self.said)
        self.as_json = self.add(self.tr("Copy as &JSON"), self.copy_json)
        self.stream_name = self.add(self.tr("Copy the stream's &name"), self.copy_stream)
        offer_menu(table)
        table.selectionModel().selectionChanged.connect(self.allow)
        table.model().modelReset.connect(self.allow)
        self.allow()

    def add(self, text: str, act: Callable[[int], None], can: Callable[[int], bool] = lambda _row: True) -> QAction:
        """One more thing that can be done with the current row, if ``can`` says so of it."""
        action = QAction(text, self._table)
        action.triggered.connect(lambda: self._with_current(act))
        self._can[action] = can
        self._table.addAction(action)
        self.allow()
        return action

    def begin_part(self) -> None:
        """What is added from now on stands in a part of its own."""
        line = QAction(self._table)
        line.setSeparator(True)
        self._table.addAction(line)

    def copy_json(self, row: int) -> None:
        """The event of a row as JSON; its payload may be large, so that it is read and written elsewhere."""
        self._read(row, self._write_json, self._failed)

    def copy_stream(self, row: int) -> None:
        """The name of a row's stream."""
        self._put(self.tr("The stream's name was copied."), self._model.stream_of(row))

    def _write_json(self, event: Recorded) -> None:
        put = partial(self._put, self.tr("The event was copied as JSON."))
        self._bridge.call(start(partial(event_json, event), "copying"), put, None, self)

    def _put(self, words: str, text: str) -> None:
        QApplication.clipboard().setText(text)
        self.said.emit(words)

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, StoreError):
            raise error
        self.said.emit(self.tr("Nothing was copied: {why}").format(why=error))

    def _with_current(self, act: Callable[[int], None]) -> None:
        row = self._table.currentIndex().row()
        if row >= 0:
            act(row)

    @Slot()
    def allow(self) -> None:
        """Offer what can be done with the current row now."""
        row = self._table.currentIndex().row() if self._table.selectionModel().hasSelection() else -1
        for action in self._table.actions():
            can = self._can.get(action)
            action.setEnabled(row >= 0 and (can is None or can(row)))
