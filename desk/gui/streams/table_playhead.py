"""There is one playhead: a table of events has its row where the workspace looks, and a row chosen there leads it."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from desk.cqrs.store import Recorded
from desk.gui.frame.workspace import Workspace
from desk.gui.tables.event_table import EventTable
from desk.gui.widgets.controls import later

SETTLE: Final = 250
"""Milliseconds that an event has to stay chosen before it is looked at elsewhere too."""


class TablePlayhead(QObject):
    """``events`` are those of the rows now; it follows while the ``tab`` is seen.

    With ``leads_away`` one of a stream that is not looked at leads too.
    """

    def __init__(
        self,
        tab: QWidget,
        workspace: Workspace,
        table: EventTable,
        events: Callable[[], Sequence[Recorded]],
        *,
        leads_away: bool,
    ) -> None:
        super().__init__(table)
        self._tab, self._table, self._events = tab, table, events
        self._workspace, self._leads_away = workspace, leads_away
        self._is_led = False
        self._settle = later(self, SETTLE, self.lead)
        table.selectionModel().currentRowChanged.connect(self._choose)
        for moved in (workspace.place_changed, workspace.playhead_moved):
            moved.connect(self.follow)

    def stop(self) -> None:
        """Nothing that was chosen leads any more."""
        self._settle.stop()

    @property
    def row(self) -> int | None:
        """The row of the event that is looked at, if it has one."""
        place = self._workspace.place
        if place is None or place.revision is None:
            return None
        at = (place.stream, place.revision)
        return next((row for row, one in enumerate(self._events()) if (one.stream, one.revision) == at), None)

    def begin(self, row: int) -> None:
        """Choose what is looked at, if it has a row, else this one."""
        self.go(row if self.row is None else self.row)

    def go(self, row: int) -> None:
        """Nobody has chosen this one here."""
        self._is_led = True
        self._table.select(row)
        self._is_led = False
        self._table.scrollTo(self._table.currentIndex())

    @Slot()
    def follow(self) -> None:
        """What is looked at elsewhere is shown here, if it is here, unless somebody is choosing."""
        row = self.row if self._tab.isVisible() and not self._settle.isActive() else None
        if row is not None and row != self._table.currentIndex().row():
            self.go(row)

    @Slot()
    def lead(self) -> None:
        """What was chosen here is looked at everywhere."""
        row, events, place = self._table.currentIndex().row(), self._events(), self._workspace.place
        if 0 <= row < len(events):
            event = events[row]
            if self._leads_away or (place is not None and place.stream == event.stream):
                self._workspace.look_at(event.stream, event.revision)

    @Slot()
    def _choose(self) -> None:
        if not self._is_led:
            self._settle.start()
