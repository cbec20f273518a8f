"""The line in large letters with which a page of the dialog begins."""

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel


class Headline(QLabel):
    """A label in a larger font."""

    def __init__(self) -> None:
        super().__init__()
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        self.setFont(font)
        self.setProperty("heading", "page")
