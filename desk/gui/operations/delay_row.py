"""Holds events back on purpose, by a slider and by a pause with steps, and says beside it how the read model is."""

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QLabel, QPushButton, QSlider, QWidget

from desk.application.care import ReadModelCare, ReadModelState
from desk.gui.frame.text_size import follow_text, scaled
from desk.gui.widgets.background import GuiBridge
from desk.gui.widgets.controls import quiet
from desk.gui.widgets.read_model_words import describe_read_model
from desk.gui.widgets.wrapping import WrappingRow

LONGEST = 50
"""Tenths of a second: long enough to change a book, turn to its row, and see that it is not there yet."""


class DelayRow(QWidget):
    """Neither delay nor pause is kept over a restart: nobody should wonder later why Desk is slow."""

    def __init__(self, care: ReadModelCare, bridge: GuiBridge) -> None:
        super().__init__()
        self._care = care
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, LONGEST)
        self.slider.setPageStep(10)
        follow_text(self.slider, lambda: self.slider.setFixedWidth(scaled(180)))
        self.slider.setAccessibleName(self.tr("Delay of each event"))
        self.slider.setToolTip(self.tr("Every event waits so long before it is projected: see eventual consistency."))
        self.seconds = QLabel()
        self.pausing = QPushButton(self.tr("&Pause"), autoDefault=False)
        self.pausing.setCheckable(True)
        self.pausing.setToolTip(self.tr("Events wait until they are let through, one by one or all."))
        self.stepping = QPushButton(self.tr("&Step"), autoDefault=False)
        self.stepping.setToolTip(self.tr("Let the next event through."))
        self.words = quiet(QLabel())
        label = QLabel(self.tr("&Delay of each event"))
        label.setBuddy(self.slider)
        self.setLayout(WrappingRow(label, self.slider, self.seconds, self.pausing, self.stepping, self.words))
        follow_text(self.seconds, self._leave_room)
        self.slider.valueChanged.connect(self._hold_back)
        self.pausing.toggled.connect(self._pause)
        self.stepping.clicked.connect(lambda: care.step())
        self._shown = ReadModelState()
        self._say_seconds(0)
        bridge.read_model_changed.connect(self.show_state)
        self.show_state(care.state())

    def _leave_room(self) -> None:
        self.seconds.setMinimumWidth(self.seconds.fontMetrics().horizontalAdvance(f"{LONGEST / 10} s") + 4)

    @Slot(object)
    def show_state(self, state: ReadModelState) -> None:
        """The read model is in another state, or somebody changed delay or pause elsewhere."""
        self.words.setText(describe_read_model(state))
        self.stepping.setEnabled(state.paused and state.waiting > 0)
        before, self._shown = self._shown, state
        if state.delay != before.delay:  # else what is being chosen here is on its way
            with QSignalBlocker(self.slider):
                self.slider.setValue(round(10 * state.delay))
            self._say_seconds(self.slider.value())
        if state.paused != before.paused:
            with QSignalBlocker(self.pausing):
                self.pausing.setChecked(state.paused)

    @Slot(int)
    def _hold_back(self, tenths: int) -> None:
        self._care.set_delay(tenths / 10)
        self._say_seconds(tenths)

    @Slot(bool)
    def _pause(self, paused: bool) -> None:
        if paused:
            self._care.pause()
        else:
            self._care.resume()

    def _say_seconds(self, tenths: int) -> None:
        self.seconds.setText(self.tr("{n} s").format(n=f"{tenths / 10:.1f}"))
