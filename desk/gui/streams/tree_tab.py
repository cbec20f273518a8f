"""A tab of the Streams place with a tree: above it stand a sentence, and what can be done."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractButton, QLabel, QTreeWidget, QTreeWidgetItem, QWidget

from desk.cqrs.messages import Query
from desk.cqrs.store import Recorded
from desk.gui.frame.workspace import Workspace, announce
from desk.gui.tables.shared_room import SharedRoom
from desk.gui.widgets.boxes import column, row

R = TypeVar("R")
EVENT = Qt.ItemDataRole.UserRole
"""The event that an item leads to, if it leads to one."""


class TreeTab(QWidget):
    """Reads until it is stopped. ``yielding`` columns are cut where there is not room for all.

    Signals:
        event_wanted: (Recorded) this event should be seen in its stream.
    """

    event_wanted = Signal(object)  # Recorded

    def __init__(self, workspace: Workspace, control: QAbstractButton, yielding: Sequence[int]) -> None:
        super().__init__()
        self.workspace, self.name = workspace, ""
        self._stopped = False
        self.said = QLabel(self.tr("Reading…"), wordWrap=True)
        self.tree = QTreeWidget()
        self.tree.setUniformRowHeights(True)
        self.room = SharedRoom(self.tree, yielding)
        self.tree.itemActivated.connect(self._open)
        self.tree.itemDoubleClicked.connect(self._open)
        column(row((self.said, 1), control, margins=(10, 6, 8, 6)), (self.tree, 1), on=self, spacing=0)
        self.setFocusProxy(self.tree)

    def stop(self) -> None:
        """Read no more; whatever comes is dropped."""
        self._stopped = True

    def ask(self, query: Query[R], take: Callable[[R], None], fail: Callable[[Exception], None]) -> None:
        """Have one of the two called with what comes of a query."""

        def answered(answer: R) -> None:
            if not self._stopped:
                take(answer)

        if not self._stopped:
            self.workspace.bridge.call(self.workspace.ports.queries.ask(query), answered, fail, self)

    def say(self, text: str) -> None:
        """Say something above the tree, and to a screen reader."""
        self.said.setText(text)
        announce(self.said, text)

    def _open(self, item: QTreeWidgetItem, *_: object) -> None:
        event = item.data(0, EVENT)
        if isinstance(event, Recorded):
            self.event_wanted.emit(event)
