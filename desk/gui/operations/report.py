"""What stands beside a list on a page of Operations: the details of the chosen row, and what can be done about it."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QPushButton, QWidget

from desk.gui.frame.theme import mono_font
from desk.gui.widgets.boxes import column
from desk.gui.widgets.wrapping import WrappingRow


class Report(QWidget):
    """A sentence, a text that can be copied, and buttons. A ``picture`` stands for the text, and says the same."""

    def __init__(self, picture: QWidget | None = None) -> None:
        super().__init__()
        selectable = Qt.TextInteractionFlag.TextSelectableByMouse
        self.sentence = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText, textInteractionFlags=selectable)
        self.text = QPlainTextEdit(readOnly=True, lineWrapMode=QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(mono_font())
        self.text.setAccessibleName(self.tr("Details"))
        self.buttons = WrappingRow(at_right=True)
        self.copying = self.add_button(self.tr("Copy report"))
        self.copying.clicked.connect(self.copy)
        if picture is not None:
            self.text.hide()
        parts = self.sentence, (self.text, 1), *(() if picture is None else ((picture, 1),)), self.buttons
        column(*parts, on=self, spacing=8)
        self.stand(beside=True)

    def add_button(self, text: str) -> QPushButton:
        """One more thing that can be done, at the right."""
        button = QPushButton(text, autoDefault=False)
        self.buttons.addWidget(button)
        return button

    def stand(self, *, beside: bool) -> None:
        """Beside the list, or below it."""
        self.setContentsMargins(12 if beside else 0, 0 if beside else 8, 0, 0)

    def show_report(self, sentence: str, text: str) -> None:
        """About the chosen row; both empty where none is."""
        self.sentence.setText(sentence)
        if self.text.toPlainText() != text:
            self.text.setPlainText(text)
        self.copying.setEnabled(bool(sentence or text))

    @Slot()
    def copy(self) -> None:
        """The whole report to the clipboard."""
        QApplication.clipboard().setText(f"{self.sentence.text()}\n\n{self.text.toPlainText()}".strip() + "\n")
