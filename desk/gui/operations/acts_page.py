"""The journal of acts by hand on this store: who did what from this computer, when, and how it ended."""

import json

from PySide6.QtCore import QObject

from desk.application.acts import ActEntry, ActsPort
from desk.gui.operations.list_page import ListPage, ListSpec
from desk.gui.operations.listing import ReportLine
from desk.gui.operations.wording import exact_moment
from desk.gui.tables.columns import Column
from desk.gui.widgets.background import GuiBridge


class ActsPage(QObject):
    """The newest first; read when somebody sees it."""

    def __init__(self, acts: ActsPort, bridge: GuiBridge) -> None:
        super().__init__()
        self._acts = acts
        columns = (
            Column(self.tr("When"), 150),
            Column(self.tr("Who"), 90),
            Column(self.tr("Act"), 260),
            Column(self.tr("How it ended")),
        )
        nothing = self.tr("Nothing was done to this store by hand from this computer.")
        spec = ListSpec(self.tr("Acts by hand"), columns, nothing, while_seen=True, newest_first=True)
        self.page = ListPage(self, spec, bridge)

    def refresh(self) -> None:
        """Read the journal."""
        self.page.ask(self._acts.journal(), self.page.show_rows)

    def line(self, row: ActEntry) -> ReportLine:
        """An act."""
        return ReportLine(row.number, (exact_moment(row.at), row.user, row.act, self._ending(row)))

    def describe(self, row: ActEntry) -> tuple[str, str]:
        """All that made it up."""
        return f"{row.user}: {row.act}. {self._ending(row)}", json.dumps(
            json.loads(row.detail), ensure_ascii=False, indent=2
        )

    def _ending(self, row: ActEntry) -> str:
        if row.ending is None:
            return self.tr("Not known: Desk ended before the answer came.")
        return row.ending or self.tr("Done.")
