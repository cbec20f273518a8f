"""What has just changed is tinted for a moment: it fades, or stands still where somebody wants little motion."""

from typing import Final

from PySide6.QtCore import QRect, Qt, QTimer, QVariantAnimation
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QWidget

LASTS: Final = 600
"""Milliseconds."""
_STRENGTH: Final = 110


class Flash(QWidget):
    """A tint over a part of a widget (by default all of it) that takes no mouse, and goes by itself."""

    def __init__(self, widget: QWidget, part: QRect | None = None, *, still: bool) -> None:
        super().__init__(widget)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setGeometry(part if part is not None else widget.rect())
        self._strength = _STRENGTH if not still else _STRENGTH // 2
        if still:
            QTimer.singleShot(LASTS, self, self.deleteLater)
        else:
            fading = QVariantAnimation(self, startValue=_STRENGTH, endValue=0, duration=LASTS)
            fading.valueChanged.connect(self._fade)
            fading.finished.connect(self.deleteLater)
            fading.start()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        color = QColor(self.palette().color(QPalette.ColorRole.Highlight))
        color.setAlpha(self._strength)
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), color)

    def _fade(self, strength: object) -> None:
        self._strength = int(str(strength))
        self.update()


def system_wants_little_motion() -> bool:
    """Whether the system says so, where Qt can ask: by the length that it gives animations."""
    return not QApplication.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration)
