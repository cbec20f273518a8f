"""Asks before something that runs is stopped: one question at a time, gone when there is nothing to stop any more."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QMessageBox, QWidget


class StopQuestion(QObject):
    """Belongs to the dialog of what runs. Enter and Esc let it run on."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self.box: QMessageBox | None = None

    def ask(self, text: str, consequence: str, stop: str, on_stop: Callable[[], None]) -> None:
        """Ask, with ``stop`` on the button that calls ``on_stop``; a question that is open already gives way."""
        self.withdraw()
        box = QMessageBox(QMessageBox.Icon.Question, self.tr("Desk"), text, parent=self._parent)
        box.setObjectName("stop-question")
        box.setInformativeText(consequence)
        box.addButton(stop, QMessageBox.ButtonRole.DestructiveRole).clicked.connect(on_stop)
        stay = box.addButton(self.tr("&Go on"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        box.setEscapeButton(stay)
        box.finished.connect(self._forget)
        box.finished.connect(box.deleteLater)
        self.box = box
        box.open()

    def withdraw(self) -> None:
        """Nothing runs any more."""
        if self.box is not None:
            self.box.reject()

    @Slot()
    def _forget(self) -> None:
        self.box = None
