"""The line above the timeline: what is shown and how far it is, the scale, and zoom for the mouse."""

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from desk.application.isolation import isolated
from desk.gui.frame.icons import Icons
from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.timeline.loading import Loading
from desk.gui.timeline.overflow import Overflow
from desk.gui.widgets.axis.canvas import TimelineCanvas
from desk.gui.widgets.axis.scale_buttons import mode_buttons, without_gaps, zoom_buttons


class HistoryHeader(QWidget):
    """Buttons that do what keys of the timeline do, and words that say what it shows."""

    def __init__(self, canvas: TimelineCanvas, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
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
        self.modes = mode_buttons(canvas)
        self._zooms = zoom_buttons(canvas, icons)
        layout.addLayout(without_gaps(self.modes.values()))
        layout.addLayout(without_gaps(self._zooms))
        self._title = ""
        self.overflow = Overflow(layout, (self._zooms, tuple(self.modes.values()), (self.state,), (self.title,)))
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
        layout, least = self._row, min(scaled(60), self.width() // 6)
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
        for button in (self.axis, self.table):
            button.setCheckable(True)
            button.hide()
            group.addButton(button)
        layout.addLayout(without_gaps((self.axis, self.table)))

    def offer_parts(self, *, offered: bool, axis: bool) -> None:
        """Whether one can choose between axis and table, and whether the axis is chosen."""
        (self.axis if axis else self.table).setChecked(True)
        for button in (self.axis, self.table):
            button.setVisible(offered)
        self._fit()

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
