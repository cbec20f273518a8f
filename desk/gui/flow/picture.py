"""The picture: stations that can be opened, the ways between them, and the one mark that moves."""

from collections.abc import Mapping
from math import floor
from typing import Final

from PySide6.QtCore import QRectF, QSize, QSizeF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPixmap, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from desk.application.care import ReadModelState
from desk.application.flow.replay import FlowReplay
from desk.application.flow.rounds import Hop, Station
from desk.gui.flow.looks import ABOUT, NO_TROUBLES, HopTrace, Mask, StationLook, gap_words, station_looks, traces
from desk.gui.flow.painting import mark_area, paint_gap, paint_lines, paint_mark, paint_station
from desk.gui.flow.plan import NAMES, ROW, FlowPlan, least_size, share_in
from desk.gui.flow.style import FlowStyle, least_width
from desk.gui.frame.icons import Icons
from desk.gui.frame.text_size import follow_text, scale, scaled
from desk.gui.frame.theme import Theme

ICON: Final = 24
"""Pixels of a station's icon beside normal text."""
ROOMY: Final = 1.15
"""In so many times the smallest room everything is as large as in that; in more it grows."""
HINTED: Final = 1.1
"""Letters of a smaller font may be wider than its share, by so much."""
LARGEST: Final = 2.2
"""Times the size of normal text."""


