"""What each kind of change looks like: a shape of its own, so that nothing depends on seeing colours."""

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from desk.application.command_events import ChangeKind
from desk.application.timeline.marks import Box
from desk.application.timeline.outlines import KIND_NAMES, outline_of


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
