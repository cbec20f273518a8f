"""The line above the timeline: what is shown and how far it is, the scale, and zoom for the mouse."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget

from desk.application.isolation import isolated
from desk.gui.frame.icons import Icons
from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.timeline.loading import Loading
from desk.gui.timeline.overflow import Overflow
from desk.gui.widgets.axis.canvas import TimelineCanvas
from desk.gui.widgets.axis.scale_buttons import mode_buttons, zoom_buttons
from desk.gui.widgets.boxes import row
from desk.gui.widgets.controls import alternatives, quiet


class HistoryHeader(QWidget):
    """Buttons that do what keys of the timeline do, and words that say what it shows."""

    def __init__(self, canvas: TimelineCanvas, icons: Icons) -> None:
        super().__init__()
        self.setObjectName("historyHeader")
        self.title = QLabel()
        font = self.title.font()
        font.setWeight(QFont.Weight.DemiBold)
        self.title.setFont(font)
        self.state = quiet(QLabel())
        self.newest = QPushButton()
        self.newest.setToolTip(self.tr("Go to the newest event (End)"))
        self.newest.hide()
        self.axis, self.table, self.details = self.parts = alternatives(
            self,
            (self.tr("A&xis"), self.tr("Show the axis; there is no room for more")),
            (self.tr("Tab&le"), self.tr("Show the table of events; there is no room for more")),
            (self.tr("De&tails"), self.tr("Show what the event has in it; there is no room for more")),
        )
        for part in self.parts:
            part.hide()
        self.modes, zooms = mode_buttons(canvas), zoom_buttons(canvas, icons)
        groups = (row(*buttons, spacing=0) for buttons in (self.parts, self.modes.values(), zooms))
        self._row = row(self.title, self.state, self.newest, None, *groups, on=self, margins=(10, 0, 6, 0), spacing=8)
        self._title = ""
        self._yielding = zooms, tuple(self.modes.values()), (self.state,), (self.title,)
        self.overflow = Overflow(self._row, self._yielding)
        self._row.addWidget(self.overflow)
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
        least = min(scaled(60), self.width() // 6)
        self.title.setMinimumWidth(least)
        self.overflow.fit(self.width())
        room = max(least, self.width() - self._row.minimumSize().width() + least)
        self.title.setText(self.title.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideRight, room))

    def offer_parts(self, offered: Collection[QToolButton], chosen: QToolButton) -> None:
        """The parts that one can choose between."""
        chosen.setChecked(True)
        for button in self.parts:
            button.setVisible(button in offered)
        self.overflow.groups = *self._yielding, *((button,) for button in offered if button is not chosen)
        self._fit()

    def show_state(self, title: str, revisions: Sequence[int], new: int, state: Loading, shown: int) -> None:
        """Say what is shown: so many of the events; ``new`` ones arrived while the playhead was elsewhere."""
        self._title, count = isolated(title), len(revisions)
        parts = [self.tr("{count} events").format(count=f"{count:,}") if count != 1 else self.tr("1 event")]
        if count > 1:
            words = self.tr("{events}, revisions {first} to {last}")
            parts = [words.format(events=parts[0], first=revisions[0], last=revisions[-1])]
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
        self.title.setToolTip(f"{self._title}\n{self.state.text()}")
        self.newest.setText(self.tr("{count} new").format(count=f"{new:,}"))
        self.newest.setVisible(bool(new))
        self._fit()
