"""The stage as one part of the window: its mode, the scenario that is played, its keys, and the speaker's window."""

import time
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QFileSystemWatcher, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
)

from desk.application.resources import resource
from desk.application.scenarios.ground import ScenarioPort, WrongScenario
from desk.application.scenarios.scenario import Scenario, Step
from desk.gui.frame.panel import FLOW
from desk.gui.frame.window import MainWindow
from desk.gui.stage.bar import KEYS_FOR
from desk.gui.stage.chooser import ScenarioChooser
from desk.gui.stage.mode import StageMode
from desk.gui.stage.performance import Performance
from desk.gui.stage.speaker import SpeakerWindow
from desk.gui.widgets.background import start
from desk.gui.widgets.controls import later

TWICE_WITHIN: Final = KEYS_FOR / 1000
"""Seconds between two presses of Esc that end the stage: for so long the first says so."""

SETTLE: Final = 200
"""Milliseconds after which a file that was saved is read: editors write in several steps."""

_FLOWS_OWN: Final = (Qt.Key.Key_Space, Qt.Key.Key_Backspace, Qt.Key.Key_R)

_TALK: Final = {
    Qt.Key.Key_Space: Performance.go_on,
    Qt.Key.Key_PageDown: Performance.go_on,
    Qt.Key.Key_Backspace: Performance.go_back,
    Qt.Key.Key_PageUp: Performance.go_back,
    Qt.Key.Key_R: Performance.reset,
}
"""The keys that move a talk, where there is one."""

_WRONG: Final = "•"
"""Behind the number of a cue that went otherwise than the file says."""

_TYPING: Final = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox)


