"""The mark of a type of event, a shape in a colour, for tables and menus."""

from PySide6.QtCore import QObject, QPointF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QPolygonF

from desk.application.command_events import ChangeKind, kind_of
from desk.application.timeline.outlines import outline_of
from desk.gui.frame.text_size import scaled
from desk.gui.frame.theme import Theme
from desk.gui.streams.kept import KeptStreams
from desk.gui.streams.model import TypeLook
from desk.gui.widgets.visible_text import visible


class TypeMarks(QObject):
    """One icon for each kind of change, in the colours of the theme; white on a selected row."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons: dict[ChangeKind, QIcon] = {}
        theme.changed.connect(self._icons.clear)

    def icon(self, type_name: str) -> QIcon:
        """The type's mark."""
        kind = kind_of(type_name)
        if kind not in self._icons:
            icon = QIcon()
            for ratio in (1, 2, 3):
                icon.addPixmap(_mark(kind, self._theme.change_color(kind), ratio))
                icon.addPixmap(_mark(kind, QColor(Qt.GlobalColor.white), ratio), QIcon.Mode.Selected)
            self._icons[kind] = icon
        return self._icons[kind]


def _mark(kind: ChangeKind, color: QColor, ratio: int) -> QPixmap:
    side = scaled(16)
    pixmap = QPixmap(side * ratio, side * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.translate(side / 2, side / 2)
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in outline_of(kind, side * 0.68)]))
    painter.end()
    return pixmap


def look_of_types(theme: Theme, kept: KeptStreams, parent: QObject) -> TypeLook:
    """How types are shown: with their marks, and the names that somebody gave them."""
    return TypeLook(lambda name: visible(kept.name_of(name)), TypeMarks(theme, parent).icon)
