"""The Event tab: an event as stored, as a tree that folds, with both its clocks; or two with what differs marked."""

import json
from datetime import datetime
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from desk.application.event_json import event_json
from desk.application.history import Inspection
from desk.application.queries import GetInspection
from desk.application.timeline.words import exact_text
from desk.cqrs.store import Recorded
from desk.gui.frame.workspace import Workspace
from desk.gui.timeline.tabs.tab import InspectorTab
from desk.gui.widgets.boxes import row
from desk.gui.widgets.controls import giving_way, icon_button
from desk.gui.widgets.json_tree import JsonTree
from desk.gui.widgets.masking import is_masked


class EventTab(InspectorTab):
    """One event, or two in one tree. An absent fact is said to be absent, so that nobody wonders.

    Signals:
        said: something was copied (str).
        test_wanted: the event is to be copied as a test.
    """

    said = Signal(str)
    test_wanted = Signal()

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(GetInspection)
        self._event: Recorded | None = None
        self.json, self._head = JsonTree(workspace.theme, workspace.bridge), QWidget()
        self.lay_out(self._head, (self.json, 1))
        self.json.tree.setAccessibleName(self.tr("The event as stored"))
        self.json.tree.setHeaderHidden(True)
        self.clocks = giving_way(QLabel(wordWrap=True))
        head = row((self.clocks, 1), on=self._head, margins=(10, 2, 6, 2), spacing=2)
        for text, tip, act in (
            (self.tr("&JSON"), self.tr("Copy the event as JSON"), self.copy_json),
            (self.tr("&Test"), self.tr("Copy the event as a test (Ctrl+Shift+T)"), self.test_wanted),
        ):
            button = icon_button(workspace.icons, "clipboard", tip)
            button.setText(text)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.clicked.connect(act)
            head.addWidget(button)
        self.clear("")

    def show_answer(self, answer: Inspection) -> None:
        self._event = answer.event
        self.say("")
        self._head.show()
        text = event_json(answer.event)
        words = self._clocks(answer)
        if answer.compared is not None:
            names = f"r{answer.compared.revision}", f"r{answer.event.revision}"
            words = self.tr("Where {a} and {b} differ, both values are shown.").format(a=names[0], b=names[1])
            both = merged(json.loads(event_json(answer.compared)), json.loads(text), names)
            text = json.dumps(both, ensure_ascii=False)
        self.clocks.setText(words)
        self.clocks.setToolTip(words)
        if text.encode() != self.json.raw:
            self.json.show_bytes(text.encode())

    def clear(self, note: str) -> None:
        self._event = None
        super().clear(note)
        self._head.hide()
        self.json.clear()

    @Slot()
    def copy_json(self) -> None:
        """The event that is looked at, as JSON."""
        if self._event is not None:
            QApplication.clipboard().setText(event_json(self._event))
            self.said.emit(self.tr("The event was copied as JSON."))

    def _clocks(self, answer: Inspection) -> str:
        """When by the sender's clock, by whom, and when by the store's."""
        by = self.tr(" by {user}").format(user=answer.user) if answer.user else ""
        unsaid = self.tr("not said")
        if is_masked():  # a scenario plays when it says, and is stored when it is played
            return self.tr("Issued {issued}{by}").format(issued=_moment(answer.issued_at, unsaid), by=by)
        return self.tr("Issued {issued}{by}, stored {stored}").format(
            issued=_moment(answer.issued_at, unsaid), by=by, stored=_moment(answer.event.created, unsaid)
        )


def merged(before: Any, after: Any, names: tuple[str, str]) -> Any:
    """One document of two: where they differ, both values under these names; what only one has stands there alone."""
    if before == after:
        return after
    if isinstance(before, dict) and isinstance(after, dict):
        keys = (*after, *(key for key in before if key not in after))
        return {key: _member(before, after, key, names) for key in keys}
    return {names[0]: before, names[1]: after}


def _member(before: dict[str, Any], after: dict[str, Any], key: str, names: tuple[str, str]) -> Any:
    if key in before and key in after:
        return merged(before[key], after[key], names)
    return {names[1]: after[key]} if key in after else {names[0]: before[key]}


def _moment(moment: datetime | None, unsaid: str) -> str:
    return exact_text(moment.timestamp()) if moment else unsaid
