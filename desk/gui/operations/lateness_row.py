"""Hop 7 made visible: how far the read model is behind, and a slider that lets it be late on purpose."""

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from desk.application.care import ReadModelCare
from desk.gui.lag import in_words

LATEST = 50
"""Tenths of a second: long enough to change a book, turn to its row, and see that it is not there yet."""
REFRESH = 200
"""Milliseconds between two looks while the row is seen."""


class LatenessRow(QWidget):
    """The slider is not kept over a restart: nobody should wonder later why Desk is slow."""

    def __init__(self, care: ReadModelCare, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._care = care
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, LATEST)
        self.slider.setPageStep(10)
        self.slider.setFixedWidth(180)
        self.slider.setAccessibleName(self.tr("Let the read model be late"))
        self.slider.setToolTip(self.tr("Every event waits so long before it is projected: see eventual consistency."))
        self.seconds = QLabel()
        self.lag = QLabel()
        self.lag.setForegroundRole(self.lag.foregroundRole().PlaceholderText)
        words = QLabel(self.tr("Let it be &late by"))
        words.setBuddy(self.slider)
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH)
        self._timer.timeout.connect(self._look)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (words, self.slider, self.seconds):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.lag)
        self.seconds.setMinimumWidth(self.seconds.fontMetrics().horizontalAdvance(f"{LATEST / 10} s") + 4)
        self.slider.valueChanged.connect(self._slow_down)
        self._say(0)

    def showEvent(self, event: QShowEvent) -> None:
        """Look now and then only while somebody sees it."""
        super().showEvent(event)
        self._look()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody sees it."""
        super().hideEvent(event)
        self._timer.stop()

    @Slot(int)
    def _slow_down(self, tenths: int) -> None:
        self._care.slow_down(tenths / 10)
        self._say(tenths)

    def _say(self, tenths: int) -> None:
        self.seconds.setText(self.tr("{n} s").format(n=f"{tenths / 10:.1f}"))

    @Slot()
    def _look(self) -> None:
        self.lag.setText(in_words(self._care.lag()))
