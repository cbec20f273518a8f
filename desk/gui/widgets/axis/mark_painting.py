"""Marks of single events, pills for several, hollow marks for what is no event, and the texts at them."""

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from desk.application.command_events import ChangeKind
from desk.application.history import HistoryColumns
from desk.application.timeline.labels import Label
from desk.application.timeline.layout import HollowMark, kinds_of
from desk.application.timeline.marks import MARK_SIZE, PILL_HEIGHT, Mark
from desk.application.timeline.svg import SHARES, hollow_text, pill_text
from desk.gui.widgets.axis.shapes import paint_shape, rect_of
from desk.gui.widgets.axis.style import TimelineStyle
from desk.gui.widgets.masking import masked_words


def paint_marks(painter: QPainter, marks: Iterable[Mark], history: HistoryColumns, style: TimelineStyle) -> None:
    """Paint marks where they are."""
    for mark in marks:
        if mark.count > 1:
            _paint_pill(painter, mark, history, style)
        else:
            kind = ChangeKind(history.kinds[mark.first])
            paint_shape(painter, style.shapes[kind], QPointF(mark.x, mark.y), style.kinds[kind], style.paper)


def paint_labels(painter: QPainter, labels: Iterable[Label], style: TimelineStyle) -> None:
    """Write what stands at marks."""
    painter.setFont(style.small)
    for label in labels:
        if label.leader:
            painter.setPen(QPen(style.line, 1))
            painter.drawLine(QPointF(label.mark.x, label.mark.y), QPointF(label.mark.x, label.box.top))
        painter.setPen(style.muted)
        painter.drawText(rect_of(label.box), Qt.AlignmentFlag.AlignCenter, masked_words(label.text))


def paint_hollow_marks(painter: QPainter, marks: Iterable[HollowMark], style: TimelineStyle) -> None:
    """Paint what is no event: only outlines, on the ground of the picture."""
    for mark in marks:
        painter.setPen(QPen(style.sides[mark.side], 1.6))
        painter.setBrush(style.paper)
        painter.drawEllipse(QPointF(mark.x, mark.y), MARK_SIZE / 2, MARK_SIZE / 2)
        painter.setFont(style.small_bold)
        painter.drawText(QRectF(mark.x - 10, mark.y - 10, 20, 20), Qt.AlignmentFlag.AlignCenter, hollow_text(mark))


def _paint_pill(painter: QPainter, mark: Mark, history: HistoryColumns, style: TimelineStyle) -> None:
    """A capsule with the count, and a bar that says how much of it is of each kind."""
    capsule = QPainterPath()
    outline = rect_of(mark.box)
    capsule.addRoundedRect(outline, PILL_HEIGHT / 2, PILL_HEIGHT / 2)
    painter.setPen(QPen(style.paper, 3))
    painter.setBrush(style.paper)
    painter.drawPath(capsule)
    painter.save()
    painter.setClipPath(capsule)
    left = outline.left()
    for kind, count in kinds_of(mark, history):
        share = outline.width() * count / mark.count
        painter.fillRect(QRectF(left, outline.bottom() - SHARES, share + 0.5, SHARES), style.kinds[kind])
        left += share
    painter.restore()
    painter.setPen(QPen(style.strong_line, 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(capsule)
    painter.setPen(style.ink)
    painter.setFont(style.small_bold)
    painter.drawText(outline.adjusted(0, -1, 0, -4), Qt.AlignmentFlag.AlignCenter, pill_text(mark.count))
