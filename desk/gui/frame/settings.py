"""What the window remembers between two starts: preferences of the view only. Facts go to events."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

from PySide6.QtCore import QByteArray, QSettings

from desk.gui.frame.text_size import NORMAL, STEPS
from desk.gui.frame.theme import ThemeMode

if TYPE_CHECKING:
    from desk.application.catalogue import SortKey

T = TypeVar("T")
K = TypeVar("K")

LAYOUT = 2
"""Version of panels and tool bars; a remembered layout of another version is not restored."""


class _Kept(Generic[T]):
    """A value under a fixed key of the file; ``read`` makes it of what is there, ``write`` the inverse."""

    def __init__(
        self, key: str, read: Callable[[Any], T], write: Callable[[T], object] = str, kind: type = str
    ) -> None:
        self._key, self._read, self._write, self._kind = key, read, write, kind

    def __get__(self, settings: "Settings", _owner: type) -> T:
        return self._read(settings.value(self._key, self._kind))

    def __set__(self, settings: "Settings", value: T) -> None:
        settings.put(self._key, self._write(value))


def _book(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _sizes(text: str) -> dict[str, int]:
    pairs = (line.rpartition("=") for line in text.split("\n"))
    return {name: int(size) for name, _, size in pairs if name and size.isdecimal()}


def _looked_at(text: str) -> dict[str, dict[str, tuple[str, int | None, str]]]:
    with suppress(ValueError, TypeError, AttributeError):
        return {
            str(store): {
                str(place): (str(stream), None if revision is None else int(revision), str(title))
                for place, (stream, revision, title) in places.items()
            }
            for store, places in json.loads(text).items()
        }
    return {}


class Settings:
    """A facade with fixed keys over one INI file.

    An INI file gives strings back, so that each key says what type it has.
    """

    geometry = _Kept("window/geometry", QByteArray, QByteArray, QByteArray)
    """Place and size of the window; empty at the first start."""
    columns = _Kept("table/columns", QByteArray, QByteArray, QByteArray)
    """The table's header: widths, order, hidden columns."""
    selection = _Kept("table/book", _book, lambda book: str(book or ""))
    """The book that was chosen last."""
    place = _Kept("window/place", str)
    """The place that was shown last."""
    theme = _Kept("window/theme", lambda text: ThemeMode(text) if text in set(ThemeMode) else ThemeMode.SYSTEM)
    """The chosen theme."""
    text_size = _Kept("window/text", lambda text: {str(step): step for step in STEPS}.get(text, NORMAL))
    """How large text is, in per cent; one of the steps."""
    reduced_motion: _Kept[bool | None] = _Kept(
        "window/reduced-motion", lambda text: {"yes": True, "no": False}.get(text), lambda on: "yes" if on else "no"
    )
    """Whether little should move; None where nobody has chosen, so that the system is asked."""
    looked_at = _Kept("window/looked-at", _looked_at, json.dumps)
    """What was looked at in each place: stream, revision or None, and title, by store and place."""
    companion_sizes = _Kept(
        "window/companions", _sizes, lambda sizes: "\n".join(f"{name}={size}" for name, size in sizes.items())
    )
    """How wide or high companions are wished for, in pixels of normal text, by place and companion."""
    recent: _Kept[tuple[str, ...]] = _Kept(
        "palette/recent", lambda text: tuple(filter(None, text.split("\n"))), "\n".join
    )
    """What was gone to last by the palette or otherwise, the newest first, as the palette names it."""

    def __init__(self, path: Path) -> None:
        with suppress(OSError):  # opening the profile says so
            path.touch(mode=0o600)  # Qt leaves a file that is there its owner's alone, and makes a new one everybody's
        self._file = QSettings(str(path), QSettings.Format.IniFormat)

    def value(self, key: str, kind: type[K]) -> K:
        """What is kept under a key, or an empty one of its kind."""
        value = self._file.value(key, kind(), type=kind)
        return value if isinstance(value, kind) else kind()

    def put(self, key: str, value: object) -> None:
        """Keep it."""
        self._file.setValue(key, value)

    def arrangement(self, place: str) -> QByteArray:
        """How the companions of a place stand; empty where that was never kept, or by another version."""
        if self.value("window/layout", str) != str(LAYOUT):
            return QByteArray()
        return self.value(f"places/{place}", QByteArray)

    def set_arrangement(self, place: str, value: bytes) -> None:
        """Keep how the companions of a place stand."""
        self.put("window/layout", str(LAYOUT))
        self.put(f"places/{place}", QByteArray(value))

    @property
    def sort(self) -> "tuple[SortKey, bool]":
        """What the table is sorted by, and whether it is reversed."""
        from desk.application.catalogue import SortKey

        names = {key.value: key for key in SortKey}
        return names.get(self.value("table/sort", str), SortKey.TITLE), self.value("table/descending", str) == "yes"

    @sort.setter
    def sort(self, value: "tuple[SortKey, bool]") -> None:
        self.put("table/sort", value[0].value)
        self.put("table/descending", "yes" if value[1] else "no")

    def panel_state(self, name: str) -> QByteArray:
        """What a panel keeps for itself: splitters, columns."""
        return self.value(f"panels/{name}", QByteArray)

    def set_panel_state(self, name: str, value: QByteArray) -> None:
        """Keep a panel's state."""
        self.put(f"panels/{name}", value)

    def save(self) -> None:
        """Write the file now."""
        self._file.sync()
