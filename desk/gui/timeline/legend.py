"""What the shapes of the timeline mean: the kinds that occur in the stream that is shown, and how often."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desk.application.history import ChangeKind
from desk.gui.timeline.canvas import TimelineCanvas
from desk.gui.timeline.look import Look
from desk.gui.timeline.shapes import kind_name, paint_shape, shape_of

_SHAPE, _GAP, _BETWEEN = 11.0, 5.0, 16.0


class Legend(QWidget):
    """One row of shapes with their names; those that find no room are left out at the end."""

    def __init__(self, canvas: TimelineCanvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self.setAccessibleName(self.tr("Legend"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        canvas.changed.connect(self._renew)

    def entries(self) -> list[tuple[ChangeKind, str]]:
        """Kinds in sight's stream with name and count."""
        data = self._canvas.history.kinds.tobytes()
        counts = [(kind, data.count(kind)) for kind in ChangeKind]
        return [(kind, f"{kind_name(kind)} {count:,}") for kind, count in counts if count]

    def sizeHint(self) -> QSize:
        return QSize(120, 24)

    def _renew(self) -> None:
        self.setAccessibleDescription(", ".join(text for _, text in self.entries()))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = self._canvas.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(look.small)
        window = self.palette().window().color()
        x = self.width() - self._wide(look)
        for kind, text in self.entries():
            wide = _SHAPE + _GAP + look.width(text)
            if x >= 0:
                at = QPointF(x + _SHAPE / 2, self.height() / 2)
                paint_shape(painter, shape_of(kind, _SHAPE), at, look.kinds[kind], window)
                painter.setPen(look.muted)
                left = QRectF(x + _SHAPE + _GAP, 0, look.width(text) + 2, self.height())
                painter.drawText(left, Qt.AlignmentFlag.AlignVCenter, text)
            x += wide + _BETWEEN

    def _wide(self, look: Look) -> float:
        return sum(_SHAPE + _GAP + look.width(text) + _BETWEEN for _, text in self.entries())
