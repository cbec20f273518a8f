"""The painted timeline: a resting picture in a pixmap; upon it the playhead, the pointer's mark and a small card."""

from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Final

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QSinglePointEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from desk.application.history import HistoryColumns
from desk.application.timeline.lanes import LANE_HEIGHT, LaneBy, LaneColumn, lanes_of
from desk.application.timeline.layout import PAD, TOP, Layout, Note, Wish, axis_height, lay_out, left_of
from desk.application.timeline.marks import Mark
from desk.application.timeline.scale import Mode
from desk.application.timeline.view import View
from desk.gui.frame.text_size import follow_text, scale, scaled
from desk.gui.frame.theme import Theme
from desk.gui.widgets.axis.card import KeyWatch
from desk.gui.widgets.axis.model import AxisModel
from desk.gui.widgets.axis.overlay import Overlay, paint_overlay
from desk.gui.widgets.axis.painting import paint_layout
from desk.gui.widgets.axis.sentences import EventSentences
from desk.gui.widgets.axis.style import TimelineStyle

LEAST_HEIGHT: Final = 106
MOST_LANES: Final = 5
"""So many lanes are seen however little room there is."""

REACH: Final = 8.0
"""So far beside a mark still hits it, in pixels."""

ZOOM_STEP: Final = 1.25
_DRAG: Final = 4.0
_FLAG: Final = 22.0  # half of what the playhead's flag is wide at most


