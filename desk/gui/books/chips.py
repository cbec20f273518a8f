"""Draws a state as a chip: a shape and a word, and a colour that says the same once more."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desk.gui.frame.icons import Icons
from desk.gui.frame.text_size import scaled
from desk.gui.frame.theme import Theme

_ICON = 14
_PADDING = 8
_GAP = 5
_TINT = 30
_TINT_ON_SELECTION = 15
"""Of 255: how much of the colour lies under a chip."""

_KEPT = 200
"""Chips that are kept; there are a dozen kinds for each theme, size and font."""


class Chips:
    """Draws chips, each kind once: rounded shapes with soft edges cost more than all the rest of a row."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        self._theme, self._icons = theme, icons
        self._drawn: dict[tuple[str, str, str, float, str], QPixmap] = {}

    def draw(self, painter: QPainter, cell: QRect, state: str, text: str, ink: QColor | None = None) -> None:
        """The chip of a state at the left of a cell; in ``ink``, where it lies on a selection."""
        metrics = painter.fontMetrics()
        around = scaled(2 * _PADDING + _GAP) + scaled(_ICON)
        room = cell.width() - around - 8
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, room))
        width = around + metrics.horizontalAdvance(shown)
        size = QSize(width, min(cell.height() - 6, metrics.height() + 6))
        ratio = painter.device().devicePixelRatio()
        color = ink if ink is not None else self._theme.color(look_of(state)[1])
        key = (state, shown, f"{color.name()} {size.height()}", ratio, painter.font().key())
        if key not in self._drawn:
            if len(self._drawn) >= _KEPT:
                self._drawn.clear()
            self._drawn[key] = self._chip(
                size, state, shown, color, ratio, painter.font(), on_selection=ink is not None
            )
        painter.drawPixmap(QPoint(cell.left() + 6, cell.center().y() - size.height() // 2 + 1), self._drawn[key])

    def _chip(
        self, size: QSize, state: str, text: str, color: QColor, ratio: float, font: QFont, *, on_selection: bool
    ) -> QPixmap:
        shape, color_name = look_of(state)
        chip = QPixmap(size * ratio)
        chip.setDevicePixelRatio(ratio)
        chip.fill(Qt.GlobalColor.transparent)
        painter = QPainter(chip)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        tint = QColor(color)
        tint.setAlpha(_TINT_ON_SELECTION if on_selection else _TINT)
        painter.setBrush(tint)
        box = QRect(QPoint(0, 0), size)
        painter.drawRoundedRect(box, size.height() / 2, size.height() / 2)
        side, padding = scaled(_ICON), scaled(_PADDING)
        icon = (
            self._icons.selected_pixmap(shape, side, ratio)
            if on_selection
            else self._icons.pixmap(shape, side, ratio, color_name)
        )
        painter.drawPixmap(QPoint(padding, box.center().y() - side // 2 + 1), icon)
        painter.setPen(color)
        painter.setFont(font)
        text_box = box.adjusted(padding + side + scaled(_GAP), 0, 0, 0)
        painter.drawText(text_box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.end()
        return chip


class StateDelegate(QStyledItemDelegate):
    """Paints a column of states; ``role`` gives a state's name, the display role its text."""

    def __init__(self, theme: Theme, icons: Icons, role: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._chips, self._role = Chips(theme, icons), role

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
        ink = option.palette.color(group, QPalette.ColorRole.HighlightedText) if selected else None
        self._chips.draw(painter, option.rect, str(state), text, ink)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """As wide as icon, text and padding."""
        hint = super().sizeHint(option, index)
        return QSize(hint.width() + scaled(_ICON + _GAP + 2 * _PADDING), hint.height())


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
        "onHoldShelf": ("hold", "copy.onHoldShelf"),
        "ready": ("hold", "copy.onHoldShelf"),
        "waiting": ("state-pending", "notice"),
        "lost": ("lost", "copy.lost"),
        "withdrawn": ("state-deleted", "copy.withdrawn"),
        "overdue": ("warning", "problem"),
    }.get(state, ("info", "muted"))
