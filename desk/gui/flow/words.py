"""The same as the picture, in words: a list of the hops so far, for reading and for screen readers."""

from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desk.application.flow.replay import FlowReplay
from desk.application.flow.values import time_words
from desk.gui.flow.looks import Mask
from desk.gui.widgets.boxes import column
from desk.gui.widgets.controls import giving_way, quiet

TARGET = int(Qt.ItemDataRole.UserRole)
PADDING: Final = 14
"""Pixels at either side of a line: the style sheet's and the margin of the text."""
MEASURED: Final = 200
"""Lines whose heights are remembered."""


class _Wrapped(QStyledItemDelegate):
    """Lines as high as their words need: Qt measures them without the padding. A line is measured once for each width
    and size of text, as the list asks anew for all of them with each that comes; and again in another style.
    """

    def __init__(self, parent: QListWidget) -> None:
        super().__init__(parent)
        self._measured: dict[tuple[int, str, str], QSize] = {}

    def forget(self) -> None:
        """Measure each line anew."""
        self._measured.clear()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        key = (option.rect.width(), option.font.toString(), index.data())
        if key not in self._measured:
            if len(self._measured) > MEASURED:
                self._measured.clear()
            option.rect = option.rect.adjusted(0, 0, -2 * PADDING, 0)
            self._measured[key] = super().sizeHint(option, index)
        return self._measured[key]


class HopList(QListWidget):
    """A line for each hop that was shown. Space, Backspace and letters are the replay's."""

    def __init__(self) -> None:
        super().__init__()
        self._wrapped = _Wrapped(self)
        self.setItemDelegate(self._wrapped)

    def changeEvent(self, event: QEvent) -> None:
        """A style sheet that is set anew is away for a moment, and with it what stands round the words."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._wrapped.forget()
            self.scheduleDelayedItemsLayout()

    def sizeHint(self) -> QSize:
        """As much as there is."""
        return self.minimumSizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moving = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp)
        if event.key() in (*moving, Qt.Key.Key_PageDown, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        else:
            event.ignore()


class InWords(QWidget):
    """Follows the replay.

    Signals:
        opened: a line was entered; the station that its hop came to (Station).
    """

    opened = Signal(object)  # Station

    def __init__(self, replay: FlowReplay) -> None:
        super().__init__()
        self._replay = replay
        self.mask_text: Mask = str
        self.list = HopList()
        self.list.setObjectName("flowWords")
        self.list.setAccessibleName(self.tr("The way in words"))
        self.list.setWordWrap(True)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.itemActivated.connect(self._open)
        nothing = QLabel(self.tr("In words: nothing has happened yet."), wordWrap=True)
        nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing = quiet(giving_way(nothing))
        column((self.nothing, 1), (self.list, 1), on=self)
        self.list.hide()

    def lines(self) -> list[str]:
        """What is told of the present round, with the hop under way: number, sentence, time once it is over."""
        told = self._replay.round
        if told is None:
            return []
        lines = []
        for number, hop in enumerate(told.hops[: self._replay.at], 1):
            took = time_words(hop.milliseconds).replace(" ", "\u00a0") if hop.milliseconds is not None else ""
            lines.append(self.mask_text(f"{number}. {hop.sentence}" + (f" ({took})" if took else "")))
        moving = self._replay.hop
        if moving is not None:
            lines.append(self.mask_text(f"{'…' if moving.pending else f'{len(lines) + 1}.'} {moving.sentence}"))
        return lines

    def refresh(self) -> None:
        """Tell what came; what stands there already stays."""
        lines, told = self.lines(), self._replay.round
        while self.list.count() > len(lines):
            self.list.takeItem(self.list.count() - 1)
        for row, line in enumerate(lines):
            if row == self.list.count():
                self.list.addItem(QListWidgetItem(line))
            item = self.list.item(row)
            if item.text() != line:
                item.setText(line)
            if told is not None and item.data(TARGET) is not told.hops[row].target:
                item.setData(TARGET, told.hops[row].target)
        self.list.setVisible(bool(lines))
        self.nothing.setVisible(not lines)
        if lines and not self.list.hasFocus():
            self.list.setCurrentRow(len(lines) - 1)
            self.list.scrollToBottom()

    @Slot(QListWidgetItem)
    def _open(self, item: QListWidgetItem) -> None:
        self.opened.emit(item.data(TARGET))
