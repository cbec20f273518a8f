"""The Command tab: which command led to an event, with its fields and what became of it, as far as that is known."""

from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem

from desk.application.inspection.commands import CommandFacts, GetCommands
from desk.application.timeline.words import exact_text
from desk.gui.tables.shared_room import SharedRoom
from desk.gui.timeline.tabs.tab import InspectorTab
from desk.gui.widgets.field_words import NOTHING, plain

_REVISION = Qt.ItemDataRole.UserRole


class CommandTab(InspectorTab):
    """Commands as a tree: what is known of each, its fields, and the events that it led to."""

    def __init__(self) -> None:
        super().__init__(GetCommands)
        self.tree = QTreeWidget()
        self.lay_out((self.tree, 1))
        self.tree.setAccessibleName(self.tr("The command behind the event"))
        self.tree.setHeaderLabels([self.tr("Command"), self.tr("Value")])
        self.tree.setUniformRowHeights(True)
        self._room = SharedRoom(self.tree, (1,))
        self.tree.itemActivated.connect(self._open)

    def show_answer(self, answer: tuple[CommandFacts, ...]) -> None:
        unknown = [facts for facts in answer if not facts.is_kept]
        if len(answer) == 1 and unknown:
            note = self.tr("The fields of this command were not kept on this computer; this is what its events tell.")
        elif unknown:
            note = self.tr("Of {count} of these commands the fields were not kept on this computer.")
        else:
            note = ""
        self.say(note.format(count=len(unknown)))
        self.tree.clear()
        for facts in answer:
            self._add(facts, opened=len(answer) <= 3)
        self._room.fit()

    def clear(self, note: str) -> None:
        super().clear(note)
        self.tree.clear()

    def _add(self, facts: CommandFacts, *, opened: bool) -> None:
        head = QTreeWidgetItem([facts.type or self.tr("A command that does not say its name"), facts.outcome])
        font = QFont(self.tree.font())
        font.setWeight(QFont.Weight.DemiBold)
        head.setFont(0, font)
        self.tree.addTopLevelItem(head)
        for name, value in facts.fields:
            _line(head, name, value)
        known = self.tr("not known")
        duration = known if facts.milliseconds is None else self.tr("{n} ms").format(n=f"{facts.milliseconds:,.1f}")
        by = " · ".join(part for part in (facts.user, facts.host, facts.origin) if part)
        sent = "" if facts.times_sent < 2 else self.tr(", sent {n} times").format(n=facts.times_sent)
        for name, text in (
            (self.tr("sent by"), by or known),
            (self.tr("issued"), exact_text(facts.issued_at.timestamp()) if facts.issued_at else known),
            (self.tr("took"), duration),
            (self.tr("attempts"), known if facts.attempts is None else f"{facts.attempts}{sent}"),
            (self.tr("outcome"), facts.outcome or known),
            (self.tr("id"), str(facts.command_id) if facts.command_id else known),
        ):
            _line(head, name, text)
        for revision, type_name in facts.events:
            item = _line(head, self.tr("led to r{revision}").format(revision=revision), type_name)
            item.setData(0, _REVISION, revision)
            item.setForeground(0, self.tree.palette().link())
        head.setExpanded(opened)

    @Slot(QTreeWidgetItem, int)
    def _open(self, item: QTreeWidgetItem, _column: int = 0) -> None:
        revision = item.data(0, _REVISION)
        if revision is not None:
            self.wanted.emit(self.stream, revision)


def _line(parent: QTreeWidgetItem, name: str, value: Any) -> QTreeWidgetItem:
    text = NOTHING if value is None else plain(value)
    item = QTreeWidgetItem(parent, [name, text])
    item.setToolTip(1, text)
    return item
