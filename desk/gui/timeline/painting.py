"""The timeline's resting picture: lane, breaks, marks or density, axis. All but what follows the pointer."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPen, QPolygonF

from desk.application.command_events import ChangeKind
from desk.application.timeline.axis import BREAK_SPARE, Detail, Tick, Words, index_ticks, time_ticks
from desk.application.timeline.bins import Columns, column_edges, count_columns
from desk.application.timeline.marks import Mark, merge_marks
from desk.application.timeline.scale import BREAK, Mode
from desk.application.timeline.view import View
from desk.gui.timeline.mark_painting import Label, paint_marks
from desk.gui.timeline.model import EventTableModel
from desk.gui.timeline.style import TimelineStyle
from desk.gui.timeline.wording import axis_text, duration, short_duration

PAD: Final = 28.0
"""Left and right of the view, so that marks at both ends are whole."""

TOP: Final = 24.0
"""Room for the playhead's handle."""

CROWD: Final = 2000
"""More events in sight than this are painted as density..."""

LEAST_SPACE: Final = 3.0
"""...and so are events that have fewer pixels each, on average."""

COLUMN: Final = 3.0


@dataclass(frozen=True, slots=True)
class Lines:
    """Heights within the canvas: of the lane's middle, and of the axis."""

    lane: float
    axis: float

    @classmethod
    def of(cls, height: float, style: TimelineStyle) -> "Lines":
        """Where things are in a canvas of this height."""
        axis = height - 2 * style.text_height - 12
        return cls(TOP + min((axis - TOP) * 0.36, 64.0), axis)


@dataclass(frozen=True, slots=True)
class Scene:
    """What was painted, for whoever wants to know what is under the pointer: marks, or columns when crowded."""

    marks: tuple[Mark, ...] = ()
    labels: tuple[Label, ...] = ()
    edges: tuple[int, ...] = ()
    columns: Columns | None = None


def paint_canvas(
    painter: QPainter, width: float, height: float, view: View, model: EventTableModel, style: TimelineStyle
) -> Scene:
    """Paint all of it; gives what the marks are. ``width`` and ``height`` are logical pixels."""
    lines = Lines.of(height, style)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_axis(painter, width, height, lines, view, model, style)
    if not len(model.history):
        return Scene()
    _paint_breaks(painter, lines, view, style)
    first, last = view.visible(PAD)
    count = last - first
    if count > CROWD or (count * LEAST_SPACE > width and count > 64):
        return _paint_density(painter, width, lines, view, model, style)
    _paint_lane(painter, width, lines, view, style)
    marks = merge_marks([PAD + view.x_of(index) for index in range(first, last)], first)
    labels = paint_marks(painter, marks, width, lines.lane, model, style)
    return Scene(marks=tuple(marks), labels=labels)


def _paint_axis(
    painter: QPainter,
    width: float,
    height: float,
    lines: Lines,
    view: View,
    model: EventTableModel,
    style: TimelineStyle,
) -> None:
    painter.fillRect(QRectF(0, 0, width, height), style.paper)
    painter.fillRect(QRectF(0, lines.axis, width, height - lines.axis), style.band)
    painter.setPen(QPen(style.line, 0))
    painter.drawLine(QPointF(0, lines.axis), QPointF(width, lines.axis))
    for tick in _ticks(view, model, style):
        _paint_tick(painter, tick, PAD + tick.x - view.offset, lines, style)


def _ticks(view: View, model: EventTableModel, style: TimelineStyle) -> list[Tick]:
    words = Words(axis_text, style.width)
    if not len(model.history):
        return []
    right = view.offset + view.width
    if view.mode is Mode.REVISION:
        first = model.history.revisions[0]
        ticks = index_ticks(view.scale, view.offset, right, model.time, words)
        return [Tick(t.x, str(first + int(t.text)) if t.text else "", t.date) for t in ticks]
    if model.history.times[0] == model.history.times[-1]:
        return [Tick(0.0, axis_text(model.time(0), Detail.SECOND), axis_text(model.time(0), Detail.DATE))]
    return time_ticks(view.scale, view.offset, right, words)


