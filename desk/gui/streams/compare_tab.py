"""Two events, or two states, side by side, value by value; one tab of the Streams place."""

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QTreeWidgetItem

from desk.application.comparing import ComparedValue, Difference, GetMergedState, compare, compare_events
from desk.application.event_question import document_of
from desk.cqrs.store import Recorded
from desk.gui.frame.theme import mono_font
from desk.gui.frame.workspace import Workspace
from desk.gui.streams.tree_tab import TreeTab
from desk.gui.widgets.background import start
from desk.gui.widgets.counting import counted
from desk.gui.widgets.visible_text import visible

SHOWN: Final = 5_000
"""Values that are shown; of more, the differing ones come first."""
_LONGEST: Final = 400
_LOOKS: Final = {
    Difference.SAME: ("", "muted"),
    Difference.CHANGED: ("≠", "change.changed"),
    Difference.ADDED: ("+", "change.added"),
    Difference.GONE: ("−", "change.removed"),
}
"""The mark and the colour of each."""


class CompareTab(TreeTab):
    """Says how many values differ; those that are the same can be hidden."""

    def __init__(self, workspace: Workspace, first: Recorded, second: Recorded, *, of_states: bool) -> None:
        self._values: tuple[ComparedValue, ...] = ()
        self._states: dict[int, bytes] = {}
        self.only = QCheckBox()
        super().__init__(workspace, self.only, (1, 2, 3))
        self.only.setText(self.tr("&Only what differs"))
        self.only.setChecked(True)
        self.only.toggled.connect(self._show)
        sides = [f"{event.revision}@{event.stream}" for event in (first, second)]
        self.name = self.tr("{first} and {second}").format(first=sides[0], second=sides[1])
        self.said.setText(self.tr("Comparing…"))
        self.tree.setHeaderLabels(["", self.tr("Value"), *map(visible, sides)])
        self.tree.setRootIsDecorated(False)
        self.tree.setFont(mono_font())
        self.tree.setAccessibleName(self.tr("Values of both sides"))
        if of_states:
            for number, event in enumerate((first, second)):
                self.ask(GetMergedState(event.stream, event.revision), partial(self._take, number), self._fail)
        else:
            self._compare(partial(compare_events, first, second))

    def _take(self, number: int, state: str) -> None:
        self._states[number] = state.encode("utf-8", "surrogatepass")
        if len(self._states) == 2:
            self._compare(lambda: compare(document_of(self._states[0]), document_of(self._states[1])))

    def _compare(self, work: Callable[[], tuple[ComparedValue, ...]]) -> None:
        self.workspace.bridge.call(start(work, "comparing"), self._found, None, self)

    def _fail(self, error: Exception) -> None:
        self.said.setText(str(error))

    def _found(self, values: tuple[ComparedValue, ...]) -> None:
        self._values = values
        count = sum(value.difference is not Difference.SAME for value in values)
        words = counted(count, self.tr("1 value differs"), self.tr("{n} values differ"))
        if not count:
            words = self.tr("Nothing differs")
        self.say(self.tr("{words}, of {all}").format(words=words, all=f"{len(values):,}"))
        self._show()

    def _show(self) -> None:
        self.tree.clear()
        wanted = [one for one in self._values if one.difference is not Difference.SAME or not self.only.isChecked()]
        self.tree.addTopLevelItems([self._item(value) for value in wanted[:SHOWN]])
        self.room.fit()

    def _item(self, value: ComparedValue) -> QTreeWidgetItem:
        texts, (mark, colour) = (value.path, value.first, value.second), _LOOKS[value.difference]
        item = QTreeWidgetItem([mark, *(visible(text[:_LONGEST]) for text in texts)])
        for column, text in enumerate(texts, start=1):
            item.setToolTip(column, visible(text[: 4 * _LONGEST]))
        for column in range(4):
            item.setForeground(column, self.workspace.theme.color(colour))
        item.setTextAlignment(0, Qt.AlignmentFlag.AlignCenter)
        return item
