"""The actions of the stage. What they lead to is loaded when one of them runs: a window is mostly not on a stage."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from desk.gui.frame.actions import QT_TRANSLATE_NOOP, ActionSpec, Menu
from desk.gui.frame.window import MainWindow

if TYPE_CHECKING:
    from desk.application.scenarios.ground import ScenarioPort
    from desk.gui.frame.workspace_view import WorkspaceView
    from desk.gui.stage.part import StagePart

STAGE_ACTIONS: tuple[ActionSpec["StagePart"], ...] = (
    ActionSpec(
        "stage.mode",
        Menu.VIEW,
        QT_TRANSLATE_NOOP("actions", "Sta&ge"),
        "stage",
        ("Ctrl+Shift+F11",),
        QT_TRANSLATE_NOOP("actions", "Large and plain, for a room: Esc twice ends it"),
        toggle=lambda part, on: part.switch(on=on),
        begins=True,
    ),
    ActionSpec(
        "stage.play",
        Menu.VIEW,
        QT_TRANSLATE_NOOP("actions", "Play a s&cenario…"),
        "scenario",
        ("Ctrl+Shift+F10",),
        QT_TRANSLATE_NOOP("actions", "A talk in a throw-away catalogue, with what to say and what to press"),
        run=lambda part: part.choose(),
    ),
    ActionSpec(
        "stage.record",
        Menu.VIEW,
        QT_TRANSLATE_NOOP("actions", "&Record a scenario, or end that"),
        "live",
        ("Ctrl+Shift+F9",),
        QT_TRANSLATE_NOOP("actions", "What you do in a throw-away catalogue becomes cues at the end of a file"),
        run=lambda part: part.record(),
    ),
)


def add_stage(view: "WorkspaceView", port: "Callable[[], ScenarioPort]") -> None:
    """Give a workspace the actions; they lead to the stage of the window that it stands in."""
    view.actions_by_name.add(STAGE_ACTIONS, lambda: stage_of(view, port))


def stage_of(view: "WorkspaceView", port: "Callable[[], ScenarioPort]") -> "StagePart":
    """The stage of the window that a workspace stands in, made when it is wanted first."""
    from desk.gui.stage.part import StagePart

    frame = view.window()
    assert isinstance(frame, MainWindow)
    return frame.findChild(StagePart, options=Qt.FindChildOption.FindDirectChildrenOnly) or StagePart(frame, port())
