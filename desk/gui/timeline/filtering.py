"""Which events of a history are shown: without kinds that are left out, or those only that touched one field."""

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from desk.application.command_events import ChangeKind
from desk.application.queries import GetTouches
from desk.gui.frame.workspace import Workspace
from desk.gui.timeline.controller import HistoryController
from desk.gui.widgets.controls import later

SETTLE = 150
"""Milliseconds in which what arrives is gathered before the pinned field is asked about again."""


class HistoryFilter(QObject):
    """Narrows the model of a history; the playhead stays at its event, or goes to the one shown before it.

    Signals:
        changed: other events are shown now, or another field is pinned.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, controller: HistoryController) -> None:
        super().__init__(controller)
        self._workspace, self._controller = workspace, controller
        self._stream = ""
        self.hidden: frozenset[ChangeKind] = frozenset()
        self.pinned = ""
        """The key of the field that is pinned, as ``title``, or ``copies/2`` for all of a copy; empty: none."""
        self._again = later(self, SETTLE, lambda: self.pin(self.pinned))
        controller.model.modelReset.connect(self._begin_anew)

    def toggle(self, kind: ChangeKind) -> None:
        """Leave a kind of change out, or show it again."""
        self.hidden ^= {kind}
        self._narrow(None)
        if self.pinned:
            self.pin(self.pinned)

    @Slot(str)
    def pin(self, key: str) -> None:
        """Show only events that touched this field, or one below it; empty: all."""
        if not key:
            self.pinned = ""
            self._narrow(None)
            return
        workspace, take = self._workspace, partial(self._pin, self._stream, key)
        asked = workspace.ports.queries.ask(GetTouches(self._stream))
        workspace.bridge.call(asked, take, lambda error: workspace.say(str(error)), self)

    @Slot(str)
    def toggle_pin(self, key: str) -> None:
        """Show only events that touched this field; or all of them again, where it is so already."""
        if self.pinned or key:
            self.pin("" if self.pinned else key)
        else:
            self._workspace.say(self.tr("Choose a field in Change or State first."))

    def arrived(self) -> None:
        """Newer events are there: some of them may have touched the pinned field."""
        if self.pinned:
            self._again.start()

    def step(self, by: int) -> None:
        """Walk to the next event that touched the pinned field."""
        if self.pinned:
            self._controller.step(by)
        else:
            self._workspace.say(self.tr("No field is pinned: choose one beside the legend."))

    def _pin(self, stream: str, key: str, touches: Mapping[str, tuple[int, ...]]) -> None:
        if stream != self._stream:
            return
        found = [revisions for name, revisions in touches.items() if name == key or name.startswith(f"{key}/")]
        only = frozenset(revision for revisions in found for revision in revisions)
        if not only:
            self._workspace.say(self.tr("No event of this stream touched that field."))
            return
        self.pinned = key
        self._narrow(only)

    def _narrow(self, only: frozenset[int] | None) -> None:
        """Show others, and stay where one was."""
        controller = self._controller
        revision, mark, follows = controller.revision, controller.mark, controller.follows
        controller.model.narrow(self.hidden, only)
        if revision is not None:
            row = controller.row_up_to(revision)
            controller.go(controller.last if follows else row)
        if mark is not None and controller.row_of(mark) is not None:
            controller.set_mark(mark)
        self.changed.emit()

    @Slot()
    def _begin_anew(self) -> None:
        stream = self._controller.model.full.stream
        if stream != self._stream:
            self._stream, self.hidden, self.pinned = stream, frozenset(), ""
            self.changed.emit()
