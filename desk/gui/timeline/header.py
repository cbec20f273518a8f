"""The line above the timeline: what is shown and how far it is, the scale, and zoom for the mouse."""

from functools import partial

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from desk.application.isolation import isolated
from desk.application.timeline.scale import Mode
from desk.gui.frame.icons import Icons
from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.timeline.canvas import ZOOM_STEP, TimelineCanvas
from desk.gui.timeline.loading import Loading
from desk.gui.timeline.overflow import Overflow


class HistoryHeader(QWidget):
    """Buttons that do what keys of the timeline do, and words that say what it shows."""

    def __init__(self, canvas: TimelineCanvas, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self.setObjectName("historyHeader")
        self.title = QLabel()
        font = self.title.font()
        font.setWeight(QFont.Weight.DemiBold)
        self.title.setFont(font)
        self.state = QLabel()
        self.state.setForegroundRole(self.state.foregroundRole().PlaceholderText)
        self.newest = QPushButton()
        self.newest.setToolTip(self.tr("Go to the newest event (End)"))
        self.newest.hide()
        layout = self._row = QHBoxLayout(self)
        layout.setContentsMargins(10, 0, 6, 0)
        layout.setSpacing(8)
        layout.addWidget(self.title)
        layout.addWidget(self.state)
        layout.addWidget(self.newest)
        layout.addStretch(1)
        self._add_parts(layout)
        self._add_modes(layout)
        self._add_zoom(layout, icons)
        self._title = ""
        self.overflow = Overflow(layout, (self._zooms, tuple(self.modes.values()), (self.state,)))
        layout.addWidget(self.overflow)
        follow_text(self, lambda: QTimer.singleShot(0, self, self._fit))  # when all within has its new size

    def minimumSizeHint(self) -> QSize:
        """What there is no room for is in a menu."""
        return QSize(scaled(200), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        """The title is shortened to whatever the rest leaves; first that gives way."""
        layout, least = self._row, scaled(60)
        self.title.setMinimumWidth(least)
        self.overflow.fit(self.width())
        room = max(least, min(scaled(280), self.width() - layout.minimumSize().width() + least))
        self.title.setText(self.title.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideRight, room))

    def _add_parts(self, layout: QHBoxLayout) -> None:
        self.axis, self.table = QToolButton(), QToolButton()
        self.axis.setText(self.tr("A&xis"))
        self.axis.setToolTip(self.tr("Show the axis; there is no room for axis and table"))
        self.table.setText(self.tr("Ta&ble"))
        self.table.setToolTip(self.tr("Show the table of events; there is no room for axis and table"))
        group = QButtonGroup(self)
        box = QHBoxLayout()
        box.setSpacing(0)
        for button in (self.axis, self.table):
            button.setCheckable(True)
            button.hide()
            group.addButton(button)
            box.addWidget(button)
        layout.addLayout(box)

    def offer_parts(self, *, offered: bool, axis: bool) -> None:
        """Whether one can choose between axis and table, and whether the axis is chosen."""
        (self.axis if axis else self.table).setChecked(True)
        for button in (self.axis, self.table):
            button.setVisible(offered)
        self._fit()

    def _add_modes(self, layout: QHBoxLayout) -> None:
        names = {
            Mode.REVISION: (self.tr("Revision"), self.tr("Events at even distances")),
            Mode.TIME: (self.tr("Time"), self.tr("True distances in time")),
            Mode.FOLDED: (self.tr("Folded"), self.tr("Distances in time, long pauses folded away")),
        }
        self.modes: dict[Mode, QToolButton] = {}
        group = QButtonGroup(self)
        box = QHBoxLayout()
        box.setSpacing(0)
        for mode, (text, tip) in names.items():
            button = QToolButton()
            button.setText(text)
            button.setToolTip(tip)
            button.setCheckable(True)
            button.setChecked(mode is self._canvas.view.mode)
            button.setAccessibleDescription(tip)
            button.clicked.connect(partial(self._choose, mode))
            group.addButton(button)
            box.addWidget(button)
            self.modes[mode] = button
        layout.addLayout(box)

    def _add_zoom(self, layout: QHBoxLayout, icons: Icons) -> None:
        steps = (
            ("zoom-out", self.tr("Zoom out (-)"), partial(self._zoom, 1 / ZOOM_STEP)),
            ("zoom-fit", self.tr("Show everything (0)"), self._canvas.fit),
            ("zoom-in", self.tr("Zoom in (+)"), partial(self._zoom, ZOOM_STEP)),
        )
        box = QHBoxLayout()
        box.setSpacing(0)
        self._zooms = tuple(QToolButton() for _ in steps)
        for button, (icon, text, act) in zip(self._zooms, steps, strict=True):
            icons.put(button, icon)
            button.setToolTip(text)
            button.setAccessibleName(text)
            button.setAutoRepeat(icon != "zoom-fit")
            button.clicked.connect(act)
            box.addWidget(button)
        layout.addLayout(box)

    def _choose(self, mode: Mode) -> None:
        self._canvas.set_mode(mode)

    def _zoom(self, factor: float) -> None:
        self._canvas.zoom(factor)

    def show_state(self, title: str, count: int, new: int, state: Loading, shown: int) -> None:
        """Say what is shown: so many of ``count`` events; ``new`` ones arrived while the playhead was elsewhere."""
        self._title = title = isolated(title)
        self.title.setToolTip(title)
        parts = [self.tr("{count} events").format(count=f"{count:,}") if count != 1 else self.tr("1 event")]
        if shown != count:
            parts = [self.tr("{shown} of {count} events").format(shown=f"{shown:,}", count=f"{count:,}")]
        if not count and (state.problem or state.busy):
            parts = [] if state.busy else [self.tr("how many events is not known")]
        if state.busy:
            parts.append(self.tr("reading…"))
        elif state.problem:
            parts.append(state.problem)
        elif state.live:
            parts.append(self.tr("live"))
        self.state.setText(" · ".join(parts) if title else "")
        self.newest.setText(self.tr("{count} new").format(count=f"{new:,}"))
        self.newest.setVisible(bool(new))
        self._fit()
