"""The room of a place or companion, which scrolls where it is smaller than what stands in it needs, and its title."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QScrollArea, QToolButton, QWidget

from desk.gui.frame.icons import Icons
from desk.gui.frame.text_size import follow_text, scaled

LEAST = QSize(260, 190)
"""Pixels below which nothing is made smaller; so much can always be had."""


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
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 6, 4)
        row.addWidget(QLabel(dock.windowTitle()), 1)
        self.float = self._button(icons, "dock-float", self.tr("Tear off or put back"))
        self.float.clicked.connect(self._float)
        self.hide_companion = self._button(icons, "dock-close", self.tr("Hide"))
        self.hide_companion.clicked.connect(dock.close)
        dock.setTitleBarWidget(self)

    def _button(self, icons: Icons, icon: str, tip: str) -> QToolButton:
        button = QToolButton()
        icons.put(button, icon)
        button.setToolTip(tip)
        button.setAccessibleName(f"{tip}: {self._dock.windowTitle()}")
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        follow_text(button, lambda: button.setIconSize(QSize(scaled(14), scaled(14))))
        layout = self.layout()
        assert layout is not None
        layout.addWidget(button)
        return button

    def _float(self) -> None:
        self._dock.setFloating(not self._dock.isFloating())
