"""The room of a place or companion: where it is smaller than what stands in it needs, it scrolls."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QScrollArea, QWidget

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
