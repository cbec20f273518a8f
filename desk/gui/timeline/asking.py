"""Asks about what is looked at: one question at a time, the newest one last, and known answers at once."""

from collections import OrderedDict
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from desk.application.history import Inspection
from desk.application.queries import GetInspection
from desk.application.session import Connection, Light
from desk.cqrs.messages import Query
from desk.gui.frame.workspace import Workspace
from desk.gui.widgets.controls import later

KEPT: Final = 64
"""So many inspections are kept: an event never changes, nor does the state as of it."""

REST: Final = 100
"""Milliseconds that playhead or pointer have to rest before something is asked about an event."""

LARGEST_KEPT: Final = 64 * 1024
"""Bytes of payload up to which an inspection is kept."""


class LatestQuestion(QObject):
    """Walking quickly over many events asks about the last one only, however slow the store is.

    Signals:
        found: the question that is wanted now has an answer (Query, its answer).
        failed: it has none (Query, the sentence that says why).
    """

    found = Signal(object, object)
    failed = Signal(object, object)

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._bridge = workspace.ports, workspace.bridge
        self._wanted: Query[Any] | None = None
        self._asked: Query[Any] | None = None
        self._failed: Query[Any] | None = None
        self._known: OrderedDict[Query[Any], Inspection] = OrderedDict()
        self._resting: Query[Any] | None = None
        self._rest = later(self, REST, self._ask_rested)
        self._bridge.connection_changed.connect(self._try_again)

    def ask(self, query: Query[Any]) -> None:
        """Another question is wanted."""
        self._wanted = query
        known = self._known.get(query)
        if known is not None:
            self._known.move_to_end(query)
            self.found.emit(query, known)
        elif self._asked is None:
            self._send()

    def ask_soon(self, query: Query[Any]) -> None:
        """Another question is wanted, if nothing else is for a moment; answers that are under way are not."""
        self.forget()
        self._resting = query
        self._rest.start()

    def _ask_rested(self) -> None:
        if self._resting is not None:
            self.ask(self._resting)

    def forget(self) -> None:
        """Nothing is looked at; answers that are under way are not wanted."""
        self._wanted = self._resting = None

    def _try_again(self, connection: Connection) -> None:
        if connection.light is Light.GREEN and self._failed == self._wanted is not None and self._asked is None:
            self._send()

    def _send(self) -> None:
        self._failed = None
        if self._wanted is not None and self._wanted not in self._known:
            asked = self._asked = self._wanted
            future = self._session.queries.ask(asked)
            self._bridge.call(future, partial(self._answer, asked), partial(self._fail, asked), self)

    def _answer(self, asked: Query[Any], found: Any) -> None:
        if isinstance(asked, GetInspection) and len(found.event.data) + len(found.event.metadata) <= LARGEST_KEPT:
            self._known[asked] = found
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        if asked == self._wanted:
            self.found.emit(asked, found)
        self._next(asked)

    def _fail(self, asked: Query[Any], error: Exception) -> None:
        self._failed = asked
        if asked == self._wanted:
            self.failed.emit(asked, str(error))
        self._next(asked)

    def _next(self, asked: Query[Any]) -> None:
        self._asked = None
        if self._wanted not in (None, asked):
            self._send()
