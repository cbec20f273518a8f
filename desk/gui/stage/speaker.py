"""The speaker's window: this cue, the next, notes, what to press, the time; on a second screen where there is one."""

import time

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QFont, QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QStyle, QWidget

from desk.gui.frame.theme import FAMILY
from desk.gui.stage.bar import KEYS_FOR
from desk.gui.stage.performance import Performance
from desk.gui.widgets.boxes import column, row

_SHARE = 0.36
"""Of the only screen's width, which it stands at the right of."""

_LARGE, _LINES = 22, 30
"""Points of the largest text, and the least lines of it for which the window is high."""


class SpeakerWindow(QWidget):
    """Belongs to one performance; closing it ends nothing. It comes without the keyboard, which is the stage's, and
    stands above the stage, as its window is that window's own.
    """

    def __init__(self, performance: Performance, stage: QWidget, bar: QWidget) -> None:
        super().__init__(stage, Qt.WindowType.Dialog | Qt.WindowType.WindowCloseButtonHint)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self._stage, self._bar = stage, bar
        self._performance = performance
        self._begun: float | None = None
        self._is_placed = False
        self.setWindowTitle(self.tr("{title}: notes").format(title=performance.scenario.title))
        self.clock, self.state = QLabel(), QLabel()
        self.sentence, self.press, self.following = QLabel(), QLabel(), QLabel()
        self.notes, self.problem = QLabel(), QLabel()
        self.notes.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.problem.setProperty("strong", True)
        for label in (self.sentence, self.press, self.notes, self.following, self.problem, self.state):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._build()
        performance.changed.connect(self._show)
        performance.failed.connect(self.problem.setText)
        performance.rehearsed.connect(self._rehearsed)
        self._ticking = QTimer(self)
        self._ticking.timeout.connect(self._tick)
        self._ticking.start(1000)
        self._tick()
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """At first it fills a second screen, or stands at the side of the only one, above the sentence of the cue."""
        super().showEvent(event)
        if self._is_placed:
            return
        self._is_placed = True
        others = [screen for screen in QGuiApplication.screens() if screen is not self._stage.screen()]
        room = (others[0] if others else self._stage.screen()).availableGeometry()
        if not others:
            room.setLeft(room.right() - round(room.width() * _SHARE))
            room.setBottom(min(room.bottom(), self._bar.mapToGlobal(self._bar.rect().topLeft()).y()))
        title = self.style().pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight)
        self.setGeometry(room.adjusted(0, 2 * title, 0, -title))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Text as large as there is room for notes beside it."""
        super().resizeEvent(event)
        for label, share in ((self.sentence, 1.0), (self.press, 0.8), (self.following, 0.8), (self.clock, 1.0)):
            font = QFont(FAMILY)
            font.setPointSizeF(max(share * min(_LARGE, self.height() / _LINES), self.font().pointSizeF()))
            label.setFont(font)

    def _build(self) -> None:
        self.rehearse = QPushButton(self.tr("Re&hearse"))
        self.rehearse.clicked.connect(self._rehearse)
        buttons = row()
        for text, do in (
            (self.tr("&Back"), self._performance.go_back),
            (self.tr("&Next"), self._performance.go_on),
            (self.tr("&Reset"), self._performance.reset),
        ):
            button = QPushButton(text)
            button.clicked.connect(do)
            buttons.addWidget(button)
        buttons.addWidget(self.rehearse)
        top = row((self.state, 1), self.clock)
        self.reading, page = QScrollArea(), QWidget()
        column(self.sentence, self.press, self.notes, None, self.following, on=page)
        self.reading.setWidget(page)
        self.reading.setWidgetResizable(True)
        self.reading.setFrameShape(QFrame.Shape.NoFrame)
        self.reading.setAccessibleName(self.tr("Notes"))
        column(top, (self.reading, 1), self.problem, buttons, on=self, margins=None)

    @Slot()
    def _show(self) -> None:
        one, cue = self._performance, self._performance.cue
        following, total = one.following, len(one.scenario.cues)
        self.sentence.setText(cue.say if cue is not None else one.scenario.title)
        self.notes.setText((cue.notes if cue is not None else one.scenario.notes).strip())
        press = cue.press if cue is not None else self.tr("Space begins")
        self.press.setText(self.tr("Press: {keys}").format(keys=press) if press else "")
        self.following.setText(
            self.tr("Next: {sentence}").format(sentence=following.say) if following else self.tr("This is the last.")
        )
        state = self.tr("Cue {n} of {total}").format(n=one.number + 1, total=total)
        self.state.setText(self.tr("{cue}: being done…").format(cue=state) if one.is_busy else state)
        self.problem.clear()
        self.reading.verticalScrollBar().setValue(0)

    def hint(self, text: str) -> None:
        """Say something below, for as long as the stage shows a key, unless something else is said meanwhile."""
        self.problem.setText(text)
        QTimer.singleShot(KEYS_FOR, self, lambda: self._forget(text))

    def _forget(self, text: str) -> None:
        if self.problem.text() == text:
            self.problem.clear()

    @Slot()
    def _rehearse(self) -> None:
        self.rehearse.setEnabled(False)
        self.problem.setText(self.tr("Rehearsing in another throw-away catalogue…"))
        self._performance.rehearse()

    @Slot(str)
    def _rehearsed(self, said: str) -> None:
        self.rehearse.setEnabled(True)
        self.problem.setText(said)

    @Slot()
    def _tick(self) -> None:
        """How long the talk goes on, from its first cue."""
        now = time.monotonic()
        if self._begun is None and self._performance.number >= 0:
            self._begun = now
        minutes, seconds = divmod(int(now - (self._begun or now)), 60)
        self.clock.setText(f"{minutes}:{seconds:02d}")
