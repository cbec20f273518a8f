"""What moves over the resting picture: the playhead, a ghost of it under the pointer, and the card beside it."""

from dataclasses import replace

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from desk.application.timeline.labels import Label, last_word, name_of, words_of
from desk.application.timeline.layout import PAD, TOP, Layout
from desk.application.timeline.marks import Box, Mark
from desk.application.timeline.view import View
from desk.gui.widgets.axis.card import paint_card
from desk.gui.widgets.axis.mark_painting import paint_labels
from desk.gui.widgets.axis.model import AxisModel
from desk.gui.widgets.axis.shapes import paint_plate, rect_of, write
from desk.gui.widgets.axis.style import TimelineStyle
from desk.records import dataclass


@dataclass(frozen=True, slots=True)
class Overlay:
    """What moves now: the event at the playhead, what the pointer is at, and the mark; None for neither.

    ``said`` is more to be said of what the pointer is at.
    """

    scene: Layout
    view: View
    style: TimelineStyle
    model: AxisModel
    area: QRectF
    current: int | None
    found: Mark | None
    pointer: QPointF | None
    marked: int | None = None
    said: tuple[str, ...] = ()


def paint_overlay(painter: QPainter, overlay: Overlay, *, focused: bool) -> None:
    """Paint it; ``focused`` frames it."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    found, pointer, current = overlay.found, overlay.pointer, overlay.current
    if found is not None:
        _paint_ghost(painter, found, overlay)
    marked = overlay.marked
    if marked is not None and marked < len(overlay.model.history):
        _paint_marked(painter, marked, overlay)
    handle = QRectF()
    if current is not None and current < len(overlay.model.history):
        handle = _paint_playhead(painter, current, overlay)
    said, now = overlay.model.says_time, QCoreApplication.translate("timeline", "now")
    if len(overlay.model.history):
        _write_on_top(painter, said, 6 + overlay.style.width(said) / 2, handle, overlay)
    if overlay.scene.now is not None:
        _write_on_top(painter, now, overlay.scene.now, handle, overlay)
    if found is not None and pointer is not None:
        paint_card(painter, found, pointer, overlay.area, overlay.model, overlay.style, overlay.said)
    if focused:
        painter.setPen(QPen(overlay.style.accent, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(overlay.area.adjusted(1, 1, -1, -1))


def _paint_ghost(painter: QPainter, found: Mark, overlay: Overlay) -> None:
    color, axis = QColor(overlay.style.ink), overlay.scene.axis
    color.setAlpha(90)
    painter.setPen(QPen(color, 1, Qt.PenStyle.DashLine))
    x = round(found.x) + 0.5
    painter.drawLine(QPointF(x, TOP - 6), QPointF(x, axis))
    if overlay.scene.columns is None:
        painter.setPen(QPen(color, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        outline = rect_of(found.box.grown(3))
        painter.drawRoundedRect(outline, outline.height() / 2, outline.height() / 2)


def _paint_marked(painter: QPainter, marked: int, overlay: Overlay) -> None:
    """The mark as a flag with an A, and a tint over all that lies between it and the playhead."""
    style, width, axis = overlay.style, overlay.area.width(), overlay.scene.axis
    x = overlay.scene.left + overlay.view.x_of(marked)
    if overlay.current is not None and overlay.current < len(overlay.model.history):
        other = overlay.scene.left + overlay.view.x_of(overlay.current)
        begin, end = sorted(min(max(place, 0.0), width) for place in (x, other))
        tint = QColor(style.accent)
        tint.setAlpha(28)
        painter.fillRect(QRectF(begin, TOP - 5, end - begin, axis - TOP + 5), tint)
    if 0 <= x <= width:
        painter.setPen(QPen(style.accent, 1.6, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(round(x) + 0.5, TOP - 5), QPointF(round(x) + 0.5, axis))
    text = f"A {overlay.model.place(marked)}"
    wide = style.width(text) + 12
    flag = QRectF(min(max(x - wide / 2, 3.0), width - wide - 3), 3, wide, style.words.height + 2)
    painter.setPen(QPen(style.accent, 1.4))
    painter.setBrush(style.paper)
    painter.drawRoundedRect(flag, 4, 4)
    write(painter, flag, text, style.ink, style.small_bold)


def _write_on_top(painter: QPainter, text: str, x: float, handle: QRectF, overlay: Overlay) -> None:
    """Around ``x``; beside the playhead's handle where that stands there too."""
    style = overlay.style
    area = QRectF(x - style.width(text) / 2, 3, style.width(text), style.words.height)
    if area.intersects(handle.adjusted(-4, 0, 4, 0)):
        area.moveLeft(handle.right() + 5)
        if area.right() > overlay.area.width():
            area.moveRight(handle.left() - 5)
    painter.setPen(style.muted)
    painter.setFont(style.small)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)


