"""What each kind of change looks like: a shape of its own, so that nothing depends on seeing colours."""

from collections.abc import Mapping
from math import cos, pi, sin
from typing import Final

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPainterPathStroker, QPen, QPolygonF

from desk.application.command_events import ChangeKind

_NAMES: Final[Mapping[ChangeKind, str]] = {
    ChangeKind.CREATED: "Created",
    ChangeKind.CORRECTED: "Corrected",
    ChangeKind.ADDED: "Added",
    ChangeKind.REMOVED: "Removed",
    ChangeKind.LENT: "Lent",
    ChangeKind.RETURNED: "Returned",
    ChangeKind.CHANGED: "Changed",
    ChangeKind.SYSTEM: "System",
}


def kind_name(kind: ChangeKind) -> str:
    """The word beside the shape in the legend."""
    return QCoreApplication.translate("ChangeKind", _NAMES[kind])


def initials(type_name: str) -> str:
    """The capitals of an event type, at most three: ``BookDetailsCorrected`` becomes ``BDC``."""
    capitals = "".join(letter for letter in type_name if letter.isupper())[:3]
    return capitals or type_name.lstrip("$")[:2].upper()


def shape_of(kind: ChangeKind, size: float) -> QPainterPath:
    """The outline of a kind's mark around (0, 0), ``size`` pixels high and wide."""
    r = size / 2
    path = QPainterPath()
    if kind is ChangeKind.CREATED:
        path.addEllipse(QPointF(0, 0), r * 0.94, r * 0.94)
    elif kind is ChangeKind.CHANGED:
        path.addPolygon(_polygon((0, -r * 1.06), (r * 1.06, 0), (0, r * 1.06), (-r * 1.06, 0)))
    elif kind is ChangeKind.ADDED:
        path.addRoundedRect(QRectF(-r, -r * 0.34, size, r * 0.68), 1, 1)
        upright = QPainterPath()
        upright.addRoundedRect(QRectF(-r * 0.34, -r, r * 0.68, size), 1, 1)
        path = path.united(upright)
    elif kind is ChangeKind.REMOVED:
        path.addRoundedRect(QRectF(-r, -r * 0.36, size, r * 0.72), 1.5, 1.5)
    elif kind is ChangeKind.LENT:
        path.addPolygon(_polygon((-r * 0.8, -r), (r, 0), (-r * 0.8, r)))
    elif kind is ChangeKind.RETURNED:
        path.addPolygon(_polygon((r * 0.8, -r), (-r, 0), (r * 0.8, r)))
    elif kind is ChangeKind.CORRECTED:
        path = _turning_arrow(r)
    else:
        path.addRect(QRectF(-r * 0.76, -r * 0.76, size * 0.76, size * 0.76))
    path.closeSubpath()
    return path


def _polygon(*points: tuple[float, float]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points])


def _turning_arrow(r: float) -> QPainterPath:
    """An arrow that turns back on itself."""
    arc = QPainterPath()
    ring = r * 0.72
    arc.arcMoveTo(QRectF(-ring, -ring, 2 * ring, 2 * ring), 60)
    arc.arcTo(QRectF(-ring, -ring, 2 * ring, 2 * ring), 60, 262)
    stroker = QPainterPathStroker()
    stroker.setWidth(r * 0.46)
    stroker.setCapStyle(Qt.PenCapStyle.FlatCap)
    body = stroker.createStroke(arc)
    angle = pi / 3
    tip = QPainterPath()
    x, y, wide = ring * cos(angle), -ring * sin(angle), r * 0.62
    along, across = (sin(angle), cos(angle)), (cos(angle), -sin(angle))
    tip.addPolygon(
        _polygon(
            (x + along[0] * wide * 1.1, y + along[1] * wide * 1.1),
            (x + across[0] * wide - along[0] * 0.2 * r, y + across[1] * wide - along[1] * 0.2 * r),
            (x - across[0] * wide - along[0] * 0.2 * r, y - across[1] * wide - along[1] * 0.2 * r),
        )
    )
    tip.closeSubpath()
    return body.simplified().united(tip)


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
