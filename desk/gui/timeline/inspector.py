"""One event looked at closely: what it changed, the state as of it, and the event itself as stored."""

from PySide6.QtWidgets import QLabel, QTabWidget, QVBoxLayout, QWidget

from desk.application.history import Inspection
from desk.gui.frame.icons import Icons
from desk.gui.frame.theme import Theme
from desk.gui.timeline.facts import EventFacts
from desk.gui.timeline.fields import Cell, FieldTable, change_row


class Inspector(QTabWidget):
    """Tabs Change, State and Event; further ones (command, causes, rows) are to stand behind them."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        changes = (self.tr("Field"), self.tr("Before"), self.tr("After"))
        state = (self.tr("Field"), self.tr("As of this event"))
        self.changes = FieldTable(theme, changes, self.tr("What this event changed"))
        self.state = FieldTable(theme, state, self.tr("State as of this event"))
        self.event_facts = EventFacts(theme, icons)
        self._notes = (_note(), _note())
        self.addTab(_page(self._notes[0], self.changes), self.tr("&Change"))
        self.addTab(_page(self._notes[1], self.state), self.tr("&State"))
        self.addTab(self.event_facts, self.tr("E&vent"))
        self.setDocumentMode(True)
        self.setAccessibleName(self.tr("Inspector"))
        self.tabBar().setAccessibleName(self.tr("Parts of the inspector"))
        self.clear()

    def clear(self, note: str = "") -> None:
        """Show nothing, and say why."""
        self._say(note, note)
        self.changes.show_rows(())
        self.state.show_rows(())
        self.event_facts.clear()

    def show_inspection(self, found: Inspection) -> None:
        """Show one event."""
        nothing = "" if found.changes else found.note or self.tr("This event changed none of the fields shown.")
        self._say(nothing, found.note)
        self.changes.show_rows([change_row(change) for change in found.changes])
        changed = {change.name for change in found.changes}
        self.state.show_rows(
            [(Cell(name, strong=name in changed), Cell(value, strong=name in changed)) for name, value in found.state]
        )
        self.event_facts.show_event(found.event, found.issued_at, found.user)

    def _say(self, changes: str, state: str) -> None:
        for label, text in zip(self._notes, (changes, state), strict=True):
            label.setText(text)
            label.setVisible(bool(text))


def _note() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setContentsMargins(10, 8, 10, 8)
    return label


def _page(note: QLabel, table: QWidget) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(note)
    layout.addWidget(table, 1)
    return page
