"""What is looked at, closely, in tabs; only the tab that is shown is asked for."""

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QTabWidget

from desk.application.history import Inspection
from desk.cqrs.messages import Query
from desk.gui.frame.text_size import scaled
from desk.gui.frame.workspace import Workspace
from desk.gui.timeline.asking import LatestQuestion
from desk.gui.timeline.tabs.causes import CausesTab
from desk.gui.timeline.tabs.change import ChangeTab
from desk.gui.timeline.tabs.command import CommandTab
from desk.gui.timeline.tabs.event import EventTab
from desk.gui.timeline.tabs.rows import RowsTab
from desk.gui.timeline.tabs.state import StateTab
from desk.gui.timeline.tabs.tab import EventSpan, InspectorTab
from desk.gui.widgets.controls import add_keys

TABS: Final = ("change", "state", "event", "command", "causes", "rows")
"""The tabs in their order, as the table of keys calls them."""

LEAST_HEIGHT: Final = 130
"""Pixels of normal text."""

KEYS: Final = "DSEMAR"
"""The key of each."""


class Inspector(QTabWidget):
    """The tabs, each with what is known of the event that is looked at.

    Signals, beside those of its tabs:
        inspected: what an event changed is known, and shown (Inspection).
        left: the keys are to work outside again.
        pin_toggled: only events that touched the chosen field are to be shown, or all again (str, its key).
    """

    wanted = Signal(str, int)
    value_wanted = Signal(str, object)
    pin_wanted = Signal(str)
    pin_toggled = Signal(str)
    left = Signal()
    inspected = Signal(object)  # Inspection

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.changes, self.state = ChangeTab(workspace.theme), StateTab()
        self.event_facts, self.command = EventTab(workspace), CommandTab()
        self.causes, self.rows = CausesTab(workspace.icons), RowsTab(workspace.theme)
        named: tuple[tuple[InspectorTab, str], ...] = (
            (self.changes, self.tr("Change")),
            (self.state, self.tr("State")),
            (self.event_facts, self.tr("Event")),
            (self.command, self.tr("Command")),
            (self.causes, self.tr("Causes")),
            (self.rows, self.tr("Rows")),
        )
        self.tabs = tuple(tab for tab, _ in named)
        for number, (tab, title) in enumerate(named):
            self.addTab(tab, title)
            self.setTabToolTip(number, self.tr("{tab} ({key})").format(tab=title, key=KEYS[number]))
            tab.wanted.connect(self.wanted)
            tab.value_wanted.connect(self.value_wanted)
            tab.pin_wanted.connect(self.pin_wanted)
        add_keys(self, {"P": lambda: self.pin_toggled.emit(self.chosen_key)})
        self.event_facts.said.connect(workspace.say)
        self._asking = LatestQuestion(workspace, self)
        self._asking.found.connect(self._show)
        self._asking.failed.connect(self._say)
        self._look: EventSpan | None = None
        self.setObjectName("inspector")
        self.setDocumentMode(True)
        self.setUsesScrollButtons(True)
        self.setAccessibleName(self.tr("Inspector"))
        self.tabBar().setAccessibleName(self.tr("Parts of the inspector"))
        self.currentChanged.connect(self._ask)
        workspace.theme.changed.connect(self._ask)  # rows keep the colours that they were filled with
        self.clear()

    def minimumSizeHint(self) -> QSize:
        """A tab and a few lines: whoever needs more makes it larger."""
        return QSize(scaled(200), scaled(LEAST_HEIGHT))

    @property
    def tab(self) -> InspectorTab:
        """The tab that is shown."""
        return self.tabs[self.currentIndex()]

    @property
    def chosen_key(self) -> str:
        """The field that is chosen in the tab that is shown; empty where none is."""
        return self.tab.chosen_key

    def look_at(self, look: EventSpan) -> None:
        """Another event, or span, is looked at."""
        self._look = look
        self._ask()

    def show_tab(self, number: int) -> None:
        """Bring a tab to the front; the focus stays where it is."""
        self.setCurrentIndex(number)

    def go_in(self) -> None:
        """Have the keys work in the tab that is shown."""
        page = self.currentWidget()
        inside = (child for child in page.findChildren(QAbstractItemView) if child.isVisible())
        next(inside, page).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leads out of a tab, to where one walks."""
        if event.key() == Qt.Key.Key_Escape and not event.modifiers():
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def clear(self, note: str = "") -> None:
        """Show nothing, and say why."""
        self._look = None
        self._asking.forget()
        for tab in self.tabs:
            tab.clear(note)

    @Slot()
    def _ask(self) -> None:
        if self._look is not None:
            self._asking.ask(self.tab.question(self._look))

    def _wants(self, query: Query[object]) -> bool:
        return self._look is not None and self.tab.question(self._look) == query

    @Slot(object, object)
    def _show(self, query: Query[object], answer: object) -> None:
        if self._wants(query):
            self.tab.show_answer(answer)
            if isinstance(answer, Inspection):
                self.inspected.emit(answer)

    @Slot(object, object)
    def _say(self, query: Query[object], sentence: str) -> None:
        if self._wants(query):
            self.tab.clear(sentence)
