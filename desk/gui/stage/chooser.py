"""Which scenario to play: those that come with Desk, or a file of one's own."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from desk.application.scenarios.scenario import Scenario
from desk.gui.widgets.boxes import column
from desk.gui.widgets.files import ask_for_file
from desk.gui.widgets.scrolled import give_room


class ScenarioChooser(QDialog):
    """A list with a title and notes for each.

    Signals:
        chosen: this file is to be played (Path).
    """

    chosen = Signal(object)  # Path

    def __init__(self, scenarios: list[tuple[Path, Scenario]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Play a scenario"))
        give_room(self, 560, 420)
        self.list, self.notes = QListWidget(), QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.list.setAccessibleName(self.tr("Scenarios"))
        for path, scenario in scenarios:
            item = QListWidgetItem(scenario.title)
            item.setData(Qt.ItemDataRole.UserRole, (str(path), scenario.notes.strip()))
            self.list.addItem(item)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        play = buttons.addButton(self.tr("&Play"), QDialogButtonBox.ButtonRole.AcceptRole)
        play.setDefault(True)
        other = buttons.addButton(self.tr("A &file…"), QDialogButtonBox.ButtonRole.ActionRole)
        play.clicked.connect(self._play)
        other.clicked.connect(self._choose_file)
        buttons.rejected.connect(self.reject)
        words = self.tr("It runs in a throw-away catalogue; yours stays open behind it, as it is.")
        column(QLabel(words, wordWrap=True), self.list, self.notes, buttons, on=self, margins=None)
        self.list.currentItemChanged.connect(self._show_notes)
        self.list.itemActivated.connect(self._play)
        self.list.setCurrentRow(0)

    @Slot()
    def _play(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self._take(Path(item.data(Qt.ItemDataRole.UserRole)[0]))

    @Slot()
    def _choose_file(self) -> None:
        ask_for_file(self, self.tr("A scenario"), self.tr("Scenarios (*.toml)"), self._take)

    def _take(self, path: Path) -> None:
        self.accept()
        self.chosen.emit(path)

    @Slot()
    def _show_notes(self) -> None:
        item = self.list.currentItem()
        self.notes.setText(item.data(Qt.ItemDataRole.UserRole)[1] if item is not None else "")
