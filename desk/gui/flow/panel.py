"""The place Flow: a command's way through the stations, what goes wrong there, and the way in words."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QElapsedTimer, Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QStackedWidget,
    QWidget,
)

from desk.application.flow.replay import FlowReplay
from desk.application.flow.rounds import Round, Station
from desk.application.scenarios.scenario import Speed
from desk.gui.flow.arrangement import FlowArrangement
from desk.gui.flow.arrivals import Arrivals
from desk.gui.flow.controls import ReplayControls
from desk.gui.flow.details import StationDetails
from desk.gui.flow.failures import Failures
from desk.gui.flow.feed import FlowFeed
from desk.gui.flow.gap import GapControls
from desk.gui.flow.looks import mask_of
from desk.gui.flow.picture import FlowPicture
from desk.gui.flow.still import ask_where, keep_still
from desk.gui.flow.troubles import Troubles
from desk.gui.flow.words import InWords
from desk.gui.frame.repaints import Repaints
from desk.gui.frame.workspace import Workspace, announce
from desk.gui.widgets.boxes import column
from desk.gui.widgets.controls import later
from desk.gui.widgets.counting import counted

TICK: Final = 16
"""Milliseconds between two frames."""
_PACES: Final = tuple(Speed)


class FlowPanel(QWidget):
    """Space goes on, Backspace back, R begins again, S is the next pace, M without travel, W the words, F what goes
    wrong; Esc closes a station."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        session = self._session = workspace.ports
        self._workspace = workspace
        self.setObjectName("flow")
        self.setAccessibleName(self.tr("Flow"))
        self.replay = FlowReplay()
        self.picture = FlowPicture(self.replay, workspace.theme, workspace.icons)
        self.words = InWords(self.replay)
        self.details = StationDetails(session, workspace.bridge, workspace.theme)
        self.controls = ReplayControls(workspace.icons)
        self.feed = FlowFeed(session, workspace.bridge, self.replay, self)
        self.gap = GapControls(session, workspace.bridge)
        self.failures = Failures(workspace, self.feed)
        self.troubles = Troubles(session, workspace.bridge, self.feed, self)
        self.arrivals = Arrivals(workspace)
        tools = (self.gap, self.failures)
        self.room = FlowArrangement(self.picture, self.words, self.details, self.controls, tools)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.room)
        self.stack.addWidget(self.arrivals)
        column(self.stack, on=self, margins=(14, 6, 14, 6))
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer, interval=TICK)
        self._timer.timeout.connect(self._tick)
        self._clock = QElapsedTimer()
        self._words_soon = later(self, 2 * TICK, self.words.refresh)
        self._shown: tuple[object, ...] = ()
        self._connect()
        self.picture.set_care(session.care.state() if session.care is not None else None)
        self._show_troubles()
        Repaints(self.picture, workspace.bridge, session.diagnostics.repainted)
        self.setFocusProxy(self.picture.boxes[Station.FORM])
        self.show_now()

    def _connect(self) -> None:
        bridge, controls = self._workspace.bridge, self.controls
        self.feed.told.connect(self.show_now)
        controls.pace_chosen.connect(self._workspace.speed_wanted)
        controls.back.clicked.connect(self.back)
        controls.on.clicked.connect(self.forward)
        controls.again.clicked.connect(self.again)
        controls.jumps.toggled.connect(lambda on: self._workspace.reduce_motion(on=on))
        self._workspace.motion_changed.connect(self._move_little)
        controls.still.clicked.connect(lambda: ask_where(self, self.save_still))
        self.picture.opened.connect(self.open_station)
        self.words.opened.connect(self.open_station)
        self.details.closed.connect(self.close_station)
        self.gap.answered.connect(self.say)
        self.failures.said.connect(self.say)
        self.failures.chosen.connect(partial(self._change, self.replay.catch_up))
        self.troubles.said.connect(self.say)
        self.troubles.changed.connect(self._show_troubles)
        bridge.read_model_changed.connect(self.picture.set_care)
        bridge.announced.connect(self.picture.repaint_gap)
        self._workspace.speed_wanted.connect(self.set_pace)
        self._workspace.told_enough.connect(self.feed.skip)
        self._workspace.theme.changed.connect(self._look_changed)

    # What a person does

    @Slot()
    def forward(self) -> None:
        """On by a hop."""
        self._change(self.replay.forward)

    @Slot()
    def back(self) -> None:
        """Back by a hop."""
        self._change(self.replay.back)

    @Slot()
    def again(self) -> None:
        """The same command once more."""
        self._change(self.replay.again)

    @Slot(object)
    def set_pace(self, pace: Speed) -> None:
        """Another pace."""
        self._change(partial(self.replay.set_pace, pace))

    @Slot(bool)
    def _move_little(self, little: bool) -> None:
        self.replay.travels = not little
        self.show_now()

    @Slot()
    def _look_changed(self) -> None:
        """Other colours, another size, or from now on a stage, on which not all may be seen."""
        self._shown = ()
        self.room.fit()
        self.show_now()

    @Slot(object)
    def open_station(self, station: Station) -> None:
        """See what is in a station."""
        self.details.show_station(station, self.replay.round)
        self.room.side.setCurrentWidget(self.details)
        self.room.fit()
        self.details.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def close_station(self) -> None:
        """Back to the words."""
        self.details.station = None
        self.room.side.setCurrentWidget(self.words)
        self.room.fit()
        self.picture.boxes[Station.FORM].setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(str)
    def say(self, text: str) -> None:
        """An answer, or what was done."""
        self.room.say(self.picture.mask_text(text))
        announce(self.room.remark, self.room.remark.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Single keys come here from whatever has the focus and has no use for them."""
        acts = {
            Qt.Key.Key_Space: self.forward,
            Qt.Key.Key_Backspace: self.back,
            Qt.Key.Key_R: self.again,
            Qt.Key.Key_S: self._next_pace,
            Qt.Key.Key_M: self.controls.jumps.toggle,
            Qt.Key.Key_W: self.controls.words.toggle,
            Qt.Key.Key_F: self.controls.tools.toggle,
            Qt.Key.Key_Escape: self.close_station,
        }
        act = acts.get(Qt.Key(event.key()))
        is_closed = event.key() == Qt.Key.Key_Escape and self.details.station is None
        if act is None or is_closed or event.modifiers() != Qt.KeyboardModifier.NoModifier:
            event.ignore()
        else:
            act()

    def _next_pace(self) -> None:
        self._workspace.speed_wanted.emit(_PACES[(_PACES.index(self.replay.pace) + 1) % len(_PACES)])

    # What is shown

    def _change(self, act: Callable[[], None]) -> None:
        act()
        self.show_now()

    @Slot()
    def show_now(self) -> None:
        """The replay is somewhere else, or knows more."""
        self._show(self.words.refresh)

    def _show(self, tell: Callable[[], None]) -> None:
        self._show_which()
        told = self.replay.round
        shown = (told, self.replay.at, self.replay.phase, self.replay.waiting, self.replay.left_out)
        if shown != self._shown:
            before = self._shown[0] if self._shown else None
            if isinstance(before, Round) and told is not None and told.story.number != before.story.number:
                self.say("")  # what was said of the one before
            if told is not before or not self._shown:
                self._show_round()
            self._shown = shown
            self._show_hop()
            tell()
        self.controls.show_replay(self.replay)
        if self.replay.moves and self.isVisible():
            if not self._timer.isActive():
                self._clock.start()
                self._timer.start()
        else:
            self._timer.stop()

    def _show_which(self) -> None:
        is_foreign = not self._session.about.embedded and self.replay.round is None
        self.stack.setCurrentIndex(1 if is_foreign else 0)

    def _show_round(self) -> None:
        told = self.replay.round
        self.picture.mask_text = self.words.mask_text = self.details.mask_text = mask_of(told)
        if told is None:
            is_on = self._stories_are_kept()
            nothing = self.tr("Change a book, and its command is shown here on its way.")
            off = self.tr("Telemetry is switched off: no command is kept. Open the bus to switch it on.")
            self.room.title.setText(nothing if is_on else off)
        else:
            again = self.tr("   round {n}, by {who}").format(n=told.number, who=told.sender_name)
            title = f"{told.title}: {told.value}" if told.value.lower() != told.title.lower() else told.title
            if told.book and told.book != told.value:
                title += f"  ·  {told.book}"
            self.room.title.setText(self.picture.mask_text(title + (again if told.number > 1 else "")))
        self.gap.show_round(told)
        self.failures.show_round(told)
        if self.details.station is not None:
            self.details.show_station(self.details.station, told)

    @Slot()
    def _show_troubles(self) -> None:
        self.picture.set_troubles(self.troubles.now)

    def _stories_are_kept(self) -> bool:
        plugins = self._session.diagnostics.plugins()
        return any(plugin.enabled for plugin in plugins if plugin.name == "Telemetry")

    def _show_hop(self) -> None:
        replay = self.replay
        waiting = counted(replay.waiting, self.tr("1 waits"), self.tr("{n} wait")) if replay.waiting else ""
        if replay.left_out:
            waiting += self.tr(", {n} left out").format(n=f"{replay.left_out:,}")
        self.room.pill.setText(waiting)
        self.room.pill.setVisible(bool(waiting))
        hop = self.picture.marked
        self.room.caption.setText(self.picture.mask_text(hop.sentence) if hop is not None else "")
        self.room.times.setText(replay.time_words)
        announce(self.room.caption, self.room.caption.text())
        self.picture.refresh()

    @Slot()
    def _tick(self) -> None:
        self.pass_time(self._clock.restart())

    def pass_time(self, milliseconds: float) -> None:
        """A frame; the words have one of their own after that in which a hop was over."""
        replay = self.replay
        before = (replay.round, replay.at, replay.phase)
        replay.advance(milliseconds)
        if (replay.round, replay.at, replay.phase) != before:
            self._show(self._words_soon.start)
        elif replay.hop is not None:
            self.picture.tick()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._move_little(self._workspace.moves_little)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.replay.catch_up()
        self._timer.stop()

    # The still

    def save_still(self, path: Path) -> None:
        """Write what is shown as a picture, numbered and with times."""
        workspace = self._workspace
        workspace.say(keep_still(self.picture, workspace, self.room.title.text(), self.words.lines(), path))

    # A panel

    def stop(self) -> None:
        """Nothing moves any more, and nothing is followed."""
        self._timer.stop()
        self.arrivals.stop()
        self.hide()

    def save_state(self) -> QByteArray:
        """The pace, and whether the words are shown."""
        chosen = {"pace": self.replay.pace.name, "words": self.room.words_chosen}
        return QByteArray(json.dumps(chosen).encode())

    def restore_state(self, saved: QByteArray) -> None:
        """The inverse of :meth:`save_state`."""
        try:
            chosen = json.loads(bytes(saved.data()))
            pace, words = Speed[chosen["pace"]], chosen["words"]
        except (ValueError, KeyError, TypeError):
            return
        self.room.words_chosen = words if isinstance(words, bool) else None
        self.room.fit()
        self.set_pace(pace)
