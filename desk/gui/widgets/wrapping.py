"""What goes on in a next row where there is no room left: a row of widgets, and a text with long names."""

import re
from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QLayout, QLayoutItem, QWidget

from desk.gui.widgets.controls import passing_menu

_BREAK: Final = "\u200b"
_TAG: Final = re.compile(r"(<[^>]*>)")
_BEFORE_BREAK: Final = re.compile(r"(?<=[-_.:/@])(?=\w)|(?<=\w{16})(?=\w)")


class WrappingRow(QLayout):
    """Widgets in their order, from left to right and then from top to bottom, each as large as it likes to be."""

    def __init__(self, *widgets: QWidget, spacing: int = 8, at_right: bool = False) -> None:
        super().__init__()
        self._at_right = at_right
        self._items: list[QLayoutItem] = []
        self._heights: dict[int, int] = {}
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing)
        for widget in widgets:
            self.addWidget(widget)

    def addItem(self, item: QLayoutItem, /) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int, /) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int, /) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int, /) -> int:
        if width not in self._heights:
            self._heights[width] = self._arrange(QRect(0, 0, width, 0), place=False)
        return self._heights[width]

    def invalidate(self) -> None:
        """Whoever stands here likes to be of another size, or came or went: Qt says so before it asks again."""
        self._heights.clear()
        super().invalidate()

    def setGeometry(self, rect: QRect, /) -> None:
        super().setGeometry(rect)
        self._arrange(rect, place=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        least = QSize()
        for item in self._items:
            least = least.expandedTo(item.minimumSize())
        return least

    def _arrange(self, rect: QRect, *, place: bool) -> int:
        """Give each its place, or only tell how high all of them are together."""
        x, y, high = rect.x(), rect.y(), 0
        rows: list[list[tuple[QLayoutItem, QRect]]] = [[]]
        for item in self._items:
            wanted = item.sizeHint()
            size = QSize(min(wanted.width(), rect.width()), wanted.height()).expandedTo(item.minimumSize())
            if item.isEmpty():
                continue
            if rows[-1] and x + size.width() > rect.x() + rect.width():
                x, y, high = rect.x(), y + high + self.spacing(), 0
                rows.append([])
            rows[-1].append((item, QRect(QPoint(x, y), size)))
            x, high = x + size.width() + self.spacing(), max(high, size.height())
        if place:
            for row in rows:
                tallest = max((there.height() for _, there in row), default=0)
                for item, there in row:
                    across = rect.right() - row[-1][1].right() if self._at_right else 0
                    item.setGeometry(there.translated(across, (tallest - there.height()) // 2))
        return y + high - rect.y()


class BreakingLabel(QLabel):
    """A text that can be selected, in which a name that is wider than the room goes on in the next line.

    Where it may break stand spaces of no width; nobody who asks for the text, or copies of it, gets them.
    """

    def __init__(self) -> None:
        super().__init__(wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)

    def text(self) -> str:
        return super().text().replace(_BREAK, "")

    def selectedText(self) -> str:
        return super().selectedText().replace(_BREAK, "")

    def setText(self, text: str, /) -> None:
        is_rich = self.textFormat() is Qt.TextFormat.RichText
        parts = _TAG.split(text) if is_rich else [text]
        parts[::2] = [_BEFORE_BREAK.sub(_BREAK, part) for part in parts[::2]]
        super().setText("".join(parts))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """What is selected can be put elsewhere by the middle button."""
        super().mouseReleaseEvent(event)
        clipboard = QApplication.clipboard()
        if self.hasSelectedText() and clipboard.supportsSelection():
            clipboard.setText(self.selectedText(), clipboard.Mode.Selection)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) and self.hasSelectedText():
            self._copy()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.hasSelectedText():
            passing_menu(self, [(self.tr("&Copy"), self._copy)]).popup(event.globalPos())
        else:
            super().contextMenuEvent(event)

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.selectedText())
