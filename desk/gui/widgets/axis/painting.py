"""The timeline's resting picture as it is laid out: all but what follows the pointer."""

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPen, QPolygonF

from desk.application.history import HistoryColumns
from desk.application.timeline.axis import Tick
from desk.application.timeline.layout import PAD, TOP, Bars, Layout, Pause
from desk.application.timeline.scale import BREAK
from desk.application.timeline.svg import zigzag
from desk.gui.widgets.axis.mark_painting import paint_hollow_marks, paint_labels, paint_marks
from desk.gui.widgets.axis.shapes import rect_of, write
from desk.gui.widgets.axis.style import TimelineStyle


def paint_layout(painter: QPainter, layout: Layout, history: HistoryColumns, style: TimelineStyle) -> None:
    """Paint all of it, in logical pixels."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(QRectF(0, 0, layout.width, layout.height), style.paper)
    painter.fillRect(QRectF(0, layout.axis, layout.width, layout.height - layout.axis), style.band)
    painter.setPen(QPen(style.line, 0))
    painter.drawLine(QPointF(0, layout.axis), QPointF(layout.width, layout.axis))
    for tick in layout.ticks:
        _paint_tick(painter, tick, layout, style)
    _paint_pauses(painter, layout.pauses, layout.axis, style)
    _paint_complete(painter, layout, style)
    paint_bars(painter, layout.bars, style)
    _paint_now(painter, layout, style)
    _paint_lanes(painter, layout, style)
    painter.setPen(QPen(style.line, 1))
    painter.setBrush(style.band)
    for capsule in layout.capsules:
        painter.drawRoundedRect(rect_of(capsule), 9, 9)
    paint_marks(painter, layout.marks, history, style)
    if len(layout.lanes) > 1:
        for label in layout.labels:
            painter.fillRect(rect_of(label.box), style.paper)
    paint_labels(painter, layout.labels, style)
    paint_hollow_marks(painter, layout.hollow, style)
    _paint_names(painter, layout, style)


def _paint_tick(painter: QPainter, tick: Tick, layout: Layout, style: TimelineStyle) -> None:
    x = round(tick.x) + 0.5
    if tick.text:
        painter.setPen(QPen(style.grid, 1))
        painter.drawLine(QPointF(x, TOP), QPointF(x, layout.axis - 1))
    if not tick.edge and (tick.text or tick.date):
        painter.setPen(QPen(style.strong_line, 1))
        painter.drawLine(QPointF(x, layout.axis), QPointF(x, layout.axis + 4))
    row = style.words.height
    if tick.text:
        write(painter, QRectF(x - 80, layout.axis + 4, 160, row), tick.text, style.muted, style.small)
    if tick.date:
        side = Qt.AlignmentFlag.AlignRight if tick.leftward else Qt.AlignmentFlag.AlignLeft
        area = QRectF(x - 202 if tick.leftward else x + 2, layout.axis + 5 + row, 200, row)
        write(painter, area, tick.date, style.ink, style.small_bold, side | Qt.AlignmentFlag.AlignVCenter)


def _paint_pauses(painter: QPainter, pauses: Iterable[Pause], axis: float, style: TimelineStyle) -> None:
    for pause in pauses:
        band = QRectF(pause.x + 4, TOP - 8, BREAK - 8, axis - TOP + 8)
        painter.fillRect(band, style.band)
        painter.setPen(QPen(style.line, 1))
        for side in (band.left(), band.right()):
            painter.drawPolyline(QPolygonF([QPointF(*point) for point in zigzag(side, band.top(), band.bottom())]))
        area = QRectF(pause.x - 20, axis + 4, BREAK + 40, style.words.height)
        write(painter, area, pause.text, style.muted, style.small)


def _paint_now(painter: QPainter, layout: Layout, style: TimelineStyle) -> None:
    if layout.now is None:
        return
    x = round(layout.now) + 0.5
    painter.setPen(QPen(style.accent, 1, Qt.PenStyle.DashLine))
    painter.drawLine(QPointF(x, TOP - 4), QPointF(x, layout.axis))


def _paint_complete(painter: QPainter, layout: Layout, style: TimelineStyle) -> None:
    """Shades over what may lack events, and a line where that begins, with words at it."""
    if layout.complete is None:
        return
    left, right = layout.complete
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    high = layout.axis - TOP
    for begin, wide in ((0.0, left), (right, layout.width - right)):
        if wide > 0:
            area = QRectF(begin, TOP, wide, high)
            painter.fillRect(area, style.band)
            painter.fillRect(area, QBrush(style.line, Qt.BrushStyle.BDiagPattern))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(style.notice, 2))
    painter.drawLine(QPointF(right, TOP - 6), QPointF(right, layout.axis))
    rest = QCoreApplication.translate("timeline", "may still come")
    if layout.width - right > style.width(rest) + 6:
        area = QRectF(right + 6, 3, layout.width - right, style.words.height)
        write(painter, area, rest, style.muted, style.small_bold, Qt.AlignmentFlag.AlignVCenter)


def _paint_lanes(painter: QPainter, layout: Layout, style: TimelineStyle) -> None:
    for lane in layout.lanes:
        painter.setPen(QPen(style.line, 2))
        for left, right in layout.spans:
            painter.drawLine(QPointF(left, lane.y), QPointF(right, lane.y))


def _paint_names(painter: QPainter, layout: Layout, style: TimelineStyle) -> None:
    """The names of the lanes, over whatever lies left of what is in sight."""
    if layout.left <= PAD or layout.columns is not None:
        return
    painter.fillRect(QRectF(0, TOP, layout.left - PAD + 2, layout.axis - TOP), style.paper)
    high = style.words.height
    for lane in layout.lanes:
        area = QRectF(6, lane.y - high / 2, layout.left, high)
        write(painter, area, lane.name, style.muted, style.small, Qt.AlignmentFlag.AlignVCenter)


def paint_bars(painter: QPainter, bars: Iterable[Bars], style: TimelineStyle) -> None:
    """Paint a crowd as columns."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.setPen(Qt.PenStyle.NoPen)
    for kind, rectangles in bars:
        painter.setBrush(QBrush(style.kinds[kind]))
        painter.drawRects([QRectF(*rectangle) for rectangle in rectangles])
    painter.restore()
