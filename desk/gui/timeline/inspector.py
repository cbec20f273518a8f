"""What is looked at, closely, in tabs; only the tab that is shown is asked for."""

from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView

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
from desk.gui.widgets.late_tabs import LateTabs

T = TypeVar("T", bound=InspectorTab)

TABS: Final = ("change", "state", "event", "command", "causes", "rows")
"""The tabs in their order, as the table of keys calls them."""

LEAST_HEIGHT: Final = 130
"""Pixels of normal text."""

KEYS: Final = "DSEMAR"
"""The key of each."""


class Inspector(LateTabs[InspectorTab]):
    """The tabs, each with what is known of the event that is looked at.

    Signals, beside those of its tabs:
        inspected: what an event changed is known, and shown (Inspection).
        test_wanted: the event is to be copied as a test.
        left: the keys are to work outside again.
        pin_toggled: only events that touched the chosen field are to be shown, or all again (str, its key).
    """

    wanted = Signal(str, int)
    value_wanted = Signal(str, object)
    pin_wanted = Signal(str)
    pin_toggled = Signal(str)
    left = Signal()
    inspected = Signal(object)  # Inspection
    test_wanted = Signal()

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._note = ""
        theme = workspace.theme
        kinds: tuple[tuple[type[InspectorTab], str, Callable[[], InspectorTab]], ...] = (
            (ChangeTab, self.tr("Change"), lambda: ChangeTab(theme)),
            (StateTab, self.tr("State"), StateTab),
            (EventTab, self.tr("Event"), partial(self._event_tab, workspace)),
            (CommandTab, self.tr("Command"), CommandTab),
            (CausesTab, self.tr("Causes"), lambda: CausesTab(workspace.icons)),
            (RowsTab, self.tr("Rows"), lambda: RowsTab(theme)),
        )
        self._kinds = [kind for kind, _, _ in kinds]
        for _, title, make in kinds:
            number = self.offer(title, partial(self._furnish, make))
            self.setTabToolTip(number, self.tr("{tab} ({key})").format(tab=title, key=KEYS[number]))
        add_keys(self, {"P": lambda: self.pin_toggled.emit(self.chosen_key)})
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
        return self.page(self.currentIndex())

    def tab_of(self, kind: type[T]) -> T:
        """The tab of this kind."""
        tab = self.page(self._kinds.index(kind))
        assert isinstance(tab, kind)
        return tab

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
        self._note = note
        for _, tab in self.built:
            tab.clear(note)

    def _furnish(self, make: Callable[[], InspectorTab]) -> InspectorTab:
        tab = make()
        tab.wanted.connect(self.wanted)
        tab.value_wanted.connect(self.value_wanted)
        tab.pin_wanted.connect(self.pin_wanted)
        tab.clear(self._note)
        return tab

    def _event_tab(self, workspace: Workspace) -> EventTab:
        tab = EventTab(workspace)
        tab.said.connect(workspace.say)
        tab.test_wanted.connect(self.test_wanted)
        return tab

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
