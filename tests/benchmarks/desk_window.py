"""The real window over a real session and a real node, without a screen, for measuring: it is driven by its widgets."""

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desk.application.session import Light, Session
from desk.gui.books.dialog import CommandDialog
from desk.gui.frame.application import make_application
from desk.gui.frame.run import SWITCH_INTERVAL
from desk.gui.frame.settings import Settings
from desk.gui.frame.theme import Theme, ThemeMode
from desk.gui.frame.window import MainWindow
from desk.gui.importing.part import ImportPart
from desk.runtime.options import Options
from desk.runtime.runtime import open_runtime
from tests.benchmarks.figures import percentile

PATIENCE = 1200.0
"""Seconds after which a measurement is given up."""


def elsewhere(module: str, *arguments: object) -> dict[str, Any]:
    """What a benchmark prints when it runs in a process of its own, without a screen."""
    command = [sys.executable, "-m", module, "--alone", *map(str, arguments)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_LOGGING_RULES": "qt.qpa.*=false;*.debug=false"}
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout
    found: dict[str, Any] = json.loads(answer.splitlines()[-1])
    return found


class Paints(QObject):
    """Notices that a widget was painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.seen = False
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.seen = self.seen or event.type() == QEvent.Type.Paint
        return False


class Lateness(QObject):
    """A timer of 10 ms in the window's thread: by how many milliseconds it is late, each time."""

    def __init__(self) -> None:
        super().__init__()
        self.late: list[float] = []
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self.late.clear()
        self._clock.start()
        self._timer.start(10)

    def stop(self) -> dict[str, float]:
        self._timer.stop()
        return {"p99": percentile(self.late, 0.99), "worst": max(self.late)}

    def _tick(self) -> None:
        self.late.append(max(0.0, self._clock.nsecsElapsed() / 1e6 - 10))
        self._clock.start()


class DeskWindow:
    """A window on a data directory, from its opening to its closing."""

    def __init__(self, data_dir: Path) -> None:
        sys.setswitchinterval(SWITCH_INTERVAL)
        self.app = QApplication.instance() or make_application(["desk"])
        assert isinstance(self.app, QApplication)
        data_dir.mkdir(parents=True, exist_ok=True)
        self.theme = Theme(self.app, ThemeMode.LIGHT)
        self.frame = MainWindow(self.theme, Settings(data_dir / "settings.ini"))
        self.window = self.frame.open_workspace(lambda: self._opened(Options(data_dir, user="ada")))
        self.importing = ImportPart(self.window)
        self.frame.resize(1400, 900)
        self.view = self.window.part.view
        self.model = self.view.model
        self.paints = Paints(self.view.table.viewport())
        self._heartbeat = QTimer()
        self._heartbeat.start(20)  # so that waiting for events never waits for good
        self._gone = False
        self.frame.gone.connect(self._note_gone)
        self.frame.show()

    def _opened(self, options: Options) -> Session:
        self.runtime = open_runtime(options)
        return self.runtime.session

    @property
    def session(self) -> Session:
        session = self.window.session
        assert isinstance(session, Session)
        return session

    def until(self, condition: Callable[[], object]) -> None:
        """Let the window live until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            if time.monotonic() > deadline:
                raise TimeoutError(f"nothing came of it in {PATIENCE:.0f} s")

    def until_live(self) -> None:
        self.until(lambda: self.window.session is not None)
        self.until(lambda: self.session.connection.state.light is Light.GREEN)

    def live(self, seconds: float) -> None:
        """Let the window live for a while."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() >= end)

    def painted(self, act: Callable[[], object], condition: Callable[[], object] = lambda: True) -> float:
        """Milliseconds from an act until its effect is there and the table was painted since."""
        gc.collect()
        begin = time.perf_counter()
        act()
        self.until(condition)
        self.paints.seen = False
        self.view.table.viewport().update()
        self.until(lambda: self.paints.seen)
        return (time.perf_counter() - begin) * 1000

    def form(self, action: str) -> CommandDialog:
        """Open a form by its action."""
        chosen = self.window.actions_by_name[action]
        self.until(chosen.isEnabled)
        chosen.trigger()
        self.until(self.forms)
        return self.forms()[0]

    def forms(self) -> list[CommandDialog]:
        return [dialog for dialog in self.window.findChildren(CommandDialog) if dialog.isVisible()]

    def click(self, form: CommandDialog) -> None:
        """Press the form's button."""
        QTest.mouseClick(form.submit, Qt.MouseButton.LeftButton)

    def close(self) -> None:
        """Close the window and everything behind it."""
        self.frame.stop()
        self.until(lambda: self._gone)
        self._heartbeat.stop()
        self.frame.deleteLater()
        self.theme.close()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _note_gone(self) -> None:
        self._gone = True
