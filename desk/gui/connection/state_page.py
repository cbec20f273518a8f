"""How the connection is, what was tried and answered, and what a person can do: try now, or say which store it is."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QFormLayout, QLabel, QPlainTextEdit, QPushButton, QWidget

from desk.application.session import Light, Session
from desk.gui.connection.watch import ConnectionWatch, describe_light, describe_next_try
from desk.gui.frame.icons import Icons
from desk.gui.frame.theme import Theme, mono_font
from desk.gui.widgets.boxes import column, row
from desk.gui.widgets.picture import Picture


class StatePage(QWidget):
    """Follows the connection while it is open. All of it can be selected, and copied at once."""

    def __init__(self, session: Session, watch: ConnectionWatch, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._session, self._watch = session, watch
        self.picture = Picture(theme, icons, "light-amber", 20, "light.amber")
        self.headline = QLabel()
        font = QFont(self.headline.font())
        font.setWeight(QFont.Weight.DemiBold)
        self.headline.setFont(font)
        self.sentence = _selectable(self.tr("How the connection is"))
        self.next_try = QLabel()
        self.trying = QPushButton(self.tr("&Try now"), autoDefault=False)
        self.trying.clicked.connect(self._try_now)
        self.same = QPushButton(self.tr("It is the &same store: go on"), autoDefault=False)
        self.other = QPushButton(self.tr("It is &another store: begin anew"), autoDefault=False)
        self.same.clicked.connect(lambda: self._decide(same=True))
        self.other.clicked.connect(lambda: self._decide(same=False))
        words = self.tr(
            "The same: everything goes on where it was. Another: the table is emptied and built from the events of"
            " this store, and process managers begin with its first event. No event is changed either way."
        )
        self.consequence = QLabel(words, wordWrap=True)
        self.facts = QFormLayout()
        self.answer = QPlainTextEdit(readOnly=True, tabChangesFocus=True)
        self.copying = QPushButton(self.tr("&Copy"), autoDefault=False)
        self.copying.setToolTip(self.tr("Put all of this on the clipboard"))
        self.copying.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.report))
        self._lines: dict[str, QLabel] = {}
        self._lay_out()
        watch.changed.connect(self.refresh)
        watch.ticked.connect(self._show_next_try)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show how it is now."""
        connection, question = self._watch.connection, self._session.connection.question
        name = connection.light.name.lower()
        self.picture.show_icon(f"light-{name}", f"light.{name}")
        self.headline.setText(describe_light(connection.light))
        self.sentence.setText(connection.text)
        if self.trying.hasFocus() and connection.light is Light.GREEN:
            self.copying.setFocus()
        self.trying.setEnabled(connection.light is not Light.GREEN)
        for line, text in self._facts():
            self._lines[line].setText(text)
            self.facts.setRowVisible(self._lines[line], bool(text))
        if self.answer.toPlainText() != connection.answered:  # else what is selected in it would be lost
            self.answer.setPlainText(connection.answered)
        self.facts.setRowVisible(self.answer, bool(connection.answered))
        for widget in (self.same, self.other, self.consequence):
            widget.setVisible(bool(question))
        if not question:
            self._allow_answers(allowed=True)
        self._show_next_try()

    @property
    def report(self) -> str:
        """All that is said, as text."""
        connection = self._watch.connection
        lines = [f"{describe_light(connection.light)}. {connection.text}"]
        lines += [f"{self._titles[line]}: {text}" for line, text in self._facts() if text]
        if connection.answered:
            lines += [self.tr("Answered:"), connection.answered]
        return "\n".join(lines)

    @Slot()
    def _show_next_try(self) -> None:
        self.next_try.setText(describe_next_try(self._watch.seconds_left))

    @Slot()
    def _try_now(self) -> None:
        self._session.connection.retry()
        self.next_try.setText(self.tr("Trying now…"))

    def _decide(self, *, same: bool) -> None:
        self._allow_answers(allowed=False)
        self._session.connection.decide(same=same)

    def _allow_answers(self, *, allowed: bool) -> None:
        self.same.setEnabled(allowed)
        self.other.setEnabled(allowed)

    def _facts(self) -> tuple[tuple[str, str], ...]:
        about = self._session.about
        pid = about.node_pid
        node = str(pid) if pid is not None else self.tr("not running")
        return (
            ("store", self.tr("this computer's own node") if about.embedded else about.hosts),
            ("process", node if about.embedded else ""),
            ("directory", str(about.directory)),
            ("tried", self._watch.connection.tried),
        )

    def _lay_out(self) -> None:
        self._titles = {
            "store": self.tr("Store"),
            "process": self.tr("Node's process"),
            "directory": self.tr("Directory"),
            "tried": self.tr("Tried"),
        }
        head = row(self.picture, (self.headline, 1), self.next_try, self.trying, spacing=8)
        for line, title in self._titles.items():
            self._lines[line] = _selectable(title)
            self.facts.addRow(title, self._lines[line])
        self.answer.setFont(mono_font())
        self.answer.setMinimumHeight(60)
        self.answer.setAccessibleName(self.tr("What was answered, word for word"))
        self.facts.addRow(self.tr("Answered"), self.answer)
        answers = row(self.same, self.other, None)
        parts = head, self.sentence, self.consequence, answers, (self.facts, 1), row(None, self.copying)
        column(*parts, on=self, margins=(14, 14, 14, 10), spacing=10)


def _selectable(name: str) -> QLabel:
    flags = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    label = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText, textInteractionFlags=flags)
    label.setAccessibleDescription(name)
    return label
