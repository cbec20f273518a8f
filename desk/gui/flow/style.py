"""Colours and fonts of the picture: event modelling's blue, orange and green, and sizes that follow the text's."""

from typing import Final

from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPalette
from PySide6.QtWidgets import QApplication

from desk.application.flow.rounds import Cargo
from desk.gui.frame.theme import Theme

NAME, MARK, SMALL = 1.3, 1.15, 1.0
"""Sizes of a station's name, of what a mark says, and of everything else, in normal text: nothing is smaller."""
_NAME_STEP: Final = 0.05
REMEMBERED_FONTS: Final = 64
"""Fonts that were fitted to a text, before the oldest are forgotten."""
_COLOURS: Final = {
    Cargo.COMMAND: "flow.command",
    Cargo.EVENT: "flow.event",
    Cargo.VIEW: "flow.view",
    Cargo.ANSWER: "flow.answer",
    Cargo.REFUSAL: "problem",
}
_PAPER_LIGHTNESS: Final = 0.80
"""Of a note's paper in the light theme; in the dark one it is the colour itself."""


class FlowStyle:
    """How the picture looks in the present theme and size of text, so many times as large as that where there is room,
    or smaller where large text has none; made anew when any of these changes."""

    def __init__(self, theme: Theme, zoom: float = 1.0) -> None:
        self.zoom = zoom
        palette = QApplication.palette()
        self.ground = palette.color(QPalette.ColorRole.Window)
        self.base = palette.color(QPalette.ColorRole.Base)
        self.ink = palette.color(QPalette.ColorRole.WindowText)
        self.line = palette.color(QPalette.ColorRole.Dark)
        self.accent = palette.color(QPalette.ColorRole.Accent)
        self.muted = theme.color("muted")
        self.cargo = {cargo: theme.color(name) for cargo, name in _COLOURS.items()}
        self.paper = {cargo: _paper(color, is_dark=theme.is_dark) for cargo, color in self.cargo.items()}
        self.paper_ink = self.base if theme.is_dark else self.ink
        self.small = _font(zoom * SMALL)
        self.bold = _font(zoom * SMALL, QFont.Weight.DemiBold)
        self.mark = _font(zoom * MARK, QFont.Weight.DemiBold)
        self._fitting: dict[tuple[QFont.Weight, float, str], QFont] = {}
        self._name_fonts: dict[tuple[float, tuple[str, ...]], QFont] = {}
        self.em = QFontMetricsF(self.small).height()
        """Pixels of a line of normal text; all other lengths are given in it."""

    def name_font(self, wide: float, words: tuple[str, ...]) -> QFont:
        """The font of the stations' names: as large as the longest word allows, never smaller than all other text."""
        if (wide, words) not in self._name_fonts:
            size = self.zoom * NAME
            # Letters have whole widths on some screens, so that a share of the size is not that share of the width.
            least = SMALL * min(1.0, self.zoom)
            while size > least and _widest(_font(size, QFont.Weight.DemiBold), words) > wide:
                size = max(least, size - _NAME_STEP)
            self._name_fonts[wide, words] = _font(size, QFont.Weight.DemiBold)
        return self._name_fonts[wide, words]

    def fitting(self, font: QFont, wide: float, text: str) -> QFont:
        """The font, or a smaller one in which a text is no wider than this; never smaller than all other text."""
        key = (font.weight(), wide, text)
        if key not in self._fitting:
            needed = QFontMetricsF(font).horizontalAdvance(text)
            smaller = (
                _font(max(SMALL * min(1.0, self.zoom), 0.95 * self.zoom * wide / needed), font.weight())
                if needed > wide
                else font
            )
            self._fitting = {**dict(list(self._fitting.items())[-REMEMBERED_FONTS:]), key: smaller}
        return self._fitting[key]

    def tint(self, cargo: Cargo, share: float) -> QColor:
        """A station's ground in this colour, so strong."""
        color, base = self.cargo[cargo], self.base
        parts = zip((color.red(), color.green(), color.blue()), (base.red(), base.green(), base.blue()), strict=True)
        return QColor(*(round(share * one + (1 - share) * other) for one, other in parts))


def least_width(style: FlowStyle, words: tuple[str, ...]) -> float:
    """Pixels that the longest of the stations' words needs in the smallest font of names."""
    return _widest(style.bold, words)


def _widest(font: QFont, words: tuple[str, ...]) -> float:
    metrics = QFontMetricsF(font)
    return max(metrics.horizontalAdvance(word) for word in words)


def _font(size: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    font = QFont(QApplication.font())
    font.setPointSizeF(font.pointSizeF() * size)
    font.setWeight(weight)
    return font


def _paper(color: QColor, *, is_dark: bool) -> QColor:
    if is_dark:
        return color
    return QColor.fromHslF(color.hslHueF(), min(1.0, color.hslSaturationF() + 0.1), _PAPER_LIGHTNESS)
