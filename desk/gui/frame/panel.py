"""What the window knows of a place or companion: a name, a key, and what to build once a session is open."""

from typing import Any, Protocol, runtime_checkable

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import QWidget

from desk.gui.frame.actions import ActionSpec
from desk.records import dataclass

CATALOGUE, STREAMS, FLOW, OPERATIONS = "catalogue", "streams", "flow", "operations"
"""The names of the places."""
CARD, HISTORY = "card", "history"
"""The names of the companions."""
TIMES, WIRING = "times", "wiring"
"""Pages of Operations that commands of the window lead to."""


@runtime_checkable
class Panel(Protocol):
    """What a place's or companion's widget can do beside being shown. It knows the workspace, and no other panel."""

    def stop(self) -> None:
        """Read no more; called before the session closes."""

    def save_state(self) -> QByteArray:
        """How it looks, for the next time."""

    def restore_state(self, saved: QByteArray) -> None:
        """The inverse; what makes no sense is passed over."""


@runtime_checkable
class Searched(Protocol):
    """A place, or something within a place or companion, that has a search of its own."""

    def begin_search(self) -> None:
        """Go to where one types what to look for."""


@runtime_checkable
class Paged(Protocol):
    """A place or companion of several pages, each of which has a name."""

    def show_page(self, page: str) -> bool:
        """Turn to a page, and tell whether there is one of this name."""


@runtime_checkable
class Urged(Paged, Protocol):
    """Has pages that want somebody's care."""

    @property
    def most_pressing(self) -> str:
        """The page that wants it first."""


@runtime_checkable
class Headed(Protocol):
    """A companion with a header of its own, which stands in its title."""

    @property
    def header(self) -> QWidget:
        """What is shown, and how."""


@dataclass(frozen=True, slots=True)
class PlaceSpec:
    """A place fills the window, one at a time.

    ``actions`` are what can be done with its widget. ``keys`` walk within it: key and what it does, for the list of
    keys.

    ``panel`` is the class of its widget, as ``module:name``: it is loaded, and called with an open workspace, when the
    place is shown for the first time, or ``at_once`` soon after the opening. Empty where the widget is put there.
    """

    name: str
    title: str
    icon: str
    key: str
    panel: str
    keys: tuple[tuple[str, str], ...] = ()
    actions: tuple[ActionSpec[Any], ...] = ()
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class CompanionSpec:
    """A companion stands beside some places, docked or torn off. The rest is as with a place.

    ``size`` is what it has at first, in pixels of normal text, and in some places ``less``: so many hundredths of the
    window at most.
    """

    name: str
    title: str
    icon: str
    key: str
    places: tuple[str, ...]
    area: Qt.DockWidgetArea
    size: int
    panel: str
    keys: tuple[tuple[str, str], ...] = ()
    actions: tuple[ActionSpec[Any], ...] = ()
    less: tuple[tuple[str, int], ...] = ()