def _paint_playhead(painter: QPainter, current: int, overlay: Overlay) -> QRectF:
    """A line through the event with its revision on top; where that is out of sight, an arrow at the edge. Gives back
    where the revision is written.
    """
    style, scene, width = overlay.style, overlay.scene, overlay.area.width()
    mark = next((mark for mark in scene.marks if current in mark.members), None)
    x = mark.x if mark is not None else scene.left + overlay.view.x_of(current)
    text = overlay.model.place(current)
    wide = style.width(text) + 14
    inside = 0 <= x <= width
    if inside:
        _paint_line(painter, x, mark, scene.axis, style)
        for label in scene.labels:
            if label.mark is mark:
                painter.fillRect(rect_of(label.box), style.paper)
                _paint_label(painter, _label_at_playhead(label, current, overlay), style)
            elif label.box.left - 2 < x < label.box.right + 2:
                painter.fillRect(rect_of(label.box), style.paper)  # the line leads behind what is written
                paint_labels(painter, [label], style)
    left = min(max(x - wide / 2, 3.0), width - wide - 3)
    handle = QRectF(left, 3, wide, style.words.height + 2)
    paint_plate(painter, handle, style.accent, 4)
    if not inside:
        side = -1 if x < 0 else 1
        edge = handle.left() if side < 0 else handle.right()
        middle = handle.center().y()
        tip = QPointF(edge + side * 3, middle)
        painter.drawPolygon(QPolygonF([QPointF(edge, middle - 4), tip, QPointF(edge, middle + 4)]))
        text = f"‹ {text}" if side < 0 else f"{text} ›"
    write(painter, handle, text, style.on_accent, style.small_bold)
    return handle


def _label_at_playhead(label: Label, current: int, overlay: Overlay) -> Label:
    """What is written at the mark of the event at the playhead: in a crowd the words of that event."""
    mark, history, style = label.mark, overlay.model.history, overlay.style
    if name_of(mark, history):
        return label
    name, others = history.type_names[history.types[current]], [*overlay.scene.labels]
    others.remove(label)
    right = overlay.area.width() - 2
    short = any(other.text == last_word(name) for other in others)  # one word is enough for one thing
    for text in (last_word(name),) if short else (words_of(name), last_word(name)):
        wide = style.width(text) + 1
        left = min(max(mark.x - wide / 2, overlay.scene.left - PAD + 2), right - wide)
        if label.box.top < mark.y < label.box.bottom:
            left = label.box.left if label.box.left > mark.x else label.box.right - wide
        box = Box(min(left, right - wide), label.box.top, wide, label.box.height)
        label = replace(label, text=text, box=box)
        if left == box.left and not any(box.overlaps(other.box) for other in others):
            break
    return label


def _paint_line(painter: QPainter, x: float, mark: Mark | None, axis: float, style: TimelineStyle) -> None:
    """From the handle to the axis, around the mark that it stands for."""
    place = round(x) + 0.5
    painter.setPen(QPen(style.accent, 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if mark is None:
        painter.drawLine(QPointF(place, TOP - 5), QPointF(place, axis))
        return
    outline = rect_of(mark.box.grown(4))
    painter.drawLine(QPointF(place, TOP - 5), QPointF(place, outline.top()))
    painter.drawLine(QPointF(place, outline.bottom()), QPointF(place, axis))
    for ring in (QPen(style.paper, 4), QPen(style.ink, 1.8)):
        painter.setPen(ring)
        painter.drawRoundedRect(outline, outline.height() / 2, outline.height() / 2)


def _paint_label(painter: QPainter, label: Label, style: TimelineStyle) -> None:
    """The name of the selected event stands out, and upon the line."""
    area = rect_of(label.box)
    paint_plate(painter, area.adjusted(-3, 0, 3, 0), style.paper, 3)
    write(painter, area, label.text, style.ink, style.small_bold)
