"""Asks before something would be lost or done unseen: one button that changes nothing, and one that goes on."""

from collections.abc import Callable

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget


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
            asker = self.parentWidget()
            self._then()
            self._leave_keys(asker)

    @staticmethod
    def _leave_keys(asker: QWidget | None) -> None:
        """Where who asked has closed with the question, a window manager may give the keys to what is just closing."""
        behind = asker.window() if asker is not None and shiboken6.isValid(asker) else None
        if behind is None or behind.isVisible():
            return
        while behind is not None and not behind.isVisible():
            above = behind.parentWidget()
            behind = above.window() if above is not None else None
        if behind is not None and QApplication.activeModalWidget() is None:
            behind.activateWindow()
