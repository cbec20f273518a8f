"""The list of all keys: those of the window from its actions, those of the panels from the panels."""

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from desk.gui.frame.actions import Actions, ActionSpec, title_of
from desk.gui.frame.panel import CompanionSpec, PlaceSpec
from desk.gui.widgets.boxes import column
from desk.gui.widgets.scrolled import give_room


class KeyList(QDialog):
    """Opened by F1 and the question mark; not modal, so that it can stand beside the window."""

    def __init__(self, actions: Actions, panels: Iterable[PlaceSpec | CompanionSpec], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Keys"))
        give_room(self, 560, 600)
        self.tree = QTreeWidget()
        self.tree.setRootIsDecorated(False)
        self.tree.setAccessibleName(self.tr("Keys"))
        self.tree.setHeaderLabels([self.tr("What it does"), self.tr("Key")])
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.tree.header().setStretchLastSection(False)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._group(self.tr("Everywhere"), _lines(spec for spec in actions if not spec.local))
        self._group(
            self.tr("In the search box"), ((self.tr("Clear the search"), "Esc"), (self.tr("To the table"), "Down"))
        )
        for panel in panels:
            lines = [*((what, key) for key, what in panel.keys), *_lines(one for one in panel.actions if one.local)]
            if lines:
                self._group(panel.title, lines)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.close)
        column(self.tree, buttons, on=self, margins=(16, 14, 16, 14))

    def _group(self, title: str, lines: Iterable[tuple[str, str]]) -> None:
        head = QTreeWidgetItem([title, ""])
        font = head.font(0)
        font.setWeight(QFont.Weight.DemiBold)
        head.setFont(0, font)
        self.tree.addTopLevelItem(head)
        for what, key in lines:
            head.addChild(QTreeWidgetItem([what, key]))
        head.setExpanded(True)


def _lines(specs: Iterable[ActionSpec[Any]]) -> Iterable[tuple[str, str]]:
    return ((title_of(spec), native(spec.keys)) for spec in specs if spec.keys)


def native(keys: Iterable[str]) -> str:
    """Keys as this system writes them."""
    return ", ".join(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in keys)
