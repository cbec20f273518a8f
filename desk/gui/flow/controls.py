"""The replay's controls: pace, back, on, again, reduced motion, the still, and the list in words."""

from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QToolButton, QWidget

from desk.application.flow.replay import FlowReplay
from desk.application.scenarios.scenario import Speed
from desk.gui.frame.icons import Icons
from desk.gui.widgets.boxes import row
from desk.gui.widgets.controls import alternatives, icon_button
from desk.gui.widgets.wrapping import WrappingRow


class ReplayControls(QWidget):
    """Buttons; each has a key that works where no text is typed. ``jumps`` reduces motion here and everywhere;
    ``words`` shows the list in words, ``tools`` delays and failures.

    Signals:
        pace_chosen: another pace (Speed).
    """

    pace_chosen = Signal(object)  # Speed

    def __init__(self, icons: Icons) -> None:
        super().__init__()
        names = {
            Speed.SLOW: (self.tr("Slow"), self.tr("Each hop in about a second (S: next pace)")),
            Speed.STEP: (self.tr("Step"), self.tr("Stop at each hop; Space goes on (S: next pace)")),
            Speed.LIVE: (self.tr("Live"), self.tr("As it happens (S: next pace)")),
        }
        self.paces = dict(zip(names, alternatives(self, *names.values()), strict=True))
        for pace, button in self.paces.items():
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.clicked.connect(partial(self.pace_chosen.emit, pace))
        paces = QWidget()
        row(*self.paces.values(), on=paces, spacing=2)
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
        buttons = (self.back, self.on, self.again)
        self.setLayout(WrappingRow(paces, *buttons, self.jumps, self.words, self.tools, self.still))

    def _button(self, icons: Icons, text: str, icon: str, tip: str) -> QToolButton:
        button = icon_button(icons, icon, tip)
        button.setProperty("outlined", True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAccessibleName(text)
        return button

    def show_replay(self, replay: FlowReplay) -> None:
        """What can be done now, and what was chosen."""
        self.paces[replay.pace].setChecked(True)
        told = replay.round
        has_round, hops = told is not None, len(told.hops) if told is not None else 0
        self.back.setEnabled(has_round and (replay.at > 0 or replay.hop is not None))
        self.on.setEnabled(has_round and (replay.at < hops or replay.waiting > 0))
        self.again.setEnabled(has_round)
        self.still.setEnabled(has_round)
        with QSignalBlocker(self.jumps):
            self.jumps.setChecked(not replay.travels)
