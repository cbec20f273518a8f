"""Rehearses scenarios in a window that nobody sees: each cue shows its places and presses its keys, and none waits."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    QSize,
    QTemporaryDir,
    QTimer,
    QtMsgType,
    Slot,
    qInstallMessageHandler,
)

from desk.application.scenarios.ground import ScenarioPort
from desk.application.scenarios.scenario import Scenario
from desk.gui.frame.application import StopSignals, make_application
from desk.gui.frame.binding import with_whole_errors
from desk.gui.frame.garbage import GarbageCollection
from desk.gui.frame.run import SWITCH_INTERVAL
from desk.gui.frame.settings import Settings
from desk.gui.frame.theme import Theme, ThemeMode
from desk.gui.frame.window import MainWindow
from desk.gui.stage.mode import StageMode
from desk.gui.stage.performance import Performance

_SIZE = QSize(1920, 1080)


def rehearse_in_window(
    scenarios: Sequence[tuple[str, Scenario]], port: ScenarioPort, say: Callable[[str], object]
) -> bool:
    """Play each of them, by the names of their files; one sentence is said of each. Whether all went as they say."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    qInstallMessageHandler(_pass_on)
    app, folder, signals = make_application(["desk"]), QTemporaryDir(), StopSignals()
    GarbageCollection(app)
    theme = Theme(app, ThemeMode.LIGHT)
    frame = MainWindow(theme, Settings(Path(folder.path()) / "settings.ini"))
    frame.resize(_SIZE)
    rehearsal = _Rehearsal(frame, scenarios, port, say)
    frame.gone.connect(app.quit)
    signals.stopped.connect(frame.stop)
    frame.show()
    rehearsal.go_on()
    with_whole_errors(app.exec)
    signals.close()
    theme.close()
    return rehearsal.went_well and not rehearsal.left


def _pass_on(_kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    """What Qt says, but for what no window can do that nobody sees."""
    if not message.startswith("This plugin does not support"):
        sys.stderr.write(f"{message}\n")


class _Rehearsal(QObject):
    """One scenario after the other; then the window closes."""

    def __init__(
        self,
        frame: MainWindow,
        scenarios: Sequence[tuple[str, Scenario]],
        port: ScenarioPort,
        say: Callable[[str], object],
    ) -> None:
        super().__init__(frame)
        self._frame, self._port, self._say = frame, port, say
        self._mode = StageMode(frame)
        self.left, self.went_well, self._is_playing = list(scenarios), True, False

    @Slot()
    def go_on(self) -> None:
        """The next one."""
        if not self.left:
            self._frame.close()
            return
        (name, scenario), self._is_playing = self.left[0], True
        one = Performance(self._frame, self._port, scenario, with_standby=False)
        self._mode.enter()
        one.opened.connect(one.play_through)
        one.played_through.connect(partial(self._end, one, f"{name}: all {len(scenario.cues)} cues went as it says."))
        one.failed.connect(partial(self._failed, one, name))
        one.ended.connect(self._ended)
        self._not_opened = self._frame.workspace_failed.connect(
            lambda error: self._failed(one, name, f"its catalogue cannot be opened. {error}")
        )

    def _failed(self, one: Performance, name: str, why: str) -> None:
        self.went_well = False
        self._end(one, f"{name}: {why}")

    def _end(self, one: Performance, said: str) -> None:
        if self._is_playing:
            self._is_playing = False
            self._say(said)
            self.left.pop(0)
            QTimer.singleShot(0, one, one.close)

    @Slot()
    def _ended(self) -> None:
        self._frame.workspace_failed.disconnect(self._not_opened)
        QTimer.singleShot(0, self, self.go_on)
