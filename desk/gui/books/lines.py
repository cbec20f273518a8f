"""Hop 9: a short list in the card: each line with a title, a state as a chip, and a sentence beneath them."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPalette
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desk.gui.books.chips import Chips
from desk.gui.frame.icons import Icons
from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.frame.theme import Theme
from desk.records import dataclass

STATE = int(Qt.ItemDataRole.UserRole) + 1
STATE_NAME = STATE + 1
DETAIL = STATE + 2
KEY = STATE + 3

_ROW = 50
_MOST_ROWS = 5


@dataclass(frozen=True, slots=True)
class ListLine:
    """A line of the list. ``key`` is what the list says was chosen; ``state`` names icon and colour of the chip."""

    key: object
    title: str
    state: str
    state_name: str
    detail: str = ""

    @property
    def accessible_text(self) -> str:
        """For screen readers."""
        return ", ".join(part for part in (self.title, self.state_name, self.detail) if part)


class LineList(QListWidget):
    """Choosing a line makes the commands be about it.

    Signals:
        chosen: a line was chosen (its key), or none any more (None).
    """

    chosen = Signal(object)  # object | None

    def __init__(self, name: str, accessible_name: str, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.setObjectName(name)
        self._before: object = None
        self.setAccessibleName(accessible_name)
        self.setItemDelegate(LineDelegate(theme, icons, self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemSelectionChanged.connect(self._selection_changed)
        theme.changed.connect(self.viewport().update)
        follow_text(self, self._measure)

    def _measure(self) -> None:
        self.setFixedHeight(min(self.count(), _MOST_ROWS) * scaled(_ROW) + 2)
        self.scheduleDelayedItemsLayout()

    def show_lines(self, lines: tuple[ListLine, ...]) -> None:
        """Other lines, or the same ones changed; the chosen one stays chosen, and while it is there only."""
        chosen = self.chosen_key
        self.blockSignals(True)
        self.clear()
        for line in lines:
            item = QListWidgetItem(line.title)
            for role, value in (
                (STATE, line.state),
                (STATE_NAME, line.state_name),
                (DETAIL, line.detail),
                (KEY, line.key),
                (Qt.ItemDataRole.AccessibleTextRole, line.accessible_text),
            ):
                item.setData(role, value)
            self.addItem(item)
            item.setSelected(line.key == chosen)
        self.blockSignals(False)
        self._measure()
        self.setVisible(bool(lines))
        if self.chosen_key != chosen:
            self._selection_changed()

    @property
    def chosen_key(self) -> object:
        """The key of the chosen line, or None."""
        items = self.selectedItems()
        return items[0].data(KEY) if items else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember what was chosen before the click."""
        self._before = self.chosen_key
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A second click on the chosen line chooses none; at the release, since Qt may select until then."""
        super().mouseReleaseEvent(event)
        if self._before is not None and self.chosen_key == self._before:
            self.clearSelection()

    @Slot()
    def _selection_changed(self) -> None:
        self.chosen.emit(self.chosen_key)


class LineDelegate(QStyledItemDelegate):
    """Title and chip, and beneath them the detail."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._chips = theme, Chips(theme, icons)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Two lines and a chip."""
        self.initStyleOption(option, index)
        title, option.text = option.text, ""
        option.widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
        ink = option.palette.color(role)
        state, name, detail = str(index.data(STATE)), str(index.data(STATE_NAME)), str(index.data(DETAIL) or "")
        chip = painter.fontMetrics().horizontalAdvance(name) + scaled(44) + 16
        box = option.rect.adjusted(12, 5, -8, -5)
        upper = box if not detail else QRect(box.left(), box.top(), box.width(), box.height() // 2)
        painter.save()
        font = QFont(option.font)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(upper.adjusted(0, 0, -chip, 0), Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(option.font)
        if detail:
            tone = "problem" if state == "overdue" else "muted"
            self._paint_detail(painter, box, detail, ink if selected else self._theme.color(tone))
        painter.restore()
        right = QRect(box.right() - chip, upper.top() - 2, chip, upper.height() + 4)
        self._chips.draw(painter, right, state, name, ink if selected else None)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """All rows are as high."""
        return QSize(100, scaled(_ROW))

    def _paint_detail(self, painter: QPainter, box: QRect, detail: str, color: QColor) -> None:
        lower = QRect(box.left(), box.center().y() + 1, box.width(), box.height() // 2)
        painter.setPen(color)
        text = painter.fontMetrics().elidedText(detail, Qt.TextElideMode.ElideRight, lower.width())
        painter.drawText(lower, Qt.AlignmentFlag.AlignVCenter, text)
