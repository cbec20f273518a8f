"""The Event tab: an event as stored, as a tree that folds, with both its clocks; or two with what differs marked."""

import json
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from desk.application.event_json import event_json
from desk.application.history import Inspection
from desk.application.queries import GetInspection
from desk.application.timeline.words import exact_text
from desk.cqrs.store import Recorded
from desk.gui.frame.workspace import Workspace
from desk.gui.timeline.tabs.tab import EventSpan, RemarkedPage
from desk.gui.widgets.json_tree import JsonTree


class EventTab(QObject):
    """One event, or two in one tree. An absent fact is said to be absent, so that nobody wonders.

    Signals:
        said: something was copied (str).
        test_wanted: the event is to be copied as a test.
    """

    said = Signal(str)
    test_wanted = Signal()

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._event: Recorded | None = None
        self.json = JsonTree(workspace.theme, workspace.bridge)
        self.json.tree.setAccessibleName(self.tr("The event as stored"))
        self.json.tree.setHeaderHidden(True)
        self.clocks = QLabel()
        self.clocks.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._head = QWidget()
        row = QHBoxLayout(self._head)
        row.setContentsMargins(10, 2, 6, 2)
        row.setSpacing(2)
        row.addWidget(self.clocks, 1)
        for text, tip, act in (
            (self.tr("&JSON"), self.tr("Copy the event as JSON"), self.copy_json),
            (self.tr("&Test"), self.tr("Copy the event as a test (Ctrl+Shift+T)"), self.test_wanted),
        ):
            button = QToolButton()
            button.setText(text)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            workspace.icons.put(button, "clipboard")
            button.setAccessibleName(tip)
            button.setToolTip(tip)
            button.clicked.connect(act)
            row.addWidget(button)
        self._page = RemarkedPage(self.json, head=self._head)
        self.clear("")

    @property
    def page(self) -> QWidget:
        return self._page

    def question(self, look: EventSpan) -> GetInspection:
        return GetInspection(look.stream, look.revision, look.since)

    def show_answer(self, answer: Inspection) -> None:
        self._event = answer.event
        self._page.say("")
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
        self._page.say(note)
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
