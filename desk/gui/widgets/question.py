"""Asks before something would be lost or done unseen: one button that changes nothing, and one that goes on."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


class Question(QMessageBox):
    """Enter and Esc leave everything as it is; only the other button goes on."""

    def __init__(
        self, parent: QWidget, text: str, detail: str, *, stay: str, go_on: str, then: Callable[[], None]
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setIcon(QMessageBox.Icon.Question)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.setInformativeText(detail)
        self.stay = self.addButton(stay, QMessageBox.ButtonRole.RejectRole)
        self.go_on = self.addButton(go_on, QMessageBox.ButtonRole.AcceptRole)
        self.setDefaultButton(self.stay)
        self.setEscapeButton(self.stay)
        self._then = then
        self.finished.connect(self._decided)
        self.open()

    def _decided(self) -> None:
        if self.clickedButton() is self.go_on:
            self._then()
