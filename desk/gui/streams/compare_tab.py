"""Two events, or two states, side by side, value by value; one tab of the Streams place."""

from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHeaderView, QLabel, QTreeWidget, QTreeWidgetItem, QWidget

from desk.application.comparing import ComparedValue, Difference, GetMergedState, compare, compare_events
from desk.application.event_question import document_of
from desk.cqrs.store import Recorded
from desk.gui.frame.theme import mono_font
from desk.gui.frame.workspace import Workspace, announce
from desk.gui.streams.tree_layout import lay_out_tree
from desk.gui.widgets.background import start
from desk.gui.widgets.counting import counted
from desk.gui.widgets.visible_text import visible

SHOWN: Final = 5_000
"""Values that are shown; of more, the differing ones come first."""
_LONGEST: Final = 400
_MARKS: Final = {Difference.SAME: "", Difference.CHANGED: "≠", Difference.ADDED: "+", Difference.GONE: "−"}
_COLOURS: Final = {
    Difference.SAME: "muted",
    Difference.CHANGED: "change.changed",
    Difference.ADDED: "change.added",
    Difference.GONE: "change.removed",
}


class CompareTab(QWidget):
    """Says how many values differ; those that are the same can be hidden."""

    def __init__(self, workspace: Workspace, first: Recorded, second: Recorded, *, of_states: bool) -> None:
        super().__init__()
        self._workspace = workspace
        self._values: tuple[ComparedValue, ...] = ()
        self._stopped = False
        self.name = self.tr("{first} and {second}").format(first=_address(first), second=_address(second))
        self.said = QLabel(self.tr("Comparing…"))
        self.only = QCheckBox(self.tr("&Only what differs"))
        self.only.setChecked(True)
        self.only.toggled.connect(self._show)
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels(["", self.tr("Value"), visible(_address(first)), visible(_address(second))])
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.setFont(mono_font())
        self.tree.setAccessibleName(self.tr("Values of both sides"))
        lay_out_tree(self, self.said, self.only, self.tree, (28, 240, 260, 260))
        for side in (2, 3):
            self.tree.header().setSectionResizeMode(side, QHeaderView.ResizeMode.Stretch)
        if of_states:
            self._ask(first, second)
        else:
            self._compare(partial(compare_events, first, second))

    def stop(self) -> None:
        """Read no more."""
        self._stopped = True

    def _ask(self, first: Recorded, second: Recorded) -> None:
        session = self._workspace.session
        if session is None:
            return
        asked = [session.queries.ask(GetMergedState(event.stream, event.revision)) for event in (first, second)]
        for future in asked:
            self._workspace.bridge.call(future, partial(self._take, asked), self._fail, self)

    def _take(self, asked: "Sequence[Future[str]]", _state: str) -> None:
        if all(future.done() and future.exception() is None for future in asked) and not self._values:
            texts = [future.result().encode("utf-8", "surrogatepass") for future in asked]
            self._compare(lambda: compare(*map(document_of, texts)))

    def _compare(self, work: "partial[tuple[ComparedValue, ...]] | object") -> None:
        assert callable(work)
        self._workspace.bridge.call(start(work, "comparing"), self._found, None, self)

    def _fail(self, error: Exception) -> None:
        self.said.setText(str(error))

    def _found(self, values: tuple[ComparedValue, ...]) -> None:
        if self._stopped:
            return
        self._values = values
        count = sum(value.difference is not Difference.SAME for value in values)
        words = counted(count, self.tr("1 value differs"), self.tr("{n} values differ"))
        if not count:
            words = self.tr("Nothing differs")
        self.said.setText(self.tr("{words}, of {all}").format(words=words, all=f"{len(values):,}"))
        announce(self.said, self.said.text())
        self._show()

    def _show(self) -> None:
        self.tree.clear()
        wanted = [one for one in self._values if one.difference is not Difference.SAME or not self.only.isChecked()]
        self.tree.addTopLevelItems([self._item(value) for value in wanted[:SHOWN]])

    def _item(self, value: ComparedValue) -> QTreeWidgetItem:
        texts = (value.path, value.first, value.second)
        item = QTreeWidgetItem([_MARKS[value.difference], *(visible(text[:_LONGEST]) for text in texts)])
        for column, text in enumerate(texts, start=1):
            item.setToolTip(column, visible(text[: 4 * _LONGEST]))
        colour = self._workspace.theme.color(_COLOURS[value.difference])
        for column in range(4):
            item.setForeground(column, colour)
        item.setTextAlignment(0, Qt.AlignmentFlag.AlignCenter)
        return item


def _address(event: Recorded) -> str:
    return f"{event.revision}@{event.stream}"
