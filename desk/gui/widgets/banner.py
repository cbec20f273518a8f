"""A strip that says one thing, with a sign, and offers at most one thing to do about it."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from desk.gui.frame.icons import Icons
from desk.gui.frame.theme import Theme
from desk.gui.widgets.boxes import row
from desk.gui.widgets.controls import take_return


class Banner(QWidget):
    """Hidden until something is said.

    Signals:
        pressed: the button was pressed.
        link_followed: a link in the text was followed (its target).
    """

    pressed = Signal()
    link_followed = Signal(str)

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme, self._icons = theme, icons
        self._icon_name, self._color = "info", "muted"
        self.sign = QLabel()
        self.text = QLabel(wordWrap=True)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.text.linkActivated.connect(self.link_followed)
        self.button = QPushButton()
        take_return(self.button)  # which is else for a dialog's own button
        self.button.clicked.connect(lambda: self.pressed.emit())
        parts = row(self.sign, (self.text, 1), self.button, on=self, margins=(12, 8, 12, 8), spacing=10)
        parts.setAlignment(self.sign, Qt.AlignmentFlag.AlignTop)
        theme.changed.connect(self._repaint)
        self.clear()

    def say(self, text: str, *, icon: str = "info", color: str = "muted", button: str = "") -> None:
        """Say it, in a named colour of the theme; a button without a text is not there."""
        self._icon_name, self._color = icon, color
        self.text.setText(text)
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self._paint_sign()
        self.setAccessibleName(text)
        self.show()
        self.update()

    def clear(self) -> None:
        """Say nothing more."""
        self.text.clear()
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A tint of the colour with a bar at the left edge."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color, tint = self._theme.color(self._color), self._theme.color(self._color)
        tint.setAlpha(26)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tint)
        painter.drawRoundedRect(self.rect(), 6, 6)
        painter.setBrush(color)
        painter.drawRoundedRect(0, 4, 3, self.height() - 8, 1.5, 1.5)

    @Slot()
    def _repaint(self) -> None:
        # The colour of a link is fixed when a text is set, and the same text again is not set.
        text = self.text.text()
        self.text.clear()
        self.text.setText(text)
        self._paint_sign()

    def _paint_sign(self) -> None:
        self.sign.setPixmap(self._icons.pixmap(self._icon_name, 18, self.devicePixelRatioF(), self._color))
