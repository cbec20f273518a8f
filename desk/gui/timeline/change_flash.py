"""While a history is played, what each event changed is tinted for a moment: in the table, in the tab, in the card."""

from PySide6.QtCore import QObject, QRect, Slot

from desk.application.history import Inspection
from desk.gui.frame.workspace import Workspace
from desk.gui.tables.event_table import EventTable
from desk.gui.timeline.controller import HistoryController
from desk.gui.timeline.inspector import Inspector
from desk.gui.timeline.model import USER
from desk.gui.timeline.playback import Playback
from desk.gui.timeline.tabs.change import AFTER, ChangeTab
from desk.gui.widgets.flash import Flash


class ChangeFlash(QObject):
    """Tints once for each event that is played. Who walks by himself sees without it what changed."""

    def __init__(
        self,
        workspace: Workspace,
        controller: HistoryController,
        playback: Playback,
        table: EventTable,
        inspector: Inspector,
    ) -> None:
        super().__init__(table)
        self._workspace, self._controller, self._playback = workspace, controller, playback
        self._table, self._inspector = table, inspector
        inspector.inspected.connect(self._flash)

    @Slot(object)
    def _flash(self, found: Inspection) -> None:
        row = self._controller.row
        if not self._playback.plays or row is None:
            return
        still, model, table = self._workspace.moves_little, self._controller.model, self._table
        line = table.visualRect(model.index(row, 0)).united(table.visualRect(model.index(row, USER)))
        Flash(table.viewport(), line, still=still)
        shown = self._inspector.tab_of(ChangeTab).table
        if shown.isVisible():
            changed = QRect()
            for number in range(shown.model().rowCount()):
                changed = changed.united(shown.visualRect(shown.model().index(number, AFTER)))
            Flash(shown.viewport(), changed, still=still)
        self._workspace.fields_changed.emit(frozenset(change.key for change in found.changes))
