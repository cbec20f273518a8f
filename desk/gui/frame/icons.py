"""Icons in the colours of the present theme, from drawings of one colour."""

from functools import cache, lru_cache
from typing import Protocol
from weakref import WeakKeyDictionary

import shiboken6
from PySide6.QtCore import QByteArray, QDataStream, QIODevice, QObject, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from desk.application.resources import resource
from desk.gui.frame.theme import Theme

_DASHES = "2.2 3.2"
"""Lengths of line and gap of a disabled icon, on the drawing's grid of 24."""

_WINDOW_SIZES = (16, 24, 32, 48, 64, 128, 256)
"""Pixels of what desktops show of a window."""


class HasIcon(Protocol):
    """An action, a button, a tab's owner: whatever shows one icon."""

    def setIcon(self, icon: QIcon, /) -> None: ...


class Icons(QObject):
    """Hands out icons and changes those that it put somewhere when the theme changes."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._pixmaps: dict[tuple[str, int, float, str], QPixmap] = {}
        self._put: WeakKeyDictionary[HasIcon, tuple[str, str]] = WeakKeyDictionary()
        self._palette = QApplication.palette().cacheKey()
        theme.changed.connect(self._renew)

    def icon(self, name: str, color: str = "") -> QIcon:
        """The icon of that file name, in the colour of button texts or in a named colour of the theme; all windows
        have the same ones.
        """
        ink, *others = _colors(QApplication.palette().cacheKey())
        return _icon(name, self._theme.color(color).name() if color else ink, *others)

    def put(self, target: HasIcon, name: str, color: str = "") -> None:
        """Give an action or button its icon, now and after each change of theme."""
        target.setIcon(self.icon(name, color))
        self._put[target] = name, color

    def pixmap(self, name: str, size: int, ratio: float, color: str = "") -> QPixmap:
        """One picture for own painting: ``size`` in logical pixels, ``ratio`` the device's."""
        return self._pixmap(name, size, ratio, self._ink(color))

    def selected_pixmap(self, name: str, size: int, ratio: float) -> QPixmap:
        """One picture in the colour of selected texts."""
        return self._pixmap(name, size, ratio, QApplication.palette().color(QPalette.ColorRole.HighlightedText))

    @Slot()
    def _renew(self) -> None:
        before, self._palette = self._palette, QApplication.palette().cacheKey()
        if self._palette == before:  # only the size of texts is another
            return
        self._pixmaps.clear()
        for owner, shown in self._put.items():
            if shiboken6.isValid(owner):
                owner.setIcon(self.icon(*shown))

    def _ink(self, color: str) -> QColor:
        return self._theme.color(color) if color else QApplication.palette().color(QPalette.ColorRole.ButtonText)

    def _pixmap(self, name: str, size: int, ratio: float, ink: QColor) -> QPixmap:
        key = (name, size, ratio, ink.name())
        if key not in self._pixmaps:
            pixmap = _rendered(QSvgRenderer(_inked(_drawing(name), ink.name(), _paper().name())), round(size * ratio))
            pixmap.setDevicePixelRatio(ratio)
            self._pixmaps[key] = pixmap
        return self._pixmaps[key]


def window_icon() -> QIcon:
    """The program's icon for title bars and task switchers: alike in both themes, for those are not ours to colour."""
    renderer = QSvgRenderer(str(resource("icons/window.svg")))
    icon = QIcon()
    for size in _WINDOW_SIZES:
        icon.addPixmap(_rendered(renderer, size))
    return icon


def _paper() -> QColor:
    return QApplication.palette().color(QPalette.ColorRole.Base)


@lru_cache(maxsize=8)
def _colors(_palette: int) -> tuple[str, str, str, str]:
    """The colours of an icon as the present palette has them: in use, disabled, selected, and what it stands on."""
    palette, role = QApplication.palette(), QPalette.ColorRole
    disabled = palette.color(QPalette.ColorGroup.Disabled, role.ButtonText)
    inks = palette.color(role.ButtonText), disabled, palette.color(role.HighlightedText), palette.color(role.Base)
    return inks[0].name(), inks[1].name(), inks[2].name(), inks[3].name()


@cache
def _icon(name: str, ink: str, disabled: str, selected: str, paper: str) -> QIcon:
    """An icon in these colours, which draws itself when it is painted, in any size.

    Qt's engine for SVG takes drawings in memory by the way in which it reads a stored icon, and by no other: its
    files by mode (none), whether drawings are compressed (no), the drawings by mode and state, its pictures (none).
    """
    drawing, mode_of = _drawing(name), QIcon.Mode
    drawings = {
        mode_of.Normal: _inked(drawing, ink, paper),
        mode_of.Disabled: _inked(drawing, disabled, paper, dashed=True),
        mode_of.Selected: _inked(drawing, selected, paper),
    }
    stored = QByteArray()
    out = QDataStream(stored, QIODevice.OpenModeFlag.WriteOnly)
    out.writeQString("svg")
    for number in (0, 0, len(drawings)):
        out.writeInt32(number)
    for mode, inked in drawings.items():
        out.writeInt32(mode.value << 4 | QIcon.State.Off.value)
        out << inked
    out.writeInt32(0)
    icon = QIcon()
    QDataStream(stored, QIODevice.OpenModeFlag.ReadOnly) >> icon
    return icon


@cache
def _drawing(name: str) -> str:
    return resource(f"icons/{name}.svg").read_text(encoding="utf-8")


def _inked(drawing: str, ink: str, paper: str, *, dashed: bool = False) -> QByteArray:
    if dashed:  # what cannot be pressed is told by its shape, not by its colour alone
        drawing = drawing.replace(' fill="none"', f' fill="none" stroke-dasharray="{_DASHES}"', 1)
    # Qt draws currentColor black; #FACE marks what lies on a filled shape.
    return QByteArray(drawing.replace("currentColor", ink).replace("#FACE", paper).encode())


def _rendered(renderer: QSvgRenderer, size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap
