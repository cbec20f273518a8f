"""The colours, fonts and ready-made shapes that the timeline is painted with; made anew when the theme changes."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QIcon, QPainterPath, QPalette

from desk.application.command_events import ChangeKind
from desk.application.timeline.layout import Side
from desk.application.timeline.marks import MARK_SIZE
from desk.gui.frame.text_size import POINT_SIZE, scale
from desk.gui.frame.theme import Theme
from desk.gui.widgets.axis.shapes import Stamps, mark_icon, shape_of
from desk.gui.widgets.axis.wording import words


class TimelineStyle:
    """How things look in one theme, for one widget's palette and font, at normal size: pictures are enlarged whole."""

    def __init__(self, theme: Theme, palette: QPalette, font: QFont) -> None:
        self.paper = palette.color(QPalette.ColorRole.Base)
        self.ink = palette.color(QPalette.ColorRole.Text)
        self.line = palette.color(QPalette.ColorRole.Mid)
        self.strong_line = palette.color(QPalette.ColorRole.Dark)
        self.band = palette.color(QPalette.ColorRole.Window)
        self.grid = palette.color(QPalette.ColorRole.Midlight)
        self.accent = palette.color(QPalette.ColorRole.Highlight)
        self.on_accent = palette.color(QPalette.ColorRole.HighlightedText)
        self.card = palette.color(QPalette.ColorRole.ToolTipBase)
        self.on_card = palette.color(QPalette.ColorRole.ToolTipText)
        self.muted = theme.color("muted")
        self.notice, problem = theme.color("notice"), theme.color("problem")
        self.sides = {Side.DUE: self.notice, Side.PICKUP: self.notice, Side.REFUSED: problem}
        self.kinds = {kind: theme.change_color(kind) for kind in ChangeKind}
        self.shapes: dict[ChangeKind, QPainterPath] = {kind: shape_of(kind, MARK_SIZE) for kind in ChangeKind}
        self.stamps = Stamps()
        font = QFont(font)
        font.setPointSizeF(POINT_SIZE)
        self.small = QFont(font)
        self.small.setPointSizeF(POINT_SIZE - 1.5)
        self.small_bold = QFont(self.small)
        self.small_bold.setWeight(QFont.Weight.DemiBold)
        self.bold = QFont(font)
        self.bold.setWeight(QFont.Weight.DemiBold)
        self._metrics = QFontMetricsF(self.small_bold)
        self._widths: dict[str, float] = {}
        self._icons: dict[tuple[ChangeKind, int, float], QIcon] = {}
        self.words = words(self.width, self._metrics.height())

    def width(self, text: str) -> float:
        """Pixels that a text takes in the small bold font, which is the widest of those on the axis."""
        if text not in self._widths:
            if len(self._widths) > 4096:
                self._widths.clear()
            self._widths[text] = self._metrics.horizontalAdvance(text)
        return self._widths[text]

    def cut(self, text: str, room: float) -> str:
        """A text of small letters as far as there is room for it."""
        return self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)

    def icon(self, kind: ChangeKind, background: QColor | None = None) -> QIcon:
        """A kind's mark for tables and menus; white on a selected row."""
        ground, size = background or self.paper, 11.0 * scale()
        key = kind, ground.rgba(), size
        if key not in self._icons:
            usual, selected = (self.kinds[kind], ground), (self.on_accent, self.accent)
            self._icons[key] = mark_icon(shape_of(kind, size), usual, selected)
        return self._icons[key]
