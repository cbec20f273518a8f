"""Puts the selected events of a view on the clipboard, for other programs: as NDJSON, as CSV, or as a link."""

import csv
import io
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from desk.application.event_json import event_line
from desk.application.event_links import address_of
from desk.gui.frame.workspace import Workspace
from desk.gui.streams.kept import KeptStreams
from desk.gui.streams.model import StreamTableModel
from desk.gui.streams.type_legend import ask_type_name
from desk.gui.tables.copying import RowTexts, selected_rows, shown_columns
from desk.gui.tables.event_table import EventTable
from desk.gui.widgets.background import start
from desk.gui.widgets.counting import counted


class CopyingOut(QObject):
    """What the row's number is given for is the row that has the menu; all selected ones are copied."""

    def __init__(self, table: EventTable, model: StreamTableModel, workspace: Workspace, kept: KeptStreams) -> None:
        super().__init__(table)
        self._kept = kept
        self._table, self._model, self._workspace = table, model, workspace

    def lines(self, _row: int) -> None:
        """One event a line."""
        events = [self._model.events[row] for part in selected_rows(self._table) for row in part]
        QApplication.clipboard().setText("".join(f"{event_line(event)}\n" for event in events))
        self._say(len(events))

    def csv(self, _row: int) -> None:
        """The columns that are shown, as they are shown."""
        rows = selected_rows(self._table)
        writing = start(partial(_written, self._model.texts(), shown_columns(self._table), rows), "copying")
        self._workspace.bridge.call(writing, partial(self._put, sum(map(len, rows))), None, self)

    def _put(self, count: int, text: str) -> None:
        QApplication.clipboard().setText(text)
        self._say(count)

    def link(self, row: int) -> None:
        """An address that leads to just this event, from anywhere."""
        address = address_of(self._model.events[row], self._workspace.ports.about.hosts)
        QApplication.clipboard().setText(str(address))
        self._workspace.say(self.tr("A link to the event was copied."))

    def rename(self, row: int) -> None:
        """Ask what the type of the row's event is to be called here."""
        ask_type_name(self._table, self._kept, self._model.events[row].type)

    def _say(self, count: int) -> None:
        self._workspace.say(counted(count, self.tr("One event was copied."), self.tr("{n} events were copied.")))


def _written(texts: RowTexts, columns: Sequence[int], rows: Sequence[range]) -> str:
    """Headings and rows; made elsewhere, since values of large payloads may be among them."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([texts.headings[column] for column in columns])
    for page in texts.read(rows):
        writer.writerows([row[column] for column in columns] for row in page)
    return out.getvalue()
