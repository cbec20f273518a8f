"""Hop 1: the line above the catalogue's table in which one types what to look for."""

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit


class SearchBox(QLineEdit):
    """Esc clears, Down goes to the table.

    Signals:
        left_downwards: the user wants to walk the rows.
        escaped: Esc has cleared it.
    """

    left_downwards = Signal()
    escaped = Signal()

    def event(self, event: QEvent) -> bool:
        """Undo and Redo are the line's own while there is typing to take back, and else the window's."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            idle_undo = event.matches(QKeySequence.StandardKey.Undo) and not self.isUndoAvailable()
            idle_redo = event.matches(QKeySequence.StandardKey.Redo) and not self.isRedoAvailable()
            if idle_undo or idle_redo:
                event.ignore()
                return False
        return super().event(event)

    def forget_typing(self) -> None:
        """Undo and Redo are the window's from now on, until something is typed again."""
        at = self.cursorPosition()
        with QSignalBlocker(self):
            self.setText(self.text())
        self.setCursorPosition(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Two keys of our own; all others are the line's."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            self.escaped.emit()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left_downwards.emit()
        else:
            super().keyPressEvent(event)
