"""What can be done with an event of a stream's table: copied, followed, compared, and written to a file."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal

from desk.cqrs.store import Recorded
from desk.gui.frame.workspace import Workspace
from desk.gui.streams.copying_out import CopyingOut
from desk.gui.streams.event_facts import cause_goal, story_goal
from desk.gui.streams.kept import KeptStreams
from desk.gui.streams.model import StreamTableModel
from desk.gui.tables.event_table import EventActions, EventTable, Failed, TakeEvent


class RowMenu(EventActions):
    """The actions of the table, in four parts.

    Signals:
        history_wanted: (int) the history of this row's stream should be seen.
        goal_wanted: (str) this story should be, or a cause in it.
        schema_wanted: (str) what the payloads of this type look like.
        marked: (Recorded) this event is to be compared with others.
        compared: (tuple of Recorded and bool) this one with the marked one: their states (True), or they themselves.
        export_wanted: everything that is shown, on all pages, should be written to a file.
    """

    history_wanted = Signal(int)
    goal_wanted = Signal(str)
    schema_wanted = Signal(str)
    marked = Signal(object)  # Recorded
    compared = Signal(object)  # tuple[Recorded, bool]
    export_wanted = Signal()

    def __init__(
        self,
        table: EventTable,
        model: StreamTableModel,
        read: Callable[[int, TakeEvent, Failed], None],
        workspace: Workspace,
        kept: KeptStreams,
    ) -> None:
        super().__init__(table, model, read, workspace.bridge)
        self.copying = CopyingOut(table, model, workspace, kept)
        self.said.connect(workspace.say)
        kept.changed.connect(self.allow)
        self._events = events = model.events
        add = self.add

        def is_marked(_row: int) -> bool:
            return kept.marked is not None

        add(self.tr("Copy rows as &NDJSON"), self.copying.lines)
        add(self.tr("Copy rows as CS&V"), self.copying.csv)
        add(self.tr("Copy a &link to it"), self.copying.link)
        self.begin_part()
        add(self.tr("Open its &history"), self.history_wanted.emit)
        for words, goal in ((self.tr("Its &whole story"), story_goal), (self.tr("Go to its c&ause"), cause_goal)):
            add(words, partial(self._follow, goal), partial(self._leads, goal))
        add(self.tr("Sc&hema of its type"), lambda row: self.schema_wanted.emit(events[row].type))
        add(self.tr("&Rename its type…"), self.copying.rename)
        self.begin_part()
        add(self.tr("&Mark for comparison"), lambda row: self.marked.emit(events[row]))
        add(self.tr("C&ompare with the marked event"), lambda row: self.compared.emit((events[row], False)), is_marked)
        add(self.tr("Compare the &states as of both"), lambda row: self.compared.emit((events[row], True)), is_marked)
        self.begin_part()
        add(self.tr("&Export all of them to a file…"), lambda _row: self.export_wanted.emit())

    def _follow(self, goal: Callable[[Recorded], str], row: int) -> None:
        self.goal_wanted.emit(goal(self._events[row]))

    def _leads(self, goal: Callable[[Recorded], str], row: int) -> bool:
        return bool(goal(self._events[row]))
