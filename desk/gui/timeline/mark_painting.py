"""Marks of single events, pills for several, and the names beneath them as far as there is room."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from desk.application.command_events import ChangeKind
from desk.application.timeline.marks import PILL, Mark
from desk.gui.timeline.model import EventTableModel
from desk.gui.timeline.shapes import initials, paint_shape
from desk.gui.timeline.style import MARK_SIZE, TimelineStyle

PILL_HEIGHT: Final = 20.0
_AWAY: Final = 12.0
_APART: Final = 10.0


@dataclass(frozen=True, slots=True)
class Label:
    """What was written at a mark, and where."""

    mark: Mark
    text: str
    area: QRectF


def paint_marks(
    painter: QPainter, marks: Sequence[Mark], width: float, lane: float, model: EventTableModel, style: TimelineStyle
) -> tuple[Label, ...]:
    """Paint marks upon the lane, at the height ``lane`` of a canvas so wide; gives what was written."""
    labels = _Labels(painter, width, lane, style)
    labels.paint(marks, model)
    for mark in marks:
        at = QPointF(mark.x, lane)
        if mark.count > 1:
            _paint_pill(painter, mark, at, model, style)
        else:
            kind = model.kind(mark.first)
            paint_shape(painter, style.shapes[kind], at, style.kinds[kind], style.paper)
    return tuple(labels.written)


def mark_outline(mark: Mark, at: QPointF, away: float) -> QRectF:
    """A rectangle around a mark, ``away`` pixels outside of it."""
    half_height = PILL_HEIGHT / 2 if mark.count > 1 else MARK_SIZE / 2
    half_width = PILL if mark.count > 1 else MARK_SIZE / 2
    return QRectF(at.x() - half_width, at.y() - half_height, 2 * half_width, 2 * half_height).adjusted(
        -away, -away, away, away
    )


def _paint_pill(painter: QPainter, mark: Mark, at: QPointF, model: EventTableModel, style: TimelineStyle) -> None:
    """A capsule with the count, and a bar that says how much of it is of each kind."""
    capsule = QPainterPath()
    outline = mark_outline(mark, at, 0)
    capsule.addRoundedRect(outline, PILL_HEIGHT / 2, PILL_HEIGHT / 2)
    painter.setPen(QPen(style.paper, 3))
    painter.setBrush(style.paper)
    painter.drawPath(capsule)
    painter.save()
    painter.setClipPath(capsule)
    left = outline.left()
    for kind, count in kinds_of(mark, model):
        share = outline.width() * count / mark.count
        painter.fillRect(QRectF(left, outline.bottom() - 5, share + 0.5, 5), style.kinds[kind])
        left += share
    painter.restore()
    painter.setPen(QPen(style.strong_line, 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(capsule)
    painter.setPen(style.ink)
    painter.setFont(style.small_bold)
    text = str(mark.count) if mark.count < 1000 else f"{mark.count // 1000}k"
    painter.drawText(outline.adjusted(0, -1, 0, -4), Qt.AlignmentFlag.AlignCenter, text)


def kinds_of(mark: Mark, model: EventTableModel) -> list[tuple[ChangeKind, int]]:
    """What a mark stands for, by kind."""
    data = model.history.kinds[mark.first : mark.last + 1].tobytes()
    return [(ChangeKind(kind), data.count(kind)) for kind in sorted(set(data))]


class _Labels:
    """Names go below the lane, above it, or further below; where none of that is free, initials do."""

    def __init__(self, painter: QPainter, width: float, lane: float, style: TimelineStyle) -> None:
        self._painter, self._width, self._lane, self._style = painter, width, lane, style
        row = style.text_height
        self._rows = (lane + _AWAY, lane - _AWAY - row, lane + _AWAY + row + 2)
        self._ends = [0.0] * len(self._rows)
        self.written: list[Label] = []

    def paint(self, marks: Sequence[Mark], model: EventTableModel) -> None:
        self._painter.setFont(self._style.small)
        for mark, following in zip_longest(marks, marks[1:]):
            kinds = set(model.history.types[mark.first : mark.last + 1])
            if len(kinds) > 1:
                continue
            name = model.type_name(mark.first)
            room = following.x - following.half if following else self._width
            if not self._place(mark, name, range(len(self._rows)), roomy=mark.x + 4 * _APART < room):
                self._place(mark, initials(name), range(1), roomy=True)

    def _place(self, mark: Mark, text: str, rows: range, *, roomy: bool) -> bool:
        x, wide = mark.x, self._style.width(text)
        left = min(max(x - wide / 2, 2.0), self._width - wide - 2)
        free = next((row for row in rows if self._ends[row] <= left), None)
        if free is None or not roomy:
            return False
        top = self._rows[free]
        if free == 2:
            self._painter.setPen(QPen(self._style.line, 1))
            self._painter.drawLine(QPointF(x, self._lane), QPointF(x, top))
        self._painter.setPen(self._style.muted)
        area = QRectF(left, top, wide + 1, self._style.text_height)
        self._painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
        self.written.append(Label(mark, text, area))
        self._ends[free] = left + wide + _APART
        return True
