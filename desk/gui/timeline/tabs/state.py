"""The State tab: all fields as of an event, with those that it left alone folded away; values can be brought back."""

from collections.abc import Iterable
from functools import partial
from typing import Final

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from desk.application.history import FieldValue, Inspection
from desk.application.queries import GetInspection
from desk.gui.tables.shared_room import SharedRoom
from desk.gui.timeline.bringing_back import is_correctable, other_way
from desk.gui.timeline.fields import TipsAbove
from desk.gui.timeline.tabs.tab import InspectorTab
from desk.gui.widgets.boxes import row
from desk.gui.widgets.controls import give_rows_menu, passing_menu
from desk.gui.widgets.field_words import FieldWords, setter, setter_in_full

NAME, VALUE, SET_BY = range(3)
_FIELD: Final = Qt.ItemDataRole.UserRole


class StateTab(InspectorTab):
    """Fields, their values and who set them."""

    def __init__(self) -> None:
        super().__init__(GetInspection)
        self.tree, self._bar = QTreeWidget(), QWidget()
        self.lay_out((self.tree, 1), self._bar)
        self.tree.setAccessibleName(self.tr("State as of this event"))
        self.tree.setHeaderLabels([self.tr("Field"), self.tr("As of this event"), self.tr("Set by")])
        self.tree.setUniformRowHeights(True)
        self.tree.setRootIsDecorated(True)
        self.tree.setItemDelegate(TipsAbove(self.tree))
        self._room = SharedRoom(self.tree, (NAME, VALUE))
        self.tree.itemClicked.connect(self._click)
        self.tree.itemActivated.connect(self._open)
        self.tree.currentItemChanged.connect(self._offer)
        self.tree.itemExpanded.connect(lambda item: self._remember(item, unfolded=True))
        self.tree.itemCollapsed.connect(lambda item: self._remember(item, unfolded=False))
        give_rows_menu(self.tree, self._menu)
        self.back = QPushButton(self.tr("B&ring this value back…"))
        self.back.clicked.connect(self._bring_back)
        self.why = QLabel(wordWrap=True)
        row(self.back, (self.why, 1), on=self._bar, margins=(8, 3, 8, 3))
        self._unfolded: set[str] = set()
        self._is_filling = False
        self.clear("")

    def show_answer(self, answer: Inspection) -> None:
        self.say(answer.note)
        changed = {change.key for change in answer.changes}
        words = FieldWords({field.key: field.value for field in answer.state})
        chosen = self.chosen_key
        self._is_filling = True
        self.tree.clear()
        root = self.tree.invisibleRootItem()
        self._fill(root, (field for field in answer.state if field.key in changed), words, chosen, strong=True)
        rest = [field for field in answer.state if field.key not in changed]
        if rest and changed:
            root = self._group(root, "unchanged", self.tr("Unchanged ({count})").format(count=len(rest)))
        self._fill(root, rest, words, chosen, strong=False)
        self._is_filling = False
        self._room.fit()
        self._offer()

    def clear(self, note: str) -> None:
        super().clear(note)
        self.tree.clear()
        self._offer()

    @property
    def chosen(self) -> FieldValue | None:
        """The field in whose row one is."""
        item = self.tree.currentItem()
        return item.data(NAME, _FIELD) if item is not None else None

    @property
    def chosen_key(self) -> str:
        return self.chosen.key if self.chosen is not None else ""

    def _fill(
        self, parent: QTreeWidgetItem, fields: Iterable[FieldValue], words: FieldWords, chosen: str, *, strong: bool
    ) -> None:
        """The field that was ``chosen`` stays so while one walks."""
        groups: dict[str, QTreeWidgetItem] = {}
        for field in fields:
            title = words.group(field.key)
            if title and not strong and title not in groups:
                groups[title] = self._group(parent, title, title)
            name = words.whole(field.key) if strong else words.label(field.key)
            item = QTreeWidgetItem([name, words.value(field.key, field.value), setter(field.set_by)])
            item.setData(NAME, _FIELD, field)
            for column in (NAME, VALUE):
                item.setToolTip(column, item.text(column))
            item.setToolTip(SET_BY, setter_in_full(field.set_by))
            font = item.font(NAME)
            font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
            for column in (NAME, VALUE):
                item.setFont(column, font)
            item.setForeground(SET_BY, self.tree.palette().link())
            groups.get(title, parent).addChild(item)
            if field.key == chosen:
                self.tree.setCurrentItem(item)

    def _group(self, parent: QTreeWidgetItem, key: str, title: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(parent, [title])
        item.setData(VALUE, _FIELD, key)
        is_within = parent is not self.tree.invisibleRootItem()
        item.setExpanded(key in self._unfolded or (key != "unchanged" and is_within))
        return item

    def _remember(self, item: QTreeWidgetItem, *, unfolded: bool) -> None:
        if not self._is_filling:
            (self._unfolded.add if unfolded else self._unfolded.discard)(item.data(VALUE, _FIELD))

    @Slot()
    def _offer(self) -> None:
        """Say what can be done with the chosen value."""
        field = self.chosen
        way = other_way(field.key, field.value) if field is not None else ""
        correctable = field is not None and is_correctable(field.key)
        self.back.setVisible(correctable)
        self.why.setText("" if correctable else way)
        self._bar.setVisible(correctable or bool(way))

    @Slot(QTreeWidgetItem, int)
    def _click(self, item: QTreeWidgetItem, column: int) -> None:
        if column == SET_BY:
            self._open(item)

    @Slot(QTreeWidgetItem, int)
    def _open(self, item: QTreeWidgetItem, _column: int = 0) -> None:
        field = item.data(NAME, _FIELD)
        if field is not None and field.set_by is not None:
            self.wanted.emit(self.stream, field.set_by.revision)

    @Slot()
    def _bring_back(self) -> None:
        field = self.chosen
        if field is not None:
            self.value_wanted.emit(field.key, field.value)

    @Slot(QPoint)
    def _menu(self, at: QPoint) -> None:
        item = self.tree.itemAt(at)
        if item is None or item.data(NAME, _FIELD) is None:
            return
        self.tree.setCurrentItem(item)
        offers = (
            (self.back.text(), self._bring_back),
            (self.tr("&Go to who set it"), partial(self._open, item)),
            (self.tr("&Only events that touched this field"), lambda: self.pin_wanted.emit(self.chosen_key)),
        )
        passing_menu(self.tree, offers).popup(self.tree.viewport().mapToGlobal(at))