def _paint_tick(painter: QPainter, tick: Tick, x: float, lines: Lines, style: TimelineStyle) -> None:
    x = round(x) + 0.5
    if tick.text:
        painter.setPen(QPen(style.grid, 1))
        painter.drawLine(QPointF(x, TOP), QPointF(x, lines.axis - 1))
    if not tick.edge and (tick.text or tick.date):
        painter.setPen(QPen(style.strong_line, 1))
        painter.drawLine(QPointF(x, lines.axis), QPointF(x, lines.axis + 4))
    row = style.text_height
    if tick.text:
        painter.setFont(style.small)
        painter.setPen(style.muted)
        painter.drawText(QRectF(x - 80, lines.axis + 4, 160, row), Qt.AlignmentFlag.AlignCenter, tick.text)
    if tick.date:
        painter.setFont(style.small_bold)
        painter.setPen(style.ink)
        side = Qt.AlignmentFlag.AlignRight if tick.leftward else Qt.AlignmentFlag.AlignLeft
        left = x - 202 if tick.leftward else x + 2
        painter.drawText(QRectF(left, lines.axis + 5 + row, 200, row), side | Qt.AlignmentFlag.AlignVCenter, tick.date)


def _paint_breaks(painter: QPainter, lines: Lines, view: View, style: TimelineStyle) -> None:
    painter.setFont(style.small)
    breaks = view.scale.breaks(view.offset - PAD, view.offset + view.width + PAD)
    alone = all(b.x - a.x > BREAK + 2 * BREAK_SPARE for a, b in pairwise(breaks))
    for gap in breaks:
        x = PAD + gap.x - view.offset
        band = QRectF(x + 4, TOP - 8, BREAK - 8, lines.axis - TOP + 8)
        painter.fillRect(band, style.band)
        painter.setPen(QPen(style.line, 1))
        for side in (band.left(), band.right()):
            painter.drawPolyline(_zigzag(side, band.top(), band.bottom()))
        text = duration(gap.end - gap.start)
        if style.width(text) > BREAK + (2 * BREAK_SPARE if alone else -2):
            text = short_duration(gap.end - gap.start)
        painter.setPen(style.muted)
        painter.drawText(
            QRectF(x - 20, lines.axis + 4, BREAK + 40, style.text_height), Qt.AlignmentFlag.AlignCenter, text
        )


def _zigzag(x: float, top: float, bottom: float) -> QPolygonF:
    points, y, side = [], top, 1
    while y < bottom:
        points.append(QPointF(x + 2 * side, y))
        y, side = y + 5, -side
    points.append(QPointF(x, bottom))
    return QPolygonF(points)


def _paint_lane(painter: QPainter, width: float, lines: Lines, view: View, style: TimelineStyle) -> None:
    """A line from the first event to the last, interrupted where time is."""
    left = max(PAD - view.offset, 0.0)
    right = min(PAD + view.scale.length - view.offset, width)
    painter.setPen(QPen(style.line, 2))
    for gap in view.scale.breaks(view.offset - PAD, view.offset + view.width + PAD):
        x = PAD + gap.x - view.offset
        if x > left:
            painter.drawLine(QPointF(left, lines.lane), QPointF(x + 2, lines.lane))
        left = x + BREAK - 2
    if right > left:
        painter.drawLine(QPointF(left, lines.lane), QPointF(right, lines.lane))


def _paint_density(
    painter: QPainter, width: float, lines: Lines, view: View, model: EventTableModel, style: TimelineStyle
) -> Scene:
    edges = column_edges(view.scale, view.offset - PAD, width, COLUMN)
    columns = count_columns(model.history.kinds, edges)
    paint_columns(painter, columns, QRectF(0, TOP, width, lines.axis - TOP - 1), COLUMN, style)
    return Scene(edges=tuple(edges), columns=columns)


def paint_columns(painter: QPainter, columns: Columns, area: QRectF, step: float, style: TimelineStyle) -> None:
    """Stacks of colours; heights grow with the square root, so that a single event beside a crowd still shows."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    highest = columns.highest
    rects: list[list[QRectF]] = [[] for _ in columns.kinds]
    for number, (total, counts) in enumerate(zip(columns.totals, columns.counts, strict=True)):
        if not total:
            continue
        height = max((total / highest) ** 0.5 * area.height(), 3.0)
        y = area.bottom() + 1
        for kind, count in enumerate(counts):
            if count:
                part = height * count / total
                y -= part
                rects[kind].append(QRectF(area.left() + number * step, y, step - 1, part))
    painter.setPen(Qt.PenStyle.NoPen)
    for kind, parts in zip(columns.kinds, rects, strict=True):
        painter.setBrush(QBrush(style.kinds[ChangeKind(kind)]))
        painter.drawRects(parts)
    painter.restore()
