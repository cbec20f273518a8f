"""A label that shows one of our icons, and follows the theme."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QWidget

from desk.gui.frame.icons import Icons
from desk.gui.frame.text_size import scaled
from desk.gui.frame.theme import Theme


class Picture(QLabel):
    """Decoration only: what it means stands beside it in words."""

    def __init__(
        self, theme: Theme, icons: Icons, name: str, size: int, color: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icons, self._name, self._size, self._color = icons, name, size, color
        theme.changed.connect(self._paint)
        self._paint()

    def show_icon(self, name: str, color: str = "") -> None:
        """Another icon, or another named colour."""
        self._name, self._color = name, color
        self._paint()

    @Slot()
    def _paint(self) -> None:
        self.setPixmap(self._icons.pixmap(self._name, scaled(self._size), self.devicePixelRatioF(), self._color))
