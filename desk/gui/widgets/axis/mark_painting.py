"""Marks of single events, pills for several, hollow marks for what is no event, and the texts at them."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from desk.application.command_events import ChangeKind
from desk.application.history import HistoryColumns
from desk.application.timeline.labels import Label
from desk.application.timeline.layout import HollowMark, kinds_of
from desk.application.timeline.marks import MARK_SIZE, PILL, PILL_HEIGHT, Mark
from desk.application.timeline.svg import SHARES, pill_text
from desk.gui.widgets.axis.shapes import paint_shape, rect_of, write
from desk.gui.widgets.axis.style import TimelineStyle
from desk.gui.widgets.masking import masked_words

_MARK_REACH: Final = QPointF(11, 11)
_PILL_REACH: Final = QPointF(PILL + 2, PILL_HEIGHT / 2 + 2)
"""From the middle of a mark, or a pill, to where nothing of it is left, its rim and text included."""


def paint_marks(painter: QPainter, marks: Iterable[Mark], history: HistoryColumns, style: TimelineStyle) -> None:
    """Paint marks where they are."""
    for mark in marks:
        at = QPointF(mark.x, mark.y)
        if mark.count > 1:
            kinds = tuple(kinds_of(mark, history))
            style.stamps.put(painter, kinds, at, _PILL_REACH, partial(_paint_pill, kinds=kinds, style=style))
        else:
            kind = ChangeKind(history.kinds[mark.first])
            style.stamps.put(painter, kind, at, _MARK_REACH, partial(_paint_mark, kind=kind, style=style))


def paint_labels(painter: QPainter, labels: Iterable[Label], style: TimelineStyle) -> None:
    """Write what stands at marks."""
    for label in labels:
        if label.leader:
            painter.setPen(QPen(style.line, 1))
            painter.drawLine(QPointF(label.mark.x, label.mark.y), QPointF(label.mark.x, label.box.top))
        write(painter, rect_of(label.box), masked_words(label.text), style.muted, style.small)


def paint_hollow_marks(painter: QPainter, marks: Iterable[HollowMark], style: TimelineStyle) -> None:
    """Paint what is no event: only outlines, on the ground of the picture."""
    for mark in marks:
        reach = QPointF(mark.box.width / 2 + 3, _MARK_REACH.y())
        paint = partial(_paint_hollow, mark=mark, style=style)
        style.stamps.put(painter, (mark.side, mark.word), QPointF(mark.x, mark.y), reach, paint)


def _paint_mark(painter: QPainter, kind: ChangeKind, style: TimelineStyle) -> None:
    paint_shape(painter, style.shapes[kind], QPointF(), style.kinds[kind], style.paper)


def _paint_hollow(painter: QPainter, mark: HollowMark, style: TimelineStyle) -> None:
    painter.setPen(QPen(style.sides[mark.side], 1.6))
    painter.setBrush(style.paper)
    outline = rect_of(mark.box).translated(-mark.x, -mark.y)
    painter.drawRoundedRect(outline, MARK_SIZE / 2, MARK_SIZE / 2)
    write(painter, outline, mark.word, style.sides[mark.side], style.small_bold)


def _paint_pill(painter: QPainter, kinds: Sequence[tuple[ChangeKind, int]], style: TimelineStyle) -> None:
    """A capsule with the count, and a bar that says how much of it is of each kind."""
    capsule, total = QPainterPath(), sum(count for _, count in kinds)
    outline = QRectF(-PILL, -PILL_HEIGHT / 2, 2 * PILL, PILL_HEIGHT)
    capsule.addRoundedRect(outline, PILL_HEIGHT / 2, PILL_HEIGHT / 2)
    painter.setPen(QPen(style.paper, 3))
    painter.setBrush(style.paper)
    painter.drawPath(capsule)
    painter.save()
    painter.setClipPath(capsule)
    left = outline.left()
    for kind, count in kinds:
        share = outline.width() * count / total
        painter.fillRect(QRectF(left, outline.bottom() - SHARES, share + 0.5, SHARES), style.kinds[kind])
        left += share
    painter.restore()
    painter.setPen(QPen(style.strong_line, 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(capsule)
    write(painter, outline.adjusted(0, -1, 0, -4), pill_text(total), style.ink, style.small_bold)
