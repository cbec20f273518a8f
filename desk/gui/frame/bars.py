"""The menus and the tool bar, filled from the tables of actions."""

from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QSize, Qt
from PySide6.QtGui import QActionGroup, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QMessageBox, QSizePolicy, QToolBar, QToolButton, QWidget

import desk
from desk.gui.frame.actions import Actions, ActionSpec, Menu
from desk.gui.frame.room import ENOUGH
from desk.gui.frame.text_size import follow_text, scaled

TOOLS = ("book.new", "catalogue.import", "", "book.correct", "copy.add", "copy.lend", "copy.return", "copy.renew")
"""The tool bar; an empty name is a line."""

TOOL_ICON = 24


class Menus(QObject):
    """Every action in its menu, so that each can be found without knowing its key; also those that come later."""

    def __init__(self, window: QMainWindow, actions: Actions) -> None:
        super().__init__(window)
        self._window, self._actions = window, actions
        self._menus: dict[Menu, QMenu] = {}
        self._groups: dict[str, QActionGroup] = {}
        for place in Menu:
            menu = window.menuBar().addMenu(QCoreApplication.translate("menus", place.value))
            menu.setToolTipsVisible(True)
            menu.menuAction().setVisible(False)
            self._menus[place] = menu
        actions.added.connect(self._add)

    def _add(self, spec: ActionSpec[Any]) -> None:
        action, menu = self._actions[spec.name], self._menus[spec.menu]
        menu.menuAction().setVisible(True)
        if spec.begins and not menu.isEmpty():
            menu.addSeparator()
        menu.addAction(action)
        if spec.group:
            self._groups.setdefault(spec.group, QActionGroup(self)).addAction(action)
        if not spec.local:
            self._window.addAction(action)


class WantedBar(QToolBar):
    """Is there while it is wanted, whatever a remembered arrangement of the window says of it."""

    def __init__(self, title: str, name: str, window: QMainWindow) -> None:
        super().__init__(title, window)
        self.setObjectName(name)
        self.setMovable(False)
        self._is_wanted = True

    def want(self, *, wanted: bool) -> None:
        """Whether it is to be there from now on."""
        self._is_wanted = wanted
        self.setVisible(wanted)

    def setVisible(self, _visible: bool) -> None:
        super().setVisible(self._is_wanted)


class Tools(WantedBar):
    """The actions of every day; with words beside their icons where the window has room around its places too."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        style, has_room = Qt.ToolButtonStyle, self.width() >= scaled(ENOUGH.width())
        for button in map(self.widgetForAction, self.actions()[:-1]):
            if isinstance(button, QToolButton):
                button.setToolButtonStyle(style.ToolButtonTextBesideIcon if has_room else style.ToolButtonIconOnly)


def tool_bar(window: QMainWindow, actions: Actions) -> WantedBar:
    """The tools, and at the right, without words, the list of keys."""
    bar = Tools(window.tr("Tools"), "tools", window)
    follow_text(bar, lambda: bar.setIconSize(QSize(scaled(TOOL_ICON), scaled(TOOL_ICON))))
    for name in TOOLS:
        if name:
            bar.addAction(actions[name])
        else:
            bar.addSeparator()
    space = QWidget()
    space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    bar.addWidget(space)
    bar.addAction(actions["help.keys"])
    window.addToolBar(bar)
    return bar


def gap_above(rail: QToolBar) -> QWidget:
    """Room above the entries of the rail, as high as it is told, so that they stay where they are without tools."""
    gap = QWidget()
    rail.insertWidget(rail.actions()[0], gap)
    return gap


def about_box(window: QMainWindow) -> QMessageBox:
    """Name, version, licence."""
    box = QMessageBox(window)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(window.tr("About Desk"))
    box.setText(window.tr("<b>Desk {version}</b>").format(version=desk.__version__))
    box.setInformativeText(window.tr("A window on event sourcing. MIT licence; the fonts are under the OFL."))
    return box
