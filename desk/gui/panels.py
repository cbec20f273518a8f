"""What the window knows of a panel that it docks: a name, a key, and how to build it once a session is open."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desk.application.session import Session
from desk.gui.actions import Actions
from desk.gui.background import Bridge
from desk.gui.books.selection import Selection
from desk.gui.icons import Icons
from desk.gui.settings import Settings
from desk.gui.status import Status
from desk.gui.theme import Theme


@dataclass(frozen=True, slots=True)
class PanelContext:
    """What a panel may use. ``chosen`` tells which book is chosen."""

    session: Session
    bridge: Bridge
    theme: Theme
    icons: Icons
    settings: Settings
    chosen: Selection
    actions: Actions
    status: Status


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel beside the catalogue.

    ``build`` is called once, when the session is open. ``shut`` is called with the built widget before the session
    closes. ``keys`` are those that work while the panel has the focus, for the list of keys: key and what it does.
    """

    name: str
    title: str
    icon: str
    go_key: str
    area: Qt.DockWidgetArea
    build: Callable[[PanelContext], QWidget]
    shut: Callable[[QWidget], None]
    keys: tuple[tuple[str, str], ...] = ()
    shown_at_first: bool = True
    tabbed_with: str = ""
