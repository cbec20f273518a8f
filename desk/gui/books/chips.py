"""Draws a state as a chip: a shape and a word, and a colour that says the same once more."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desk.gui.icons import Icons
from desk.gui.theme import Theme

_ICON = 14
_PADDING = 8
_GAP = 5
_TINT = 30
"""Of 255: how much of the colour lies under a chip."""


class StateDelegate(QStyledItemDelegate):
    """Paints a column of states; ``role`` gives a state's name, the display role its text."""

    def __init__(self, theme: Theme, icons: Icons, role: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._icons, self._role = theme, icons, role

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The item's background as the style has it, and the chip on it."""
        self.initStyleOption(option, index)
        text = self.tr("saving…") if index.data(self._role) == "saving" else option.text
        option.text = ""
        widget = option.widget
        widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, widget)
        state = index.data(self._role)
        if not state or not text:
            return
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        group = (
            QPalette.ColorGroup.Active if option.state & QStyle.StateFlag.State_Active else QPalette.ColorGroup.Inactive
        )
        ink = option.palette.color(group, QPalette.ColorRole.HighlightedText) if selected else QColor()
        draw_chip(painter, option.rect, str(state), text, self._theme, self._icons, ink)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """As wide as icon, text and padding."""
        hint = super().sizeHint(option, index)
        return QSize(hint.width() + _ICON + _GAP + 2 * _PADDING, hint.height())


def draw_chip(
    painter: QPainter, cell: QRect, state: str, text: str, theme: Theme, icons: Icons, ink: QColor | None = None
) -> None:
    """Draw the chip of a state at the left of a cell; in ``ink``, where it lies on a selection."""
    shape, color_name = look_of(state)
    on_selection = ink is not None and ink.isValid()
    color = ink if ink is not None and on_selection else theme.color(color_name)
    metrics = painter.fontMetrics()
    room = cell.width() - 2 * _PADDING - _ICON - _GAP - 8
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, room))
    width = 2 * _PADDING + _ICON + _GAP + metrics.horizontalAdvance(shown)
    height = min(cell.height() - 6, metrics.height() + 6)
    chip = QRect(cell.left() + 6, cell.center().y() - height // 2 + 1, width, height)
    ratio = painter.device().devicePixelRatio()
    mode_pixmap = icons.pixmap(shape, _ICON, ratio, color_name)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    tint = QColor(color)
    tint.setAlpha(_TINT)
    painter.setBrush(tint)
    painter.drawRoundedRect(chip, height / 2, height / 2)
    if on_selection:
        mode_pixmap = icons.selected_pixmap(shape, _ICON, ratio)
    painter.drawPixmap(QPoint(chip.left() + _PADDING, chip.center().y() - _ICON // 2 + 1), mode_pixmap)
    painter.setPen(color)
    text_box = chip.adjusted(_PADDING + _ICON + _GAP, 0, 0, 0)
    painter.drawText(text_box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
    painter.restore()


def look_of(state: str) -> tuple[str, str]:
    """Icon and named colour of a state of a book or a copy."""
    return {
        "pending": ("state-pending", "state.pending"),
        "listed": ("state-listed", "state.listed"),
        "rejected": ("state-rejected", "state.rejected"),
        "deleted": ("state-deleted", "state.deleted"),
        "saving": ("renew", "notice"),
        "available": ("state-listed", "copy.available"),
        "onLoan": ("reader", "copy.onLoan"),
        "onHoldShelf": ("state-pending", "copy.onHoldShelf"),
        "lost": ("lost", "copy.lost"),
        "withdrawn": ("state-deleted", "copy.withdrawn"),
        "overdue": ("warning", "problem"),
    }.get(state, ("info", "muted"))
