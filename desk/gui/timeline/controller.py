"""Where one is in a history: the playhead, the mark that it is compared with, and whether it follows what is new."""

from array import array
from bisect import bisect_right

from PySide6.QtCore import QItemSelectionModel, QObject, Signal, Slot

from desk.gui.timeline.model import EventTableModel
from desk.gui.timeline.tabs.tab import EventSpan


class HistoryController(QObject):
    """Owns playhead, mark and following; everything else observes it. The playhead is the selection's current row.

    Signals:
        moved: the playhead is at another event, or at none.
        compared: the mark is at another event, or at none.
        follow_changed: the playhead goes with new events now, or no longer.
    """

    moved = Signal()
    compared = Signal()
    follow_changed = Signal()

    def __init__(self, model: EventTableModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.selection = QItemSelectionModel(model, self)
        self.mark: int | None = None
        """The revision of the other event that is looked at; None while only one is."""
        self.follows = True
        model.modelReset.connect(self._begin_anew)
        self.selection.currentRowChanged.connect(self._moved)

    # The playhead

    @property
    def row(self) -> int | None:
        """The row of the event that the playhead is at."""
        row = self.selection.currentIndex().row()
        return row if row >= 0 else None

    @property
    def last(self) -> int:
        """The row of the newest event; -1 where there is none."""
        return len(self.model.history) - 1

    @property
    def revision(self) -> int | None:
        """The revision of the event that the playhead is at."""
        return None if self.row is None else self.model.history.revisions[self.row]

    @property
    def is_at_head(self) -> bool:
        """Whether the playhead is at the newest event, or nowhere."""
        return self.row is None or self.row == self.last

    def go(self, row: int) -> None:
        """Put the playhead at a row; beyond the ends it goes to the first or last."""
        if self.last >= 0:
            index = self.model.index(min(max(row, 0), self.last), 0)
            flags = QItemSelectionModel.SelectionFlag
            self.selection.setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)

    def step(self, by: int) -> None:
        """Walk to the next events, or back; from nowhere to the newest."""
        self.go(self.last if self.row is None else self.row + by)

    def step_command(self, by: int) -> None:
        """Walk to the first event of the next command, or of the one before, or of the present one."""
        row, commands = self.row, self.model.history.commands
        if row is None:
            self.step(0)
            return
        others = range(row + 1, self.last + 1) if by > 0 else range(row - 1, -1, -1)
        self.go(next((at for at in others if self._begins_command(commands, at)), self.last if by > 0 else 0))

    def row_of(self, revision: int) -> int | None:
        """The row of a revision, if it has been read."""
        revisions = self.model.history.revisions
        place = bisect_right(revisions, revision) - 1
        return place if place >= 0 and revisions[place] == revision else None

    def row_up_to(self, revision: int) -> int:
        """The row of a revision, or else of the one shown before it, or the first."""
        return max(bisect_right(self.model.history.revisions, revision) - 1, 0)

    def row_stored_by(self, position: int) -> int | None:
        """The last row that was stored at or before a position of the log."""
        place = bisect_right(self.model.history.positions, position) - 1
        return place if place >= 0 else None

    def row_at(self, moment: float) -> int | None:
        """The last row that is shown at or before a moment (seconds since 1970, UTC)."""
        place = bisect_right(self.model.history.times, moment) - 1
        return place if place >= 0 else None

    # Following

    def toggle_follow(self) -> None:
        """Go to the newest event and stay there, or stay where one is."""
        follows = not self.follows
        if follows:
            self.go(self.last)
        self._follow(follows=follows)

    def grown(self) -> None:
        """Newer events came."""
        if self.follows:
            self.go(self.last)

    # The mark

    def set_mark(self, revision: int | None) -> None:
        """Compare with this event, or with none."""
        if revision != self.mark:
            self.mark = revision
            self.compared.emit()

    @Slot()
    def toggle_mark(self) -> None:
        """Mark the event at the playhead; take the mark away where it is there already."""
        self.set_mark(None if self.mark == self.revision else self.revision)

    def grow_span(self, by: int) -> None:
        """Walk, and compare with where one came from."""
        if self.mark is None:
            self.set_mark(self.revision)
        self.step(by)

    @property
    def span(self) -> EventSpan | None:
        """What is looked at: the event at the playhead, or all between it and the mark."""
        revision = self.revision
        if revision is None:
            return None
        stream = self.model.history.stream
        if self.mark is None or self.mark == revision:
            return EventSpan(stream, revision)
        return EventSpan(stream, max(revision, self.mark), min(revision, self.mark))

    # Within

    def _begins_command(self, commands: "array[int]", row: int) -> bool:
        return row == 0 or not commands[row] or commands[row] != commands[row - 1]

    def _follow(self, *, follows: bool) -> None:
        if follows != self.follows:
            self.follows = follows
            self.follow_changed.emit()

    @Slot()
    def _begin_anew(self) -> None:
        self.set_mark(None)
        self._follow(follows=True)

    @Slot()
    def _moved(self) -> None:
        if self.row is not None:
            self._follow(follows=self.is_at_head)
        self.moved.emit()
