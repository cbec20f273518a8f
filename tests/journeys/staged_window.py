"""A window with the user's own workspace, and its stage."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desk.application.queries import GetStreamPage, Source
from desk.application.scenarios.scenario import scenario_id
from desk.application.session import Light
from desk.cli.stage import scenario_port
from desk.domain.streams import book_stream
from desk.gui.frame.garbage import GarbageCollection
from desk.gui.frame.settings import Settings
from desk.gui.frame.text_size import NORMAL
from desk.gui.frame.theme import Theme, ThemeMode
from desk.gui.frame.window import MainWindow
from desk.gui.stage.action_specs import add_stage, stage_of
from desk.gui.stage.part import StagePart
from desk.gui.stage.performance import Performance
from desk.runtime.data_directory import THROW_AWAY
from desk.runtime.options import Options
from desk.runtime.runtime import open_session
from tests.journeys.window import holds

PATIENCE = 60_000
"""Milliseconds."""
SIZE = QSize(1920, 1080)


class StagedWindow:
    """A window with the user's own workspace, and its stage."""

    def __init__(self, qtbot: QtBot, app: QApplication, data_dir: Path, size: QSize = SIZE) -> None:
        self.qtbot, self.data_dir = qtbot, data_dir
        self.port = scenario_port(data_dir)
        self.garbage, self.theme = GarbageCollection(), Theme(app, ThemeMode.LIGHT)
        self.frame = MainWindow(
            self.theme, Settings(data_dir / "settings.ini"), lambda view: add_stage(view, lambda: self.port)
        )
        self.frame.resize(size)
        self.frame.show()
        self.own = self.frame.open_workspace(lambda: open_session(Options(data_dir, user="ada")))
        self.until(lambda: self.own.session and self.own.session.connection.state.light is Light.GREEN)

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: holds(condition), timeout=PATIENCE)

    @property
    def part(self) -> StagePart:
        return stage_of(self.own, lambda: self.port)

    @property
    def performance(self) -> Performance:
        one = self.part.performance
        assert one is not None
        return one

    def play(self, path: Path) -> None:
        """Open the stage, and wait until it stands before its first cue."""
        self.part.play(path, self.port.read(path))
        self.until_still()

    def until_still(self) -> None:
        self.until(lambda: not self.performance.is_busy)

    def press(self, key: Qt.Key) -> None:
        """As a speaker does, wherever the focus is; then until the cue is done."""
        self.qtbot.keyClick(QApplication.focusWidget() or self.frame, key)
        if self.part.performance is not None:
            self.until_still()

    def types(self, book: str) -> list[str]:
        """The events of a book of the scenario."""
        view = self.performance.view
        assert view is not None
        assert view.session is not None
        stream = book_stream(scenario_id(self.performance.scenario.seed, "book", book))
        page = view.session.queries.ask(GetStreamPage(Source(stream=stream), oldest=True)).result(60)
        return [event.type for event in page.events]

    def close(self) -> None:
        with self.qtbot.waitSignal(self.frame.gone, timeout=PATIENCE):
            self.frame.stop()
        self.frame.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self.theme.set_look(ThemeMode.LIGHT, NORMAL)  # a window that closes on a stage leaves its look to others
        self.theme.close()
        self.garbage.close()


@contextmanager
def staged_window(qtbot: QtBot, app: QApplication, data_dir: Path, size: QSize = SIZE) -> Iterator[StagedWindow]:
    """Closed at the end; then the throw-away catalogues are gone soon after the window."""
    with closing(StagedWindow(qtbot, app, data_dir, size)) as window:
        yield window
    limit = time.monotonic() + 60
    while (data_dir / THROW_AWAY).exists():
        assert time.monotonic() < limit, "the throw-away catalogues are gone soon after the window"
        time.sleep(0.05)
