"""Hop 9: keeps the playhead of History where the workspace looks, and tells the workspace where somebody moves it."""

from datetime import UTC, datetime

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QTableView

from desk.application.event_index import CatalogueMoment
from desk.gui.frame.workspace import Workspace
from desk.gui.timeline.controller import HistoryController
from desk.gui.timeline.transport import TransportBar


class PlayheadPlace(QObject):
    """Where nobody moves it the playhead stands at the moment that is shown, or goes with the newest event.

    Only who moves it on purpose moves the moment: by axis, table and transport, or by a link to an event.
    """

    def __init__(
        self, workspace: Workspace, controller: HistoryController, table: QTableView, transport: TransportBar
    ) -> None:
        super().__init__(table)
        self._workspace, self._controller, self._table = workspace, controller, table
        self._transport = transport
        self._wanted: int | None = None
        self._is_led = False
        workspace.moment_changed.connect(self._moment_changed)
        transport.moment_typed.connect(self._go_to_time)

    @property
    def follows(self) -> bool:
        """Whether it goes with new events; in the past they go on arriving behind it."""
        return self._controller.follows and self._workspace.moment is None

    def want(self, revision: int | None, *, is_read: bool) -> None:
        """It is wanted at a revision (None: nowhere) of a stream, at once or as soon as that is read."""
        self._wanted = revision
        if is_read:
            self._go_to_wanted()

    def begin(self) -> None:
        """The first events of the stream are there."""
        if not self._go_to_wanted() and self._controller.row is None:
            self._lead()

    def tell(self) -> None:
        """It is at another event. As long as another stream is on its way, that of before is nobody's place."""
        row, history, place = self._controller.row, self._controller.model.history, self._workspace.place
        if row is None or place is None or place.stream != history.stream:
            return
        moment = CatalogueMoment(history.positions[row], datetime.fromtimestamp(history.times[row], UTC))
        self._workspace.move_to(history.revisions[row], moment, on_purpose=not self._is_led)

    def leave(self) -> None:
        """It is left for the next start: who is at the newest event, or in the past, begins at the newest again."""
        place, shown = self._workspace.place, self._controller.model.history.stream
        is_new = self._controller.follows or self._workspace.moment is not None
        if place is not None and place.stream == shown and is_new:
            self._workspace.move_to(None, self._workspace.playhead, on_purpose=False)

    def _go_to_wanted(self) -> bool:
        row = None if self._wanted is None else self._controller.row_of(self._wanted)
        if row is None:
            return False
        self._wanted = None
        self._go(row)
        return True

    def _lead(self) -> None:
        """To where it belongs; a book that was not there then has no such event."""
        moment, go = self._workspace.moment, self._controller
        row = go.last if moment is None else go.row_stored_by(moment.position)
        if row is None or row == go.row:
            return
        self._is_led = True
        self._go(row)
        self._is_led = False

    def _go(self, row: int) -> None:
        """The row comes into sight too, also where its table was only just filled."""
        self._controller.go(row)
        self._table.scrollTo(self._controller.model.index(row, 0))

    @Slot(object)
    def _moment_changed(self, moment: object) -> None:
        if self._controller.last >= 0 and (moment is not None or self._controller.follows):
            self._lead()

    @Slot(object)
    def _go_to_time(self, time: datetime) -> None:
        """With the whole catalogue then a typed time is one of all books, and else one of this stream."""
        if self._workspace.moment is None:
            self._transport.go_to_time(time)
        else:
            self._workspace.moment_wanted.emit(time)
