"""Paints a line of the palette: icon, name with matched letters in bold, what it belongs to or why not, its key."""

from collections.abc import Collection, Iterator
from itertools import groupby
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QIcon, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desk.gui.frame.icons import Icons
from desk.gui.frame.palette.lines import LINE, PaletteLine

_ICON: Final = 20
_MARGIN: Final = 10
_GAP: Final = 10


class PaletteDelegate(QStyledItemDelegate):
    """What is refused is muted and has a dashed icon; the reason stands in the place of what it belongs to."""

    def __init__(self, icons: Icons, parent: QWidget) -> None:
        super().__init__(parent)
        self._icons = icons

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        self.initStyleOption(option, index)
        option.text = ""
        option.widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        line = index.data(LINE)
        if isinstance(line, PaletteLine):
            painter.save()
            self._draw(painter, option, line)
            painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, row_height(option.fontMetrics))

    def _draw(self, painter: QPainter, option: QStyleOptionViewItem, line: PaletteLine) -> None:
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        roles = QPalette.ColorRole
        ink = option.palette.color(roles.HighlightedText if selected else roles.Text)
        muted = option.palette.color(roles.HighlightedText if selected else roles.PlaceholderText)
        room = option.rect.adjusted(_MARGIN, 0, -_MARGIN, 0)
        mode = QIcon.Mode.Selected if selected else QIcon.Mode.Normal
        icon = QRect(room.left(), room.center().y() - _ICON // 2 + 1, _ICON, _ICON)
        self._icons.icon(line.icon).paint(
            painter, icon, Qt.AlignmentFlag.AlignCenter, QIcon.Mode.Disabled if line.refusal and not selected else mode
        )
        room.setLeft(icon.right() + _GAP)
        painter.setFont(option.font)
        painter.setPen(muted)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, line.keys)
        if line.keys:
            room.setRight(room.right() - option.fontMetrics.horizontalAdvance(line.keys) - _GAP)
        title = room.adjusted(0, 0, 0, 0)
        title.setWidth(min(room.width(), _width(line.title, option.font)))
        letters = line.match.letters
        _draw_text(painter, title, line.title, letters, muted if line.refusal else ink)
        room.setLeft(title.right() + _GAP)
        if room.width() <= _GAP:
            return
        if line.refusal:
            _draw_text(painter, room, line.refusal, (), muted)
        else:
            begin = len(line.title) + 1
            _draw_text(painter, room, line.detail, {at - begin for at in letters}, muted)


def row_height(metrics: QFontMetrics) -> int:
    """Pixels of a line: a text with some air, at any size of text."""
    return max(_ICON, metrics.height()) + 12


def _bold(font: QFont) -> QFont:
    heavy = QFont(font)
    heavy.setWeight(QFont.Weight.Bold)
    return heavy


def _width(text: str, font: QFont) -> int:
    """Enough for it in bold."""
    return QFontMetrics(_bold(font)).horizontalAdvance(text) + 2


def _draw_text(painter: QPainter, room: QRect, text: str, bold: Collection[int], ink: QColor) -> None:
    """A text with some of its letters in bold, elided where there is no room for all of it."""
    painter.setPen(ink)
    light, x = painter.font(), room.left()
    heavy = _bold(light)
    for piece, is_bold in _pieces(text, bold):
        font = heavy if is_bold else light
        metrics = QFontMetrics(font)
        left = room.right() - x
        shown = metrics.elidedText(piece, Qt.TextElideMode.ElideRight, left)
        painter.setFont(font)
        painter.drawText(QRect(x, room.top(), left, room.height()), Qt.AlignmentFlag.AlignVCenter, shown)
        x += metrics.horizontalAdvance(shown)
        if shown != piece:
            break
    painter.setFont(light)


def _pieces(text: str, bold: Collection[int]) -> Iterator[tuple[str, bool]]:
    for is_bold, places in groupby(range(len(text)), lambda place: place in bold):
        yield "".join(text[place] for place in places), is_bold