class StagePart(QObject):
    """Of one window. A performance brings stage mode with it; stage mode can be had without one."""

    def __init__(self, frame: MainWindow, port: ScenarioPort) -> None:
        super().__init__(frame)
        self._frame, self._port = frame, port
        self.mode = StageMode(frame, self._pressed)
        self.performance: Performance | None = None
        self.speaker: SpeakerWindow | None = None
        self._escaped = 0.0
        self._keys = {
            Qt.Key.Key_P: self.toggle_speaker,
            Qt.Key.Key_D: self.mode.change_ground,
            Qt.Key.Key_K: self.mode.bar.toggle_keys,
        }
        self._files = QFileSystemWatcher(self)
        self._saved = later(self, SETTLE, self._read_again)
        self._files.fileChanged.connect(self._saved.start)
        self._path: Path | None = None

    # ── scenarios ─────────────────────────────────────────────────────────────────────────────────────────────

    def choose(self) -> None:
        """Ask which scenario to play."""
        self._frame.bridge.call(start(self._read_all, "scenarios"), self._offer, None, self)

    def play(self, path: Path, scenario: Scenario) -> None:
        """Open the stage on a scenario; the file is read again whenever it is saved."""
        self._end_performance()
        self._path = path
        self._files.addPath(str(path))
        self._enter()
        one = self.performance = Performance(self._frame, self._port, scenario)
        one.changed.connect(self._say)
        one.failed.connect(self._say_failed)
        one.opened.connect(self._take_focus)
        one.ended.connect(partial(self._ended, one))
        self.speaker = SpeakerWindow(one, self._frame, self.mode.bar)
        self._say()
        self.mode.hold_back()
        if len(QApplication.screens()) > 1:
            self.speaker.show()

    def _read_all(self) -> list[tuple[Path, Scenario]]:
        return [(path, self._port.read(path)) for path in scenario_files()]

    def _offer(self, scenarios: list[tuple[Path, Scenario]]) -> None:
        chooser = ScenarioChooser(scenarios, self._frame)
        chooser.chosen.connect(self._open_file)
        chooser.open()

    @Slot(object)
    def _open_file(self, path: Path) -> None:
        read = start(partial(self._port.read, path), "scenario")
        self._frame.bridge.call(read, partial(self.play, path), self._say_wrong, self)

    @Slot()
    def _read_again(self) -> None:
        path, one = self._path, self.performance
        if path is not None and one is not None and not one.recorder.is_on:
            self._files.addPath(str(path))  # an editor that writes another file in its place ends the watching
            read = start(partial(self._port.read, path), "scenario")
            self._frame.bridge.call(read, one.replace, self._say_wrong, one)

    def _say_wrong(self, error: Exception) -> None:
        if not isinstance(error, WrongScenario):
            raise error
        if self.speaker is not None:
            self._say_failed(str(error))
        else:
            self._tell(str(error))

    def _tell(self, text: str) -> None:
        """An answer, which on a stage stands where the keys do."""
        if self.mode.is_on:
            self.mode.bar.hint(text)
        else:
            self._frame.shown.workspace.say(text)

    # ── recording ─────────────────────────────────────────────────────────────────────────────────────────────────

    def record(self) -> None:
        """What is done becomes cues at the end of a file, or no longer. One's own scenario, while it is played, goes
        on in its file; else it is asked for one.
        """
        one, path = self.performance, self._path
        if one is not None and one.recorder.is_on:
            self._end_recording()
        elif one is not None and path is not None and path not in scenario_files():
            one.record()
        else:
            dialog = QFileDialog(self._frame, self.tr("Record into"), "", self.tr("Scenarios (*.toml)"))
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # cues come behind those that are there
            dialog.setDefaultSuffix("toml")
            dialog.fileSelected.connect(lambda name: self.record_into(Path(name)))
            dialog.open()

    def record_into(self, path: Path) -> None:
        """Play a file, which is begun where there is none, fast to its last cue, and record from there on."""

        def begin() -> Scenario:
            self._port.record(path, ())
            return self._port.read(path)

        def play(scenario: Scenario) -> None:
            self.play(path, scenario)
            if self.performance is not None:
                self.performance.record()

        self._frame.bridge.call(start(begin, "recording"), play, self._say_wrong, self)

    def _end_recording(self) -> None:
        one, path = self.performance, self._path
        if one is None or path is None or not one.recorder.is_on:
            return
        steps = one.recorder.end()
        said = self.tr("{n} cues were recorded into {name}.").format(n=len(steps), name=path.name)
        written = start(partial(self._port.record, path, steps), "recording")
        self._frame.bridge.call(written, lambda _: self._tell(said), partial(self._not_recorded, one, steps), self)
        self._say()

    def _not_recorded(self, one: Performance, steps: tuple[Step, ...], error: Exception) -> None:
        """Nothing of it is lost while the stage is open: the same can be tried again."""
        if one is self.performance:
            one.begin_recording(steps)
        self._say_wrong(error)

    # ── beginning and end ─────────────────────────────────────────────────────────────────────────────────────

    @Slot()
    def toggle_speaker(self) -> None:
        """The speaker's window, on a second screen where there is one; or away with it."""
        if self.speaker is not None:
            self.speaker.setVisible(not self.speaker.isVisible())

    def leave(self) -> None:
        """End the stage: the workspace of before is shown, as it was; where there is none the window closes."""
        one = self.performance
        if one is not None and set(self._frame.views) <= {one.view, one.standby}:
            self._frame.close()
            return
        self._end_performance()
        if self.mode.is_on:
            self.mode.bar.say("", "")
            self._frame.repaint()  # the stage is out of sight at once; that all looks as before takes a moment more
            self.mode.leave()
        self._check_actions()

    def _enter(self) -> None:
        self.mode.enter()
        self._check_actions()

    def switch(self, *, on: bool) -> None:
        """Stage mode over whatever is shown, or its end."""
        if on and not self.mode.is_on:
            self.mode.bar.say("", "")
            self._enter()
        elif not on and self.mode.is_on:
            self.leave()

    def _check_actions(self) -> None:
        for view in self._frame.views:
            view.actions_by_name["stage.mode"].setChecked(self.mode.is_on)

    def _end_performance(self) -> None:
        self._end_recording()
        one, self.performance = self.performance, None
        if one is not None:
            one.close()

    def _ended(self, one: Performance) -> None:
        if self.performance is one:
            self._end_recording()
        if self.speaker is not None:
            self.speaker.close()
            self.speaker.deleteLater()
            self.speaker = None
        if self._path is not None:
            self._files.removePath(str(self._path))
            self._path = None
        if self.performance is one:  # its workspace was closed by other means
            self.performance = None
            self.leave()
        one.deleteLater()

    # ── what is shown and pressed ─────────────────────────────────────────────────────────────────────────────

    @Slot()
    def _say(self) -> None:
        one = self.performance
        if one is None:
            return
        if one.cue is not None:
            sentence = one.cue.say
        else:
            sentence = self.tr("{title} · being opened…") if one.is_busy else self.tr("{title} · Space begins")
            sentence = sentence.format(title=one.scenario.title)
        if one.recorder.is_on:
            sentence = self.tr("● What you do is recorded, until Ctrl+Shift+F9")
        self.mode.bar.say(sentence, f"{one.number + 1} / {len(one.scenario.cues)}")
        self._check_actions()

    @Slot()
    def _take_focus(self) -> None:
        """Away from a search field: the next key is the speaker's."""
        self._frame.shown.setFocus()

    @Slot(str)
    def _say_failed(self, why: str) -> None:
        """In the notes; the room sees no more than a mark, by which a speaker without them knows of it."""
        if self.speaker is not None:
            self.speaker.problem.setText(why)
            if not self.speaker.isVisible():
                self.mode.bar.count.setText(f"{self.mode.bar.count.text()} {_WRONG}")

    def _pressed(self, watched: QObject, event: QKeyEvent) -> bool:
        """Keys of the stage, where nobody types; and each key is shown."""
        if watched is not (QApplication.focusWidget() or QApplication.activeWindow() or self._frame):
            return False
        self.mode.bar.pressed(event)
        return self._take_key(event)

    def _take_key(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            return self._escape()
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        key = Qt.Key(event.key())
        do = self._keys.get(key)
        if do is None and self.performance is not None and key in _TALK:
            do = partial(_TALK[key], self.performance)
        if do is None or not plain or self._is_wanted(event):
            return False
        do()
        return True

    def _is_wanted(self, event: QKeyEvent) -> bool:
        """Whether whatever has the focus has a use for the key: a text, or Flow, which goes on hop by hop. What is
        pressed in the speaker's window is for the stage; and so is all while the talk is being opened: the search box
        that has the focus by then is nobody's.
        """
        one = self.performance
        if self.speaker is not None and self.speaker.isActiveWindow():
            return False
        if one is not None and one.cue is None and one.is_busy:
            return _is_in_front()
        flow, focus = self._frame.shown.places.widgets.get(FLOW), QApplication.focusWidget()
        in_flow = flow is not None and focus is not None and flow.isAncestorOf(focus)
        return _is_typing() or (in_flow and event.key() in _FLOWS_OWN)

    def _escape(self) -> bool:
        if _is_in_front():
            return False
        before, self._escaped = self._escaped, time.monotonic()
        if self._escaped - before > TWICE_WITHIN:
            hint = self.tr("Press Esc again to leave the stage")
            self.mode.bar.hint(hint)
            if self.speaker is not None:  # with one screen its window stands before the bar
                self.speaker.hint(hint)
            return False
        QTimer.singleShot(0, self, self.leave)  # not from within the delivery of a key
        return True


def scenario_files() -> list[Path]:
    """The scenarios that come with Desk."""
    return sorted(resource("scenarios").glob("*.toml"))


def _is_in_front() -> bool:
    """Whether a dialog or a menu has all keys."""
    return isinstance(QApplication.activeWindow(), QDialog) or QApplication.activePopupWidget() is not None


def _is_typing() -> bool:
    """Whether a key belongs to whatever has the focus: a text, a menu or a dialog. Buttons are clicked on a stage."""
    return _is_in_front() or isinstance(QApplication.focusWidget(), _TYPING)
