"""What moves over the resting picture: the playhead, a ghost of it under the pointer, and the card beside it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from desk.gui.timeline.card import paint_card
from desk.gui.timeline.mark_painting import Label, mark_outline
from desk.gui.timeline.marks import Mark
from desk.gui.timeline.model import EventTableModel
from desk.gui.timeline.painting import PAD, TOP, Lines
from desk.gui.timeline.style import TimelineStyle

if TYPE_CHECKING:
    from desk.gui.timeline.canvas import TimelineCanvas


def paint_overlay(painter: QPainter, canvas: "TimelineCanvas", model: EventTableModel, pointer: QPointF | None) -> None:
    """Paint it; ``pointer`` is None while nothing is pointed at."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    lines = Lines.of(canvas.height(), canvas.timeline_style)
    found = canvas.hit(pointer.x()) if pointer is not None and len(model.history) else None
    if found is not None:
        _paint_ghost(painter, found, lines, canvas)
    if canvas.current is not None and canvas.current < len(model.history):
        _paint_playhead(painter, canvas.current, lines, canvas, model)
    if found is not None and pointer is not None:
        paint_card(painter, found, pointer, QRectF(canvas.rect()), model, canvas.timeline_style)
    if canvas.hasFocus():
        painter.setPen(QPen(canvas.timeline_style.accent, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(canvas.rect()).adjusted(1, 1, -1, -1))


def _paint_ghost(painter: QPainter, found: Mark, lines: Lines, canvas: "TimelineCanvas") -> None:
    color = QColor(canvas.timeline_style.ink)
    color.setAlpha(90)
    painter.setPen(QPen(color, 1, Qt.PenStyle.DashLine))
    x = round(found.x) + 0.5
    painter.drawLine(QPointF(x, TOP - 6), QPointF(x, lines.axis))
    if canvas.scene.columns is None:
        painter.setPen(QPen(color, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        outline = mark_outline(found, QPointF(found.x, lines.lane), 3)
        painter.drawRoundedRect(outline, outline.height() / 2, outline.height() / 2)


def _paint_playhead(
    painter: QPainter, current: int, lines: Lines, canvas: "TimelineCanvas", model: EventTableModel
) -> None:
    """A line through the event with its revision on top; where that is out of sight, an arrow at the edge."""
    style = canvas.timeline_style
    mark = next((mark for mark in canvas.scene.marks if mark.first <= current <= mark.last), None)
    x = mark.x if mark is not None else PAD + canvas.view.x_of(current)
    text = f"r{model.history.revisions[current]}"
    wide = style.width(text) + 14
    inside = 0 <= x <= canvas.width()
    if inside:
        _paint_line(painter, x, mark if canvas.scene.columns is None else None, lines, style)
        for label in canvas.scene.labels:
            if label.mark is mark:
                _paint_label(painter, label, style)
    left = min(max(x - wide / 2, 3.0), canvas.width() - wide - 3)
    handle = QRectF(left, 3, wide, style.text_height + 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(style.accent)
    painter.drawRoundedRect(handle, 4, 4)
    if not inside:
        side = -1 if x < 0 else 1
        edge = handle.left() - 0 if side < 0 else handle.right()
        middle = handle.center().y()
        tip = QPointF(edge + side * 3, middle)
        painter.drawPolygon(QPolygonF([QPointF(edge, middle - 4), tip, QPointF(edge, middle + 4)]))
        text = f"‹ {text}" if side < 0 else f"{text} ›"
    painter.setPen(style.on_accent)
    painter.setFont(style.small_bold)
    painter.drawText(handle, Qt.AlignmentFlag.AlignCenter, text)


def _paint_line(painter: QPainter, x: float, mark: Mark | None, lines: Lines, style: TimelineStyle) -> None:
    """From the handle to the axis, around the mark that it stands for."""
    place = round(x) + 0.5
    pen = QPen(style.accent, 1.6)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if mark is None:
        painter.drawLine(QPointF(place, TOP - 5), QPointF(place, lines.axis))
        return
    outline = mark_outline(mark, QPointF(mark.x, lines.lane), 4)
    painter.drawLine(QPointF(place, TOP - 5), QPointF(place, outline.top()))
    painter.drawLine(QPointF(place, outline.bottom()), QPointF(place, lines.axis))
    for ring in (QPen(style.paper, 4), QPen(style.ink, 1.8)):
        painter.setPen(ring)
        painter.drawRoundedRect(outline, outline.height() / 2, outline.height() / 2)


def _paint_label(painter: QPainter, label: Label, style: TimelineStyle) -> None:
    """The name of the selected event stands out, and upon the line."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(style.paper)
    painter.drawRoundedRect(label.area.adjusted(-3, 0, 3, 0), 3, 3)
    painter.setPen(style.ink)
    painter.setFont(style.small_bold)
    painter.drawText(label.area, Qt.AlignmentFlag.AlignCenter, label.text)
