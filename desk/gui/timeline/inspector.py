"""What is looked at, closely, in tabs; only the tab that is shown is asked for."""

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QTabWidget, QWidget

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
from desk.gui.timeline.tabs.tab import EventSpan, Tab

TABS: Final = ("change", "state", "event", "command", "causes", "rows")
"""The tabs in their order, as the table of keys calls them."""

LEAST_HEIGHT: Final = 130
"""Pixels of normal text."""

KEYS: Final = "DSEMAR"
"""The key of each."""


class Inspector(QTabWidget):
    """The tabs, each with what is known of the event that is looked at.

    Signals:
        wanted: another event is to be gone to (str, its stream, and int, its revision).
        inspected: what an event changed is known, and shown (Inspection).
        left: the keys are to work outside again.
        value_wanted: an earlier value is to be brought back (str, its key, and the value).
        pin_wanted: only events that touched a field are to be shown (str, its key).
        pin_toggled: the same by key, of the chosen field; or all events again.
    """

    pin_wanted = Signal(str)
    pin_toggled = Signal(str)

    wanted = Signal(str, int)
    left = Signal()
    inspected = Signal(object)  # Inspection
    value_wanted = Signal(str, object)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        assert workspace.session is not None
        self.changes, self.state = ChangeTab(workspace.theme, self), StateTab(self)
        self.event_facts, self.command = EventTab(workspace, self), CommandTab(self)
        self.causes, self.rows = CausesTab(workspace.icons, self), RowsTab(workspace.theme, self)
        named: tuple[tuple[Tab, str], ...] = (
            (self.changes, self.tr("Change")),
            (self.state, self.tr("State")),
            (self.event_facts, self.tr("Event")),
            (self.command, self.tr("Command")),
            (self.causes, self.tr("Causes")),
            (self.rows, self.tr("Rows")),
        )
        self.tabs = tuple(tab for tab, _ in named)
        for number, (tab, title) in enumerate(named):
            self.addTab(tab.page, title)
            self.setTabToolTip(number, self.tr("{tab} ({key})").format(tab=title, key=KEYS[number]))
        leading: tuple[ChangeTab | StateTab, ...] = (self.changes, self.state)
        for source in leading:
            source.wanted.connect(self._go_within)
            source.value_wanted.connect(self.value_wanted)
            source.pin_wanted.connect(self.pin_wanted)
        pin = QShortcut(QKeySequence(Qt.Key.Key_P), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        pin.activated.connect(lambda: self.pin_toggled.emit(self.chosen_key))
        self.command.wanted.connect(self._go_within)
        self.causes.place_wanted.connect(self.wanted)
        self.event_facts.said.connect(workspace.say)
        self._asking = LatestQuestion(workspace.session, workspace.bridge, self)
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
    def chosen_key(self) -> str:
        """The field that is chosen in the tab that is shown; empty where none is."""
        tab = self.tabs[self.currentIndex()]
        return tab.chosen_key if isinstance(tab, ChangeTab | StateTab) else ""

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

    @Slot(int)
    def _go_within(self, revision: int) -> None:
        if self._look is not None:
            self.wanted.emit(self._look.stream, revision)

    @Slot()
    def _ask(self) -> None:
        if self._look is not None:
            self._asking.ask(self.tabs[self.currentIndex()].question(self._look))

    @Slot(object, object)
    def _show(self, query: Query[object], answer: object) -> None:
        tab = self.tabs[self.currentIndex()]
        if self._look is not None and tab.question(self._look) == query:
            tab.show_answer(answer)
            if isinstance(answer, Inspection):
                self.inspected.emit(answer)

    @Slot(object, object)
    def _say(self, query: Query[object], sentence: str) -> None:
        tab = self.tabs[self.currentIndex()]
        if self._look is not None and tab.question(self._look) == query:
            tab.clear(sentence)
