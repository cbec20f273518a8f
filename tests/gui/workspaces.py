"""Workspaces for tests of one panel alone, and the window around a view."""

from pathlib import Path

from desk.application.session import Session
from desk.gui.frame.icons import Icons
from desk.gui.frame.settings import Settings
from desk.gui.frame.theme import Theme
from desk.gui.frame.window import MainWindow
from desk.gui.frame.workspace import Workspace
from desk.gui.frame.workspace_view import WorkspaceView
from desk.gui.widgets.background import GuiBridge


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
