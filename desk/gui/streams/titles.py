"""Hop 9: what people call streams: those of books by their titles, as far as they are known, others by their names."""

from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal, Slot

from desk.application.books_by_name import GetTitles
from desk.application.catalogue import Announcement, Interrupted
from desk.cqrs.errors import StoreError
from desk.domain.streams import book_id_of
from desk.gui.frame.workspace import Workspace
from desk.gui.widgets.background import saying
from desk.gui.widgets.controls import later
from desk.gui.widgets.visible_text import visible

_GATHERED: Final = 0
"""Milliseconds for which streams are gathered for one question: all of one turn of the event loop."""


class StreamTitles(QObject):
    """Asks for the titles of those streams that it is asked for, and again when their books change.

    Signals:
        changed: some are called otherwise now.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._titles: dict[str, str] = {}
        self._wanted: set[str] = set()
        self._asking = later(self, _GATHERED, self._ask)
        workspace.bridge.announced.connect(self._announced)
        # Behind all others: who is told of a place within that would be told of the nameless one after it.
        workspace.place_changed.connect(self._name_place, Qt.ConnectionType.QueuedConnection)
        self._name_place()

    def of(self, name: str) -> str:
        """What a source is called; its name as long as no title is known, which is asked for then."""
        if name not in self._titles and book_id_of(name) is not None:
            self._titles[name] = ""
            self._want(name)
        return visible(self._titles.get(name) or name)

    def _want(self, *names: str) -> None:
        self._wanted.update(names)
        self._asking.start()

    def _ask(self) -> None:
        wanted, self._wanted = tuple(self._wanted), set()
        asked = self._workspace.ports.queries.ask(GetTitles(wanted))
        failed = saying(partial(self._forget, wanted), StoreError, Interrupted)
        self._workspace.bridge.call(asked, self._take, failed, self)

    def _take(self, titles: dict[str, str]) -> None:
        if titles.items() - self._titles.items():
            self._titles |= titles
            self._name_place()
            self.changed.emit()

    def _forget(self, wanted: tuple[str, ...], _why: str) -> None:
        """They are asked for again when somebody wants them again."""
        for name in wanted:
            self._titles.pop(name, None)

    @Slot(object)
    def _announced(self, announcement: Announcement) -> None:
        if touched := announcement.streams & self._titles.keys():
            self._want(*touched)

    @Slot()
    def _name_place(self) -> None:
        place = self._workspace.place
        if place is not None and (called := self.of(place.stream)) != visible(place.stream):
            self._workspace.name_place(place.stream, called)
