"""What the shapes of the timeline mean: the kinds that occur in the stream that is shown, and how often."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desk.application.command_events import ChangeKind
from desk.application.timeline.layout import PAD
from desk.gui.frame.text_size import follow_text, scale, scaled
from desk.gui.timeline.canvas import TimelineCanvas
from desk.gui.timeline.shapes import kind_name, paint_shape, shape_of
from desk.gui.timeline.style import TimelineStyle

_SHAPE, _GAP, _BETWEEN = 11.0, 5.0, 16.0


class Legend(QWidget):
    """One row of shapes with names and counts; where there is less room names only, or shapes only."""

    def __init__(self, canvas: TimelineCanvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self.setAccessibleName(self.tr("Legend"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        canvas.changed.connect(self._renew)
        follow_text(self, self.updateGeometry)

    def entries(self) -> list[tuple[ChangeKind, int]]:
        """Kinds that occur in the stream, and how often."""
        data = self._canvas.history.kinds.tobytes()
        counts = [(kind, data.count(kind)) for kind in ChangeKind]
        return [(kind, count) for kind, count in counts if count]

    def sizeHint(self) -> QSize:
        return QSize(scaled(120), scaled(22))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, scaled(20))

    def _renew(self) -> None:
        text = ", ".join(_long(*entry) for entry in self.entries())
        self.setAccessibleDescription(text)
        self.setToolTip(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        style, entries = self._canvas.timeline_style, self.entries()
        versions = [[(kind, text(kind, count)) for kind, count in entries] for text in (_long, _short, _mute)]
        room = self.width() / scale() - PAD
        shown = next((version for version in versions if _wide(version, style) <= room), versions[-1])
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(style.small)
            painter.scale(scale(), scale())
            self._paint_entries(painter, shown, style)

    def _paint_entries(self, painter: QPainter, shown: list[tuple[ChangeKind, str]], style: TimelineStyle) -> None:
        window = self.palette().window().color()
        x = PAD - _SHAPE / 2
        for kind, text in shown:
            at = QPointF(x + _SHAPE / 2, self.height() / scale() / 2)
            paint_shape(painter, shape_of(kind, _SHAPE), at, style.kinds[kind], window)
            painter.setPen(style.muted)
            box = QRectF(x + _SHAPE + _GAP, 0, style.width(text) + 2, self.height() / scale())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
            x += _entry(text, style)


def _long(kind: ChangeKind, count: int) -> str:
    return f"{kind_name(kind)} {count:,}"


def _short(kind: ChangeKind, _count: int) -> str:
    return kind_name(kind)


def _mute(_kind: ChangeKind, _count: int) -> str:
    return ""


def _entry(text: str, style: TimelineStyle) -> float:
    return _SHAPE + (_GAP + style.width(text) if text else 0.0) + (_BETWEEN if text else _GAP)


def _wide(entries: list[tuple[ChangeKind, str]], style: TimelineStyle) -> float:
    return sum(_entry(text, style) for _, text in entries)
