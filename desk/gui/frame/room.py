"""The room of a place or companion, which scrolls where it is too small; its title, and how one goes into it."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QLabel,
    QMainWindow,
    QScrollArea,
    QStackedWidget,
    QTabBar,
    QToolButton,
    QWidget,
)

from desk.gui.frame.icons import Icons
from desk.gui.frame.panel import Searched
from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.widgets.boxes import row
from desk.gui.widgets.controls import icon_button

LEAST = QSize(260, 190)
"""Pixels below which nothing is made smaller; so much can always be had."""

ENOUGH = QSize(880, 540)
"""Pixels of normal text from which on companions stand around the place; in less they share one strip of tabs."""

ROOM_BELOW = 230
"""Pixels of height from which on a companion that may have less than half of the window stands there unasked."""

ROOM_FOR_BOTH = 540
"""Pixels of normal text in which a companion's name and its header stand side by side; in less the header is enough."""


class PlaceStack(QStackedWidget):
    """However little room there is, a place has some."""

    def minimumSizeHint(self) -> QSize:
        return LEAST


class Room(QScrollArea):
    """Takes as much as is there, and never asks for more than a little."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self._content = widget
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setWidget(widget)
        self.setFocusProxy(widget)

    def sizeHint(self) -> QSize:
        """What the widget would like."""
        return self._content.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """What the widget needs, but no more than can always be had."""
        return self._content.minimumSizeHint().boundedTo(LEAST)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's own filter looks after the widget's size; what this one needs changes with it."""
        if event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


class CompanionTitle(QWidget):
    """The title bar of a companion. Qt's own keeps its first font, whatever size text has later."""

    def __init__(self, dock: QDockWidget, icons: Icons) -> None:
        super().__init__(dock)
        self._dock = dock
        self._name = QLabel(dock.windowTitle())
        self._row = row((self._name, 1), on=self, margins=(10, 4, 6, 4))
        self._header: QWidget | None = None
        self.float = self._button(icons, "dock-float", self.tr("Tear off or put back"))
        self.float.clicked.connect(lambda: dock.setFloating(not dock.isFloating()))
        self.hide_companion = self._button(icons, "dock-close", self.tr("Hide"))
        self.hide_companion.clicked.connect(dock.close)
        dock.setTitleBarWidget(self)

    def _button(self, icons: Icons, icon: str, tip: str) -> QToolButton:
        button = icon_button(icons, icon, tip)
        button.setAccessibleName(f"{tip}: {self._dock.windowTitle()}")
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        follow_text(button, lambda: button.setIconSize(QSize(scaled(14), scaled(14))))
        self._row.addWidget(button)
        return button

    def take(self, header: QWidget) -> None:
        """Have the companion's own header beside its name, or instead of it where that is too narrow."""
        self._header = header
        self._row.setStretch(0, 0)
        self._row.insertWidget(1, header, 1)
        self._show_name()

    def minimumSizeHint(self) -> QSize:
        """A header gives way, as far as the companion itself does."""
        return super().minimumSizeHint().boundedTo(QSize(LEAST.width(), self.maximumHeight()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_name()

    def _show_name(self) -> None:
        self._name.setVisible(self._header is None or self.width() >= scaled(ROOM_FOR_BOTH))


def focus_within(widget: QWidget) -> None:
    """Go to the widget, or to the first within it that can be worked with."""
    target = widget.focusProxy() or _first_focusable(widget) or widget
    target.setFocus(Qt.FocusReason.ShortcutFocusReason)


def begin_search_around(widget: QWidget | None) -> bool:
    """Begin the search of the innermost around the widget that is seen and has one; whether there is one."""
    while widget is not None:
        if isinstance(widget, Searched) and widget.isVisible():
            widget.begin_search()
            return True
        widget = widget.parentWidget()
    return False


def _first_focusable(widget: QWidget) -> QWidget | None:
    for child in widget.findChildren(QWidget):
        if child.isVisible() and child.isEnabled() and child.focusPolicy() & Qt.FocusPolicy.TabFocus:
            return child
    return None


def lacks_room(view: QMainWindow) -> bool:
    """Whether its companions share one strip of tabs."""
    size = view.size()
    return size.width() < scaled(ENOUGH.width()) or size.height() < scaled(ENOUGH.height())


def is_upright(view: QMainWindow, dock: QDockWidget) -> bool:
    """Whether a companion stands at a side, and is as high as there is room."""
    return view.dockWidgetArea(dock) in (Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea)


def show_tabs(view: QMainWindow, docks: Iterable[QDockWidget]) -> None:
    """Qt leaves tabs standing where docks came out of them, and those of docks that did not move unseen."""
    tabbed = any(view.tabifiedDockWidgets(dock) for dock in docks if not dock.isHidden())
    bars = view.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
    for bar in bars:
        bar.setAccessibleName(view.tr("Companions"))
        bar.setVisible(tabbed and bar is bars[-1])  # Qt makes new ones each time
