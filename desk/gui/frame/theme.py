"""The window's colours: two token files become a palette of our own, a small style sheet, and named colours."""

import json
import re
import weakref
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QDir, QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QToolTip, QWidget

from desk.application.resources import resource
from desk.gui.frame.text_size import NORMAL, POINT_SIZE, scaled
from desk.records import dataclass

if TYPE_CHECKING:
    from desk.application.command_events import ChangeKind

FAMILY = "Inter"
MONO_FAMILY = "JetBrains Mono"

_SIZES = re.compile(r"\b(width|height|icon-size|font-size): (\d{2,})(px|pt)")
"""What of the sheet grows with the text."""


class ThemeMode(StrEnum):
    """Which of the two themes: as the system says, or always the same one."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Tokens:
    """One theme as its file has it: colours as ``#rrggbb``."""

    palette: dict[str, str]
    disabled: dict[str, str]
    colors: dict[str, str]

    @classmethod
    def load(cls, path: Path) -> "Tokens":
        """Read a theme's file."""
        content = json.loads(path.read_text(encoding="utf-8"))
        return cls(content["palette"], content["disabled"], content["colors"])

    def to_palette(self) -> QPalette:
        """Every role is set explicitly: what Qt derives from a few roles is not to be trusted."""
        palette = QPalette()
        for name, value in self.palette.items():
            palette.setColor(QPalette.ColorRole[name], QColor(value))
        for name, value in self.disabled.items():
            palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole[name], QColor(value))
        return palette


class Theme(QObject):
    """The present look: colours, and how large text is: :attr:`text_size`, in per cent of the normal size.

    :attr:`mode` is what was chosen; :attr:`is_dark` says what that comes to.

    Signals:
        changed: colours or sizes are different now; own painting drops its caches.
    """

    changed = Signal()

    def __init__(self, app: QApplication, mode: ThemeMode = ThemeMode.SYSTEM, text_size: int = NORMAL) -> None:
        super().__init__()
        self._app = app
        self._dressed: list[weakref.ref[QWidget]] = []
        self.mode = mode
        self._tokens = _load_tokens("")
        QDir.setSearchPaths("icons", [str(resource("icons"))])  # what the sheet's url(icons:…) means
        self._sheet = resource("desk.qss").read_text(encoding="utf-8")
        self._shown: ThemeMode | None = None
        self.text_size = text_size
        app.setFont(ui_font(text_size))
        app.styleHints().colorSchemeChanged.connect(self._follow_system)
        self.set_mode(mode)

    @property
    def is_dark(self) -> bool:
        """Whether the dark theme is shown."""
        return self._shown is ThemeMode.DARK

    def set_mode(self, mode: ThemeMode) -> None:
        """Choose; every widget follows at once."""
        self.mode = mode
        schemes = {ThemeMode.LIGHT: Qt.ColorScheme.Light, ThemeMode.DARK: Qt.ColorScheme.Dark}
        # Also draws native title bars; does nothing on platforms without a scheme.
        self._app.styleHints().setColorScheme(schemes.get(mode, Qt.ColorScheme.Unknown))
        self._show(self._resolved())

    def set_look(self, mode: ThemeMode, text_size: int, *, high_contrast: bool = False) -> None:
        """All of it at once, as each by itself has every widget look again. With high contrast texts stand out by at
        least 7 to 1, on white or black: for the last row of a room.
        """
        self._tokens = _load_tokens("contrast-" if high_contrast else "")
        if text_size != self.text_size:
            self.text_size = text_size
            self._app.setFont(ui_font(text_size))
        self._shown = None
        self.set_mode(mode)

    def set_text_size(self, percent: int) -> None:
        """Choose how large text is, one of the steps; every widget follows at once."""
        if percent == self.text_size:
            return
        self.text_size = percent
        self._app.setFont(ui_font(percent))
        self._set_sheet()
        self.changed.emit()

    def color(self, name: str) -> QColor:
        """A named colour, as ``state.pending``. Raises KeyError for a name that the token files lack."""
        return QColor(self._tokens[self._shown or ThemeMode.LIGHT].colors[name])

    def change_color(self, kind: "ChangeKind") -> QColor:
        """The colour of marks of this kind of change; never the only difference between two kinds."""
        return self.color(f"change.{kind.name.lower()}")

    def close(self) -> None:
        """Listen to the system no more."""
        self._app.styleHints().colorSchemeChanged.disconnect(self._follow_system)

    @Slot()
    def _follow_system(self) -> None:
        if self.mode is ThemeMode.SYSTEM:
            self._show(self._resolved())

    def _resolved(self) -> ThemeMode:
        if self.mode is not ThemeMode.SYSTEM:
            return self.mode
        return ThemeMode.DARK if self._app.styleHints().colorScheme() is Qt.ColorScheme.Dark else ThemeMode.LIGHT

    def _show(self, mode: ThemeMode) -> None:
        if mode is self._shown:
            return
        self._shown = mode
        palette = self._tokens[mode].to_palette()
        self._app.setPalette(palette)
        QToolTip.setPalette(palette)  # it has one of its own, from the system
        self._set_sheet()
        self.changed.emit()

    def dress(self, window: QWidget) -> None:
        """Give a window the style sheet, now and after each change; all within it has it too, and so have its dialogs.

        The application has none: with one Qt would style whatever is put together outside a window, and all that
        stands in it, with each step anew.
        """
        self._dressed.append(weakref.ref(window))
        window.setStyleSheet(self._scaled_sheet())

    def _set_sheet(self) -> None:
        # A sheet that says palette(…) keeps the colours of the moment when it was set, hence again; and only with
        # a sheet that is set anew do widgets notice another font. In place of another sheet Qt would style each
        # widget once for every widget that it stands in.
        self._dressed = [entry for entry in self._dressed if (widget := entry()) and shiboken6.isValid(widget)]
        for window in filter(None, (entry() for entry in self._dressed)):
            window.setStyleSheet("")
            window.setStyleSheet(self._scaled_sheet())
            for label in window.findChildren(QLabel):
                if "<a " in (text := label.text()):  # a link keeps the colour of when its text was set
                    label.setText("")
                    label.setText(text)

    def _scaled_sheet(self) -> str:
        return _SIZES.sub(lambda size: f"{size[1]}: {scaled(int(size[2]))}{size[3]}", self._sheet)


def _load_tokens(kind: str) -> dict[ThemeMode, Tokens]:
    return {mode: Tokens.load(resource(f"themes/{kind}{mode}.json")) for mode in (ThemeMode.LIGHT, ThemeMode.DARK)}


def load_fonts() -> None:
    """Make the fonts that come with Desk known, so that it looks alike everywhere."""
    for path in sorted(resource("fonts").iterdir()):
        if path.suffix in {".otf", ".ttf"}:
            QFontDatabase.addApplicationFont(str(path))


def ui_font(percent: int = NORMAL) -> QFont:
    """The font of everything but code, at a text size."""
    font = QFont(FAMILY)
    font.setPointSizeF(POINT_SIZE * percent / NORMAL)
    return font


def mono_font() -> QFont:
    """The font of payloads, ids and numbers that stand below each other; as large as that of the rest, also later."""
    font = QFont()
    font.setFamily(MONO_FAMILY)
    font.setStyleHint(QFont.StyleHint.Monospace)
    return font
