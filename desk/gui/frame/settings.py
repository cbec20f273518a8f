"""What the window remembers between two starts: preferences of the view only. Facts go to events."""

from contextlib import suppress
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QByteArray, QSettings

from desk.application.catalogue import SortKey
from desk.gui.frame.text_size import NORMAL, STEPS
from desk.gui.frame.theme import ThemeMode

LAYOUT = 2
"""Version of panels and tool bars; a remembered layout of another version is not restored."""


class Settings:
    """A facade with fixed keys over one INI file.

    An INI file gives strings back, so that each key says what type it has.
    """

    def __init__(self, path: Path) -> None:
        with suppress(OSError):  # opening the profile says so
            path.touch(mode=0o600)  # Qt leaves a file that is there its owner's alone, and makes a new one everybody's
        self._file = QSettings(str(path), QSettings.Format.IniFormat)

    @property
    def geometry(self) -> QByteArray:
        """Place and size of the window; empty at the first start."""
        return self._bytes("window/geometry")

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._file.setValue("window/geometry", value)

    def arrangement(self, place: str) -> QByteArray:
        """How the companions of a place stand; empty where that was never kept, or by another version."""
        if self._text("window/layout") != str(LAYOUT):
            return QByteArray()
        return self._bytes(f"places/{place}")

    def set_arrangement(self, place: str, value: bytes) -> None:
        """Keep how the companions of a place stand."""
        self._file.setValue("window/layout", str(LAYOUT))
        self._file.setValue(f"places/{place}", QByteArray(value))

    @property
    def columns(self) -> QByteArray:
        """The table's header: widths, order, hidden columns."""
        return self._bytes("table/columns")

    @columns.setter
    def columns(self, value: QByteArray) -> None:
        self._file.setValue("table/columns", value)

    @property
    def sort(self) -> tuple[SortKey, bool]:
        """What the table is sorted by, and whether it is reversed."""
        names = {key.value: key for key in SortKey}
        return names.get(self._text("table/sort"), SortKey.TITLE), self._text("table/descending") == "yes"

    @sort.setter
    def sort(self, value: tuple[SortKey, bool]) -> None:
        self._file.setValue("table/sort", value[0].value)
        self._file.setValue("table/descending", "yes" if value[1] else "no")

    @property
    def selection(self) -> UUID | None:
        """The book that was chosen last."""
        try:
            return UUID(self._text("table/book"))
        except ValueError:
            return None

    @selection.setter
    def selection(self, value: UUID | None) -> None:
        self._file.setValue("table/book", str(value or ""))

    @property
    def theme(self) -> ThemeMode:
        """The chosen theme."""
        text = self._text("window/theme")
        return ThemeMode(text) if text in set(ThemeMode) else ThemeMode.SYSTEM

    @theme.setter
    def theme(self, value: ThemeMode) -> None:
        self._file.setValue("window/theme", value.value)

    @property
    def text_size(self) -> int:
        """How large text is, in per cent; one of the steps."""
        steps = {str(step): step for step in STEPS}
        return steps.get(self._text("window/text"), NORMAL)

    @text_size.setter
    def text_size(self, value: int) -> None:
        self._file.setValue("window/text", str(value))

    @property
    def reduced_motion(self) -> bool | None:
        """Whether little should move; None where nobody has chosen, so that the system is asked."""
        return {"yes": True, "no": False}.get(self._text("window/reduced-motion"))

    @reduced_motion.setter
    def reduced_motion(self, value: bool) -> None:
        self._file.setValue("window/reduced-motion", "yes" if value else "no")

    @property
    def companion_sizes(self) -> dict[str, int]:
        """How wide or high companions are wished for, in pixels of normal text, by place and companion."""
        pairs = (line.rpartition("=") for line in self._text("window/companions").split("\n"))
        return {name: int(size) for name, _, size in pairs if name and size.isdecimal()}

    @companion_sizes.setter
    def companion_sizes(self, value: dict[str, int]) -> None:
        self._file.setValue("window/companions", "\n".join(f"{name}={size}" for name, size in value.items()))

    def panel_state(self, name: str) -> QByteArray:
        """What a panel keeps for itself: splitters, columns."""
        return self._bytes(f"panels/{name}")

    def set_panel_state(self, name: str, value: QByteArray) -> None:
        """Keep a panel's state."""
        self._file.setValue(f"panels/{name}", value)

    @property
    def recent(self) -> tuple[str, ...]:
        """What was gone to last by the palette or otherwise, the newest first, as the palette names it."""
        return tuple(filter(None, self._text("palette/recent").split("\n")))

    @recent.setter
    def recent(self, value: tuple[str, ...]) -> None:
        self._file.setValue("palette/recent", "\n".join(value))

    def save(self) -> None:
        """Write the file now."""
        self._file.sync()

    def _bytes(self, key: str) -> QByteArray:
        value = self._file.value(key, QByteArray(), type=QByteArray)
        return value if isinstance(value, QByteArray) else QByteArray()

    def _text(self, key: str) -> str:
        return str(self._file.value(key, "", type=str))
