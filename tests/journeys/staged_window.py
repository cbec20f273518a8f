"""A window with the user's own workspace, and its stage."""

from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication

from desk.application.queries import GetStreamPage, Source
from desk.application.scenarios.scenario import scenario_id
from desk.cli.stage import scenario_port
from desk.domain.streams import book_stream
from desk.gui.frame.text_size import NORMAL
from desk.gui.frame.theme import ThemeMode
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.stage.action_specs import add_stage, stage_of
from desk.gui.stage.part import StagePart
from desk.gui.stage.performance import Performance
from desk.runtime.data_directory import THROW_AWAY
from tests.journeys.window import RealWindow
from tests.waiting import until


class StagedWindow(RealWindow):
    """Its workspace is the user's own; the stage opens others over throw-away catalogues."""

    size: ClassVar = QSize(1920, 1080)

    def _extend(self, view: WorkspaceView) -> None:
        self.port = scenario_port(self.data_dir)
        add_stage(view, lambda: self.port)

    @property
    def own(self) -> WorkspaceView:
        return self.window

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

    def leave(self) -> None:
        """Without a stage, for whoever is next."""
        self.part.leave()
        self.until(lambda: self.frame.views == [self.own])
        self.frame.resize(self.size)
        self.frame.activateWindow()  # without a screen nobody does who closes a dialog

    def close(self) -> None:
        """The throw-away catalogues are gone soon after the window."""
        if self.closed:
            return
        super().close()
        self.theme.set_look(ThemeMode.LIGHT, NORMAL)  # a window that closes on a stage leaves its look to others
        until(lambda: not (self.data_dir / THROW_AWAY).exists())
