"""The dialogs about what went wrong: one for bugs, and one that shows the log."""

from os import SEEK_END
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QPushButton, QWidget

from desk.gui.frame.crash import Problem
from desk.gui.frame.theme import mono_font
from desk.gui.widgets.boxes import column
from desk.gui.widgets.scrolled import give_room

MISTAKE = "mistake"
"""The name of the dialog that says a mistake of Desk: it comes although nobody asked for it."""

TAIL = 128 * 1024
"""Bytes of the log that are shown."""


class ReportDialog(QDialog):
    """A text that can be copied, with a sentence above it.

    Signals:
        quit_wanted: the user would rather end the program.
    """

    quit_wanted = Signal()

    def __init__(self, title: str, sentence: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        give_room(self, 720, 460)
        selectable = Qt.TextInteractionFlag.TextSelectableByMouse
        self.sentence = QLabel(sentence, wordWrap=True, textInteractionFlags=selectable)
        self.text = QPlainTextEdit(readOnly=True, lineWrapMode=QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(mono_font())
        self.text.setAccessibleName(self.tr("Report"))
        self.buttons = QDialogButtonBox(self)
        copy = self.buttons.addButton(self.tr("Copy report"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(self.copy)
        column(self.sentence, (self.text, 1), self.buttons, on=self, margins=(18, 16, 18, 14), spacing=12)

    def add_quit(self) -> None:
        """Offer to go on or to quit."""
        go_on = self.buttons.addButton(self.tr("Go on"), QDialogButtonBox.ButtonRole.AcceptRole)
        go_on.setDefault(True)
        leave: QPushButton = self.buttons.addButton(self.tr("Quit Desk"), QDialogButtonBox.ButtonRole.DestructiveRole)
        go_on.clicked.connect(self.accept)
        leave.clicked.connect(self.quit_wanted)

    def add_close(self) -> None:
        """Nothing to decide."""
        self.buttons.addButton(QDialogButtonBox.StandardButton.Close).clicked.connect(self.reject)

    def append(self, report: str) -> None:
        """One more report, below."""
        self.text.appendPlainText(report)

    @Slot()
    def copy(self) -> None:
        """All of it to the clipboard."""
        QApplication.clipboard().setText(self.text.toPlainText())


def bug_dialog(problem: Problem, log: Path, parent: QWidget) -> ReportDialog:
    """Says that Desk made a mistake, and that one can go on."""
    words = parent.tr(
        "Something went wrong inside Desk. Nothing that was acknowledged is lost, and you may go on. "
        "The report below is also in {log}."
    )
    dialog = ReportDialog(parent.tr("A mistake in Desk"), words.format(log=log), parent)
    dialog.append(problem.report)
    dialog.setObjectName(MISTAKE)
    dialog.add_quit()
    return dialog


def log_dialog(log: Path, tail: str, parent: QWidget) -> ReportDialog:
    """The end of the log, as :func:`tail_of` has read it."""
    dialog = ReportDialog(parent.tr("Log and problems"), str(log), parent)
    dialog.append(tail or parent.tr("Nothing was written down yet."))
    dialog.text.moveCursor(QTextCursor.MoveOperation.End)
    dialog.add_close()
    return dialog


def tail_of(log: Path) -> str:
    """Its last lines; empty where there is none. Reads a file: not for the window's thread."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, SEEK_END) - TAIL))
            return file.read().decode("utf-8", errors="replace").strip()
    except OSError:
        return ""
