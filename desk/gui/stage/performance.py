"""One scenario in the window: its catalogue, the next one that stands ready, and where the talk is."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTemporaryDir, QTimer, Signal, Slot

from desk.application.scenarios.ground import NoWindow, ScenarioPort, StageCatalogue, Stopped
from desk.application.scenarios.player import CueFailed, Player
from desk.application.scenarios.recorder import Recorder
from desk.application.scenarios.scenario import Cue, Scenario, SetSpeed, Speed, Step, Wait
from desk.gui.frame.settings import Settings
from desk.gui.frame.window import MainWindow
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.stage.hands import StageHands
from desk.gui.widgets.background import start


class Performance(QObject):
    """Plays a scenario in a workspace of its own, over a throw-away catalogue. ``number`` is the cue that is shown, -1
    before the first; ``is_busy`` while something is being done for it.

    Signals:
        changed: another cue is shown, or what it does is done.
        failed: something is otherwise than the file says; the text is a sentence (str).
        rehearsed: the scenario was played through without a window (str: what failed, or that nothing did).
        opened: a catalogue is there, and the talk stands before its first cue or goes fast to a later one.
        played_through: all cues were played one after the other, and nothing is left to do.
        ended: nothing of it is left in the window.
    """

    changed = Signal()
    failed = Signal(str)
    rehearsed = Signal(str)
    ended = Signal()
    opened = Signal()
    played_through = Signal()

    def __init__(self, frame: MainWindow, port: ScenarioPort, scenario: Scenario, *, with_standby: bool = True) -> None:
        super().__init__(frame)
        self._with_standby = with_standby
        self._before = frame.shown if frame.views else None
        self._frame, self._port, self.scenario = frame, port, scenario
        self._folder = QTemporaryDir()
        self._settings = Settings(Path(self._folder.path()) / "settings.ini")
        self.number, self.is_busy, self.is_over = -1, True, False
        self.recorder, self._is_to_record, self._seen = Recorder(), False, ""
        self._player: Player | None = None
        self._catalogues: dict[WorkspaceView, StageCatalogue] = {}
        self.standby: WorkspaceView | None = None
        self.view: WorkspaceView | None = self._open(shown=True)

    @property
    def cue(self) -> Cue | None:
        """The cue that is shown; None before the first."""
        return self.scenario.cues[self.number] if self.number >= 0 else None

    @property
    def following(self) -> Cue | None:
        """The cue that comes next; None at the end."""
        return self.scenario.cues[self.number + 1] if self.number + 1 < len(self.scenario.cues) else None

    # ── what the speaker does ─────────────────────────────────────────────────────────────────────────────────

    @Slot()
    def go_on(self) -> None:
        """The next cue, unless this one is still being done."""
        if not self.is_busy and self.following is not None:
            self._play(range(self.number + 1, self.number + 2))

    @Slot()
    def go_back(self) -> None:
        """The cue before: all anew, and fast to there."""
        if self.number >= 0:
            self.begin_anew(self.number - 1)

    @Slot()
    def reset(self) -> None:
        """To the beginning, in the catalogue that stands ready."""
        self.begin_anew(-1)

    def record(self) -> None:
        """Fast to the last cue, and from there on what is done is recorded; for one that is not open yet as well."""
        self._is_to_record = True
        if self._player is None:
            self.number = len(self.scenario.cues) - 1
        elif not self.is_busy and self.following is not None:
            self._play(range(self.number + 1, len(self.scenario.cues)))
        elif not self.is_busy:
            self.begin_recording()

    def begin_anew(self, target: int) -> None:
        """The catalogue that stands ready takes the place of this one; then fast to a cue."""
        if self.recorder.is_on:
            self.failed.emit(self.tr("What you do is being recorded. End that first (Ctrl+Shift+F9)."))
            return
        view, self.standby = self.standby, None
        if view is None or self.is_over:
            return  # it is being begun anew already
        old, self.view = self._let_go(), view
        self.number, self.is_busy = target, True
        self._frame.show_workspace(view)
        self.changed.emit()
        if view in self._catalogues:
            self._begin(view)
        self._close(old)

    def replace(self, scenario: Scenario) -> None:
        """The file says something else now: all anew by that, and fast to where the talk is."""
        before, self.scenario = self.scenario, scenario
        if self.is_over:
            return
        if self.standby is None or (before.clock, before.seed) != (scenario.clock, scenario.seed):
            standby, self.standby = self.standby, None
            self._close(standby)
            self.standby = self._open(shown=False)
        self.begin_anew(min(self.number, len(scenario.cues) - 1))

    def rehearse(self) -> None:
        """Play all of it in another throw-away catalogue, while this one stays as it is."""
        work = partial(rehearse, self._port, self.scenario)
        self._frame.bridge.call(start(work, "rehearsal"), self.rehearsed.emit, None, self)

    def play_through(self) -> None:
        """All cues one after the other, without waiting for keys; ``failed`` or ``played_through`` tells the end."""
        self._play(range(len(self.scenario.cues)))

    @Slot()
    def close(self) -> None:
        """End it: what was shown before is shown at once, and the catalogues go behind it."""
        self._close(self._let_go())
        self._finish()
        if self._before in self._frame.views:
            self._frame.show_workspace(self._before)

    # ── catalogues ────────────────────────────────────────────────────────────────────────────────────────────

    def _open(self, *, shown: bool) -> WorkspaceView:
        """A workspace over a new throw-away catalogue."""
        opening = start(partial(self._port.open, self.scenario), "stage")
        view = self._frame.open_workspace(
            lambda: self.recorder.over(opening.result().session), self._settings, shown=shown
        )
        view.gives_room = view.places.counts_care = False  # nobody in the room is told what wants care
        StageHands(view).stand_alone(None)
        view.opened.connect(lambda _session: self._opened(view, opening.result()))
        view.closed.connect(partial(self._closed, view))
        view.places.changed.connect(partial(self._note_place, view))
        view.places.went_beside.connect(partial(self._note_place, view))
        view.workspace.selection.book_changed.connect(lambda _: self._note_place(view, self._seen))
        view.workspace.speed_wanted.connect(partial(self._note_speed, view))
        return view

    def _note_place(self, view: WorkspaceView, name: str) -> None:
        if self.recorder.is_on and view is self.view:
            self._seen = name or view.places.current
            self.recorder.show(self._seen, view.workspace.selection.book_id)

    def _note_speed(self, view: WorkspaceView, speed: Speed) -> None:
        if view is self.view:
            self.recorder.note(SetSpeed(speed))

    def begin_recording(self, steps: tuple[Step, ...] = ()) -> None:
        """What is done from now on becomes steps, behind these."""
        self._is_to_record, self._seen = False, ""
        if self._player is not None:
            self.recorder.begin(self._player.pass_time, steps)
        self.changed.emit()

    def _opened(self, view: WorkspaceView, catalogue: StageCatalogue) -> None:
        self._catalogues[view] = catalogue
        if view is self.view:
            self._begin(view)

    def _begin(self, view: WorkspaceView) -> None:
        hands = StageHands(view)
        self._player = Player(self.scenario, self._catalogues[view], hands)
        hands.stop = self._player.stop
        if self.number >= 0:
            self._play(range(self.number + 1))
        else:
            self.is_busy = False
            self.changed.emit()
        self.opened.emit()
        if self._with_standby:
            QTimer.singleShot(0, self, self._stand_by)

    @Slot()
    def _stand_by(self) -> None:
        """The next catalogue, with all that shows it, so that beginning anew is only a change of what is seen."""
        if self.standby is None and not self.is_over:
            self.standby = self._open(shown=False)

    def _let_go(self) -> WorkspaceView | None:
        """Stop what is being done, and forget the workspace, which the caller closes."""
        if self._player is not None:
            self._player.stop.set()
        view, self.view, self._player = self.view, None, None
        return view

    def _close(self, view: WorkspaceView | None) -> None:
        if view is not None:
            view.discard_forms()
            view.close_session()

    def _closed(self, view: WorkspaceView) -> None:
        self._catalogues.pop(view, None)
        if view is self.standby:
            self.standby = None
        if view is self.view:  # the window is being closed, or somebody closed this workspace
            self._let_go()
            self._finish()

    def _finish(self) -> None:
        if not self.is_over:
            self.is_over = True
            self._close(self.standby)
            self.ended.emit()

    # ── cues ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _play(self, numbers: Sequence[int]) -> None:
        player = self._player
        if player is None:
            return
        self.number, self.is_busy = numbers[-1], True
        self.changed.emit()
        if self.view is not None:
            self.view.workspace.told_enough.emit()

        def work() -> None:
            for number in numbers:
                player.play(number)
            if len(numbers) == len(self.scenario.cues):
                player.finish()

        self._frame.bridge.call(
            start(work, "scenario"),
            partial(self._played, player, len(numbers)),
            partial(self._not_played, player),
            self,
        )

    def _played(self, player: Player, cues: int, _: object) -> None:
        if player is not self._player:
            return
        self.is_busy = False
        self.changed.emit()
        if cues == len(self.scenario.cues):
            self.played_through.emit()
        if self._is_to_record:
            self.record()
            return
        cue = self.cue
        if cue is not None and Wait.KEY not in cue.waits:
            QTimer.singleShot(round(cue.seconds * 1000), self, partial(self._go_on_from, player, self.number))

    def _go_on_from(self, player: Player, number: int) -> None:
        if player is self._player and number == self.number:
            self.go_on()

    def _not_played(self, player: Player, error: Exception) -> None:
        if player is not self._player or isinstance(error, Stopped):
            return
        if not isinstance(error, CueFailed):
            raise error
        self.is_busy = self._is_to_record = False
        self.number = error.number
        self.changed.emit()
        self.failed.emit(str(error))


def rehearse(port: ScenarioPort, scenario: Scenario) -> str:
    """Play a scenario in a throw-away catalogue of its own, and no window; what failed, or that nothing did. Waits."""
    catalogue = port.open(scenario)
    try:
        Player(scenario, catalogue, NoWindow()).play_all()
    except CueFailed as failed:
        return str(failed)
    finally:
        catalogue.session.close()
    return f"All {len(scenario.cues)} cues went as the file says."
