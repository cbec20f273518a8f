"""What somebody keeps of the streams of one store: favourites, and what was looked at last."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from PySide6.QtCore import QByteArray, QObject, Signal

from desk.application.event_question import JsonPath, UnreadableQuestion
from desk.cqrs.store import Recorded

LOOKED_AT: Final = 20
"""So many sources are remembered."""


class KeptStreams(QObject):
    """Names in the order in which they are shown.

    Signals:
        changed: some of it is different now.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.favourites: list[str] = []
        self.looked_at: list[str] = []
        self.type_names: dict[str, str] = {}
        """What somebody calls a type of event."""
        self.columns: dict[str, list[str]] = {}
        """Paths of values that are shown as columns, by category."""
        self.pinned: set[str] = set()
        """Those that have an index of their own."""
        self.marked: Recorded | None = None
        """The event that others are compared with, as long as the place is open."""

    def look_at(self, name: str) -> None:
        """This one was looked at just now."""
        self.looked_at = list(dict.fromkeys((name, *self.looked_at)))[:LOOKED_AT]
        self.changed.emit()

    def mark(self, event: Recorded) -> None:
        """This event is what others are compared with."""
        self.marked = event
        self.changed.emit()

    def set_favourite(self, name: str, *, favourite: bool) -> None:
        """Keep a name at the top, or no longer."""
        others = [one for one in self.favourites if one != name]
        self.favourites = sorted([*others, name]) if favourite else others
        self.changed.emit()

    def name_of(self, type_name: str) -> str:
        """What a type is called: by somebody, or as it calls itself."""
        return self.type_names.get(type_name, type_name)

    def rename(self, type_name: str, name: str) -> None:
        """Call a type so from now on; by its own name where none is given."""
        self.type_names.pop(type_name, None)
        if name.strip() not in ("", type_name):
            self.type_names[type_name] = name.strip()
        self.changed.emit()

    def columns_of(self, category: str) -> tuple[str, ...]:
        """The paths whose values are shown of a category's events."""
        return tuple(self.columns.get(category, ()))

    def shows_column(self, path: str) -> bool:
        """Whether any category shows it."""
        return any(path in paths for paths in self.columns.values())

    def show_column(self, category: str, path: str, *, shown: bool) -> None:
        """Show the values at a path, or no longer."""
        others = [one for one in self.columns.pop(category, []) if one != path or shown]
        paths = list(dict.fromkeys((*others, path))) if shown else others
        if paths:
            self.columns[category] = paths
        self.changed.emit()

    def pin(self, path: str, *, pinned: bool) -> None:
        """The values at a path have an index, or no longer."""
        (self.pinned.add if pinned else self.pinned.discard)(path)
        self.changed.emit()

    def state(self) -> dict[str, Any]:
        """For the settings."""
        return {
            "favourites": self.favourites,
            "looked_at": self.looked_at,
            "types": self.type_names,
            "columns": self.columns,
            "pinned": sorted(self.pinned),
        }

    def restore(self, state: object) -> None:
        """The inverse; what makes no sense is passed over."""
        if isinstance(state, Mapping):
            self.favourites = _names(state.get("favourites"))
            self.looked_at = _names(state.get("looked_at"))[:LOOKED_AT]
            types = state.get("types")
            self.type_names = {str(key): str(name) for key, name in types.items()} if isinstance(types, dict) else {}
            columns = state.get("columns")
            items = columns.items() if isinstance(columns, dict) else ()
            self.columns = {str(key): paths for key, names in items if (paths := _paths(names))}
            self.pinned = set(_paths(state.get("pinned")))
            self.changed.emit()


def read_state(saved: QByteArray) -> dict[str, Any]:
    """What was saved; nothing where that makes no sense."""
    with suppress(ValueError, TypeError):
        return dict(json.loads(bytes(saved.data())))
    return {}


def _paths(state: object) -> list[str]:
    found = []
    for name in _names(state):
        with suppress(UnreadableQuestion):
            found.append(str(JsonPath.parse(name)))
    return found


def _names(state: object) -> list[str]:
    return [str(name) for name in state] if isinstance(state, list) else []
