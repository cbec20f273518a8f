"""Puts the selected events of a view on the clipboard, for other programs: as NDJSON, as CSV, or as a link."""

import csv
import io

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from desk.application.event_json import event_line
from desk.application.event_links import address_of
from desk.gui.frame.workspace import Workspace
from desk.gui.streams.model import StreamTableModel
from desk.gui.tables.copying import selected_rows, shown_columns
from desk.gui.tables.event_table import EventTable
from desk.gui.widgets.counting import counted


class CopyingOut(QObject):
    """What the row's number is given for is the row that has the menu; all selected ones are copied."""

    def __init__(self, table: EventTable, model: StreamTableModel, workspace: Workspace) -> None:
        super().__init__(table)
        self._table, self._model, self._workspace = table, model, workspace

    def lines(self, _row: int) -> None:
        """One event a line."""
        events = [self._model.events[row] for part in selected_rows(self._table) for row in part]
        QApplication.clipboard().setText("".join(f"{event_line(event)}\n" for event in events))
        self._say(len(events))

    def csv(self, _row: int) -> None:
        """The columns that are shown, as they are shown."""
        texts, columns, rows = self._model.texts(), shown_columns(self._table), selected_rows(self._table)
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([texts.headings[column] for column in columns])
        for page in texts.read(rows):
            writer.writerows([row[column] for column in columns] for row in page)
        QApplication.clipboard().setText(out.getvalue())
        self._say(sum(map(len, rows)))

    def link(self, row: int) -> None:
        """An address that leads to just this event, from anywhere."""
        session = self._workspace.session
        if session is not None:
            QApplication.clipboard().setText(str(address_of(self._model.events[row], session.about.hosts)))
            self._workspace.say(self.tr("A link to the event was copied."))

    def _say(self, count: int) -> None:
        self._workspace.say(counted(count, self.tr("One event was copied."), self.tr("{n} events were copied.")))
