"""Icons in the colours of the present theme, from drawings of one colour."""

from typing import Protocol

from PySide6.QtCore import QByteArray, QObject, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPalette, QPixmap
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
    """Hands out icons, each drawn when it is painted: in any size, and always in the colours of the present theme."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._cache: dict[tuple[str, str], QIcon] = {}
        self._pixmaps: dict[tuple[str, int, float, str, bool], QPixmap] = {}
        theme.changed.connect(self._forget)

    def icon(self, name: str, color: str = "") -> QIcon:
        """The icon of that file name, in the colour of button texts or in a named colour of the theme."""
        key = (name, color)
        if key not in self._cache:
            self._cache[key] = QIcon(_Drawing(self, name, color))
        return self._cache[key]

    def put(self, target: HasIcon, name: str, color: str = "") -> None:
        """Give an action or button its icon."""
        target.setIcon(self.icon(name, color))

    def pixmap(self, name: str, size: int, ratio: float, color: str = "") -> QPixmap:
        """One picture for own painting: ``size`` in logical pixels, ``ratio`` the device's."""
        return self._pixmap(name, size, ratio, self._ink(color))

    def selected_pixmap(self, name: str, size: int, ratio: float) -> QPixmap:
        """One picture in the colour of selected texts."""
        return self._pixmap(name, size, ratio, QApplication.palette().color(QPalette.ColorRole.HighlightedText))

    def drawn(self, name: str, color: str, side: int, ratio: float, mode: QIcon.Mode) -> QPixmap:
        """One picture as a button wants it; a disabled one is dashed."""
        palette = QApplication.palette()
        if mode is QIcon.Mode.Disabled:
            faint = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
            return self._pixmap(name, side, ratio, faint, dashed=True)
        if mode is QIcon.Mode.Selected:
            return self.selected_pixmap(name, side, ratio)
        return self.pixmap(name, side, ratio, color)

    @Slot()
    def _forget(self) -> None:
        self._pixmaps.clear()

    def _ink(self, color: str) -> QColor:
        return self._theme.color(color) if color else QApplication.palette().color(QPalette.ColorRole.ButtonText)

    def _pixmap(self, name: str, size: int, ratio: float, ink: QColor, *, dashed: bool = False) -> QPixmap:
        key = (name, size, ratio, ink.name(), dashed)
        if key not in self._pixmaps:
            pixmap = _rendered(_renderer(name, ink, dashed=dashed), round(size * ratio))
            pixmap.setDevicePixelRatio(ratio)
            self._pixmaps[key] = pixmap
        return self._pixmaps[key]


class _Drawing(QIconEngine):
    """An icon that is drawn when it is asked for: the first picture of the window needs a dozen of some hundred."""

    def __init__(self, icons: Icons, name: str, color: str) -> None:
        super().__init__()
        self._icons, self._name, self._color = icons, name, color

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())
        place = QRect(0, 0, side, side)
        place.moveCenter(rect.center())
        ratio = painter.device().devicePixelRatio()
        painter.drawPixmap(place, self._icons.drawn(self._name, self._color, side, ratio, mode))

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        return self._icons.drawn(self._name, self._color, round(min(size.width(), size.height()) / scale), scale, mode)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def clone(self) -> QIconEngine:
        return _Drawing(self._icons, self._name, self._color)


def window_icon() -> QIcon:
    """The program's icon for title bars and task switchers: alike in both themes, for those are not ours to colour."""
    renderer = QSvgRenderer(str(resource("icons/window.svg")))
    icon = QIcon()
    for size in _WINDOW_SIZES:
        icon.addPixmap(_rendered(renderer, size))
    return icon


def _renderer(name: str, ink: QColor, *, dashed: bool = False) -> QSvgRenderer:
    drawing = resource(f"icons/{name}.svg").read_text(encoding="utf-8")
    if dashed:  # what cannot be pressed is told by its shape, not by its colour alone
        drawing = drawing.replace(' fill="none"', f' fill="none" stroke-dasharray="{_DASHES}"', 1)
    return QSvgRenderer(_inked(drawing, ink, QApplication.palette().color(QPalette.ColorRole.Base)))


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
