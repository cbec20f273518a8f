"""The whole stream in a strip, with the part in sight as a window that can be dragged."""

from array import array
from collections.abc import Callable, Iterable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from desk.application.timeline.bins import column_edges, count_columns
from desk.application.timeline.layout import PAD, bars_of
from desk.application.timeline.marks import Box
from desk.application.timeline.scale import BREAK
from desk.application.timeline.view import View
from desk.gui.frame.text_size import follow_text, scale, scaled
from desk.gui.widgets.axis.canvas import TimelineCanvas
from desk.gui.widgets.axis.painting import paint_bars

_STEP = 2.0
FLAG = 7.0


class Overview(QWidget):
    """Shows where the canvas looks; a click or a drag moves it there, the wheel goes to the canvas."""

    def __init__(self, canvas: TimelineCanvas) -> None:
        super().__init__()
        self._canvas = canvas
        self._view = View(array("d"), canvas.view.mode)
        self._grip: float | None = None
        self._picture: QPixmap | None = None
        self.flagged: Callable[[], Iterable[int]] = tuple
        """Gives the rows of events that have a flag."""
        self.setAccessibleName(self.tr("Overview of the whole history"))
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        canvas.changed.connect(self._renew)
        canvas.moved.connect(self.update)
        follow_text(self, self._measure)

    def _measure(self) -> None:
        self.setFixedHeight(scaled(30))
        self._renew()

    def sizeHint(self) -> QSize:
        return QSize(scaled(400), scaled(30))

    @property
    def _width(self) -> float:
        return self.width() / scale()

    @property
    def _height(self) -> float:
        return self.height() / scale()

    def window_rect(self) -> QRectF:
        """The draggable window."""
        begin, end = self._canvas.view.window()
        left = PAD + self._view.scale.x_at(begin)
        right = PAD + self._view.scale.x_at(end)
        wide = max(right - left, 8.0)
        return QRectF(left - 3, 1.0, wide + 6, self._height - 2.0)

    def _renew(self) -> None:
        self._picture = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._renew()

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        if self._picture is None or self._picture.devicePixelRatio() != ratio:
            self._picture = self._paint_all(ratio)
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._picture)
            painter.scale(scale(), scale())
            if len(self._canvas.view.times) and not self._canvas.view.fitted:
                self._paint_window(painter)
            self._paint_flags(painter)

    def flag_x(self, row: int) -> float:
        """Where an event is, in pixels of normal text."""
        return PAD + self._view.scale.to_x(row)

    def _paint_flags(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._canvas.timeline_style.notice)
        for row in self.flagged():
            x = self.flag_x(row)
            painter.drawRect(QRectF(x - 0.7, 1, 1.4, self._height - 3))
            painter.drawPolygon(QPolygonF([QPointF(x, 1), QPointF(x + FLAG, 1 + FLAG / 2), QPointF(x, 1 + FLAG)]))

    def _paint_window(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        window, style = self.window_rect(), self._canvas.timeline_style
        shade = QColor(style.band)
        shade.setAlpha(170)
        painter.fillRect(QRectF(0, 0, window.left(), self._height), shade)
        painter.fillRect(QRectF(window.right(), 0, self._width - window.right(), self._height), shade)
        painter.setPen(QPen(style.accent, 1.5))
        painter.drawRoundedRect(window, 3, 3)

    def _paint_all(self, ratio: float) -> QPixmap:
        style, view = self._canvas.timeline_style, self._view
        picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(style.paper)
        with QPainter(picture) as painter:
            painter.scale(scale(), scale())
            painter.setPen(QPen(style.line, 0))
            painter.drawLine(QPointF(0, self._height - 1), QPointF(self._width, self._height - 1))
            view.width = max(self._width - 2 * PAD, 1.0)
            view.mode = self._canvas.view.mode
            view.show(self._canvas.view.times, self._canvas.view.gaps)
            if len(view.times):
                self._paint_density(painter)
        return picture

    def _paint_density(self, painter: QPainter) -> None:
        style, view = self._canvas.timeline_style, self._view
        area = Box(0, 4, self._width, self._height - 5)
        for gap in view.scale.breaks(0, view.width):
            painter.fillRect(QRectF(PAD + gap.x + 4, 4, BREAK - 8, area.height), style.band)
        kinds = self._canvas.history.kinds
        edges = [min(edge, len(kinds)) for edge in column_edges(view.scale, -PAD, self._width, _STEP)]
        paint_bars(painter, bars_of(count_columns(kinds, edges), area, _STEP), style)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton or not len(self._canvas.view.times):
            return
        window, x = self.window_rect(), (event.position() / scale()).x()
        self._grip = x - window.left() if window.contains(event.position() / scale()) else window.width() / 2
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self._drag(x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            self._drag((event.position() / scale()).x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._canvas.wheelEvent(event)

    def _drag(self, x: float) -> None:
        self._canvas.look_from(self._view.scale.at(x - (self._grip or 0.0) + 3 - PAD))
