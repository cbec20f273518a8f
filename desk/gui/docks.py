"""The panels beside the catalogue: docked, each with a key that goes there and one that shows or hides it."""

from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from desk.gui.actions import Actions, ActionSpec, Menu
from desk.gui.books.card import CardView
from desk.gui.icons import Icons
from desk.gui.panels import Panel, PanelContext

BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea
RIGHT = Qt.DockWidgetArea.RightDockWidgetArea


class Docks(QObject):
    """Builds the docks at once and fills them when a session is open."""

    def __init__(self, window: QMainWindow, actions: Actions, icons: Icons, panels: tuple[Panel, ...]) -> None:
        super().__init__(window)
        self._window, self._actions, self._icons = window, actions, icons
        self.panels = panels
        self._docks: dict[str, QDockWidget] = {}
        self._built: dict[str, QWidget] = {}
        window.setDockNestingEnabled(True)
        window.setCorner(Qt.Corner.BottomRightCorner, RIGHT)
        window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, window.tabPosition(RIGHT))
        for panel in panels:
            self._add(panel.name, panel.title, panel.icon, panel.go_key, panel.area)
            if panel.tabbed_with:
                window.tabifyDockWidget(self._docks[panel.tabbed_with], self._docks[panel.name])
                self._docks[panel.tabbed_with].raise_()
            self._docks[panel.name].setVisible(panel.shown_at_first)

    def __getitem__(self, name: str) -> QDockWidget:
        return self._docks[name]

    def add_card(self, card: CardView) -> None:
        """The card stands at the right; it is there before a session is."""
        dock = self._add("card", self.tr("Card"), "card", "Ctrl+2", RIGHT)
        dock.setWidget(card)
        self._window.resizeDocks([dock], [400], Qt.Orientation.Horizontal)
        below = [self._docks[panel.name] for panel in self.panels if panel.area == BOTTOM]
        self._window.resizeDocks(below, [410] * len(below), Qt.Orientation.Vertical)

    def open(self, context: PanelContext) -> None:
        """Build every panel's widget."""
        for panel in self.panels:
            widget = panel.build(context)
            self._built[panel.name] = widget
            self._docks[panel.name].setWidget(widget)

    def shut(self) -> None:
        """Let every panel give back what belongs to the session."""
        for panel in reversed(self.panels):
            widget = self._built.pop(panel.name, None)
            if widget is not None:
                panel.shut(widget)

    def _add(self, name: str, title: str, icon: str, go_key: str, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self._window)
        dock.setObjectName(f"dock.{name}")
        dock.setAccessibleName(title)
        self._docks[name] = dock
        self._window.addDockWidget(area, dock)
        go = self._actions.add(
            ActionSpec(f"go.{name}", Menu.GO, self.tr("To {panel}").format(panel=title), icon, (go_key,))
        )
        go.triggered.connect(partial(self._go, name))
        digit = go_key.rpartition("+")[2]
        spec = ActionSpec(
            f"show.{name}",
            Menu.VIEW,
            self.tr("Show {panel}").format(panel=title),
            icon,
            (f"Ctrl+Shift+{digit}",),
            checkable=True,
        )
        show = self._actions.add(spec)
        show.toggled.connect(dock.setVisible)
        dock.visibilityChanged.connect(lambda _: show.setChecked(not dock.isHidden()))
        return dock

    def _go(self, name: str) -> None:
        dock = self._docks[name]
        dock.show()
        dock.raise_()
        widget = dock.widget()
        if widget is None:
            return
        target = widget.focusProxy() or _first_focusable(widget) or widget
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)


def _first_focusable(widget: QWidget) -> QWidget | None:
    for child in widget.findChildren(QWidget):
        if child.isVisible() and child.isEnabled() and child.focusPolicy() & Qt.FocusPolicy.TabFocus:
            return child
    return None
