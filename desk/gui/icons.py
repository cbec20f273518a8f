"""Icons in the colours of the present theme, from drawings of one colour."""

import weakref
from typing import Protocol

import shiboken6
from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from desk.gui.resources import resource
from desk.gui.theme import Theme

_SIZES = (16, 20, 24, 32, 40, 48, 64, 96)


class HasIcon(Protocol):
    """An action, a button, a tab's owner: whatever shows one icon."""

    def setIcon(self, icon: QIcon, /) -> None: ...


class Icons(QObject):
    """Hands out icons and changes those that it put somewhere when the theme changes."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._cache: dict[tuple[str, str], QIcon] = {}
        self._put: list[tuple[weakref.ref[HasIcon], str, str]] = []
        theme.changed.connect(self._renew)

    def icon(self, name: str, color: str = "") -> QIcon:
        """The icon of that file name, in the colour of button texts or in a named colour of the theme."""
        key = (name, color)
        if key not in self._cache:
            self._cache[key] = self._draw(name, color)
        return self._cache[key]

    def put(self, target: HasIcon, name: str, color: str = "") -> None:
        """Give an action or button its icon, now and after each change of theme."""
        target.setIcon(self.icon(name, color))
        self._put = [entry for entry in self._put if entry[0]() not in (None, target)]
        self._put.append((weakref.ref(target), name, color))

    def pixmap(self, name: str, size: int, ratio: float, color: str = "") -> QPixmap:
        """One picture for own painting: ``size`` in logical pixels, ``ratio`` the device's."""
        return self.icon(name, color).pixmap(QSize(size, size), ratio)

    def selected_pixmap(self, name: str, size: int, ratio: float) -> QPixmap:
        """One picture in the colour of selected texts."""
        return self.icon(name).pixmap(QSize(size, size), ratio, QIcon.Mode.Selected)

    @Slot()
    def _renew(self) -> None:
        self._cache.clear()
        for target, name, color in self._put:
            owner = target()
            if owner is not None and shiboken6.isValid(owner):
                owner.setIcon(self.icon(name, color))

    def _draw(self, name: str, color: str) -> QIcon:
        drawing = resource(f"icons/{name}.svg").read_text(encoding="utf-8")
        palette = QApplication.palette()
        disabled = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
        normal = self._theme.color(color) if color else palette.color(QPalette.ColorRole.ButtonText)
        colors = {
            QIcon.Mode.Normal: normal,
            QIcon.Mode.Disabled: disabled,
            QIcon.Mode.Selected: palette.color(QPalette.ColorRole.HighlightedText),
        }
        icon = QIcon()
        for mode, ink in colors.items():
            renderer = QSvgRenderer(_inked(drawing, ink, palette.color(QPalette.ColorRole.Base)))
            for size in _SIZES:
                icon.addPixmap(_rendered(renderer, size), mode)
        return icon


def _inked(drawing: str, ink: QColor, paper: QColor) -> QByteArray:
    # Qt draws currentColor black; #FACE marks what lies on a filled shape.
    return QByteArray(drawing.replace("currentColor", ink.name()).replace("#FACE", paper.name()).encode())


def _rendered(renderer: QSvgRenderer, size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap
