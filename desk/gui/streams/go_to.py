"""Goes to an event of a stream by what somebody types: a revision, a position, a date, or an id."""

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QWidget

from desk.application.event_question import UnreadableQuestion
from desk.application.queries import Source
from desk.application.stream_extent import Located, LocateEvent, read_goal
from desk.gui.frame.text_size import scaled
from desk.gui.frame.workspace import announce
from desk.gui.streams.reading import PageReader
from desk.gui.widgets.boxes import column
from desk.gui.widgets.placeholder import set_placeholder


class GoToDialog(QDialog):
    """Stays open while it looks, says how far it has looked, and what is wrong with what was typed.

    Signals:
        found: (int) the place to go to.
    """

    found = Signal(object)  # int, of 64 bits

    def __init__(self, reader: PageReader, parent: QWidget) -> None:
        super().__init__(parent)
        self._reader = reader
        self._goal: LocateEvent | None = None
        self._source = Source()
        self._looked = 0
        self.setWindowTitle(self.tr("Go to"))
        self.field = QLineEdit()
        self.field.setMinimumWidth(scaled(320))
        set_placeholder(self.field, self.tr("4901, 2026-03-04 15:30, or an event's id"))
        label = QLabel(self.tr("&Revision, position, date or id"))
        label.setBuddy(self.field)
        self.said = QLabel(wordWrap=True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.go = buttons.addButton(self.tr("&Go"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._begin)
        buttons.rejected.connect(self.reject)
        column(label, self.field, self.said, buttons, on=self, margins=None)
        reader.located.connect(self._take)
        self.finished.connect(self._end)

    def ask(self, source: Source) -> None:
        """Ask where to go in a source."""
        self._source = source
        self.say("")
        self.field.selectAll()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)
        self.go.setEnabled(True)
        self.open()

    def say(self, text: str) -> None:
        """Say something below the field, and to a screen reader."""
        self.said.setText(text)
        self.said.setVisible(bool(text))
        if text:
            announce(self.said, text)

    def _begin(self) -> None:
        self._looked = 0
        try:
            self._look(read_goal(self.field.text(), self._source))
        except UnreadableQuestion as wrong:
            self.say(str(wrong))

    def _look(self, goal: LocateEvent) -> None:
        self._goal = goal
        self.go.setEnabled(False)
        self._reader.locate(goal)

    def _take(self, located: Located) -> None:
        goal = self._goal
        if goal is None or not self.isVisible():
            return
        self._looked += located.looked
        if located.place is not None:
            self.accept()
            self.found.emit(located.place)
        elif located.before is not None:
            self.say(self.tr("Looked at the newest {n} events so far…").format(n=f"{self._looked:,}"))
            self._look(replace(goal, before=located.before))
        else:
            self.say(located.why_not)
            self.go.setEnabled(True)

    def _end(self) -> None:
        if self._goal is not None:
            self._goal = None
            self._reader.stop_looking()
