"""Looks closely at the selected event: one question at a time, the newest one last, and known answers at once."""

from collections import OrderedDict
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal

from desk.application.history import Inspection
from desk.application.queries import GetInspection
from desk.application.session import Connection, Light, Session
from desk.gui.widgets.background import GuiBridge

KEPT: Final = 64
"""So many answers are kept: an event never changes, nor does the state as of it."""

LARGEST_KEPT: Final = 64 * 1024
"""Bytes of payload up to which an answer is kept."""

Place = tuple[str, int]


class Inspecting(QObject):
    """Walking quickly over many events asks for the last one only, however slow the store is.

    Signals:
        found: (Inspection) the answer for the event that is selected now.
        failed: (str) there is none, and why.
    """

    found = Signal(object)  # Inspection
    failed = Signal(object)  # str

    def __init__(self, session: Session, bridge: GuiBridge, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._bridge = session, bridge
        self._wanted: Place | None = None
        self._asked: Place | None = None
        self._failed: Place | None = None
        self._known: OrderedDict[Place, Inspection] = OrderedDict()
        bridge.connection_changed.connect(self._try_again)

    def look_at(self, stream: str, revision: int) -> None:
        """The selected event is another one."""
        self._wanted = (stream, revision)
        known = self._known.get(self._wanted)
        if known is not None:
            self._known.move_to_end(self._wanted)
            self.found.emit(known)
        elif self._asked is None:
            self._ask()

    def forget(self) -> None:
        """Nothing is selected; answers that are under way are not wanted."""
        self._wanted = None

    def _try_again(self, connection: Connection) -> None:
        if connection.light is Light.GREEN and self._failed == self._wanted is not None and self._asked is None:
            self._ask()

    def _ask(self) -> None:
        self._asked, self._failed = self._wanted, None
        if self._asked is None or self._asked in self._known:
            self._asked = None
            return
        future = self._session.queries.ask(GetInspection(*self._asked))
        self._bridge.call(future, partial(self._answer, self._asked), partial(self._fail, self._asked), self)

    def _answer(self, asked: Place, found: Inspection) -> None:
        if len(found.event.data) + len(found.event.metadata) <= LARGEST_KEPT:
            self._known[asked] = found
            if len(self._known) > KEPT:
                self._known.popitem(last=False)
        if asked == self._wanted:
            self.found.emit(found)
        self._next(asked)

    def _fail(self, asked: Place, error: Exception) -> None:
        self._failed = asked
        if asked == self._wanted:
            self.failed.emit(str(error))
        self._next(asked)

    def _next(self, asked: Place) -> None:
        self._asked = None
        if self._wanted not in (None, asked):
            self._ask()
