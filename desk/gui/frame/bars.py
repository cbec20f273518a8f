"""The menus and the tool bar, filled from the table of actions."""

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMainWindow, QMenu, QMessageBox, QSizePolicy, QToolBar, QWidget

import desk
from desk.gui.frame.actions import Actions, Menu
from desk.gui.frame.text_size import follow_text, scaled

SEPARATED = (
    "catalogue.find",
    "window.close",
    "copy.add",
    "hold.place",
    "book.again",
    "book.delete",
    "book.isbn",
    "theme.system",
    "view.larger",
    "view.full",
)
"""Actions before which a menu has a line."""

TOOLS = ("book.new", "catalogue.import", "", "book.correct", "copy.add", "copy.lend", "copy.return", "copy.renew")
"""The tool bar; an empty name is a line."""

TOOL_ICON = 24


def add_menus(window: QMainWindow, actions: Actions) -> None:
    """Every action in its menu, so that each can be found without knowing its key."""
    menus: dict[Menu, QMenu] = {}
    for place in Menu:
        menus[place] = window.menuBar().addMenu(QCoreApplication.translate("menus", place.value))
        menus[place].setToolTipsVisible(True)
    groups: dict[str, QActionGroup] = {}
    for spec in actions:
        action = actions[spec.name]
        if spec.name in SEPARATED:
            menus[spec.menu].addSeparator()
        menus[spec.menu].addAction(action)
        if spec.group:
            groups.setdefault(spec.group, QActionGroup(window)).addAction(action)
        window.addAction(action)


def add_tools(window: QMainWindow, actions: Actions) -> None:
    """The actions of every day, with icon and text."""
    bar = QToolBar(window.tr("Tools"), window)
    bar.setObjectName("tools")
    bar.setMovable(False)
    follow_text(bar, lambda: bar.setIconSize(QSize(scaled(TOOL_ICON), scaled(TOOL_ICON))))
    bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
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


def about_box(window: QMainWindow) -> QMessageBox:
    """Name, version, licence."""
    box = QMessageBox(window)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(window.tr("About Desk"))
    box.setText(window.tr("<b>Desk {version}</b>").format(version=desk.__version__))
    box.setInformativeText(window.tr("A window on event sourcing. MIT licence; the fonts are under the OFL."))
    return box
