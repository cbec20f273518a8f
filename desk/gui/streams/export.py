"""Exports what a view shows to a file, with progress, and with an end to it when somebody says so."""

import threading
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressDialog, QWidget

from desk.application.event_export import export_events
from desk.application.filtering import StreamFilter
from desk.application.queries import Source
from desk.cqrs.errors import StoreError
from desk.gui.frame.workspace import Workspace
from desk.gui.widgets.background import start
from desk.gui.widgets.counting import counted
from desk.gui.widgets.files import ask_for_file


class ExportDialog(QProgressDialog):
    """One export. The file appears under its name once all of it is written."""

    def __init__(self, workspace: Workspace, source: Source, wanted: StreamFilter, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace, self._source, self._wanted, self._parent = workspace, source, wanted, parent
        self._queries, self._stop = workspace.ports.queries, threading.Event()
        self.setWindowTitle(self.tr("Export {source}").format(source=source))
        self.setRange(0, 0)
        self.setAutoClose(False)
        self.setAutoReset(False)
        self.setMinimumDuration(0)
        self.canceled.connect(self._stop.set)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def ask_where(self) -> None:
        """Ask for the file, then begin."""
        name = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in str(self._source))[:80]
        title, kinds = self.tr("Export as NDJSON"), self.tr("NDJSON, one event a line (*.ndjson)")
        chooser = ask_for_file(self._parent, title, kinds, self.begin, saved_as=f"{name.strip('_')}.ndjson")
        chooser.rejected.connect(self.close)

    def begin(self, file: Path) -> None:
        """Write to this file."""
        self._tell(0)
        self.open()
        work = start(partial(self._write, file), "exporting")
        self._workspace.bridge.call(work, partial(self._done, file), self._failed, self)

    def stop(self) -> None:
        """Write no more: the session closes."""
        self._stop.set()

    def _write(self, path: Path) -> int | None:
        part = path.with_name(f".{path.name}.part")
        try:
            with part.open("w", encoding="utf-8", errors="replace") as file:
                count = export_events(self._queries.ask, self._source, self._wanted, file, self._told)
            if count is not None:
                part.replace(path)
            return count
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def _told(self, count: int) -> bool:
        self._workspace.bridge.post(partial(self._tell, count), self)
        return not self._stop.is_set()

    def _tell(self, count: int) -> None:
        self.setLabelText(counted(count, self.tr("1 event is written"), self.tr("{n} events are written")))

    def _done(self, file: Path, count: int | None) -> None:
        if count is None:
            self._workspace.say(self.tr("The export was stopped; there is no file."))
        else:
            events = counted(count, self.tr("1 event"), self.tr("{n} events"))
            self._workspace.say(self.tr("{events} were exported to {file}").format(events=events, file=file))
        self.close()

    def _failed(self, error: Exception) -> None:
        if isinstance(error, OSError):
            words = self.tr("The file could not be written: {why}. Choose another place.").format(why=error.strerror)
        elif isinstance(error, StoreError):
            words = self.tr("The export ended, and there is no file: {why}").format(why=error)
        else:
            raise error
        self._workspace.say(words)
        self.setLabelText(words)
        self.setCancelButtonText(self.tr("Close"))
        self.setRange(0, 1)
