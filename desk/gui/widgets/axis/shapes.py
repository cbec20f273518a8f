"""What each kind of change looks like: a shape of its own, so that nothing depends on seeing colours."""

from collections.abc import Callable, Hashable
from math import ceil
from typing import Final

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from desk.application.command_events import ChangeKind
from desk.application.timeline.marks import Box
from desk.application.timeline.outlines import KIND_NAMES, outline_of
from desk.gui.frame.text_size import scaled


def kind_name(kind: ChangeKind) -> str:
    """The word beside the shape in the legend."""
    return QCoreApplication.translate("ChangeKind", KIND_NAMES[kind])


def shape_of(kind: ChangeKind, size: float) -> QPainterPath:
    """The outline of a kind's mark around (0, 0), ``size`` pixels high and wide."""
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(x, y) for x, y in outline_of(kind, size)]))
    path.closeSubpath()
    return path


def rect_of(box: Box) -> QRectF:
    """A rectangle for Qt."""
    return QRectF(box.left, box.top, box.width, box.height)


def write(
    painter: QPainter,
    area: QRectF,
    text: str,
    color: QColor,
    font: QFont,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignCenter,
) -> None:
    """Write a text in a colour and a font."""
    painter.setPen(color)
    painter.setFont(font)
    painter.drawText(area, align, text)


def paint_plate(painter: QPainter, area: QRectF, color: QColor, radius: float) -> None:
    """A ground with round corners and without an edge."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRoundedRect(area, radius, radius)


def paint_shape(painter: QPainter, path: QPainterPath, at: QPointF, color: QColor, paper: QColor) -> None:
    """Paint a shape with a rim of the background's colour, which parts it from a neighbour that it overlaps."""
    painter.save()
    painter.translate(at)
    painter.setPen(QPen(paper, 2.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(color)
    painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawPath(path)
    painter.restore()


def mark_icon(path: QPainterPath, usual: tuple[QColor, QColor], selected: tuple[QColor, QColor]) -> QIcon:
    """A mark for tables and menus, in its colour and that of its ground; and in those of a selected row."""
    icon, side = QIcon(), scaled(16)
    for ratio in (1, 2, 3):
        for mode, (color, paper) in ((QIcon.Mode.Normal, usual), (QIcon.Mode.Selected, selected)):
            pixmap = QPixmap(side * ratio, side * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            with QPainter(pixmap) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                paint_shape(painter, path, QPointF(side / 2, side / 2), color, paper)
            icon.addPixmap(pixmap, mode)
    return icon


class Stamps:
    """Small pictures that many frames show: each is painted once and then copied, which takes a tenth of the time."""

    _MOST: Final = 1024

    def __init__(self) -> None:
        self._pictures: dict[tuple[Hashable, float], QPixmap] = {}

    def put(
        self, painter: QPainter, key: Hashable, at: QPointF, reach: QPointF, paint: Callable[[QPainter], None]
    ) -> None:
        """Copy the picture of a key, its middle to ``at``; ``paint`` paints it around (0, 0), up to ``reach``.

        Whole pixels of the device are copied, at whatever scale the painter paints.
        """
        ratio = painter.device().devicePixelRatio() * painter.transform().m11()
        picture = self._pictures.get((key, ratio))
        if picture is None:
            if len(self._pictures) >= self._MOST:
                self._pictures.clear()
            picture = self._pictures[key, ratio] = self._paint(reach, ratio, paint)
        left, top = at.x() - reach.x(), at.y() - reach.y()
        painter.drawPixmap(QPointF(round(left * ratio) / ratio, round(top * ratio) / ratio), picture)

    def _paint(self, reach: QPointF, ratio: float, paint: Callable[[QPainter], None]) -> QPixmap:
        picture = QPixmap(ceil(2 * reach.x() * ratio), ceil(2 * reach.y() * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        with QPainter(picture) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.translate(reach)
            paint(painter)
        return picture
