"""The replay's controls: pace, back, on, again, reduced motion, the still, and the list in words."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QHBoxLayout, QToolButton, QWidget

from desk.application.flow.replay import FlowReplay
from desk.application.scenarios.scenario import Speed
from desk.gui.frame.icons import Icons
from desk.gui.widgets.wrapping import WrappingRow


class ReplayControls(QWidget):
    """Buttons; each has a key that works where no text is typed.

    Signals:
        pace_chosen: another pace (Speed).
        back_wanted, on_wanted, again_wanted, still_wanted: as their names say.
        motion_reduced: whether little should move (bool), here and everywhere.
        words_chosen: whether the list in words is shown (bool).
        tools_chosen: whether delays and failures are shown (bool).
    """

    pace_chosen = Signal(object)  # Speed
    back_wanted = Signal()
    on_wanted = Signal()
    again_wanted = Signal()
    still_wanted = Signal()
    motion_reduced = Signal(bool)
    words_chosen = Signal(bool)
    tools_chosen = Signal(bool)

    def __init__(self, icons: Icons) -> None:
        super().__init__()
        paces = QWidget()
        row = QHBoxLayout(paces)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        names = {
            Speed.SLOW: (self.tr("Slow"), self.tr("Each hop in about a second (S: next pace)")),
            Speed.STEP: (self.tr("Step"), self.tr("Stop at each hop; Space goes on (S: next pace)")),
            Speed.LIVE: (self.tr("Live"), self.tr("As it happens (S: next pace)")),
        }
        self.paces: dict[Speed, QToolButton] = {}
        group = QButtonGroup(self)
        for pace, (text, tip) in names.items():
            button = QToolButton()
            button.setText(text)
            button.setToolTip(tip)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.clicked.connect(lambda _checked=False, pace=pace: self.pace_chosen.emit(pace))
            group.addButton(button)
            row.addWidget(button)
            self.paces[pace] = button
        self.back = self._button(icons, self.tr("Back"), "previous", self.tr("Back by a hop (Backspace)"))
        self.on = self._button(icons, self.tr("On"), "next", self.tr("On to the next hop, or command (Space)"))
        self.again = self._button(icons, self.tr("Again"), "renew", self.tr("From the beginning (R)"))
        self.still = self._button(icons, self.tr("Save…"), "save", self.tr("The whole way as SVG or PNG"))
        self.jumps = QCheckBox(self.tr("Reduced motion"))
        self.jumps.setToolTip(self.tr("Nothing travels; the stations light up in order (M)"))
        self.words = QCheckBox(self.tr("In words"))
        self.words.setToolTip(self.tr("The same as a list beside the picture (W)"))
        self.tools = QCheckBox(self.tr("What goes wrong"))
        self.tools.setToolTip(self.tr("Delays, questions in between, and failures on purpose (F)"))
        self.back.clicked.connect(self.back_wanted)
        self.on.clicked.connect(self.on_wanted)
        self.again.clicked.connect(self.again_wanted)
        self.still.clicked.connect(self.still_wanted)
        self.jumps.toggled.connect(self.motion_reduced)
        self.words.toggled.connect(self.words_chosen)
        self.tools.toggled.connect(self.tools_chosen)
        buttons = (self.back, self.on, self.again)
        self.setLayout(WrappingRow(paces, *buttons, self.jumps, self.words, self.tools, self.still))

    def _button(self, icons: Icons, text: str, icon: str, tip: str) -> QToolButton:
        button = QToolButton()
        icons.put(button, icon)
        button.setProperty("outlined", True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        return button

    def show_replay(self, replay: FlowReplay) -> None:
        """What can be done now, and what was chosen."""
        self.paces[replay.pace].setChecked(True)
        told = replay.round
        has_round = told is not None
        hops = len(told.hops) if told is not None else 0
        self.back.setEnabled(has_round and (replay.at > 0 or replay.hop is not None))
        self.on.setEnabled(has_round and (replay.at < hops or replay.waiting > 0))
        self.again.setEnabled(has_round)
        self.still.setEnabled(has_round)
        with QSignalBlocker(self.jumps):
            self.jumps.setChecked(not replay.travels)