class StationBox(QAbstractButton):
    """One station. Enter and a click open it; Left and Right go to the next one. Space is the replay's."""

    def __init__(self, look: StationLook, picture: "FlowPicture") -> None:
        super().__init__(picture)
        self._picture = picture
        self.look = look
        self._kept: tuple[tuple[object, ...], QPixmap] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_look(look)

    def show_look(self, look: StationLook) -> None:
        """Another state of it."""
        if look != self.look or not self.accessibleName():
            self.look = look
            self.setAccessibleName(look.name)
            self.setAccessibleDescription(", ".join((look.trouble, *look.lines) if look.trouble else look.lines))
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """What was painted is kept: lines that end here, and marks that pass, have parts of it painted again."""
        key = (self.look, self.hasFocus(), self._picture.style_now, self.size(), self.devicePixelRatioF())
        if self._kept is None or self._kept[0] != key:
            self._kept = (key, self._painted())
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._kept[1])
        painter.end()

    def _painted(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap((QSizeF(self.size()) * ratio).toSize())
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._picture.paint_box(painter, QRectF(self.rect()), self.look, focused=self.hasFocus())
        painter.end()
        return pixmap

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.click()
            case Qt.Key.Key_Right:
                self.focusNextChild()
            case Qt.Key.Key_Left:
                self.focusPreviousChild()
            case _:
                event.ignore()


class FlowPicture(QWidget):
    """Shows a replay. It is told when anything changed (:meth:`refresh`), or when only time passed (:meth:`tick`): then
    nothing is painted but the place that the mark left and the one that it came to.

    Signals:
        opened: somebody wants to see what is in a station (Station).
    """

    opened = Signal(object)  # Station

    def __init__(self, replay: FlowReplay, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.replay, self._theme, self._icons = replay, theme, icons
        self.mask_text: Mask = str
        self.state: ReadModelState | None = None
        self._troubles: Mapping[Station, str] = NO_TROUBLES
        self._ground: QPixmap | None = None
        self._stale = QRegion()
        self._traced: frozenset[HopTrace] = frozenset()
        self._marked: QRectF | None = None
        self._plain = self.style_now = FlowStyle(theme)
        self.plan = FlowPlan(QSizeF(self.size()), self.style_now.em)
        looks = station_looks(replay, str)
        dark = {station: StationLook(station, station.value, ()) for station in Station}
        self.boxes = {station: StationBox(looks.get(station, dark[station]), self) for station in Station}
        for station, box in self.boxes.items():
            box.clicked.connect(lambda _checked=False, station=station: self.opened.emit(station))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        follow_text(self, self._renew)
        theme.changed.connect(self._renew)
        self.refresh()

    @Slot()
    def repaint_gap(self) -> None:
        """The read model has moved, whatever came of it."""
        self.update(self.plan.gap.toAlignedRect())

    def set_care(self, state: ReadModelState | None) -> None:
        """How the read model is; None: not known."""
        if gap_words(state) != gap_words(self.state):
            self._spoil(self.plan.gap)
        self.state = state

    def set_troubles(self, troubles: Mapping[Station, str]) -> None:
        """What is wrong with which station."""
        self._troubles = troubles
        self.refresh()

    def take_from(self, other: "FlowPicture") -> None:
        """Show the same."""
        self.mask_text, self.state, self._troubles = other.mask_text, other.state, other._troubles

    def looks(self) -> dict[Station, StationLook]:
        """The stations as they are now."""
        return station_looks(self.replay, self.mask_text, self._troubles)

    def refresh(self) -> None:
        """Another hop, another round, another text."""
        looks = self.looks()
        for station, box in self.boxes.items():
            box.setVisible(station in looks)
            if station in looks:
                box.show_look(looks[station])
        before, self._traced = self._traced, frozenset(traces(self.replay))
        for one in before ^ self._traced:
            self._spoil(self.plan.zone(one.hop))
        self.tick()

    def _spoil(self, area: QRectF) -> None:
        """What the ground shows there is no longer so."""
        self._stale += area.toAlignedRect()
        self.update(area.toAlignedRect())

    def tick(self) -> None:
        """The mark is somewhere else."""
        before, self._marked = self._marked, self._mark_place()
        for area in (before, self._marked):
            if area is not None:
                self.update(area.adjusted(-2, -2, 2, 2).toAlignedRect())

    @property
    def marked(self) -> Hop | None:
        """The hop whose mark is seen: under way, waiting, or arrived."""
        return self.replay.hop or self.replay.last

    def text_of(self, hop: Hop) -> str:
        """What its mark says."""
        return self.mask_text(hop.value)

    def _mark_place(self) -> QRectF | None:
        hop = self.marked
        if hop is None:
            return None
        share = self.replay.share if self.replay.hop is not None else 1.0
        return mark_area(self.plan, self.style_now, hop, share, self.text_of(hop))

    # Painting

    def paint_box(self, painter: QPainter, box: QRectF, look: StationLook, *, focused: bool = False) -> None:
        """One station with its icon."""
        size = scaled(self.style_now.zoom * ICON)
        icon = self._icons.pixmap(ABOUT[look.station][1], size, self.devicePixelRatioF())
        paint_station(painter, box, self.style_now, look, icon, focused=focused)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._renew_ground()
        assert self._ground is not None
        ratio = self.devicePixelRatioF()
        area = QRectF(event.rect())
        source = QRectF(area.x() * ratio, area.y() * ratio, area.width() * ratio, area.height() * ratio)
        painter.drawPixmap(area, self._ground, source)
        hop = self.marked
        if hop is not None and self._marked is not None and self._marked.intersects(area):
            paint_mark(painter, self.plan, self.style_now, hop, self._marked, self.text_of(hop))
        painter.end()

    def _renew_ground(self) -> None:
        """All of it, or only what is no longer so."""
        if self._ground is None:
            ratio = self.devicePixelRatioF()
            self._ground = QPixmap((QSizeF(self.size()) * ratio).toSize())
            self._ground.setDevicePixelRatio(ratio)
            self._stale = QRegion(self.rect())
        if not self._stale.isEmpty():
            painter = QPainter(self._ground)
            painter.setClipRegion(self._stale)
            painter.fillRect(self.rect(), self.style_now.ground)
            self.paint_ways(painter)
            painter.end()
            self._stale = QRegion()

    def paint_ways(self, painter: QPainter) -> None:
        """All but the stations and the mark."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_lines(painter, self.plan, self.style_now, traces(self.replay))
        if not painter.hasClipping() or painter.clipBoundingRect().intersects(self.plan.gap):
            paint_gap(painter, self.plan, self.style_now, *gap_words(self.state))

    # Sizes

    def minimumSizeHint(self) -> QSize:
        """Large text gives way, down to normal text, where there is not its width: it scrolls one way only."""
        larger, least = max(1.0, scale()), self._least()
        narrow = least_size(self._plain.em / larger, HINTED * least_width(self._plain, NAMES) / larger)
        return QSize(min(least.width(), narrow.toSize().width()), least.height())

    def _least(self) -> QSize:
        """The smallest picture at the present size of text."""
        return least_size(self._plain.em, least_width(self._plain, NAMES)).toSize()

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    @Slot()
    def _renew(self) -> None:
        self._plain = self.style_now = FlowStyle(self._theme)
        self.updateGeometry()
        self._lay_out()
        for box in self.boxes.values():
            box.update()

    def _lay_out(self) -> None:
        least, size = self._least(), self.size()
        wide = share_in(size.width(), self._plain.em, HINTED * least_width(self._plain, NAMES))
        room = min(size.width() / least.width(), size.height() / least.height())
        lowest = 1.0 if size.width() >= least.width() else max(min(1.0, wide), 1 / max(1.0, scale()))
        zoom = floor(100 * min(max(lowest, room / ROOMY), LARGEST)) / 100
        if zoom != self.style_now.zoom:
            self.style_now = FlowStyle(self._theme, zoom)
            for box in self.boxes.values():
                box.update()
        self.plan = FlowPlan(QSizeF(self.size()), self.style_now.em)
        for station in (*ROW, Station.PROCESS_MANAGER):
            self.boxes[station].setGeometry(self.plan.box(station).toRect())
        self._ground, self._marked = None, self._mark_place()
        self.update()