class TimelineCanvas(QWidget):
    """The events of a model on an axis; its playhead is the current row of the selection that it shares with the table.

    Signals:
        changed: other events, another scale or another look: everything that is drawn of them is out of date.
        moved: another part is in sight.
        pointed: the pointer is at another event, or at none (its row, or None).
        mark_wanted: the mark is wanted at an event, by a click with Shift (its row).
    """

    changed = Signal()
    moved = Signal()
    pointed = Signal(object)  # int | None
    mark_wanted = Signal(int)

    def __init__(self, model: AxisModel, selection: QItemSelectionModel, theme: Theme) -> None:
        super().__init__()
        self._model, self._selection, self._theme = model, selection, theme
        self.view = View(model.history.times)
        self.timeline_style = TimelineStyle(theme, self.palette(), self.font())
        self.sentences = EventSentences(self)
        self.sentences.changed.connect(self._redraw)
        self.wish = Wish(sentence=lambda index: self.sentences.of(self.history.revisions[index]))
        self.under_painters: list[Callable[[QPainter], None]] = []
        """Paint between the resting picture and the playhead, in pixels of normal text."""
        self.left = PAD
        self.scene = Layout(0.0, 0.0, PAD, 0.0)
        self._stream = ""
        self._picture: QPixmap | None = None
        self._marked: int | None = None
        self._said: tuple[int, tuple[str, ...]] = (-1, ())
        self._pointed: int | None = None
        self._pointer: QPointF | None = None
        self._pressed: QPointF | None = None
        self._dragging = self._scrubbing = False
        self._keys = KeyWatch(self, lambda: self._point(None))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(self.tr("Timeline"))
        model.modelReset.connect(self._show_again)
        model.rowsInserted.connect(self._grow)
        selection.currentRowChanged.connect(self._follow_selection)
        theme.changed.connect(self._renew_look)
        follow_text(self, self._measure)

    @property
    def history(self) -> HistoryColumns:
        """What is shown."""
        return self._model.history

    @property
    def current(self) -> int | None:
        """Index of the event that the playhead is at."""
        row = self._selection.currentIndex().row()
        return row if row >= 0 else None

    @property
    def playhead_line(self) -> QRectF:
        """Where the line of the playhead is, from its handle to the axis; empty where it is out of sight."""
        if self.current is None:
            return QRectF()
        mark = next((mark for mark in self.scene.marks if self.current in mark.members), None)
        x = mark.x if mark is not None else self.left + self.view.x_of(self.current)
        return QRectF(x - 1, 0, 2, self.scene.axis)

    @property
    def area(self) -> QRectF:
        """Where it paints, in pixels of normal text; all places within it are of these."""
        return QRectF(0, 0, self.width() / scale(), self.height() / scale())

    def sizeHint(self) -> QSize:
        return QSize(scaled(720), scaled(LEAST_HEIGHT))

    # What can be done with it

    def set_mode(self, mode: Mode) -> None:
        """Another scale, with everything in sight."""
        self.view.set_mode(mode)
        self._reveal_current()
        self._redraw()
        self.changed.emit()

    def set_lanes(self, by: LaneBy | LaneColumn) -> None:
        """Other lanes."""
        self.wish = replace(self.wish, lanes=by)
        self._measure()
        self.changed.emit()

    def show_notes(self, notes: tuple[Note, ...], now: float) -> None:
        """What is no event of the stream, and the present moment, both in seconds since 1970, UTC."""
        self.wish = replace(self.wish, notes=notes, now=now)
        self.view.expect(self.wish.ahead)
        self._after_change()

    def show_complete(self, span: tuple[float | None, float] | None) -> None:
        """From when to when no event can be missing (see :class:`Wish`)."""
        if span != self.wish.complete:
            self.wish = replace(self.wish, complete=span)
            self.view.expect(self.wish.ahead)
            self._redraw()

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Nearer or farther; what is at ``x`` stays there, by default the playhead or the middle."""
        if x is None:
            at = self.view.x_of(self.current) if self.current is not None else -1.0
            x = at if 0 <= at <= self.view.width else self.view.width / 2
        self.view.zoom(factor, x)
        self._redraw()

    def fit(self) -> None:
        """Show everything."""
        self.view.fit()
        self._redraw()

    def look_from(self, coordinate: float) -> None:
        """Put the left edge of what is in sight at a coordinate of the scale."""
        self.view.move_to(coordinate)
        self._redraw()

    def select(self, index: int) -> None:
        """Put the playhead on an event; beyond the ends it goes to the first or last."""
        if len(self.history):
            row = self._model.index(min(max(index, 0), len(self.history) - 1), 0)
            flags = QItemSelectionModel.SelectionFlag
            self._selection.setCurrentIndex(row, flags.ClearAndSelect | flags.Rows)

    def set_marked(self, index: int | None) -> None:
        """The event that the one at the playhead is compared with."""
        self._marked = index
        self.update()

    def say_of(self, index: int, lines: tuple[str, ...]) -> None:
        """More to be said of the event under the pointer."""
        self._said = (index, lines)
        self.update()

    # What the model and the selection say

    def _show_again(self) -> None:
        if not self.view.shows(self.history.times):
            self.view.show(self.history.times)
        if self.history.stream != self._stream:
            self._stream, self.wish = self.history.stream, replace(self.wish, notes=())
            self.sentences.forget()
        self.view.expect(self.wish.ahead)
        self._pointer = None
        self._after_change()

    def _grow(self, _parent: QModelIndex, first: int, last: int) -> None:
        count = last - first + 1
        if count == len(self.history):
            self.view.show(self.history.times)
        else:
            self.view.grown(front=count if first == 0 else 0, back=0 if first == 0 else count)
        self._after_change()

    def _after_change(self) -> None:
        self._measure_left()
        self._describe()
        self._redraw()
        self.changed.emit()

    def _follow_selection(self) -> None:
        before = self.view.offset
        self._reveal_current()
        self._describe()
        if self.view.offset != before:
            self._redraw()
        self.update()

    def _reveal_current(self) -> None:
        if self.current is not None:
            self.view.reveal(self.current)

    def _describe(self) -> None:
        count = len(self.history)
        text = self.tr("{stream}: {count} events").format(stream=self.history.stream, count=f"{count:,}")
        chosen = self._model.sentence(self.current) if self.current is not None else self.tr("none is selected")
        self.setAccessibleDescription("; ".join((text, chosen, *(note.text for note in self.wish.notes))))

    def _redraw(self) -> None:
        self._picture = None
        self.update()
        self.moved.emit()

    def _renew_look(self) -> None:
        self.timeline_style = TimelineStyle(self._theme, self.palette(), self.font())
        self._measure()
        self.changed.emit()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        if self._picture is None or self._picture.devicePixelRatio() != ratio:
            self._picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
            self._picture.setDevicePixelRatio(ratio)
            # A painter that an exception leaves active would take the whole process with it: hence "with".
            with QPainter(self._picture) as painter:
                painter.scale(scale(), scale())
                area, style = self.area, self.timeline_style
                self.scene = lay_out(self.history, self.view, area.width(), area.height(), style.words, self.wish)
                paint_layout(painter, self.scene, self.history, style)
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._picture)
            painter.scale(scale(), scale())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for paint in self.under_painters:
                paint(painter)
            paint_overlay(painter, self._overlay(), focused=self.hasFocus())

    def _overlay(self) -> Overlay:
        pointer = None if self._dragging else self._pointer
        found = self.hit(pointer) if pointer is not None and len(self.history) else None
        said = self._said[1] if found is not None and found.count == 1 and found.first == self._said[0] else ()
        look = (self.scene, self.view, self.timeline_style, self._model, self.area)
        return Overlay(*look, self.current, found, pointer, self._marked, said)

    def _point(self, at: QPointF | None) -> None:
        """The pointer is there; at None it is elsewhere, or rests while keys are pressed."""
        self._pointer = at
        self._keys.watch(wanted=at is not None)
        found = self.hit(at) if at is not None and not self._dragging and len(self.history) else None
        pointed = found.first if found is not None and found.count == 1 else None
        if pointed != self._pointed:
            self._pointed = pointed
            self.pointed.emit(pointed)
        self.update()

    def hit(self, at: QPointF, reach: float = REACH) -> Mark | None:
        """What is under a place of the widget, or within ``reach`` beside it: an event, several, or nothing."""
        if self.scene.columns is None:
            return self.scene.mark_at(at.x(), at.y(), reach)
        place = at.x() - self.left + self.view.offset
        members = range(self.view.scale.edge(place - 2), min(self.view.scale.edge(place + 2), len(self.history)))
        return Mark(at.x(), members, (TOP + self.scene.axis) / 2) if members else None

    # Pointer and keys

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._measure()

    def _measure(self) -> None:
        self._measure_left()
        self._redraw()

    def _measure_left(self) -> None:
        """Leave room for the names of the lanes, and for a few lanes one upon the other."""
        words = self.timeline_style.words
        count = min(len(lanes_of(self.history, self.wish.lanes, MOST_LANES * LANE_HEIGHT).names), MOST_LANES)
        needed = self.area.height() - axis_height(self.area.height(), words) + TOP + count * LANE_HEIGHT
        self.setMinimumHeight(scaled(max(LEAST_HEIGHT, needed)))
        lanes = lanes_of(self.history, self.wish.lanes, axis_height(self.area.height(), words) - TOP)
        self.left = left_of(lanes, words)
        self.view.resize(max(self.area.width() - self.left - PAD, 1.0))

    def _place(self, event: QSinglePointEvent) -> QPointF:
        return event.position() / scale()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._renew_look()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned, pixels = event.angleDelta(), event.pixelDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(ZOOM_STEP ** (turned.y() / 120), self._place(event).x() - self.left)
        else:
            moved = pixels.x() or pixels.y() or turned.x() or turned.y()
            self.view.pan(-float(moved))
            self._redraw()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed = self._place(event)
            self._scrubbing = self.playhead_line.adjusted(-_FLAG, 0, _FLAG, TOP - self.scene.axis).contains(
                self._pressed
            )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self._place(event)
        if self._pressed is not None and (self._dragging or abs(at.x() - self._pressed.x()) > _DRAG):
            self._dragging = True
            self._drag(self._pressed, at)
            self._pressed = at
        self._point(at)

    def _drag(self, begin: QPointF, end: QPointF) -> None:
        """The playhead by its flag, or else the whole."""
        if self._scrubbing:
            self.select(self.view.index_at(end.x() - self.left))
        else:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.view.pan(begin.x() - end.x())
            self._redraw()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None and not self._dragging and len(self.history):
            self._click(self._place(event), marking=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        self._pressed, self._dragging = None, False
        self.unsetCursor()
        self.update()

    def _click(self, at: QPointF, *, marking: bool) -> None:
        found = self.hit(at)
        index = found.first if found else self._nearest(at)
        if found and not marking and self.current is not None and self.current in found.members[:-1]:
            # another click on a crowd takes the next of it
            index = found.members[found.members.index(self.current) + 1]
        (self.mark_wanted.emit if marking else self.select)(index)

    def _nearest(self, at: QPointF) -> int:
        near, x = self.hit(at, inf), at.x() - self.left
        return min(near.members, key=lambda index: abs(self.view.x_of(index) - x)) if near else self.view.index_at(x)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        found = self.hit(self._place(event))
        if found and found.count > 1:
            self.view.zoom_to(found.first, found.last)
            self._redraw()

    def leaveEvent(self, event: QEvent) -> None:
        self._point(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.handle_key(event):
            super().keyPressEvent(event)

    def handle_key(self, event: QKeyEvent) -> bool:
        """Do what a key of the timeline means; the table hands its keys on to here. False where it means nothing."""
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            return False
        key, last = event.key(), len(self.history) - 1
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            by = -1 if key == Qt.Key.Key_Left else 1
            self.select(last if self.current is None else self.current + by)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.select(0 if key == Qt.Key.Key_Home else last)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.zoom(1 / ZOOM_STEP if key == Qt.Key.Key_Minus else ZOOM_STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        else:
            return False
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Installed on the table, so that the same keys walk and zoom from there."""
        return isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and self.handle_key(event)
