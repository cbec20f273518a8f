"""A label that ends in an ellipsis where there is too little room."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from desk.gui.widgets.rich import tooltip

_VCENTER = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class CutLabel(QLabel):
    """As wide as there is room; a line that does not fit ends in an ellipsis, and is whole in the tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        """As the style draws a label, but for the ellipsis."""
        if not self.text():
            return  # and Qt's style with all its numbers is needed by nothing in the first picture
        room, cut, right = self.contentsRect(), self.fontMetrics().elidedText, Qt.TextElideMode.ElideRight
        shown = "\n".join(cut(line, right, room.width()) for line in self.text().split("\n"))
        self.setToolTip("" if shown == self.text() else tooltip(self.text()))
        painter = QPainter(self)
        role = self.foregroundRole()
        self.style().drawItemText(painter, room, _VCENTER, self.palette(), self.isEnabled(), shown, role)
