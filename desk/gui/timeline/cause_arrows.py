"""Arrows from cause to effect for the event at the playhead; events of other streams are on ghost lanes, as a click
on one goes there.
"""

from collections.abc import Iterable
from math import atan2, cos, sin
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QMouseEvent, QPainter, QPainterPath, QPen, QPolygonF

from desk.application.command_events import kind_of
from desk.application.inspection.causes import CauseKind, CauseNode, Causes, GetCauses
from desk.application.isolation import isolated
from desk.application.timeline.arrows import CauseLink, links_of
from desk.application.timeline.layout import TOP
from desk.gui.frame.text_size import scale
from desk.gui.frame.workspace import Workspace
from desk.gui.timeline.asking import LatestQuestion
from desk.gui.timeline.controller import HistoryController
from desk.gui.widgets.axis.canvas import TimelineCanvas
from desk.gui.widgets.axis.mark_painting import paint_labels
from desk.gui.widgets.axis.shapes import paint_plate, paint_shape, rect_of, shape_of, write
from desk.records import dataclass

MOST_GHOSTS: Final = 3
"""Lanes of other streams."""
GHOST: Final = 17.0
"""Height of one."""
_SIZE: Final = 10.0
_STUB: Final = 34.0
_BADGE: Final = 7.0
_STEP: Final = 0.05
_BESIDE: Final = (12.0, -12.0, 24.0, -24.0)
"""Where a badge may stand: parts of the arrow from its middle on, and so far from it."""
_CLEAR: Final = 12.0
"""From the middle of a mark to where an arrow to another lane begins."""


@dataclass(frozen=True, slots=True)
class ArrowEnd:
    """Where an event is on the canvas; ``beside`` is -1 or 1 where it lies to the left or right of what is seen."""

    x: float
    y: float
    beside: int = 0


