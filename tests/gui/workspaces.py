"""Workspaces for tests of one panel alone, and the window around a view."""

from pathlib import Path
from typing import Any

from desk.application.session import Session
from desk.gui.books.action_specs import BOOK_ACTIONS, CATALOGUE_ACTIONS, UNDO_ACTIONS
from desk.gui.desk_places import desk_companions, desk_places
from desk.gui.frame.action_specs import VIEW_ACTIONS, WINDOW_ACTIONS
from desk.gui.frame.actions import ActionSpec
from desk.gui.frame.icons import Icons
from desk.gui.frame.panel import CompanionSpec, PlaceSpec
from desk.gui.frame.settings import Settings
from desk.gui.frame.theme import Theme
from desk.gui.frame.window import MainWindow
from desk.gui.frame.workspace import Workspace
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.widgets.background import GuiBridge


def action_specs() -> tuple[ActionSpec[Any], ...]:
    """Every table of actions, those of the panels too; what places and companions are gone to by is made from them."""
    panels: tuple[PlaceSpec | CompanionSpec, ...] = (*desk_places(), *desk_companions())
    brought = (spec for panel in panels for spec in panel.actions)
    return (*BOOK_ACTIONS, *UNDO_ACTIONS, *CATALOGUE_ACTIONS, *VIEW_ACTIONS, *WINDOW_ACTIONS, *brought)


def workspace_of(session: Session, bridge: GuiBridge, theme: Theme) -> Workspace:
    """An open workspace that lives as long as the bridge, and whose settings are kept nowhere."""
    workspace = Workspace(bridge, theme, Icons(theme), Settings(Path("/nonexistent/settings.ini")), bridge)
    workspace.open(session)
    return workspace


def frame_of(view: WorkspaceView) -> MainWindow:
    """The window that holds the view."""
    frame = view.window()
    assert isinstance(frame, MainWindow)
    return frame
