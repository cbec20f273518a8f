"""The Causes tab: why an event happened and what followed, as a tree across streams; Enter goes to an event."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem

from desk.application.inspection.causes import CauseKind, CauseNode, Causes, GetCauses
from desk.application.timeline.words import moment_text
from desk.gui.frame.icons import Icons
from desk.gui.tables.shared_room import SharedRoom
from desk.gui.timeline.tabs.tab import InspectorTab

_NODE = Qt.ItemDataRole.UserRole
WHAT, WHERE, WHEN = range(3)


class CausesTab(InspectorTab):
    """Causes above, effects below; the event that is looked at stands out, and is chosen at first."""

    def __init__(self, icons: Icons) -> None:
        super().__init__(GetCauses)
        self._icons = icons
        self.tree = QTreeWidget()
        self.lay_out((self.tree, 1))
        self.tree.setAccessibleName(self.tr("Why it happened and what followed"))
        self.tree.setHeaderLabels([self.tr("What"), self.tr("Where"), self.tr("When, by")])
        self.tree.setUniformRowHeights(True)
        self._room = SharedRoom(self.tree, (WHAT, WHEN))
        self.tree.itemActivated.connect(self._open)

    def show_answer(self, answer: Causes) -> None:
        self.say("")
        self.tree.clear()
        for root in answer.roots:
            self._add(self.tree.invisibleRootItem(), root)
        self.tree.expandAll()
        self._room.fit()

    def clear(self, note: str) -> None:
        super().clear(note)
        self.tree.clear()

    def _add(self, parent: QTreeWidgetItem, node: CauseNode) -> None:
        place = f"r{node.revision}" if node.revision is not None else ""
        where = place if node.stream == self.stream else f"{place} {node.stream}".strip()
        when = " ".join(part for part in (moment_text(node.at) if node.at is not None else "", node.user) if part)
        item = QTreeWidgetItem([self._words(node), where, when])
        for column in (WHAT, WHERE, WHEN):
            item.setToolTip(column, item.text(column))
        item.setData(WHAT, _NODE, node)
        item.setFont(WHAT, self._font(node))
        if node.kind is CauseKind.COMMAND:
            item.setIcon(WHAT, self._icons.icon("next"))
        if node.kind is CauseKind.MISSING:
            item.setForeground(WHAT, self.tree.palette().placeholderText())
        parent.addChild(item)
        if node.is_here and not node.told_above:
            self.tree.setCurrentItem(item)
        for follower in node.followers:
            self._add(item, follower)

    def _words(self, node: CauseNode) -> str:
        names = {
            CauseKind.COMMAND: node.type or self.tr("a command that does not say its name"),
            CauseKind.EVENT: node.type,
            CauseKind.MISSING: self.tr("┄ {id}… is not found here").format(id=str(node.id)[:8]),
        }
        relations = {"hold": self.tr("the same hold"), "loan": self.tr("the same loan")}
        remarks = (
            relations.get(node.relation, ""),
            self.tr("see above") if node.told_above else "",
            self.tr("a circle: it is among its own causes") if node.in_circle else "",
        )
        many = f"{node.count:,} × " if node.count > 1 else ""
        said = " · ".join(remark for remark in remarks if remark)
        return f"{many}{names[node.kind]}" + (f"  ({said})" if said else "")

    def _font(self, node: CauseNode) -> QFont:
        font = QFont(self.tree.font())
        font.setWeight(QFont.Weight.DemiBold if node.is_here else QFont.Weight.Normal)
        font.setItalic(node.kind is not CauseKind.EVENT)
        return font

    @Slot(QTreeWidgetItem, int)
    def _open(self, item: QTreeWidgetItem, _column: int = 0) -> None:
        node: CauseNode | None = item.data(WHAT, _NODE)
        if node is not None and node.revision is not None:
            self.wanted.emit(node.stream, node.revision)