class CauseArrows(QObject):
    """Paints upon a canvas."""

    def __init__(self, workspace: Workspace, controller: HistoryController, canvas: TimelineCanvas) -> None:
        super().__init__(canvas)
        self._workspace, self._controller, self._canvas = workspace, controller, canvas
        self.links: tuple[CauseLink, ...] = ()
        self.badges: list[QRectF] = []
        """Where the numbers of the steps were written last."""
        self._asking = LatestQuestion(workspace, self)
        self._asking.found.connect(self._show)
        controller.moved.connect(self._begin)
        canvas.under_painters.append(self._paint)
        canvas.installEventFilter(self)

    def stop(self) -> None:
        """Ask nothing more."""
        self._asking.forget()

    @property
    def ghosts(self) -> tuple[str, ...]:
        """The other streams that have a lane, from top to bottom."""
        stream = self._canvas.history.stream
        ends = [end for link in self.links for end in (link.cause, link.effect)]
        return tuple(dict.fromkeys(end.stream for end in ends if end.stream not in ("", stream)))[:MOST_GHOSTS]

    @Slot()
    def _begin(self) -> None:
        self._asking.forget()
        if self.links:
            self.links = ()
            self._canvas.update()
        revision = self._controller.revision
        if revision is not None and self._canvas.isVisible():
            self._asking.ask_soon(GetCauses(self._canvas.history.stream, revision))

    @Slot(object, object)
    def _show(self, _query: object, found: Causes) -> None:
        self.links = links_of(found)
        self._canvas.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click on an event of another stream goes there."""
        if isinstance(event, QMouseEvent) and event.type() is QEvent.Type.MouseButtonRelease:
            at = event.position() / scale()
            for node in self._others():
                end = self.place(node)
                if not end.beside and abs(end.x - at.x()) <= _SIZE and abs(end.y - at.y()) <= _SIZE:
                    self._workspace.look_at(node.stream, node.revision)
                    return True
        return False

    def _others(self) -> tuple[CauseNode, ...]:
        ghosts = self.ghosts
        ends = {end.id: end for link in self.links for end in (link.cause, link.effect)}
        return tuple(end for end in ends.values() if end.stream in ghosts and end.revision is not None)

    def place(self, node: CauseNode) -> ArrowEnd:
        """Where an event of this stream or of a ghost lane is."""
        canvas, scene = self._canvas, self._canvas.scene
        lane = scene.lanes[0].y if scene.lanes else 0.0
        if node.stream == canvas.history.stream and node.revision is not None:
            row = self._controller.row_of(node.revision)
            mark = next((mark for mark in scene.marks if row in mark.members), None)
            if mark is not None:
                return ArrowEnd(mark.x, mark.y)
            x = canvas.left + (canvas.view.x_of(row) if row is not None else canvas.view.x_of_time(node.at or 0.0))
            return self._within(x, lane)
        x = canvas.left + canvas.view.x_of_time(node.at or 0.0)
        ghosts = self.ghosts
        number = ghosts.index(node.stream) if node.stream in ghosts else len(ghosts) - 1
        return self._within(x, scene.axis - GHOST * (len(ghosts) - number - 0.5))

    def _within(self, x: float, y: float) -> ArrowEnd:
        width = self._canvas.area.width()
        return ArrowEnd(min(max(x, 10.0), width - 10.0), y, -1 if x < 0 else 1 if x > width else 0)

    # Painting

    def _paint(self, painter: QPainter) -> None:
        if not self.links or not len(self._canvas.history):
            return
        self._paint_ghosts(painter)
        edges: dict[tuple[int, float], int] = {}
        steps: list[tuple[QPainterPath, str]] = []
        for link in self.links:
            effect = self.place(link.effect)
            missing = link.cause.kind is CauseKind.MISSING
            cause = ArrowEnd(effect.x - _STUB, effect.y) if missing else self.place(link.cause)
            if cause == effect or (cause.beside and cause.beside == effect.beside):
                continue  # both in one pill, or out of sight at the same side
            path = self._paint_arrow(painter, cause, effect, missing=missing)
            steps.append((path, "?" if missing else str(link.step)))
            for end in (cause, effect):
                if end.beside:
                    edges[end.beside, end.y] = edges.get((end.beside, end.y), 0) + 1
        self._write_again(painter, [path for path, _ in steps])
        self.badges = []
        for path, step in steps:
            self._paint_badge(painter, path, step)
        for (side, y), count in edges.items():
            self._paint_chip(painter, side, y, count)

    def _write_again(self, painter: QPainter, paths: Iterable[QPainterPath]) -> None:
        """What is written at the marks stays legible where an arrow leads through it."""
        for label in self._canvas.scene.labels:
            area = rect_of(label.box)
            if any(path.intersects(area) for path in paths):
                painter.fillRect(area, self._canvas.timeline_style.paper)
                paint_labels(painter, [label], self._canvas.timeline_style)

    def _paint_ghosts(self, painter: QPainter) -> None:
        style, axis, width = self._canvas.timeline_style, self._canvas.scene.axis, self._canvas.area.width()
        ghosts = self.ghosts
        for number, stream in enumerate(ghosts):
            top = axis - GHOST * (len(ghosts) - number)
            painter.fillRect(QRectF(0, top, width, GHOST), style.band)
            painter.setPen(QPen(style.line, 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(0, top + GHOST / 2), QPointF(width, top + GHOST / 2))
            name = isolated(stream)
            wide = style.width(name) + 8
            taken = [self.place(node).x for node in self._others() if node.stream == stream]
            left = 4.0 if all(x > wide + 2 * _SIZE for x in taken) else width - wide - 4
            area = QRectF(left, top, wide, GHOST)
            painter.fillRect(area, style.band)
            write(painter, area, name, style.muted, style.small, Qt.AlignmentFlag.AlignVCenter)
        for node in self._others():
            end, kind = self.place(node), kind_of(node.type)
            if not end.beside:
                paint_shape(painter, shape_of(kind, _SIZE), QPointF(end.x, end.y), style.kinds[kind], style.band)

    def _paint_arrow(self, painter: QPainter, cause: ArrowEnd, effect: ArrowEnd, *, missing: bool) -> QPainterPath:
        style = self._canvas.timeline_style
        begin, end = QPointF(cause.x, cause.y), QPointF(effect.x, effect.y)
        rise = min(28.0, abs(end.x() - begin.x()) / 4 + 10) if abs(end.y() - begin.y()) < 1 else 0.0
        rise = min(rise, max(begin.y() - TOP - _BADGE, 6.0))  # below the playhead's handle
        begin, end = begin - QPointF(0, 8 if rise else 0), end - QPointF(0, 8 if rise else 0)
        middle = (begin + end) / 2
        control = QPointF(middle.x(), middle.y() - 2 * rise) if rise else QPointF(begin.x(), end.y())
        if not rise:
            begin += QPointF(0, _CLEAR if end.y() > begin.y() else -_CLEAR)
        path = QPainterPath(begin)
        path.quadTo(control, end)
        pen = QPen(style.accent, 1.6, Qt.PenStyle.DashLine if missing else Qt.PenStyle.SolidLine)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for stroke in (QPen(style.paper, 4), pen):
            painter.setPen(stroke)
            painter.drawPath(path)
        self._paint_head(painter, control, end)
        return path

    def _paint_badge(self, painter: QPainter, path: QPainterPath, step: str) -> None:
        """The number of a step upon its arrow, where it covers least of what is written or stands there."""
        style, scene = self._canvas.timeline_style, self._canvas.scene
        boxes = [*(label.box for label in scene.labels), *(mark.box for mark in scene.marks)]
        boxes += [note.box for note in scene.hollow]
        ghosts = [QRectF(end.x - _SIZE, end.y - _SIZE, 2 * _SIZE, 2 * _SIZE) for end in map(self.place, self._others())]
        there = [*map(rect_of, boxes), *ghosts, *self.badges, self._canvas.playhead_line]

        def covered(badge: QRectF) -> float:
            parts = [badge.intersected(each) for each in there]
            return sum(part.width() * part.height() for part in parts if not part.isEmpty())

        places = [path.pointAtPercent(0.5 + away * _STEP * side) for away in range(10) for side in (1, -1)]
        around = QRectF(-_BADGE, -_BADGE, 2 * _BADGE, 2 * _BADGE)
        # upon the arrow, else just below or above it
        badges = [around.translated(at + QPointF(0, beside)) for beside in (0, *_BESIDE) for at in places]
        within = [badge for badge in badges if badge.top() >= TOP and badge.bottom() <= scene.axis]
        badge = min(within or badges, key=covered)
        self.badges.append(badge)
        painter.setPen(QPen(style.accent, 1))
        painter.setBrush(style.paper)
        painter.drawEllipse(badge)
        write(painter, badge, step, style.ink, style.small_bold)

    def _paint_head(self, painter: QPainter, origin: QPointF, tip: QPointF) -> None:
        turn = atan2(tip.y() - origin.y(), tip.x() - origin.x())
        corners = [QPointF(tip.x() - 8 * cos(turn + side), tip.y() - 8 * sin(turn + side)) for side in (-0.45, 0.45)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._canvas.timeline_style.accent)
        painter.drawPolygon(QPolygonF([tip, *corners]))

    def _paint_chip(self, painter: QPainter, side: int, y: float, count: int) -> None:
        """How many arrows go on beyond the edge."""
        style, width = self._canvas.timeline_style, self._canvas.area.width()
        text = f"‹ {count}" if side < 0 else f"{count} ›"
        wide = style.width(text) + 10
        chip = QRectF(2 if side < 0 else width - wide - 2, y - 9, wide, 18)
        paint_plate(painter, chip, style.accent, 5)
        write(painter, chip, text, style.on_accent, style.small_bold)
