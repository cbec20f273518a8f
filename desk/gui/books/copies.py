"""Hop 9: the copies of a book as the card lists them, each with its state and loan."""

from datetime import date

from PySide6.QtCore import QDate, QLocale, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desk.application.catalogue import CopyLine
from desk.gui.books.chips import Chips
from desk.gui.icons import Icons
from desk.gui.theme import Theme

STATE = int(Qt.ItemDataRole.UserRole) + 1
STATE_NAME = STATE + 1
DETAIL = STATE + 2
NUMBER = STATE + 3

_ROW = 50
_MOST_ROWS = 5


class CopyList(QListWidget):
    """One line for each copy; choosing one makes the commands be about it.

    Signals:
        copy_chosen: a copy was chosen, or none any more (int or None).
    """

    copy_chosen = Signal(object)  # int | None

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.setObjectName("copies")
        self._before: int | None = None
        self.setAccessibleName(self.tr("Copies"))
        self.setItemDelegate(CopyDelegate(theme, icons, self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemSelectionChanged.connect(self._selection_changed)
        theme.changed.connect(self.viewport().update)

    def show_copies(self, copies: tuple[CopyLine, ...], today: date) -> None:
        """Other copies, or the same ones changed; the chosen one stays chosen."""
        chosen = self._chosen()
        self.blockSignals(True)
        self.clear()
        for copy in copies:
            item = QListWidgetItem(_title(self, copy))
            state, name = _state(self, copy, today)
            detail = _detail(self, copy, today)
            for role, value in ((STATE, state), (STATE_NAME, name), (DETAIL, detail), (NUMBER, copy.copy_no)):
                item.setData(role, value)
            item.setData(
                Qt.ItemDataRole.AccessibleTextRole, ", ".join(part for part in (item.text(), name, detail) if part)
            )
            self.addItem(item)
            item.setSelected(copy.copy_no == chosen)
        self.blockSignals(False)
        self.setFixedHeight(min(len(copies), _MOST_ROWS) * _ROW + 2)
        self.setVisible(bool(copies))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember what was chosen before the click."""
        self._before = self._chosen()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A second click on the chosen copy chooses none; at the release, since Qt may select until then."""
        super().mouseReleaseEvent(event)
        if self._before is not None and self._chosen() == self._before:
            self.clearSelection()

    def _chosen(self) -> int | None:
        items = self.selectedItems()
        return int(items[0].data(NUMBER)) if items else None

    @Slot()
    def _selection_changed(self) -> None:
        self.copy_chosen.emit(self._chosen())


class CopyDelegate(QStyledItemDelegate):
    """Number and shelf mark, the state as a chip, and beneath them who has it until when."""

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
        chip = painter.fontMetrics().horizontalAdvance(name) + 60
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
            self._paint_detail(painter, box, detail, ink if selected else self._theme.color(_tone(state)))
        painter.restore()
        right = QRect(box.right() - chip, upper.top() - 2, chip, upper.height() + 4)
        self._chips.draw(painter, right, state, name, ink if selected else None)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """All rows are as high."""
        return QSize(100, _ROW)

    def _paint_detail(self, painter: QPainter, box: QRect, detail: str, color: QColor) -> None:
        lower = QRect(box.left(), box.center().y() + 1, box.width(), box.height() // 2)
        painter.setPen(color)
        text = painter.fontMetrics().elidedText(detail, Qt.TextElideMode.ElideRight, lower.width())
        painter.drawText(lower, Qt.AlignmentFlag.AlignVCenter, text)


def short_day(day: date) -> str:
    """A day as in "3 Mar 2026"."""
    return QLocale().toString(QDate(day.year, day.month, day.day), "d MMM yyyy")


def _tone(state: str) -> str:
    return "problem" if state == "overdue" else "muted"


def _title(widget: QWidget, copy: CopyLine) -> str:
    title = widget.tr("Copy {n}").format(n=copy.copy_no)
    return f"{title} · {copy.shelf_mark}" if copy.shelf_mark else title


def _state(widget: QWidget, copy: CopyLine, today: date) -> tuple[str, str]:
    if copy.loan is not None and copy.loan.due_on < today:
        return "overdue", widget.tr("overdue")
    names = {
        "available": widget.tr("available"),
        "onLoan": widget.tr("on loan"),
        "onHoldShelf": widget.tr("on hold shelf"),
        "lost": widget.tr("lost"),
        "withdrawn": widget.tr("withdrawn"),
    }
    return copy.state, names.get(copy.state, copy.state)


def _detail(widget: QWidget, copy: CopyLine, today: date) -> str:
    if copy.loan is None:
        return ""
    late = (today - copy.loan.due_on).days
    words = widget.tr("{reader}, due {day}").format(reader=copy.loan.patron, day=short_day(copy.loan.due_on))
    if late > 0:
        return words + " · " + widget.tr("{n} days late").format(n=late)
    if copy.loan.renewals:
        return words + " · " + widget.tr("renewed {n}×").format(n=copy.loan.renewals)
    return words
